"""Playlists: what was put together and shown, with the score and the reasons of every row."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from musicdesk.catalog.connection import Store
from musicdesk.core.errors import NotFound
from musicdesk.core.types import Pick, PickId, Playlist, PlaylistId, Reason, RunId, TrackId


@dataclass(frozen=True, slots=True)
class Summary:
    id: PlaylistId
    name: str
    kind: str
    made_at: float
    tracks: int


class Playlists:
    def __init__(self, store: Store) -> None:
        self._store = store

    def save(self, playlist: Playlist, request: dict[str, Any], run: RunId | None = None) -> Playlist:
        """Keeps the playlist; returned with its id and those of its picks."""
        with self._store.write() as db:
            table = db.table("playlist")
            table.insert(
                {
                    "name": playlist.name,
                    "kind": playlist.kind,
                    "request": json.dumps(request, sort_keys=True),
                    "model": playlist.model,
                    "run_id": run,
                    "seed": playlist.seed,
                    "made_at": time.time(),
                }
            )
            made = PlaylistId(int(table.last_pk or 0))
            rows = [
                (made, position, int(pick.track), float(pick.score), _reasons_json(pick.reasons), pick.propensity)
                for position, pick in enumerate(playlist.picks)
            ]
            sql = """INSERT INTO playlist_item (playlist_id, position, track_id, score, reasons, propensity)
                VALUES (?, ?, ?, ?, ?, ?)"""
            db.conn.executemany(sql, rows)
            sql = "SELECT id FROM playlist_item WHERE playlist_id = ? ORDER BY position"
            names = [PickId(row[0]) for row in db.execute(sql, (made,))]
        picks = tuple(replace(pick, id=name) for pick, name in zip(playlist.picks, names, strict=True))
        return replace(playlist, id=made, picks=picks)

    def get(self, playlist: PlaylistId) -> Playlist:
        head = self._store.conn.execute(
            "SELECT name, kind, seed, model FROM playlist WHERE id = ?", (playlist,)
        ).fetchone()
        if head is None:
            raise NotFound(f"There is no playlist number {playlist}; 'musicdesk playlist list' shows them.")
        sql = """SELECT id, track_id, score, reasons, propensity FROM playlist_item WHERE playlist_id = ?
            ORDER BY position"""
        picks = tuple(
            Pick(TrackId(track), score, tuple(Reason(**reason) for reason in json.loads(reasons)), PickId(name), drawn)
            for name, track, score, reasons, drawn in self._store.conn.execute(sql, (playlist,))
        )
        return Playlist(playlist, head[0], head[1], picks, head[2], head[3])

    def of_pick(self, pick: PickId) -> tuple[str, str] | None:
        """Kind and name of the list that a pick is in; None when it is gone."""
        sql = "SELECT p.kind, p.name FROM playlist_item i JOIN playlist p ON p.id = i.playlist_id WHERE i.id = ?"
        found = self._store.conn.execute(sql, (pick,)).fetchone()
        return (str(found[0]), str(found[1])) if found else None

    def request(self, playlist: PlaylistId) -> dict[str, Any]:
        """What the playlist was asked for by."""
        row = self._store.conn.execute("SELECT request FROM playlist WHERE id = ?", (playlist,)).fetchone()
        if row is None:
            raise NotFound(f"There is no playlist number {playlist}; 'musicdesk playlist list' shows them.")
        asked: dict[str, Any] = json.loads(row[0])
        return asked

    def all(self) -> list[Summary]:
        sql = """SELECT p.id, p.name, p.kind, p.made_at, count(i.id) FROM playlist p
            LEFT JOIN playlist_item i ON i.playlist_id = p.id GROUP BY p.id ORDER BY p.id DESC"""
        return [Summary(PlaylistId(row[0]), *row[1:]) for row in self._store.conn.execute(sql)]

    def remove(self, playlist: PlaylistId) -> None:
        with self._store.write() as db:
            db.execute("DELETE FROM playlist WHERE id = ?", (playlist,))

    def exposure(
        self,
        since: float,
        request: dict[str, Any] | None = None,
        same_since: float = 0.0,
        apart_from: Sequence[str] = (),
    ) -> dict[TrackId, list[float]]:
        """When each track was shown since `since` (epoch seconds), for the exposure memory.

        Lists of the very same `request` made since `same_since` do not count: asking again is not showing anew.
        apart_from: what of a request may differ in the same request
        """
        same = self._same(request, same_since, set(apart_from)) if request is not None else set()
        sql = """SELECT i.track_id, p.made_at, p.id FROM playlist_item i JOIN playlist p ON p.id = i.playlist_id
            WHERE p.made_at >= ?"""
        shown: dict[TrackId, list[float]] = {}
        for track, at, playlist in self._store.conn.execute(sql, (since,)):
            if playlist not in same:
                shown.setdefault(TrackId(track), []).append(at)
        return shown

    def _same(self, request: dict[str, Any], since: float, apart_from: set[str]) -> set[int]:
        """Playlists made since `since` that answer the same request."""
        wanted = _essence(json.loads(json.dumps(request)), apart_from)
        rows = self._store.conn.execute("SELECT id, request FROM playlist WHERE made_at >= ?", (since,))
        return {number for number, asked in rows if _essence(json.loads(asked), apart_from) == wanted}


def _essence(request: dict[str, Any], apart_from: set[str]) -> dict[str, Any]:
    return {name: value for name, value in request.items() if name not in apart_from}


def _reasons_json(reasons: tuple[Reason, ...]) -> str:
    told = [{"text": r.text, "share": float(r.share), "track": r.track, "points": float(r.points)} for r in reasons]
    return json.dumps(told)
