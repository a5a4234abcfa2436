"""Floor 4: the window; the only place for Qt."""
