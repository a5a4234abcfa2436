"""Whether the library was closed the last time: a small file that lies beside it while it is open.

After a kill or a power cut the file is still there; the library is then looked through before it is used, or,
where that takes long, soon after (`pending`).
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from musicdesk.core.errors import LibraryDamaged

AT_ONCE_BYTES = 64 << 20  # looked through in well under a second; larger files wait for a job


class Traces:
    def __init__(self, catalog: Path) -> None:
        self._mark = catalog.with_name("catalog.open")
        self._catalog = catalog
        self.pending = False  # the last end was no proper one, and nobody has looked yet

    def begin(self, conn: sqlite3.Connection) -> None:
        """Called by the owner of the library once it is open. Raises LibraryDamaged after an unclean end."""
        if self._mark.exists():
            self.pending = self._catalog.stat().st_size > AT_ONCE_BYTES
            if not self.pending:
                look_through(conn, self._catalog)
        else:
            self._mark.touch(0o600)

    def inherit(self) -> None:
        """Called by who becomes the owner while it is at work. A mark that is there says that the one before was
        killed; the next start looks the library through, since nobody waits for that now."""
        self.pending = self._mark.exists()
        self._mark.touch(0o600)

    def settle(self) -> None:
        """The library was looked through and found sound."""
        self.pending = False

    def end(self) -> None:
        if not self.pending:
            self._mark.unlink(missing_ok=True)


def look_through(conn: sqlite3.Connection, path: Path) -> None:
    """Raises LibraryDamaged unless every page and row is what it should be (indexes are not compared)."""
    found = conn.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise LibraryDamaged(f"The library file {path} is damaged ({' '.join(str(found).split())[:120]}).")
