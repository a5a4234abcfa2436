"""Floor 3: one use case per file; the only place where rooms meet."""
