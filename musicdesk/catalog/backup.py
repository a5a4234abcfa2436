"""Backups: SQLite's own copy, checked, synced, renamed. A backup is whole or it is not there."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from musicdesk.catalog import schema
from musicdesk.catalog.faults import damaged, explained
from musicdesk.catalog.traces import look_through
from musicdesk.core.errors import CatalogDamaged, LibraryDamaged, NotFound, Unusable
from musicdesk.core.files import sync_folder, temp_beside, write_with

KEEP_DAILY = 7
KEEP_WEEKLY = 4
KEEP_MONTHLY = 6
PAGES = 4096  # copied in one step


def make(catalog: Path, target: Path) -> None:
    """Copies the catalog, also while it is being written. Raises Unusable or CatalogDamaged."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        write_with(target, lambda temp: _copy(catalog, temp))
    except OSError as error:
        raise Unusable(f"The backup could not be written to {target} ({error.strerror}).") from error


def _copy(source: Path, target: Path) -> None:
    old = sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)
    new = sqlite3.connect(target)
    try:
        new.execute("PRAGMA cache_size=-65536")  # 64 MB: the check looks every row up in every index
        old.execute("BEGIN")  # one state of the library: else a write between two steps begins the copy anew, and again
        old.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        old.backup(new, pages=PAGES)
        new.execute("PRAGMA journal_mode=DELETE")
        check(new, source)
    except sqlite3.DatabaseError as error:
        told = explained(error, target)
        raise (
            CatalogDamaged(f"{source} is damaged ({error}); it was not copied.") if told is error else told
        ) from error
    finally:
        new.close()
        old.close()


def check(conn: sqlite3.Connection, path: Path) -> None:
    """Raises CatalogDamaged unless the whole file is sound."""
    found = conn.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise CatalogDamaged(f"{path} is damaged: {found}.")
    if conn.execute("PRAGMA foreign_key_check").fetchone():
        raise CatalogDamaged(f"{path} is damaged: rows refer to others that are gone.")


def examine(catalog: Path) -> None:
    """Looks through a library file that may be in use. Raises LibraryDamaged."""
    if not catalog.is_file():
        return
    try:
        with closing(schema.readable(catalog)) as conn:
            look_through(conn, catalog)
    except sqlite3.DatabaseError as error:
        told = explained(error, catalog)
        if isinstance(told, LibraryDamaged):
            raise damaged(catalog, error) from error
        raise


def restore(catalog: Path, source: Path) -> Path | None:
    """Puts the backup `source` in the catalog's place; the old file is set aside and its path returned.

    The catalog must not be open. Raises NotFound, CatalogTooNew or CatalogDamaged, changing nothing.
    """
    return put(ready(catalog, source), catalog)


def ready(catalog: Path, source: Path) -> Path:
    """A checked copy of the backup beside the catalog, for `put`. Raises as `restore` does."""
    look_into(source)
    fresh = temp_beside(catalog)
    with _none_of_ours(source):
        make(source, fresh)
    return fresh


def put(fresh: Path, catalog: Path) -> Path | None:
    """Makes `fresh` the catalog; the one from before, if there is one, is set aside and its path returned. Where that
    fails on the way, the one from before is the catalog still."""
    return _instead(catalog, fresh)


def put_back(aside: Path, catalog: Path) -> Path | None:
    """As `put`, with what was set aside. Raises NotFound."""
    if not aside.is_file():
        raise NotFound(f"There is no library {aside} that could be put back.")
    return _instead(catalog, aside)


def _instead(catalog: Path, other: Path) -> Path | None:
    before = set_aside(catalog)
    try:
        _move(other, catalog)
    except OSError:
        if before is not None:
            _move(before, catalog)
        raise
    sync_folder(catalog.parent)
    return before


def set_aside(catalog: Path) -> Path | None:
    """Moves the catalog out of the way, under a name that is not taken; None where there is none."""
    catalog.with_name("catalog.open").unlink(missing_ok=True)
    if not catalog.exists():
        return None
    stamp = f"catalog-set-aside-{time.strftime('%Y%m%d-%H%M%S')}"
    aside = catalog.with_name(f"{stamp}.sqlite")
    for number in range(2, 10_000):
        if not aside.exists():
            break
        aside = catalog.with_name(f"{stamp}-{number}.sqlite")
    _move(catalog, aside)
    return aside


def _move(old: Path, new: Path) -> None:
    """Renames a library with what SQLite keeps beside it: all of it or, where the disk fails, nothing."""
    pairs = [(old.with_name(old.name + ending), new.with_name(new.name + ending)) for ending in ("-wal", "-shm", "")]
    done: list[tuple[Path, Path]] = []
    try:
        for source, target in pairs:
            if source.exists() or source == old:
                source.replace(target)
                done.append((source, target))
    except OSError:
        for source, target in done:
            target.replace(source)
        raise


@dataclass(frozen=True)
class Contents:
    """What lies in a library file, in counts."""

    schema: int
    tracks: int
    rated: int  # tracks with a verdict
    plays: int  # here
    listens: int  # of imported histories
    playlists: int
    newest_at: float | None  # epoch seconds of the newest rating or play


def look(source: Path) -> Contents:
    """Looks into a library file without changing it. Raises NotFound, CatalogTooNew or CatalogDamaged."""
    if not source.is_file():
        raise NotFound(f"There is no backup file {source}.")
    schema.recognise(source)
    try:
        with closing(schema.readable(source)) as conn:
            found = schema.version(conn)
            if not found:
                raise CatalogDamaged(f"{source} is no backup of musicdesk.")
            tracks, rated, plays, listens, playlists = (_count(conn, what) for what in COUNTS)
            newest = conn.execute(NEWEST).fetchone()[0]
            return Contents(found, tracks, rated, plays, listens, playlists, newest)
    except sqlite3.DatabaseError as error:
        raise damaged(source, error) from error


def look_into(backup: Path) -> Contents:
    """As `look`, into a file that somebody named: where that is damaged, the library is not."""
    with _none_of_ours(backup):
        return look(backup)


@contextmanager
def _none_of_ours(backup: Path) -> Iterator[None]:
    try:
        yield
    except LibraryDamaged as error:
        with backup.open("rb") as stream:
            database = stream.read(len(schema.MAGIC)) == schema.MAGIC
        what = f"The backup {backup} is damaged" if database else f"{backup} is no backup of musicdesk"
        raise CatalogDamaged(f"{what}. Nothing was changed.") from error


COUNTS = ("track", "track WHERE verdict IS NOT NULL", "play_event", "listen", "playlist")
NEWEST = "SELECT max(at) FROM (SELECT max(at) AS at FROM feedback_event UNION ALL SELECT max(at) FROM play_event)"


def _count(conn: sqlite3.Connection, what: str) -> int:
    table = what.split()[0]
    if not conn.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (table,)).fetchone():
        return 0  # of a schema before there was such a thing
    return int(conn.execute(f"SELECT count(*) FROM {what}").fetchone()[0])


def rotate(catalog: Path, folder: Path, now: float | None = None) -> Path | None:
    """Makes today's backup if there is none yet, and drops those past their keeping. Those dated after today, by a
    clock that was ahead then or is behind now, neither count nor go."""
    moment = time.localtime(now)
    today = folder / time.strftime("daily-%Y-%m-%d.sqlite", moment)
    if today.exists():
        return None
    make(catalog, today)
    week = folder / time.strftime("weekly-%G-%V.sqlite", moment)
    month = folder / time.strftime("monthly-%Y-%m.sqlite", moment)
    for period in (week, month):
        if not period.exists():
            _link(today, period)
    for newest, keep in ((today, KEEP_DAILY), (week, KEEP_WEEKLY), (month, KEEP_MONTHLY)):
        kind = newest.name.partition("-")[0]
        dated = sorted(path for path in folder.glob(f"{kind}-*") if path.name <= newest.name)
        for old in dated[:-keep]:
            old.unlink()
    return today


def _link(source: Path, target: Path) -> None:
    """The same file under a second name, which costs no room; a copy where the system has no such thing."""
    try:
        os.link(source, target)
    except OSError:
        make(source, target)
