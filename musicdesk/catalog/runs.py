"""Runs: what was trained, on which data, how well, and which one is in use."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any

import musicdesk
from musicdesk.catalog.connection import Store
from musicdesk.core.errors import NotFound
from musicdesk.core.types import RunId

_SELECT = """SELECT id, model, parameters, seed, data_hash, encoder, metrics, folder, version, seconds, made_at,
    active, crowd, curves FROM run"""


@dataclass(frozen=True, slots=True)
class Run:
    id: RunId
    model: str
    parameters: dict[str, Any]
    seed: int
    data_hash: str
    encoder: str
    metrics: dict[str, Any]
    folder: str  # name inside the profile's models folder
    version: str
    seconds: float
    made_at: float
    active: bool
    crowd: str = ""  # the crowd it learned from, or ''
    curves: dict[str, list[list[float]]] = field(default_factory=dict)  # {name: [[step, value], ...]}


class Runs:
    def __init__(self, store: Store) -> None:
        self._store = store

    def save(
        self,
        model: str,
        parameters: dict[str, Any],
        seed: int,
        data_hash: str,
        encoder: str,
        metrics: dict[str, Any],
        folder: str,
        seconds: float,
        crowd: str = "",
        curves: dict[str, list[list[float]]] | None = None,
    ) -> RunId:
        with self._store.write() as db:
            table = db.table("run")
            table.insert(
                {
                    "model": model,
                    "parameters": json.dumps(parameters, sort_keys=True),
                    "seed": seed,
                    "data_hash": data_hash,
                    "encoder": encoder,
                    "metrics": json.dumps(metrics, sort_keys=True, allow_nan=False),
                    "folder": folder,
                    "version": musicdesk.__version__,
                    "seconds": seconds,
                    "made_at": time.time(),
                    "crowd": crowd,
                    "curves": json.dumps(curves or {}, allow_nan=False),
                }
            )
            return RunId(int(table.last_pk or 0))

    def all(self) -> list[Run]:
        return [_run(row) for row in self._store.conn.execute(f"{_SELECT} ORDER BY id DESC")]

    def get(self, run: RunId) -> Run:
        row = self._store.conn.execute(f"{_SELECT} WHERE id = ?", (run,)).fetchone()
        if row is None:
            raise NotFound(f"There is no run number {run}; 'musicdesk models' lists those there are.")
        return _run(row)

    def active(self) -> Run | None:
        row = self._store.conn.execute(f"{_SELECT} WHERE active").fetchone()
        return _run(row) if row else None

    def use(self, run: RunId) -> Run:
        self.get(run)
        with self._store.write() as db:
            db.execute("UPDATE run SET active = (id = ?)", (run,))
            db.execute("UPDATE run SET used_at = ? WHERE id = ?", (time.time(), run))
        return self.get(run)

    def previous(self) -> Run | None:
        """The run that was in use before the one that is."""
        sql = f"{_SELECT} WHERE NOT active AND used_at IS NOT NULL ORDER BY used_at DESC, id DESC LIMIT 1"
        row = self._store.conn.execute(sql).fetchone()
        return _run(row) if row else None

    def note(self, run: RunId, figures: dict[str, Any]) -> None:
        """Adds figures that were counted after it was trained, or counts them anew."""
        metrics = self.get(run).metrics | figures
        with self._store.write() as db:
            kept = json.dumps(metrics, sort_keys=True, allow_nan=False)
            db.execute("UPDATE run SET metrics = ? WHERE id = ?", (kept, run))

    def remove(self, run: RunId) -> None:
        self.get(run)
        with self._store.write() as db:
            db.execute("DELETE FROM run WHERE id = ?", (run,))


def _run(row: Any) -> Run:
    values = list(row)
    values[2], values[6] = json.loads(row[2]), json.loads(row[6])
    values[11], values[13] = bool(row[11]), json.loads(row[13])
    return Run(*values)
