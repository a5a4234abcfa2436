"""The schema's versions: each migration runs in one transaction, after a backup of what was there."""

from __future__ import annotations

import sqlite3
from importlib.resources import files
from pathlib import Path

from musicdesk.catalog import backup
from musicdesk.core.errors import CatalogDamaged, CatalogTooNew

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
        backup.make(path, path.parent / "backups" / f"before-schema-{newest}.sqlite")
    for number, sql in steps:
        if number > found:
            _apply(conn, number, sql)


def _check_ours(conn: sqlite3.Connection, path: Path) -> None:
    mark = int(conn.execute("PRAGMA application_id").fetchone()[0])
    tables = int(conn.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0])
    if tables and mark != APPLICATION_ID:
        raise CatalogDamaged(f"{path} is a database of another program; musicdesk leaves it alone.")


def _apply(conn: sqlite3.Connection, number: int, sql: str) -> None:
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
