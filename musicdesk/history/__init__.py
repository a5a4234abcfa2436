"""Floor 2: listening histories that other programs wrote, one importer per format."""
