"""Floor 2: one file per model, behind Recommender and Fitted."""
