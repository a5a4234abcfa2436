"""What the database says when it cannot read or write, in words for people."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

from musicdesk.core.errors import Busy, LibraryDamaged, Unusable

FULL = "The disk is full. What was saved before is safe; free some space and try again."
NEEDED = 131_072  # bytes that SQLite asks for before it has anything to write, and some more
DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def explained(error: sqlite3.Error, file: Path | None = None) -> Exception:
    """The sentence for a disk that takes no more, or a file that is damaged; any other error as it is.

    file: what was read or written; a disk that has no room for what lies beside it says no more than "I/O error"
    """
    text = str(error)
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    if "full" in text or code == sqlite3.SQLITE_FULL:
        return Unusable(FULL)
    if "readonly" in text or code == sqlite3.SQLITE_READONLY:
        return Unusable("The profile folder is read-only, so nothing can be saved there.")
    if "disk I/O" in text or code == sqlite3.SQLITE_IOERR:
        io_error = "The disk did not take the data (I/O error). What was saved before is safe."
        return Unusable(FULL if file is not None and _no_room(file) else io_error)
    if code == sqlite3.SQLITE_CANTOPEN:
        return Unusable("The library file cannot be opened. Is the folder still there, and may it be written?")
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return Busy("The library is being written by another musicdesk; try again in a moment.")
    if code in DAMAGED or "Could not decode to UTF-8" in text:
        return LibraryDamaged(f"The library file is damaged ({' '.join(text.split())[:120]}). Nothing was changed.")
    return error


def _no_room(file: Path) -> bool:
    try:
        return shutil.disk_usage(file.parent).free < NEEDED
    except OSError:
        return False


def damaged(path: Path, error: Exception) -> LibraryDamaged:
    """The sentence for a library file that cannot be read."""
    return LibraryDamaged(f"The library file {path} is damaged ({error}). Nothing was changed.")
