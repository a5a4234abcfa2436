"""What a caller grants a decoder: time, memory, length. The limits of the killable child."""

from __future__ import annotations

MEMORY_BYTES = 2 << 30  # bytes of address space per child
MAX_SECONDS = 8 * 3600.0  # sound beyond this is not read; headers are never believed about it
SHORT_SECONDS = 60.0  # a track up to this long is decoded whole


def deadline_s(duration_s: float | None) -> float:
    """Seconds a child may take for one file: 20 s and 0.2 s per minute of sound (None: length unknown)."""
    known = duration_s if duration_s is not None and 0 < duration_s < MAX_SECONDS else 0.0
    return 20.0 + 0.2 * known / 60.0
