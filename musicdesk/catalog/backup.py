"""Backups: SQLite's own copy, checked, synced, renamed. A backup is whole or it is not there."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path

from musicdesk.catalog.faults import explained
from musicdesk.core.errors import CatalogDamaged, NotFound, Unusable
from musicdesk.core.files import write_with

KEEP_DAILY = 7
KEEP_WEEKLY = 4
KEEP_MONTHLY = 6


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
        old.backup(new, pages=4096)
        new.execute("PRAGMA journal_mode=DELETE")
        check(new, source)
    except sqlite3.DatabaseError as error:
        told = explained(error)
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


def restore(catalog: Path, source: Path) -> Path | None:
    """Puts the backup `source` in the catalog's place; the old file is set aside and its path returned.

    The catalog must not be open. Raises NotFound or CatalogDamaged, changing nothing.
    """
    if not source.is_file():
        raise NotFound(f"There is no backup file {source}.")
    fresh = catalog.with_name("catalog-restored.sqlite")
    fresh.unlink(missing_ok=True)
    make(source, fresh)
    aside = _set_aside(catalog) if catalog.exists() else None
    fresh.replace(catalog)
    return aside


def _set_aside(catalog: Path) -> Path:
    stamp = time.strftime("%Y%m%d-%H%M%S")
    aside = catalog.with_name(f"catalog-set-aside-{stamp}.sqlite")
    for ending in ("-wal", "-shm"):
        part = catalog.with_name(catalog.name + ending)
        if part.exists():
            part.replace(aside.with_name(aside.name + ending))
    catalog.replace(aside)
    return aside


def rotate(catalog: Path, folder: Path, now: float | None = None) -> Path | None:
    """Makes today's backup if there is none yet, and drops those past their keeping."""
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
    for pattern, keep in (("daily-*", KEEP_DAILY), ("weekly-*", KEEP_WEEKLY), ("monthly-*", KEEP_MONTHLY)):
        for old in sorted(folder.glob(pattern), reverse=True)[keep:]:
            old.unlink()
    return today


def _link(source: Path, target: Path) -> None:
    """The same file under a second name, which costs no room; a copy where the system has no such thing."""
    try:
        os.link(source, target)
    except OSError:
        make(source, target)
