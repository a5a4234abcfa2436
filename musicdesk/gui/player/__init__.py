"""The player: a queue, an engine, and the widgets that show them."""
