"""musicdesk: listens to the music you own, learns your taste, shows it and plays it."""

__version__ = "0.1.0"
