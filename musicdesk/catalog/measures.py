"""What is known of many tracks at once, in columns: what the map can be coloured by."""

from __future__ import annotations

from sqlite3 import Connection

import numpy as np

from musicdesk.catalog.connection import Store
from musicdesk.catalog.heard import JOINED, LAST_PLAYED, PLAYS


class Measures:
    """Every answer has one value for each of `ids`, int64 (n,), in any order; nan or '' where nothing is known."""

    def __init__(self, store: Store) -> None:
        self._conn: Connection = store.conn

    def sound(self, ids: np.ndarray) -> dict[str, np.ndarray]:
        """`tempo` (beats per minute) and `loudness_lufs`, float64 (n,); `key` ("A minor"), object (n,)."""
        rows = {row[0]: row[1:] for row in self._conn.execute(_SOUND)}
        found = [rows.get(track, (np.nan, np.nan, "")) for track in ids.tolist()]
        tempo, loudness, key = zip(*found, strict=True) if found else ((), (), ())
        return {
            "tempo": np.array(tempo, np.float64),
            "loudness_lufs": np.array(loudness, np.float64),
            "key": np.array(key, object),
        }

    def plays(self, ids: np.ndarray) -> np.ndarray:
        """Plays that count, here and in the person's imported histories, float64 (n,); 0 for none."""
        found: np.ndarray = np.nan_to_num(_column(self._conn, _PLAYS, ids))
        return found

    def last_heard(self, ids: np.ndarray) -> np.ndarray:
        """When each was last played, here or in an imported history: epoch seconds, float64 (n,)."""
        return _column(self._conn, _LAST_HEARD, ids)

    def encoders(self, ids: np.ndarray) -> list[str]:
        """The encoders that have heard each track, as 'ear4' or 'ear4 + library'."""
        heard: dict[int, str] = {}
        for track, names in self._conn.execute(_ENCODERS):
            shortened = sorted({name.rsplit("-", 2)[0] for name in names.split(",")})
            heard[track] = " + ".join(shortened)
        return [heard.get(track, "") for track in ids.tolist()]


_SOUND = "SELECT track_id, tempo, loudness_lufs, key FROM descriptor"
_PLAYS = f"SELECT t.id, {PLAYS} FROM {JOINED}"
_LAST_HEARD = f"SELECT t.id, {LAST_PLAYED} FROM {JOINED}"
_ENCODERS = "SELECT track_id, group_concat(encoder, ',') FROM embedding GROUP BY track_id"


def _column(conn: Connection, sql: str, ids: np.ndarray) -> np.ndarray:
    rows = {track: value for track, value in conn.execute(sql) if value is not None}
    return np.array([rows.get(track, np.nan) for track in ids.tolist()], np.float64)
