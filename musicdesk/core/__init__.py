"""Floor 1: values, errors, progress, changes, registry, settings, paths. Standard library and numpy only."""
