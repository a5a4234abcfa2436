"""Library files as bad disks leave them."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

PAGE = 4096


def spoil(path: Path, pages: int, seed: int, first: int = 1) -> list[int]:
    """Overwrites pages (from number `first` on; 0 is the head of the file) as a failing disk does: with noise,
    zeros, another page's bytes or a few flipped bits. Returns their numbers."""
    draw = random.Random(seed)
    data = bytearray(path.read_bytes())
    hit = draw.sample(range(first, len(data) // PAGE), pages)
    for number in hit:
        at = slice(number * PAGE, (number + 1) * PAGE)
        kind = draw.randrange(4)
        if kind == 0:
            data[at] = draw.randbytes(PAGE)
        elif kind == 1:
            data[at] = bytes(PAGE)
        elif kind == 2:
            other = draw.randrange(len(data) // PAGE)
            data[at] = data[other * PAGE : (other + 1) * PAGE]
        else:
            for _ in range(12):
                data[number * PAGE + draw.randrange(64)] ^= 1 << draw.randrange(8)
    path.write_bytes(data)
    return hit


def rows(path: Path, sql: str) -> list[tuple]:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def sound(path: Path) -> bool:
    return rows(path, "PRAGMA integrity_check") == [("ok",)] and not rows(path, "PRAGMA foreign_key_check")


RATINGS = "SELECT id, track_id, verdict, before, undoes, at FROM feedback_event ORDER BY id"
VERDICTS = "SELECT id, verdict FROM track WHERE verdict IS NOT NULL ORDER BY id"
