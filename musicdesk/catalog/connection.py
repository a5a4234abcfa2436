"""Opening the catalog: one SQLite file in WAL mode, with explicit transactions.

Every process may write, and folds the WAL into the file as it grows; they take turns by a lock of our own, because
SQLite up to 3.51.2 can lose pages when one connection writes while another folds. One process owns the library
(`catalog.lock`) and leaves a mark while it is open; who writes when the owner has gone becomes the owner.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlite_utils import Database

from musicdesk.catalog import schema
from musicdesk.catalog.faults import damaged, explained
from musicdesk.catalog.traces import Traces
from musicdesk.core.errors import Busy, LibraryDamaged, Unusable
from musicdesk.core.files import sweep_temps
from musicdesk.core.locks import FileLock

PRAGMAS = (
    "busy_timeout=10000",
    "foreign_keys=ON",
    "trusted_schema=OFF",
    "cell_size_check=ON",
    "mmap_size=0",
    "secure_delete=ON",
    "synchronous=FULL",
    "journal_size_limit=67108864",
    "temp_store=MEMORY",
    "cache_size=-65536",  # 64 MB: the rows of 100,000 tracks, so that lists and searches stay in memory
)


# Folders of the profile in which few files lie; those of caches are swept when something is next written there.
WRITTEN = ("backups/", "models/", "models/*/", "reports/")
BESIDE_CACHE = -8192  # 8 MB: what is read beside the window is read once, from end to end
WAL_PAGES = 1_000  # after which a writer folds the WAL into the file, in its turn
PATIENCE_S = 10.0  # for a turn


def connect(path: Path) -> sqlite3.Connection:
    """A connection in autocommit mode with our pragmas; transactions are begun by hand."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=10.0, cached_statements=256)
    try:
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("PRAGMA journal_mode=WAL")
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection


BUSY = "The library is being written by another musicdesk; try again in a moment."


Moment = tuple[int, int]  # of the catalog, as one connection sees it


class Store:
    """The open catalog file: `conn` for reading, `write()` for everything that changes rows."""

    def __init__(self, path: Path, conn: sqlite3.Connection, owner: FileLock, traces: Traces) -> None:
        self.path = path
        self.conn = conn
        self.db = Database(conn)
        self._owner = owner
        self._turn = FileLock(path.with_name("catalog.turn"))
        self.traces = traces

    @property
    def owned(self) -> bool:
        """Whether it is this process that marks the library as open."""
        return self._owner.held

    def moment(self) -> Moment:
        """Another one after every writing, of whichever process."""
        return self.conn.execute("PRAGMA data_version").fetchone()[0], self.conn.total_changes

    @contextmanager
    def write(self) -> Iterator[Database]:
        """One transaction: all of it or nothing. Nested calls join the outer one."""
        if self.conn.in_transaction:
            yield self.db
            return
        self._succeed()
        with self._alone():
            yield from self._transaction()

    def _transaction(self) -> Iterator[Database]:
        try:
            self.conn.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise Busy(BUSY) from error
            raise
        try:
            yield self.db
            self.conn.execute("COMMIT")
        except BaseException as error:
            if self.conn.in_transaction:
                self.conn.execute("ROLLBACK")
            if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.IntegrityError):
                raise explained(error, self.path) from error
            raise

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """While nobody else writes or folds the WAL. Where a disk knows no locks, or takes no file, there is SQLite's
        own order alone."""
        try:
            mine = self._turn.wait(PATIENCE_S)
        except OSError:
            mine = True
        if not mine:
            raise Busy(BUSY)
        try:
            yield
        finally:
            self._turn.release()

    def _succeed(self) -> None:
        """Becomes the owner where there is none any more. A disk that refuses it is told of by the write itself."""
        with suppress(OSError):
            if not self._owner.held and self._owner.take():
                self.traces.inherit()

    @contextmanager
    def still(self) -> Iterator[None]:
        """What is read within is the catalog of one moment, whatever another process writes meanwhile.

        For reading alone. Within a transaction, or in another such block, that one goes on.
        """
        if self.conn.in_transaction:
            yield
            return
        self.conn.execute("BEGIN")
        try:
            yield
        finally:
            if self.conn.in_transaction:
                self.conn.execute("COMMIT")

    def checkpoint(self) -> None:
        """Folds the WAL into the file, as far as nobody reads what is older."""
        with self._alone():
            try:
                self.conn.execute("PRAGMA wal_checkpoint(PASSIVE)")
            except sqlite3.OperationalError as error:
                raise explained(error, self.path) from error

    def close(self) -> None:
        self.conn.close()
        if self.owned:
            self.traces.end()
        self._owner.release()


@contextmanager
def reading_beside(path: Path) -> Iterator[Store]:
    """The catalog over a connection for another thread, which cannot write; close it in that thread."""
    conn = connect(path)
    try:
        conn.execute("PRAGMA query_only=ON")
        conn.execute(f"PRAGMA cache_size={BESIDE_CACHE}")
        yield Store(path, conn, FileLock(path.with_name("catalog.lock")), Traces(path))
    finally:
        conn.close()


def open_store(path: Path) -> Store:
    """Opens or creates the catalog and brings its schema up to date.

    Raises CatalogTooNew, CatalogDamaged, Busy, or Unusable; the file is untouched in the first two cases.
    """
    owner = FileLock(path.with_name("catalog.lock"))
    try:
        if owner.take():  # nobody else is at work here: temporary files are leftovers
            for folder in (path.parent, *(found for name in WRITTEN for found in path.parent.glob(name))):
                sweep_temps(folder)
        schema.recognise(path)
        _private(path)
        conn = connect(path)
    except BaseException as error:
        owner.release()
        raise _told(path, error) from error
    traces = Traces(path)
    try:
        conn.execute("PRAGMA wal_autocheckpoint=0")  # a schema is brought up to date outside of our turns
        schema.migrate(conn, path)
        conn.execute(f"PRAGMA wal_autocheckpoint={WAL_PAGES}")
        if owner.held:
            traces.begin(conn)
    except BaseException as error:
        conn.close()
        owner.release()
        raise _told(path, error) from error
    return Store(path, conn, owner, traces)


def _private(path: Path) -> None:
    """Before SQLite opens the file: what it keeps beside has the same rights from then on."""
    if not path.exists():
        with suppress(FileExistsError):  # another process may have been faster
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    path.chmod(0o600)


def _told(path: Path, error: BaseException) -> BaseException:
    if isinstance(error, sqlite3.DatabaseError):
        told = explained(error, path)
        return damaged(path, error) if told is error or isinstance(told, LibraryDamaged) else told
    if isinstance(error, OSError):
        return Unusable(f"The profile folder {path.parent} cannot be written ({error.strerror}).")
    return error
