"""The file of the catalog: what is none of ours is left alone, a broken migration is none, others cannot read it."""

from __future__ import annotations

import os
import sqlite3

import pytest

from musicdesk.catalog import schema
from musicdesk.catalog.catalog import Catalog
from musicdesk.catalog.connection import connect
from musicdesk.core.errors import CatalogDamaged, CatalogTooNew


def test_a_newer_catalog_is_left_untouched(tmp_path):
    path = tmp_path / "catalog.sqlite"
    Catalog.open(path).close()
    conn = connect(path)
    conn.execute("PRAGMA user_version=99")
    conn.close()
    before = path.read_bytes()
    with pytest.raises(CatalogTooNew, match="newer musicdesk"):
        Catalog.open(path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_left_untouched(tmp_path):
    path = tmp_path / "catalog.sqlite"
    path.write_bytes(b"my shopping list " * 100)
    with pytest.raises(CatalogDamaged, match="damaged"):
        Catalog.open(path)
    assert path.read_bytes() == b"my shopping list " * 100


def test_another_programs_database_is_left_alone(tmp_path):
    path = tmp_path / "catalog.sqlite"
    conn = sqlite3.connect(path)
    conn.execute("CREATE TABLE theirs (x)")
    conn.close()
    with pytest.raises(CatalogDamaged, match="another program"):
        Catalog.open(path)


def test_a_broken_migration_leaves_the_schema_from_before(tmp_path, monkeypatch):
    path = tmp_path / "catalog.sqlite"
    Catalog.open(path).close()
    number = schema.migrations()[-1][0] + 1
    steps = [*schema.migrations(), (number, "CREATE TABLE half (x) STRICT; CREATE TABLE half (x) STRICT;")]
    monkeypatch.setattr(schema, "migrations", lambda: steps)
    with pytest.raises(CatalogDamaged):
        Catalog.open(path)
    assert (tmp_path / "backups" / f"before-schema-{number}.sqlite").exists()
    monkeypatch.undo()
    opened = Catalog.open(path)
    assert opened.store.conn.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    opened.close()


@pytest.mark.skipif(os.name == "nt", reason="rights are told by others there")
def test_what_lies_beside_a_new_catalog_is_private(tmp_path):
    before = os.umask(0o022)
    try:
        opened = Catalog.open(tmp_path / "catalog.sqlite")
        found = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.glob("catalog.sqlite*")}
        opened.close()
    finally:
        os.umask(before)
    assert found == dict.fromkeys(("catalog.sqlite", "catalog.sqlite-wal", "catalog.sqlite-shm"), 0o600)
