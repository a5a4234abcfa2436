"""Numbers of things in words."""

from __future__ import annotations


def counted(number: int, one: str, many: str = "") -> str:
    """'1 track', '1,204 tracks'."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
