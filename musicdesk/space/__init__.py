"""Floor 2: neighbours, projection to 3-D, trust."""
