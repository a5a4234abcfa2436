"""Floor 2: from scores to ordered playlists with reasons."""
