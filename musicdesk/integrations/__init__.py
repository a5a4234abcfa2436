"""Floor 2: other people's services. Everything here is optional; nothing depends on it."""
