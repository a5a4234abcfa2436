"""Floor 2: splits, metrics, intervals, and what lists are like beside being right."""
