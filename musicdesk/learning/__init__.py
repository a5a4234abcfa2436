"""Between core and rooms: what every network needs, whoever trains it: tower, device, checkpoints."""
