"""What a full disk, a damaged file or a lack of memory is called, wherever it comes to light."""

from __future__ import annotations

import errno
import os
import sqlite3

from musicdesk.catalog import backup
from musicdesk.catalog.faults import FULL, explained
from musicdesk.core.errors import LibraryDamaged, MusicdeskError, Unusable
from musicdesk.core.paths import Profile

_DISK = {
    errno.ENOSPC: FULL,
    errno.EDQUOT: "Your share of the disk is full. What was saved before is safe; free some space and try again.",
    errno.EFBIG: FULL,
    errno.EIO: "The disk did not take or give the data (I/O error). What was saved before is safe.",
    errno.EROFS: "The disk is read-only, so nothing can be saved there. What was saved before is safe.",
    errno.EMFILE: "Too many files are open at once on this computer. Close other programs and try again.",
    errno.ENFILE: "Too many files are open at once on this computer. Close other programs and try again.",
}


def told(error: BaseException) -> MusicdeskError | None:
    """The explained error that `error` amounts to; None when it is a mistake of the program."""
    if isinstance(error, MusicdeskError):
        return error
    if isinstance(error, sqlite3.DatabaseError):
        found = explained(error)
        return found if isinstance(found, MusicdeskError) else None
    if isinstance(error, OSError) and error.errno in _DISK:
        return Unusable(_DISK[error.errno])
    if isinstance(error, FileNotFoundError) and error.filename is None and _nowhere():
        return Unusable("The folder you are in is gone; go to another one and try again.")
    if isinstance(error, PermissionError):
        return Unusable(f"That may not be written or read ({error.strerror}). What was saved before is safe.")
    if isinstance(error, MemoryError):
        return Unusable("There is not enough memory for this. What was saved before is safe.")
    return None


def _nowhere() -> bool:
    """Whether the current folder has been removed."""
    try:
        os.getcwd()
    except FileNotFoundError:
        return True
    return False


def damage_behind(profile: Profile) -> LibraryDamaged | None:
    """Whether an error that nobody foresaw comes from a damaged library file: that is looked through."""
    try:
        backup.examine(profile.catalog)
    except LibraryDamaged as error:
        return error
    except (MusicdeskError, OSError, sqlite3.Error):
        return None
    return None
