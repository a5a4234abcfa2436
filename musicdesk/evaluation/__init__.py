"""Floor 2: splits, metrics, intervals."""
