"""Rows of the catalog as arrays."""

from __future__ import annotations

import sqlite3

import numpy as np

TOGETHER = 4_096  # rows that are read at once


def read_vectors(rows: sqlite3.Cursor, most: int) -> tuple[np.ndarray, np.ndarray]:
    """(track, vector) rows, `most` of them, as ids int64 (n,) and matrix float32 (n, dim); (0, 0) when there are none.
    Straight into their places: a second copy of 100,000 vectors is a hundred megabytes."""
    ids, matrix, used = np.empty(most, np.int64), np.empty((0, 0), np.float32), 0
    while used < most and (part := rows.fetchmany(min(TOGETHER, most - used))):
        if not used:
            matrix = np.empty((most, len(part[0][1]) // 4), np.float32)
        into = slice(used, used := used + len(part))
        ids[into] = [row[0] for row in part]
        matrix[into] = np.frombuffer(b"".join(row[1] for row in part), np.float32).reshape(len(part), -1)
    return ids[:used], matrix[:used]
