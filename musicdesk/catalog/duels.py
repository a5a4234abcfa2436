"""Duels: two models in one list, who picked what, and how it ended."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from musicdesk.catalog.connection import Store
from musicdesk.core.errors import NotFound
from musicdesk.core.types import PickId, RunId, Side

_SELECT = """SELECT id, a_model, a_run, b_model, b_run, horizon, seed, state, started_at, ended_at, wins_a, wins_b,
    ties, lists FROM duel"""


@dataclass(frozen=True, slots=True)
class Contestant:
    """A model, and its run unless it is learned on the spot."""

    model: str
    run: RunId | None = None

    def __str__(self) -> str:
        return self.model if self.run is None else f"{self.model} (run {self.run})"


@dataclass(frozen=True, slots=True)
class Duel:
    """horizon: decisions that end it; wins, ties and lists (wins of A less those of B, by list) once it has ended"""

    id: int
    a: Contestant
    b: Contestant
    horizon: int
    seed: int
    state: str  # running, finished, stopped
    started_at: float
    ended_at: float | None
    wins_a: int | None
    wins_b: int | None
    ties: int | None
    lists: tuple[int, ...] = ()

    def of(self, side: Side) -> Contestant:
        return self.a if side is Side.A else self.b


class Duels:
    def __init__(self, store: Store) -> None:
        self._store = store

    def start(self, a: Contestant, b: Contestant, horizon: int, seed: int) -> Duel:
        with self._store.write() as db:
            sql = """INSERT INTO duel (a_model, a_run, b_model, b_run, horizon, seed, started_at)
                VALUES (?, ?, ?, ?, ?, ?, ?)"""
            values = (a.model, a.run, b.model, b.run, horizon, seed, time.time())
            return self.get(int(db.execute(sql, values).lastrowid or 0))

    def end(self, duel: int, state: str, wins_a: int, wins_b: int, ties: int, lists: Sequence[int]) -> Duel:
        """`state` is finished or stopped. What has ended stays as it is."""
        with self._store.write() as db:
            sql = """UPDATE duel SET state = ?, ended_at = ?, wins_a = ?, wins_b = ?, ties = ?, lists = ?
                WHERE id = ? AND state = 'running'"""
            db.execute(sql, (state, time.time(), wins_a, wins_b, ties, json.dumps(list(lists)), duel))
        return self.get(duel)

    def note(self, duel: int, picks: Sequence[tuple[PickId, Side, int]]) -> None:
        """Who made each pick of a list, and in which round."""
        rows = [(int(pick), duel, side.value, turn) for pick, side, turn in picks]
        with self._store.write() as db:
            db.conn.executemany("INSERT INTO duel_pick (pick_id, duel_id, side, round) VALUES (?, ?, ?, ?)", rows)

    def get(self, duel: int) -> Duel:
        row = self._store.conn.execute(f"{_SELECT} WHERE id = ?", (duel,)).fetchone()
        if row is None:
            raise NotFound(f"There is no duel number {duel}.")
        return _duel(row)

    def running(self) -> Duel | None:
        row = self._store.conn.execute(f"{_SELECT} WHERE state = 'running'").fetchone()
        return _duel(row) if row else None

    def all(self) -> list[Duel]:
        """The newest first."""
        return [_duel(row) for row in self._store.conn.execute(f"{_SELECT} ORDER BY id DESC")]

    def shown(self, duel: int) -> int:
        """How many lists it has made so far."""
        sql = """SELECT count(DISTINCT i.playlist_id) FROM duel_pick d JOIN playlist_item i ON i.id = d.pick_id
            WHERE d.duel_id = ?"""
        return int(self._store.conn.execute(sql, (duel,)).fetchone()[0])


def _duel(row: Sequence[Any]) -> Duel:
    number, a_model, a_run, b_model, b_run, horizon, seed, state, started, ended, wins_a, wins_b, ties, lists = row
    both = (Contestant(a_model, a_run), Contestant(b_model, b_run))
    by_list = tuple(json.loads(lists or "[]"))
    return Duel(number, *both, horizon, seed, state, started, ended, wins_a, wins_b, ties, by_list)
