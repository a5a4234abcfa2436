"""Tables of tracks, paged from the catalog."""
