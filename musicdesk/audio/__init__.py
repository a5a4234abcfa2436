"""Floor 2: files to sound, sound to pictures and descriptors."""
