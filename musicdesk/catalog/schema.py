"""The schema's versions: each migration runs in one transaction, after a backup of what was there."""

from __future__ import annotations

import sqlite3
from importlib.resources import files
from pathlib import Path

from musicdesk.catalog.faults import damaged
from musicdesk.core.errors import CatalogDamaged, CatalogTooNew
from musicdesk.core.wording import artist_key, key_of, plain_title

MAGIC = b"SQLite format 3\0"
APPLICATION_ID = 0x6D757364  # "musd"


def migrations() -> list[tuple[int, str]]:
    """(number, sql) of every migration, in order."""
    found = {f.name: f for f in files("musicdesk.catalog.migrations").iterdir() if f.name.endswith(".sql")}
    return [(int(name[:4]), found[name].read_text("utf-8")) for name in sorted(found)]


def version(conn: sqlite3.Connection) -> int:
    return int(conn.execute("PRAGMA user_version").fetchone()[0])


def migrate(conn: sqlite3.Connection, path: Path) -> None:
    """Brings the catalog to the newest schema. Raises CatalogTooNew or CatalogDamaged, changing nothing."""
    steps = migrations()
    newest = steps[-1][0]
    found = version(conn)
    if found > newest:
        raise CatalogTooNew(found, newest)
    _check_ours(conn, path)
    if found == newest:
        return
    if found:
        from musicdesk.catalog import backup  # which looks into files with what stands here

        backup.make(path, path.parent / "backups" / f"before-schema-{newest}.sqlite")
    for number, sql in steps:
        if number > found:
            _apply(conn, number, sql)


def recognise(path: Path) -> None:
    """Looks at a file before it is opened for writing, which would already change another program's.

    Raises CatalogTooNew or CatalogDamaged, having touched nothing.
    """
    if not path.exists() or not path.stat().st_size:
        return
    with path.open("rb") as stream:
        head = stream.read(100)
    if head[:16] != MAGIC or len(head) < 100:
        raise damaged(path, sqlite3.DatabaseError("it is no database"))
    found, mark = (int.from_bytes(head[at : at + 4], "big") for at in (60, 68))
    if mark == APPLICATION_ID:
        if found > (newest := migrations()[-1][0]):
            raise CatalogTooNew(found, newest)
        return
    conn = readable(path)
    try:
        _check_ours(conn, path)  # ours may lie in the WAL still
    finally:
        conn.close()


def readable(path: Path) -> sqlite3.Connection:
    """A connection that writes nothing, not even beside the file where nobody has it open."""
    still = "" if path.with_name(path.name + "-wal").exists() else "&immutable=1"
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro{still}", uri=True)


def build(conn: sqlite3.Connection, upto: int) -> None:
    """An empty catalog as it was at version `upto`."""
    for number, sql in migrations():
        if number <= upto:
            _apply(conn, number, sql)


def _check_ours(conn: sqlite3.Connection, path: Path) -> None:
    conn.execute("BEGIN")  # mark and tables of one moment: another process may be building the catalog right now
    try:
        if int(conn.execute("PRAGMA application_id").fetchone()[0]) == APPLICATION_ID:
            return
        tables = int(conn.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0])
    finally:
        if conn.in_transaction:
            conn.execute("ROLLBACK")
    if tables:
        raise CatalogDamaged(f"{path} is a database of another program; musicdesk leaves it alone.")


def _apply(conn: sqlite3.Connection, number: int, sql: str) -> None:
    for count, function in ((1, plain_title), (1, artist_key), (2, key_of)):
        conn.create_function(function.__name__, count, function, deterministic=True)
    conn.execute("BEGIN IMMEDIATE")
    try:
        if version(conn) < number:  # another process may have been faster
            for statement in statements(sql):
                conn.execute(statement)
            conn.execute(f"PRAGMA application_id={APPLICATION_ID}")
            conn.execute(f"PRAGMA user_version={number}")
        conn.execute("COMMIT")
    except BaseException:
        if conn.in_transaction:
            conn.execute("ROLLBACK")
        raise


def statements(sql: str) -> list[str]:
    """Splits a script; `executescript` would commit before it starts."""
    found: list[str] = []
    text = ""
    for line in sql.splitlines(keepends=True):
        text += line
        if sqlite3.complete_statement(text):
            found.append(text.strip())
            text = ""
    return found
