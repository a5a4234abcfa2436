"""Times as people write and say them."""

from __future__ import annotations


def clock(ms: int) -> str:
    """1:02, 1:02:03."""
    seconds = max(ms, 0) // 1000
    hours, minutes = seconds // 3600, seconds // 60 % 60
    return f"{hours}:{minutes:02}:{seconds % 60:02}" if hours else f"{minutes}:{seconds % 60:02}"


def spoken(ms: int) -> str:
    """For a screen reader: 1 minute 2 seconds."""
    seconds = max(ms, 0) // 1000
    parts = [(seconds // 3600, "hour"), (seconds // 60 % 60, "minute"), (seconds % 60, "second")]
    said = [f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in parts if count]
    return " ".join(said) or "0 seconds"
