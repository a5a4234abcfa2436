"""What the database says when it cannot write, in words for people."""

from __future__ import annotations

import sqlite3

from musicdesk.core.errors import Unusable


def explained(error: sqlite3.DatabaseError) -> Exception:
    """The sentence for a disk that takes no more; any other error as it is."""
    text = str(error)
    if "full" in text:
        return Unusable("The disk is full. What was saved before is safe; free some space and try again.")
    if "readonly" in text:
        return Unusable("The profile folder is read-only, so nothing can be saved there.")
    if "disk I/O" in text:
        return Unusable("The disk did not take the data (I/O error). What was saved before is safe.")
    return error
