"""`lastfm_tags.db` and `lastfm_similars.db`: what Last.fm's listeners say about tracks of the Million Song Dataset.

    tids(tid), tags(tag), tid_tag(tid, tag, val): a track's tag with a weight of 0..100; ids are row numbers
    similars_src(tid, target): a track, and the tracks like it with weights of 0..1, "TR...,0.9,TR...,0.5"
    similars_dest: the same pairs the other way round, which is not read where the first is there

The files are strangers': opened to be read only, without their journals, views, triggers or functions.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np

from musicdesk.history.base import UNREADABLE, Account, Head, Refused, Source, example
from musicdesk.history.crowd import Coded
from musicdesk.history.crowd_names import LONGEST_ID, WHOLE, unreadable, weighed, word
from musicdesk.history.sources import FileSource, SourceFault

MAGIC = b"SQLite format 3\0"
LARGEST = 1 << 30  # bytes of a file that is read whole, because it comes out of an archive
LONGEST_CELL = 1 << 22  # bytes
TAGS = ("tids", "tags", "tid_tag")
FORWARD, BACKWARD = "similars_src", "similars_dest"
_SAFE = ("trusted_schema=OFF", "cell_size_check=ON", "mmap_size=0", "query_only=ON")


def is_tags(head: Head) -> bool:
    return head.raw.startswith(MAGIC) and b"tid_tag" in head.raw


def is_similars(head: Head) -> bool:
    return head.raw.startswith(MAGIC) and any(name.encode() in head.raw for name in (FORWARD, BACKWARD))


class _Codes(dict[bytes, int]):
    def __missing__(self, name: bytes) -> int:
        self[name] = len(self)
        return self[name]

    def names(self) -> np.ndarray:
        return np.array(list(self), f"S{max(map(len, self), default=1)}")


class _Pairs:
    """Pairs of names with weights, gathered as numbers."""

    def __init__(self) -> None:
        self.who, self.what = _Codes(), _Codes()
        self._rows = (array("I"), array("I"), array("I"))

    def add(self, who: int, what: int, weight: int) -> None:
        for column, value in zip(self._rows, (who, what, weight), strict=True):
            column.append(value)

    def coded(self) -> Coded:
        rows = (np.frombuffer(column, np.uint32) if column else np.empty(0, np.uint32) for column in self._rows)
        return Coded(self.who.names(), self.what.names(), *rows)


def tags(source: Source, account: Account) -> Coded:
    """Every row of `tid_tag` as track, tag and weight."""
    pairs = _Pairs()
    with _Database(source, account, TAGS) as db:
        names, said = dict(db.rows("SELECT rowid, tid FROM tids")), dict(db.rows("SELECT rowid, tag FROM tags"))
        for track, tag, weight in db.rows("SELECT tid, tag, val FROM tid_tag"):
            account.rows += 1
            name, text = names.get(track), said.get(tag)
            told = word(text) if isinstance(text, str) else ""
            if not told or not _id(name) or not isinstance(weight, int | float):
                account.refuse(Refused(UNREADABLE, example(account.rows, name, text)))
            else:
                pairs.add(pairs.who[str(name).encode()], pairs.what[told.encode()], weighed(weight / 100))
    return pairs.coded()


def similars(source: Source, account: Account) -> Coded:
    """Every pair of tracks with its likeness; a row of the account is a pair."""
    pairs = _Pairs()
    with _Database(source, account, (FORWARD,), (BACKWARD,)) as db:
        forward = FORWARD in db.tables
        if {FORWARD, BACKWARD} <= db.tables:
            account.note(f"{BACKWARD} tells the same pairs the other way round; it was not read.")
        for track, targets in db.rows(f"SELECT tid, target FROM {FORWARD if forward else BACKWARD}"):
            if not _id(track) or not isinstance(targets, str):
                account.rows += 1
                account.refuse(unreadable(account.rows, str(track)))
            else:
                _like(pairs, track, targets.split(","), forward, account)
    return pairs.coded()


def _like(pairs: _Pairs, track: str, parts: list[str], forward: bool, account: Account) -> None:
    for place in range(0, len(parts), 2):
        account.rows += 1
        other, share = parts[place], _share(parts[place + 1]) if place + 1 < len(parts) else None
        if share is None or not _id(other):
            account.refuse(unreadable(account.rows, f"{track}, {other}"))
            continue
        one, two = (track, other) if forward else (other, track)
        pairs.add(pairs.who[one.encode()], pairs.what[two.encode()], max(1, min(WHOLE, round(share * WHOLE))))


def _share(text: str) -> float | None:
    try:
        share = float(text)
    except ValueError:
        return None
    return share if 0 <= share < 1e6 else None


def _id(name: object) -> bool:
    return isinstance(name, str) and name.isascii() and name.isalnum() and 0 < len(name) <= LONGEST_ID


class _Database:
    """A stranger's database. What is wrong with it becomes a note of the account; it has no rows then."""

    def __init__(self, source: Source, account: Account, *wanted: tuple[str, ...]) -> None:
        """wanted: tables of which all must be there, or others in their place"""
        self.tables: set[str] = set()
        self._account = account
        self._conn: sqlite3.Connection | None = None
        self._most = 0
        try:
            self._conn, self._most = _connected(source)
            self._guard()
        except (sqlite3.Error, SourceFault) as error:
            account.note(f"{source.name} cannot be read ({error}).")
            return
        except UnicodeDecodeError:  # of SQLite's own message, which quotes the damaged schema
            account.note(f"{source.name} cannot be read (its table of contents is damaged).")
            return
        if not any(set(tables) <= self.tables for tables in wanted):
            account.note(f"{source.name} has not the tables of such a file.")
            self._most = 0

    def __enter__(self) -> _Database:
        return self

    def __exit__(self, *_: object) -> None:
        if self._conn is not None:
            self._conn.close()

    def _guard(self) -> None:
        assert self._conn is not None
        self._conn.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_CELL)
        self._conn.text_factory = lambda data: data.decode("utf-8", "replace")
        for pragma in _SAFE:
            self._conn.execute(f"PRAGMA {pragma}")
        for name, sql in self._conn.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table'"):
            told = sql.upper() if isinstance(sql, str) else ""
            if told.startswith("CREATE TABLE") and " AS " not in told:  # no virtual table, no column that computes
                self.tables.add(str(name))

    def rows(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """What a query gives, up to where the file is damaged."""
        if self._conn is None or not self._most:
            return
        try:
            yield from islice(self._conn.execute(sql), self._most)
        except (sqlite3.Error, OverflowError) as error:
            self._account.note(f"The database is damaged ({error}); what came before was used.")
        except UnicodeDecodeError:
            self._account.note("The database is damaged; what came before was used.")


def _connected(source: Source) -> tuple[sqlite3.Connection, int]:
    """A connection, and how many rows there can be at most: pages that lead in circles give no more."""
    if isinstance(source, FileSource):
        with source.path.open("rb") as stream:
            plain = stream.read(len(MAGIC)) == MAGIC
        if plain:
            address = f"{source.path.absolute().as_uri()}?mode=ro&immutable=1"
            return sqlite3.connect(address, uri=True), source.path.stat().st_size
    data = bytearray()
    with source.open() as stream:
        while block := stream.read(1 << 20):
            data += block
            if len(data) > LARGEST:
                raise SourceFault("it is larger than 1 GB; unpack it first")
    conn = sqlite3.connect(":memory:")
    try:
        conn.deserialize(bytes(data))
    except sqlite3.Error:
        conn.close()
        raise
    return conn, len(data)
