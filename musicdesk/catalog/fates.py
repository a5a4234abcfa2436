"""What became of what was shown: of every pick of a kept list, what was heard of it and the verdict on it."""

from __future__ import annotations

from dataclasses import dataclass

from musicdesk.catalog.connection import Store
from musicdesk.core.feedback import Opinion, Saying, Scope
from musicdesk.core.types import PickId, PlaylistId, RunId, Side, TrackId, Verdict

_PICKS = """SELECT i.id, i.playlist_id, p.kind, p.made_at, i.track_id, d.duel_id, d.side, coalesce(d.round, -1),
        CASE d.side WHEN 'a' THEN u.a_model WHEN 'b' THEN u.b_model ELSE p.model END,
        CASE d.side WHEN 'a' THEN u.a_run WHEN 'b' THEN u.b_run ELSE p.run_id END, i.propensity
    FROM playlist_item i JOIN playlist p ON p.id = i.playlist_id
    LEFT JOIN duel_pick d ON d.pick_id = i.id LEFT JOIN duel u ON u.id = d.duel_id
    {only} ORDER BY i.playlist_id, i.position"""
# The end can be dragged to: only where no length is known does reaching it say how much was heard.
_PLAYS = """SELECT pick_id, max(CASE WHEN duration_ms > 0 THEN min(1.0, heard_ms * 1.0 / duration_ms)
        WHEN ended = 'finished' THEN 1.0 ELSE 0.0 END), max(ended = 'skipped'), max(at)
    FROM play_event WHERE pick_id IS NOT NULL GROUP BY pick_id"""
# What was said of the pick and not taken back, the last one last.
_SAYINGS = """SELECT e.pick_id, e.verdict, e.scope, e.stars, e.at FROM feedback_event e
    WHERE e.pick_id IS NOT NULL AND e.undoes IS NULL
    AND NOT EXISTS (SELECT 1 FROM feedback_event u WHERE u.undoes = e.id) ORDER BY e.id"""


@dataclass(frozen=True, slots=True)
class Shown:
    """One pick and its fate.

    model, run: who picked it; in a duel's list, the model of its side
    heard:      the longest part of the track that was heard, 0..1; None when it was never begun
    verdict:    on the track, wherever it is; "not now" and "not in this mix" say nothing of it and are `put_off`
    at:         moment of the last act, epoch seconds, 0 without any
    """

    pick: PickId
    list: PlaylistId
    kind: str
    made_at: float
    track: TrackId
    duel: int | None
    side: Side | None
    round: int
    model: str
    run: RunId | None
    verdict: Verdict | None = None
    put_off: bool = False
    heard: float | None = None
    skipped: bool = False
    at: float = 0.0
    propensity: float | None = None  # with what probability it was tried out; None for what was not


class Fates:
    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self) -> list[Shown]:
        """Of every list that was made, in its order."""
        return self._read("", ())

    def of_duel(self, duel: int) -> list[Shown]:
        return self._read("WHERE d.duel_id = ?", (duel,))

    def _read(self, only: str, values: tuple[int, ...]) -> list[Shown]:
        conn = self._store.conn
        plays = {row[0]: row[1:] for row in conn.execute(_PLAYS)}
        opinions = self._opinions()
        found = []
        for row in conn.execute(_PICKS.format(only=only), values):
            pick, list_number, kind, made_at, track, duel, side, turn, model, run, propensity = row
            heard, skipped, played_at = plays.get(pick, (None, 0, 0.0))
            opinion, said_at = opinions.get(pick, (Opinion(), 0.0))
            found.append(
                Shown(
                    *(pick, list_number, kind, made_at, track, duel, Side(side) if side else None, turn, model, run),
                    verdict=opinion.verdict,
                    put_off=bool(opinion.scoped),
                    heard=heard,
                    skipped=bool(skipped),
                    at=max(played_at, said_at),
                    propensity=propensity,
                )
            )
        return found

    def _opinions(self) -> dict[int, tuple[Opinion, float]]:
        """By pick, what holds of all that was said of it, and when the last of it was said."""
        found: dict[int, tuple[Opinion, float]] = {}
        for pick, verdict, scope, stars, at in self._store.conn.execute(_SAYINGS):
            before, _at = found.get(pick, (Opinion(), 0.0))
            found[pick] = (before.after(Saying(Verdict(verdict), Scope.parse(scope), stars), at), at)
        return found
