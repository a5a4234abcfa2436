"""The job table: what was started, by which process, and how it ended."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from typing import Any

from musicdesk.catalog.connection import Store
from musicdesk.core.wording import clean


@dataclass(frozen=True, slots=True)
class Job:
    id: int
    name: str
    state: str
    text: str
    started_at: float
    ended_at: float | None


class Jobs:
    def __init__(self, store: Store) -> None:
        self._store = store

    def begin(self, name: str, request: dict[str, Any]) -> int:
        with self._store.write() as db:
            table = db.table("job")
            row = {"name": name, "request": json.dumps(request, sort_keys=True), "state": "running"}
            table.insert({**row, "pid": os.getpid(), "started_at": time.time()})
            return int(table.last_pk or 0)

    def end(self, job: int, state: str, text: str = "") -> None:
        """`state` is finished, cancelled or failed."""
        with self._store.write() as db:
            sql = "UPDATE job SET state = ?, text = ?, ended_at = ? WHERE id = ?"
            db.execute(sql, (state, clean(text)[:500], time.time(), job))

    def newest(self, limit: int = 50) -> list[Job]:
        sql = "SELECT id, name, state, text, started_at, ended_at FROM job ORDER BY id DESC LIMIT ?"
        return [Job(*row) for row in self._store.conn.execute(sql, (limit,))]

    def mark_lost(self) -> int:
        """Jobs that a killed process left as running. Called while this process holds the job lock."""
        with self._store.write() as db:
            sql = "UPDATE job SET state = 'lost', text = ? WHERE state = 'running'"
            return int(db.execute(sql, ("The program ended before the job did.",)).rowcount)
