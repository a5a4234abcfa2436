"""How long a track was really heard: not where the needle stands, but how far it ran."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import monotonic

from musicdesk.core.types import PickId, TrackId


@dataclass
class Listening:
    """Counts milliseconds of one track. Between two ticks it credits what both the clock and the position
    agree on: a seek adds nothing, a stalled file adds nothing, a pause adds nothing."""

    track: TrackId
    pick: PickId | None = None
    heard_ms: float = 0.0
    _position_ms: int = field(default=0, repr=False)
    _at_s: float = field(default_factory=monotonic, repr=False)

    def tick(self, position_ms: int, now_s: float | None = None) -> None:
        """The needle is at `position_ms` and has played since the last call."""
        now = monotonic() if now_s is None else now_s
        ran, passed = position_ms - self._position_ms, (now - self._at_s) * 1000
        # Positions come in steps, so the clock may lag them a little without being wrong.
        self.heard_ms += max(0.0, min(ran, passed + 250.0))
        self._position_ms, self._at_s = position_ms, now

    def place(self, position_ms: int, now_s: float | None = None) -> None:
        """The needle is put down here, after a seek or a pause; nothing was heard since the last call."""
        self._position_ms, self._at_s = position_ms, monotonic() if now_s is None else now_s
