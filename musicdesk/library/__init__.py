"""Floor 2: files on disk: finding them, their tags, their identity, the rules for what never to mix."""
