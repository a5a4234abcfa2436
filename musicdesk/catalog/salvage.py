"""A library put together again: what can still be read of a damaged file, and what a backup has of the rest.

Tables are read by their keys, from both ends where there are none that count, so that a page that cannot be read
costs the rows on it and no others. What comes back fulfils every rule of the schema.
"""

from __future__ import annotations

import os
import sqlite3
from collections import deque
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from musicdesk.catalog import backup as copies
from musicdesk.catalog import schema, words
from musicdesk.catalog.connection import connect
from musicdesk.core.errors import MusicdeskError

BATCH = 2_000
MOST_GAPS = 100_000  # of one table; a file with more is no library any more
Row = tuple[Any, ...]


@dataclass(frozen=True)
class Salvaged:
    from_backup: int  # rows that only the backup had
    gaps: int  # places where the damaged file could not be read
    contents: copies.Contents


def salvage(damaged: Path, backup: Path | None, fresh: Path) -> Salvaged:
    """Writes the library that `damaged` and `backup` give together to `fresh`, which must not exist."""
    with closing(schema.readable(damaged)) as old, closing(schema.readable(damaged)) as beside:
        old.text_factory = beside.text_factory = lambda raw: raw.decode("utf-8", "replace")
        with closing(connect(fresh)) as new:
            schema.build(new, _version(old, backup))
            new.execute("PRAGMA foreign_keys=OFF")
            new.execute("PRAGMA synchronous=OFF")  # nobody needs half of it
            new.execute("BEGIN")
            gaps = sum(_carry(old, beside, new, table) for table in _tables(new))
            new.execute("COMMIT")
            added = _fill(new, backup) if backup else 0
            new.execute("BEGIN")
            _mend(new)
            new.execute("COMMIT")
            new.execute("PRAGMA journal_mode=DELETE")
            copies.check(new, fresh)
    with fresh.open("rb") as stream:
        os.fsync(stream.fileno())
    return Salvaged(added, gaps, copies.look(fresh))


def _version(old: sqlite3.Connection, backup: Path | None) -> int:
    """Of the damaged file; where it cannot tell, of the backup; else the newest."""
    newest = schema.migrations()[-1][0]
    found = 0
    with suppress(sqlite3.DatabaseError):
        found = schema.version(old)
    if not 1 <= found <= newest and backup:
        with suppress(MusicdeskError):
            found = copies.look(backup).schema
    return found if 1 <= found <= newest else newest


def _tables(conn: sqlite3.Connection) -> list[str]:
    """Tables with rows of their own; the words of the search are made anew."""
    sql = """SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'
        AND name NOT GLOB 'track_words*' AND name NOT GLOB 'sqlite_*'"""
    return [name for (name,) in conn.execute(sql)]


def _columns(conn: sqlite3.Connection, table: str, where: str = "main") -> list[str]:
    return [row[1] for row in conn.execute(f"PRAGMA {where}.table_info({table})")]


def _carry(old: sqlite3.Connection, beside: sqlite3.Connection, new: sqlite3.Connection, table: str) -> int:
    """Copies what can be read of a table; returns the number of gaps."""
    try:
        there = _columns(old, table)
    except sqlite3.DatabaseError:
        return 1
    columns = [name for name in _columns(new, table) if name in there]
    if not columns:
        return 1
    reading = _Reading(old, beside, table, columns)
    insert = f"INSERT OR REPLACE INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
    rows: Iterator[Row] = iter(reading)
    while batch := list(islice(rows, BATCH)):
        _insert(new, insert, batch)
    return reading.gaps


def _insert(new: sqlite3.Connection, insert: str, batch: list[Row]) -> None:
    try:
        new.execute("SAVEPOINT batch")
        new.executemany(insert, batch)
    except sqlite3.Error:  # one of them breaks a rule: the others go in
        new.execute("ROLLBACK TO batch")
        for row in batch:
            with suppress(sqlite3.Error):
                new.execute(insert, row)
    new.execute("RELEASE batch")


class _Leapt:
    """Numbers that a reading passed over, as (first, behind the last), of which it remembers some."""

    def __init__(self) -> None:
        self._spans: deque[tuple[int, int]] = deque(maxlen=10_000)

    def on(self, start: int, number: int) -> None:
        if number > start:
            self._spans.append((start, number))

    def back(self, number: int) -> bool:
        """Whether `number` was passed over; what was behind it then counts as not reached yet."""
        while self._spans:
            first, behind = self._spans.pop()
            if number >= behind:
                break
            if number >= first:
                self.on(first, number)
                return True
        return False


class _Reading:
    """The rows of a table in a damaged file, as far as they can be read.

    beside: another connection to it. A question asked of a damaged page moves a reading of the same connection.
    """

    def __init__(self, conn: sqlite3.Connection, beside: sqlite3.Connection, table: str, columns: list[str]) -> None:
        self._conn, self._beside = conn, beside
        self._select = f"SELECT {', '.join(columns)} FROM {table} NOT INDEXED"
        self._numbered = f"SELECT rowid, {', '.join(columns)} FROM {table} NOT INDEXED"
        self._table = table
        self.gaps = 0

    def __iter__(self) -> Iterator[Row]:
        try:
            self._conn.execute(f"SELECT rowid FROM {self._table} LIMIT 0")
        except sqlite3.DatabaseError:
            return self._from_both_ends()
        return self._by_number()

    def _from_both_ends(self) -> Iterator[Row]:
        """Tables without numbers: forwards to the first gap, backwards to the last."""
        found = self._conn.execute(f"PRAGMA table_info({self._table})").fetchall()
        key = [row[1] for row in sorted(found, key=lambda row: row[5]) if row[5]]
        for direction in ("ASC", "DESC"):
            order = ", ".join(f"{name} {direction}" for name in key)
            try:
                yield from self._conn.execute(f"{self._select} ORDER BY {order}")
                return
            except sqlite3.DatabaseError:
                self.gaps += direction == "ASC"

    def _by_number(self) -> Iterator[Row]:
        """In one go while that goes well; a gap is stepped over to the next number that can be read.

        Asked for as >=, since a step past a lost row would read its page. Where a page holds another one's rows the
        numbers leap and step back: they are followed into what was leapt over, no further, or reading might never end.
        """
        start, last = -(1 << 62), self._last()
        while self.gaps <= MOST_GAPS:
            began, leapt = start, _Leapt()
            try:
                rows = self._conn.execute(f"{self._numbered} WHERE rowid >= ? ORDER BY rowid", (start,))
                for row in self._trusted(rows, start):
                    if row[0] < start:
                        self.gaps += 1
                        if not leapt.back(row[0]):
                            break
                    leapt.on(start, row[0])
                    start = row[0] + 1
                    yield row[1:]
                else:
                    return
                if start > began:
                    continue
            except sqlite3.DatabaseError:  # the row before the gap is lost with it: the next one is read ahead
                while (ahead := self._one(start)) is not None:
                    start = ahead[0] + 1
                    yield ahead[1:]
                self.gaps += 1
            found = self._beyond(max(start - 1, -1), last)
            if found is None:
                return
            start = found

    def _trusted(self, rows: Iterator[Row], start: int) -> Iterator[Row]:
        """The rows, but for those that leap to a number under which they are not found: that is what was damaged. As
        another's row it would put its words and its verdict in that one's place."""
        for row in rows:
            if row[0] > start and not self._found(row):
                self.gaps += 1
                continue
            start = max(start, row[0] + 1)
            yield row

    def _found(self, row: Row) -> bool:
        """Whether the way from the root to its number leads to this row."""
        try:
            return bool(self._beside.execute(f"{self._numbered} WHERE rowid = ?", row[:1]).fetchone() == row)
        except sqlite3.DatabaseError:
            return False

    def _last(self) -> int:
        """The greatest number that there can be: the last page may hold the rows of another."""
        name, found = self._table, []
        for sql in (f"SELECT max(rowid) FROM {name}", f"SELECT seq FROM sqlite_sequence WHERE name = '{name}'"):
            with suppress(sqlite3.DatabaseError):
                found += [int(row[0] or 0) for row in self._conn.execute(sql).fetchall()]
        return max(found, default=1 << 40)

    def _beyond(self, bad: int, last: int) -> int | None:
        """The number of the first row after `bad` that can be read, or None when there is none."""
        step = 1
        while bad + step <= last:
            if self._one(bad + step) is not None:
                low, high = bad + step // 2, bad + step  # low fails, or is `bad` itself
                while high - low > 1:
                    middle = (low + high) // 2
                    low, high = (low, middle) if self._one(middle) is not None else (middle, high)
                return high
            step *= 2
        return last if last > bad and self._one(last) is not None else None

    def _one(self, number: int) -> Row | None:
        """The first row from `number` on, with its number in front; None when it cannot be read or is not there."""
        sql = f"{self._numbered} WHERE rowid >= ? ORDER BY rowid LIMIT 1"
        try:
            row: Row | None = self._conn.execute(sql, (number,)).fetchone()
        except sqlite3.DatabaseError:
            return None
        return row if row and (row[0] == number or (row[0] > number and self._found(row))) else None


def _fill(new: sqlite3.Connection, backup: Path) -> int:
    """Rows that are missing come from the backup, if that is sound; returns how many."""
    try:
        copies.look(backup)
    except MusicdeskError:
        return 0
    new.execute("ATTACH ? AS kept", (f"{backup.absolute().as_uri()}?mode=ro&immutable=1",))
    before = new.total_changes
    try:
        new.execute("BEGIN")
        for table in _tables(new):
            columns = [name for name in _columns(new, table) if name in _columns(new, table, "kept")]
            if columns:
                listed = ", ".join(columns)
                new.execute(f"INSERT OR IGNORE INTO main.{table} ({listed}) SELECT {listed} FROM kept.{table}")
        new.execute("COMMIT")
    finally:
        if new.in_transaction:
            new.execute("ROLLBACK")
        new.execute("DETACH kept")
    return new.total_changes - before


def _mend(new: sqlite3.Connection) -> None:
    """Rows that refer to what is gone go too; verdicts follow their events; the search gets its words."""
    tables = _tables(new)
    for _turn in range(10):
        if not sum(_drop_orphans(new, table) for table in tables):
            break
    new.execute(
        """UPDATE track SET verdict = (SELECT nullif(e.verdict, 'clear') FROM feedback_event e
            WHERE e.track_id = track.id ORDER BY e.id DESC LIMIT 1)
        WHERE id IN (SELECT track_id FROM feedback_event)"""
    )
    for name in ("embeddings", "tracks"):
        new.execute("INSERT OR IGNORE INTO fact (name, value) VALUES (?, 0)", (name,))
    if "listener" in tables:
        new.execute("INSERT OR IGNORE INTO listener (name) VALUES ('me')")
    words.index(new, "1", ())


def _drop_orphans(new: sqlite3.Connection, table: str) -> int:
    dropped = 0
    for _id, _seq, parent, column, key, _update, delete, _match in new.execute(f"PRAGMA foreign_key_list({table})"):
        gone = f"{column} IS NOT NULL AND {column} NOT IN (SELECT {key or 'id'} FROM {parent})"
        sql = f"UPDATE {table} SET {column} = NULL" if delete == "SET NULL" else f"DELETE FROM {table}"
        dropped += new.execute(f"{sql} WHERE {gone}").rowcount
    return dropped
