"""Plays that Spotify's connection and its exports both tell count once: the export knows more, so it stays.

The connection tells a moment and no play time. That moment is the end of the play on some devices and its
beginning on others, and an artist may be written otherwise than in the exports; so the same title whose play
covers that moment is the same play.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from typing import NamedTuple

# Exports tell the same plays, one of them only to the minute in which they ended.
MINUTES, SECONDS = "spotify-account", "spotify-extended"
RECENT = "spotify-recent"
KINDS = (RECENT, MINUTES, SECONDS)
SLACK_S = 60
AROUND_S = 86_400  # looked at before and after new rows; no play is longer

_ROWS = """SELECT s.title_key, l.kind, l.at, l.ms, l.song_id, l.ordinal, l.counted
    FROM listen l JOIN song s ON s.id = l.song_id
    WHERE l.listener_id = ? AND l.at BETWEEN ? AND ? AND (l.kind = ? OR (l.kind IN (?, ?) AND l.counted))"""
_STEP = """UPDATE listen SET counted = ? WHERE listener_id = ? AND song_id = ? AND at = ? AND kind = ? AND ms = ?
    AND ordinal = ?"""


class Span(NamedTuple):
    """When a play of an export may have been told by the connection, in epoch seconds."""

    start: int
    end: int


def step_back(conn: sqlite3.Connection, listener: int, kind: str, span: tuple[int, int]) -> int:
    """Plays of the connection that exports tell too, around the new rows in `span`, are no longer counted.

    Returns how many more plays are told twice than before. What is stored decides, not the order it came in.
    """
    if not _told_by_both(conn, listener, kind):
        return 0
    values = (listener, span[0] - AROUND_S, span[1] + AROUND_S, RECENT, MINUTES, SECONDS)
    moments: dict[str, list[tuple[int, int, int, int, int]]] = defaultdict(list)
    plays: dict[str, list[Span]] = defaultdict(list)
    for title, its_kind, at, ms, song, ordinal, counted in conn.execute(_ROWS, values):
        if its_kind == RECENT:
            moments[title].append((at, song, ms, ordinal, counted))
        else:
            last = at + SLACK_S + (59 if its_kind == MINUTES else 0)
            plays[title].append(Span(at - max(ms, 0) // 1000 - SLACK_S, last))
    change = 0
    for title, rows in moments.items():
        rows.sort()
        twins = told_twice([row[0] for row in rows], plays.get(title, []))
        for place, (at, song, ms, ordinal, counted) in enumerate(rows):
            if counted == (place in twins):
                conn.execute(_STEP, (not counted, listener, song, at, RECENT, ms, ordinal))
                change += 1 if counted else -1
    return max(0, change)


def told_twice(moments: list[int], plays: list[Span]) -> set[int]:
    """Places in `moments` (sorted) that a play covers; each play answers for one moment, the earliest end first."""
    waiting = sorted(plays, key=lambda span: (span.end, span.start))
    found: set[int] = set()
    for place, at in enumerate(moments):
        for number, span in enumerate(waiting):
            if span.start <= at <= span.end:
                del waiting[number]
                found.add(place)
                break
    return found


def _told_by_both(conn: sqlite3.Connection, listener: int, kind: str) -> bool:
    others = (MINUTES, SECONDS) if kind == RECENT else (RECENT, RECENT)
    sql = "SELECT EXISTS (SELECT 1 FROM source WHERE listener_id = ? AND format IN (?, ?) AND rows > 0)"
    return bool(conn.execute(sql, (listener, *others)).fetchone()[0])
