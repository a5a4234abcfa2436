"""Floor 4: background jobs in a process of their own."""
