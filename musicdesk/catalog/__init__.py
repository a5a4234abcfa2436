"""Floor 2: what is known, kept in SQLite."""
