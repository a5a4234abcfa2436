"""Floor 2: the networks that hear, and their weights."""
