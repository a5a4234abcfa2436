"""Libraries as earlier versions left them: any schema, with rows in every table."""

from __future__ import annotations

import re
import sqlite3
import struct
from contextlib import closing
from pathlib import Path

from musicdesk.catalog import schema, words
from musicdesk.catalog.connection import connect

ROWS = 3
WORDS = {
    "parameters": "{}",
    "metrics": "{}",
    "curves": "{}",
    "request": "{}",
    "account": "{}",
    "reasons": "[]",
    "scope": "now",
}  # what the program takes apart
Column = tuple[int, str, str, int, object, int]  # as PRAGMA table_info tells them


def old_catalog(path: Path, version: int) -> None:
    """A library of schema `version` at `path`, with some rows in every table and something in almost every column."""
    with closing(connect(path)) as conn:
        schema.build(conn, version)
        conn.execute("BEGIN")
        conn.execute("PRAGMA defer_foreign_keys=ON")
        for table in tables(conn):
            for number in range(1, ROWS + 1):
                _add(conn, table, number)
        words.index(conn, "1", ())
        conn.execute("COMMIT")


def tables(conn: sqlite3.Connection) -> list[str]:
    """Tables with rows of their own, without those of the search."""
    sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite_*' ORDER BY rowid"
    return [name for (name,) in conn.execute(sql) if not name.startswith("track_words")]


def contents(conn: sqlite3.Connection, columns: dict[str, list[str]]) -> dict[str, list[tuple]]:
    """The rows of the named columns of each table."""
    return {
        table: conn.execute(f"SELECT {', '.join(names)} FROM {table} ORDER BY {', '.join(names)}").fetchall()
        for table, names in columns.items()
    }


def _add(conn: sqlite3.Connection, table: str, number: int) -> None:
    """A row with all columns, or, where a rule of the table forbids that, with those that must be there."""
    info: list[Column] = conn.execute(f"PRAGMA table_info({table})").fetchall()
    sql = conn.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (table,)).fetchone()[0]
    refers = {row[3] for row in conn.execute(f"PRAGMA foreign_key_list({table})")}
    needed = [column for column in info if column[5] or (column[3] and column[4] is None)]
    for some, turn in ((info, 0), (needed, 0), (needed, 1), (needed, 2)):
        row = {name: _value(sql, table, name, kind, number, turn, name in refers) for _id, name, kind, *_ in some}
        marks = ", ".join("?" * len(row))
        try:
            conn.execute(f"INSERT OR REPLACE INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values()))
            return
        except sqlite3.IntegrityError as error:
            told = error
    raise AssertionError(f"no row could be made for {table}: {told}")


def _value(sql: str, table: str, name: str, kind: str, number: int, turn: int, refers: bool) -> object:
    if refers:
        return number
    if found := re.search(rf"\b{name} IN \(([^)]*)\)", sql):
        choices = [word.strip() for word in found[1].split(",")]
        word = choices[(number + turn) % len(choices)]
        return word.strip("'") if "'" in word else int(word)
    if found := re.search(rf"\b{name} BETWEEN (-?\d+) AND (-?\d+)", sql):
        return min(int(found[1]) + number, int(found[2])) if kind == "INTEGER" else number / 4
    if name in WORDS:
        return WORDS[name]
    if kind == "INTEGER":
        return number
    if kind == "REAL":
        return number / 4
    if kind == "BLOB":
        return struct.pack(f"{number}f", *range(number))
    return f"{table} {name} {number} ä"
