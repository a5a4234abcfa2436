"""What listening gave: embeddings, descriptors, waveforms; and what failed on the way."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from musicdesk.catalog.connection import Store
from musicdesk.catalog.encoders import stage
from musicdesk.catalog.heard import JOINED, PLAYS
from musicdesk.catalog.rows import read_vectors
from musicdesk.core.killable import LATE
from musicdesk.core.reading import CLOSED, why_closed
from musicdesk.core.types import TrackId, Vectors

MAX_CRASHES = 2  # after this many the file is left alone until it changes
MAX_ATTEMPTS = 6  # of a file that took too long; then only a person has it tried again
DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Failure:
    track: TrackId
    path: bytes
    stage: str
    reason: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Facts:
    """Measured properties of one track's sound."""

    tempo: float  # beats per minute
    tempo_confidence: float  # 0..1
    loudness_lufs: float
    gain_db: float  # ReplayGain to -18 LUFS
    peak: float  # of full scale
    key: str
    key_confidence: float  # 0..1
    rate_hz: int
    channels: int
    codec: str


@dataclass(frozen=True, slots=True)
class Heard:
    """The file of a track whose sound is known."""

    track: TrackId
    path: bytes
    size: int
    mtime_ns: int
    duration_s: float | None
    audio_hash: str
    readable: bool


class Sound:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._heard: tuple[tuple[str, int], int] = (("", -1), 0)

    def waiting(
        self, encoder: str, limit: int | None = None, edges: bool = False
    ) -> list[tuple[TrackId, bytes, int, int, float | None]]:
        """(id, path, size, mtime_ns, duration_s) of present tracks that `encoder` has not heard, most-played first.

        edges: also those that it has heard, but not told how they begin and end
        Files that failed for good are left out until they change.
        """
        table = "edge" if edges else "embedding"
        sql = f"""
            SELECT t.id, t.path, t.size, t.mtime_ns, t.duration_s FROM {JOINED}
            WHERE t.presence = 'present'
              AND NOT EXISTS (SELECT 1 FROM {table} e WHERE e.encoder = ? AND e.track_id = t.id)
              AND NOT EXISTS (SELECT 1 FROM failure f WHERE f.track_id = t.id AND f.stage <> 'tags'
                              AND (f.stage NOT LIKE 'ear %' OR f.stage = ?)
                              AND f.settled AND f.size = t.size AND f.mtime_ns = t.mtime_ns)
            ORDER BY {PLAYS} DESC, t.id LIMIT ?"""
        rows = self._store.conn.execute(sql, (encoder, stage(encoder), -1 if limit is None else limit))
        return [(TrackId(row[0]), *row[1:]) for row in rows]

    def count(self, encoder: str) -> dict[str, int]:
        """`analyzed, failed, waiting` over present tracks; each track is in exactly one."""
        sql = """
            SELECT CASE WHEN e.track_id IS NOT NULL THEN 'analyzed'
                        WHEN f.track_id IS NOT NULL THEN 'failed' ELSE 'waiting' END AS state, count(*)
            FROM track t
            LEFT JOIN embedding e ON e.encoder = ? AND e.track_id = t.id
            LEFT JOIN (SELECT DISTINCT track_id, size, mtime_ns FROM failure
                       WHERE settled AND stage <> 'tags' AND (stage NOT LIKE 'ear %' OR stage = ?)) f
                ON f.track_id = t.id AND f.size = t.size AND f.mtime_ns = t.mtime_ns
            WHERE t.presence = 'present' GROUP BY state"""
        counts = dict(self._store.conn.execute(sql, (encoder, stage(encoder))).fetchall())
        return {name: int(counts.get(name, 0)) for name in ("analyzed", "failed", "waiting")}

    def sample(self, encoder: str, count: int, seed: int) -> Vectors:
        """About `count` embeddings drawn at random, ids ascending; all of them when there are no more.

        The same catalog and seed give the same sample; 100,000 tracks are not read for it.
        """
        sql = "SELECT min(track_id), max(track_id) FROM embedding WHERE encoder = ?"
        least, most = self._store.conn.execute(sql, (encoder,)).fetchone()
        if least is None or self.heard(encoder) <= count:
            return self.vectors(encoder)
        drawn = np.unique(np.random.default_rng(seed).integers(least, most, 2 * count, endpoint=True))
        marks = ",".join(map(str, drawn.tolist()))
        sql = f"""SELECT track_id, vector FROM embedding WHERE encoder = ? AND track_id IN ({marks})
            ORDER BY track_id"""
        return Vectors(*read_vectors(self._store.conn.execute(sql, (encoder,)), count), encoder)

    def heard(self, encoder: str) -> int:
        """How many tracks have an embedding of `encoder`; kept until an embedding changes, for every page asks."""
        now = encoder, self.stamp()
        if self._heard[0] != now:
            row = self._store.conn.execute("SELECT count(*) FROM embedding WHERE encoder = ?", (encoder,)).fetchone()
            self._heard = (now, int(row[0]))
        return self._heard[1]

    def save(
        self,
        track: TrackId,
        encoder: str,
        vector: np.ndarray,
        descriptors: np.ndarray,
        facts: Facts,
        audio_hash: str,
        waveform: tuple[np.ndarray, bool],
        duration_s: float,
    ) -> None:
        """All that one decode gave, in one transaction. `vector` float32 (dim,), finite."""
        for array in (vector, descriptors):
            if not np.isfinite(array).all():
                raise ValueError("not finite")
        bins, exact = waveform
        with self._store.write() as db:
            self.save_vector(track, encoder, vector)
            row: dict[str, Any] = {name: getattr(facts, name) for name in Facts.__slots__}
            row |= {"track_id": int(track), "dim": len(descriptors), "vector": _blob(descriptors)}
            db.table("descriptor").upsert(row, pk="track_id")
            self.save_waveform(track, bins, exact)
            sql = "UPDATE track SET audio_hash = ?, duration_s = ? WHERE id = ?"
            db.execute(sql, (audio_hash, duration_s, track))
            db.execute("DELETE FROM failure WHERE track_id = ? AND stage <> 'tags'", (track,))

    def save_vector(self, track: TrackId, encoder: str, vector: np.ndarray) -> None:
        with self._store.write() as db:
            sql = "INSERT OR REPLACE INTO embedding (track_id, encoder, dim, vector, at) VALUES (?, ?, ?, ?, ?)"
            db.execute(sql, (track, encoder, len(vector), _blob(vector), time.time()))
            db.execute("UPDATE fact SET value = value + 1 WHERE name = 'embeddings'")

    def save_waveform(self, track: TrackId, bins: np.ndarray, exact: bool) -> None:
        with self._store.write() as db:
            sql = "INSERT OR REPLACE INTO waveform (track_id, exact, bins) VALUES (?, ?, ?)"
            db.execute(sql, (track, exact, bins.astype(np.uint8).tobytes()))

    def set_loudness(self, track: TrackId, loudness_lufs: float, gain_db: float, peak: float) -> None:
        """What hearing the whole track gave, in place of what its windows had let expect."""
        with self._store.write() as db:
            sql = "UPDATE descriptor SET loudness_lufs = ?, gain_db = ?, peak = ? WHERE track_id = ?"
            db.execute(sql, (loudness_lufs, gain_db, peak, track))

    def forget(self, track: TrackId) -> None:
        """The file's contents changed: what was heard no longer holds."""
        with self._store.write() as db:
            for table in ("embedding", "edge", "descriptor", "waveform", "failure", "place"):
                db.execute(f"DELETE FROM {table} WHERE track_id = ?", (track,))
            db.execute("UPDATE track SET audio_hash = NULL WHERE id = ?", (track,))
            db.execute("UPDATE fact SET value = value + 1 WHERE name = 'embeddings'")

    def vectors(self, encoder: str) -> Vectors:
        """All embeddings of `encoder`, ids ascending; (0, 0) when there are none."""
        sql = "SELECT track_id, vector FROM embedding WHERE encoder = ? ORDER BY track_id"
        return Vectors(*read_vectors(self._store.conn.execute(sql, (encoder,)), self.heard(encoder)), encoder)

    def vector(self, track: TrackId, encoder: str) -> np.ndarray | None:
        """float32 (dim,), of norm 1: the embedding of one track; None where it was not heard."""
        sql = "SELECT vector FROM embedding WHERE track_id = ? AND encoder = ?"
        row = self._store.conn.execute(sql, (track, encoder)).fetchone()
        return np.frombuffer(row[0], np.float32) if row else None

    def descriptors(self) -> Vectors:
        """Descriptor vectors (not of unit length), ids ascending."""
        count = int(self._store.conn.execute("SELECT count(*) FROM descriptor").fetchone()[0])
        rows = self._store.conn.execute("SELECT track_id, vector FROM descriptor ORDER BY track_id")
        return Vectors(*read_vectors(rows, count), "descriptors")

    def stamp(self) -> int:
        """Grows with every change of an embedding; caches compare themselves with it."""
        row = self._store.conn.execute("SELECT value FROM fact WHERE name = 'embeddings'").fetchone()
        return int(row[0])

    def heard_files(self) -> list[Heard]:
        """Every track whose sound is known, by id. `readable`: its file is there and did not fail for good."""
        sql = """
            SELECT t.id, t.path, t.size, t.mtime_ns, t.duration_s, t.audio_hash,
                t.presence = 'present' AND NOT EXISTS (SELECT 1 FROM failure f WHERE f.track_id = t.id
                    AND f.stage <> 'tags' AND f.stage NOT LIKE 'ear %' AND f.settled
                    AND f.size = t.size AND f.mtime_ns = t.mtime_ns)
            FROM track t WHERE t.audio_hash IS NOT NULL ORDER BY t.id"""
        return [Heard(*row) for row in self._store.conn.execute(sql)]

    def described(self) -> set[int]:
        """Tracks whose descriptors, identity and waveform are known; only their embedding may be missing."""
        sql = """SELECT t.id FROM track t WHERE t.audio_hash IS NOT NULL
            AND EXISTS (SELECT 1 FROM descriptor d WHERE d.track_id = t.id)
            AND EXISTS (SELECT 1 FROM waveform w WHERE w.track_id = t.id)"""
        return {row[0] for row in self._store.conn.execute(sql)}

    def facts(self, track: TrackId) -> Facts | None:
        names = ", ".join(Facts.__slots__)
        row = self._store.conn.execute(f"SELECT {names} FROM descriptor WHERE track_id = ?", (track,)).fetchone()
        return Facts(*row) if row else None

    def manners(self, tracks: Sequence[TrackId]) -> dict[TrackId, tuple[float, float, str, float, float]]:
        """(tempo, tempo_confidence, key, key_confidence, loudness_lufs) of those of `tracks` that were heard."""
        names = "track_id, tempo, tempo_confidence, key, key_confidence, loudness_lufs"
        marks = ",".join("?" * len(tracks))
        rows = self._store.conn.execute(f"SELECT {names} FROM descriptor WHERE track_id IN ({marks})", tuple(tracks))
        return {TrackId(row[0]): row[1:] for row in rows}

    def waveform(self, track: TrackId) -> tuple[np.ndarray, bool] | None:
        """(uint8 bins, exact) or None."""
        row = self._store.conn.execute("SELECT bins, exact FROM waveform WHERE track_id = ?", (track,)).fetchone()
        return (np.frombuffer(row[0], np.uint8), bool(row[1])) if row else None

    # failures

    def attempt(self, track: TrackId, stage: str, size: int, mtime_ns: int) -> None:
        """Notes that a file is about to be tried, before it can take the process down."""
        sql = """
            INSERT INTO failure (track_id, stage, reason, attempts, size, mtime_ns, at) VALUES (?, ?, ?, 1, ?, ?, ?)
            ON CONFLICT (track_id, stage) DO UPDATE SET attempts = attempts + 1, at = excluded.at,
                crashes = CASE WHEN size = excluded.size AND mtime_ns = excluded.mtime_ns THEN crashes ELSE 0 END,
                settled = 0, size = excluded.size, mtime_ns = excluded.mtime_ns"""
        started = "Reading was begun and never came back."
        with self._store.write() as db:
            db.execute(sql, (track, stage, started, size, mtime_ns, time.time()))

    def fail(self, track: TrackId, stage: str, reason: str, found: tuple[int, int], crashed: bool = False) -> bool:
        """Keeps why a file could not be used; True when it is settled and will not be tried again as it is.

        `found` is (size, mtime_ns). A crash or hang is settled only at the second time.
        """
        sql = """
            INSERT INTO failure (track_id, stage, reason, crashes, settled, size, mtime_ns, at)
            VALUES (:track, :stage, :reason, :crashed, NOT :crashed, :size, :mtime, :at)
            ON CONFLICT (track_id, stage) DO UPDATE SET reason = :reason, crashes = crashes + :crashed,
                settled = (NOT :crashed) OR crashes + 1 >= :limit, size = :size, mtime_ns = :mtime, at = :at
            RETURNING settled"""
        values = {
            "track": track,
            "stage": stage,
            "reason": reason,
            "crashed": int(crashed),
            "at": time.time(),
            "size": found[0],
            "mtime": found[1],
            "limit": MAX_CRASHES,
        }
        with self._store.write() as db:
            return bool(db.conn.execute(sql, values).fetchone()[0])

    def try_again(self, tracks: Sequence[TrackId] | None = None) -> int:
        """Files that were put aside, all or these, are read again by the next scan and the next analysis; how many."""
        which = "" if tracks is None else " AND track_id IN (SELECT value FROM json_each(:tracks))"
        sql = f"UPDATE failure SET settled = 0, crashes = 0, attempts = 1 WHERE settled{which} RETURNING track_id"
        named = {"tracks": json.dumps([int(track) for track in tracks or ()])}
        with self._store.write() as db:
            return len({row[0] for row in db.conn.execute(sql, named)})

    def try_late_again(self, now: float | None = None) -> int:
        """Files that took too long, a day ago or more, get another try: the machine may have been busy, or a drive
        asleep. One try, not two, and not for ever; how many."""
        sql = """UPDATE failure SET settled = 0, crashes = ? WHERE settled AND stage <> 'tags'
            AND reason LIKE ? AND attempts < ? AND at < ?"""
        before = (time.time() if now is None else now) - DAY_S
        with self._store.write() as db:
            return db.conn.execute(sql, (MAX_CRASHES - 1, f"{LATE}%", MAX_ATTEMPTS, before)).rowcount

    def try_opened_again(self) -> int:
        """Files that could not be opened get another try when they can be: there was nothing wrong with them; how many.
        Those that still cannot stay as they are."""
        sql = """SELECT DISTINCT f.track_id, t.path, f.reason FROM failure f JOIN track t ON t.id = f.track_id
            WHERE f.settled AND t.presence = 'present'"""
        rows = self._store.conn.execute(sql).fetchall()
        opened = [track for track, path, reason in rows if reason.startswith(CLOSED) and not why_closed(path)]
        return self.try_again(opened) if opened else 0

    def clear_failure(self, track: TrackId, stage: str) -> None:
        with self._store.write() as db:
            db.execute("DELETE FROM failure WHERE track_id = ? AND stage = ?", (track, stage))

    def failures(self) -> list[Failure]:
        """Files that could not be read; what one encoder alone cannot hear is not among them."""
        sql = """SELECT f.track_id, t.path, f.stage, f.reason, f.attempts FROM failure f
            JOIN track t ON t.id = f.track_id WHERE f.settled AND f.stage NOT LIKE 'ear %'
            ORDER BY t.path_text, f.stage"""
        return [Failure(TrackId(row[0]), *row[1:]) for row in self._store.conn.execute(sql)]

    def failed_tags(self) -> set[bytes]:
        """Paths whose tags could not be read and whose file has not changed since."""
        sql = """SELECT t.path FROM failure f JOIN track t ON t.id = f.track_id
            WHERE f.stage = 'tags' AND f.size = t.size AND f.mtime_ns = t.mtime_ns"""
        return {row[0] for row in self._store.conn.execute(sql)}


def _blob(vector: np.ndarray) -> bytes:
    return np.ascontiguousarray(vector, dtype=np.float32).tobytes()
