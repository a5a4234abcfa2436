"""Numbered SQL files; number n takes the catalog from schema n-1 to n."""
