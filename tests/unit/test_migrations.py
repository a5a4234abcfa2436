"""Libraries of every released schema come to the newest with all they held, and a backup from before."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from musicdesk.catalog import backup, schema
from musicdesk.catalog.catalog import Catalog
from musicdesk.catalog.compare import compare
from musicdesk.core.errors import MusicdeskError
from musicdesk.core.types import Tags, TrackId, Verdict
from musicdesk.history.matching import keys
from musicdesk.library.identity import song_key
from musicdesk.workflows.desk import open_desk
from musicdesk.workflows.status import status
from tests.helpers.old_catalog import ROWS, contents, old_catalog, tables

NEWEST = schema.migrations()[-1][0]
# What a migration changes of what was there.
MEANT = {
    *[("feedback_event", "scope"), ("song", "artist_key"), ("song", "title_key"), ("track", "song_key")],
    ("crowd_title", "key"),
}

# What is released stays as it is: a library at version n was made by exactly these. SHA-256 of the statements.
RELEASED = {
    1: "d5fc96d515131b51",
    2: "94ba389566c77367",
    3: "f9abd8efdc6abbf9",
    4: "24c2dd05f3588f00",
    5: "1f322a7707e4059a",
    6: "958e070b7def32b5",
    7: "667c731dfcde9f81",
    8: "c859c2673d6ebee4",
    9: "f4959bd9f8170ac6",
    10: "071925e9003fffb5",
    11: "2866e26bb976253c",
    12: "0dd214cada78a105",
    13: "f215b8550c1c3995",
    14: "a6bce9e11d99ae9a",
    15: "529f45f7895aa37b",
    16: "6da116c3b8434027",
    17: "974be68c6006d9f3",
    18: "0000dd14980c1d9c",
}


@pytest.mark.parametrize("found", range(1, NEWEST))
def test_every_released_schema_becomes_the_newest(tmp_path: Path, found: int):
    path = tmp_path / "catalog.sqlite"
    old_catalog(path, found)
    with closing(sqlite3.connect(path)) as conn:
        columns = {table: _columns(conn, table) for table in tables(conn)}
        before = contents(conn, columns)
        assert all(len(rows) >= ROWS for rows in before.values())
    Catalog.open(path).close()
    with closing(sqlite3.connect(path)) as conn:
        assert schema.version(conn) == NEWEST
        assert conn.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert not conn.execute("PRAGMA foreign_key_check").fetchall()
        after = contents(conn, columns)
    for table, rows in before.items():
        assert set(rows) <= set(after[table]), f"{table} lost something"
    kept = tmp_path / "backups" / f"before-schema-{NEWEST}.sqlite"
    with closing(schema.readable(kept)) as conn:
        assert schema.version(conn) == found
        assert contents(conn, columns) == before
    kept.unlink()
    Catalog.open(path).close()
    assert not kept.exists(), "there was nothing to do"


def test_the_parts_of_a_work_become_songs_of_their_own(tmp_path: Path):
    path = tmp_path / "catalog.sqlite"
    old_catalog(path, 16)
    with closing(sqlite3.connect(path)) as conn, conn:
        for number in (1, 2, 3):
            title = f"Wall (Part {number})"
            conn.execute("UPDATE song SET artist = 'Ann', title = ?, title_key = 'wall' WHERE id = ?", (title, number))
            sql = "UPDATE track SET artist = 'Ann', title = ?, song_key = 'ann|wall' WHERE id = ?"
            conn.execute(sql, (title, number))
        conn.execute("UPDATE crowd_title SET title = 'Wall, Pt. II', key = 'ann|wall pt ii'")
    Catalog.open(path).close()
    with closing(sqlite3.connect(path)) as conn:
        assert conn.execute("SELECT title_key FROM song ORDER BY id LIMIT 3").fetchall() == [
            (f"wall part {number}",) for number in (1, 2, 3)
        ]
        assert {key for (key,) in conn.execute("SELECT song_key FROM track")} == {
            f"ann|wall part {number}" for number in (1, 2, 3)
        }
        assert {key for (key,) in conn.execute("SELECT key FROM crowd_title")} == {"ann|wall part 2"}


@pytest.mark.parametrize("found", [2, 17])
def test_signs_that_make_other_words_are_in_all_keys(tmp_path: Path, found: int):
    path = tmp_path / "catalog.sqlite"
    old_catalog(path, found)
    with closing(sqlite3.connect(path)) as conn, conn:
        names = "artist = 'The ガラス', title = 'कुल (Live)'"
        conn.execute(f"UPDATE song SET {names}, artist_key = 'カラス', title_key = 'क ल' WHERE id = 1")
        conn.execute("UPDATE song SET artist = 'Ann', title = 'B', artist_key = 'by hand' WHERE id = 2")
        conn.execute(f"UPDATE track SET {names}, song_key = 'the カラス|क ल' WHERE id = 1")
        names = names.replace("artist", "artist = '', album_artist")
        conn.execute(f"UPDATE track SET {names}, song_key = 'the カラス|क ल' WHERE id = 2")
        conn.execute("UPDATE track SET artist = '', album_artist = '', title = 'कुल', song_key = '' WHERE id = 3")
        conn.execute(
            "UPDATE crowd_title SET artist = 'The ガラス', title = 'कुल', key = 'カラス|क ल' WHERE crowd_id = 1"
        )
        conn.execute("UPDATE crowd_title SET artist = '', title = 'कुल', key = '' WHERE crowd_id = 2")
    Catalog.open(path).close()
    with closing(sqlite3.connect(path)) as conn:
        made = conn.execute("SELECT artist_key, title_key FROM song ORDER BY id").fetchall()
        assert made[0] == ("ガラス", "कुल") == keys("The ガラス", "कुल (Live)")
        assert made[1][0] == "by hand", "what has no signs is not looked at"
        owned = [key for (key,) in conn.execute("SELECT song_key FROM track ORDER BY id")]
        assert owned[:3] == ["the ガラス|कुल", "the ガラス|कुल", ""]
        assert owned[0] == song_key(Tags(artist="The ガラス", title="कुल (Live)"))
        crowds = dict(conn.execute("SELECT crowd_id, key FROM crowd_title"))
        assert (crowds[1], crowds[2]) == ("ガラス|कुल", "")


def _columns(conn: sqlite3.Connection, table: str) -> list[str]:
    names = [row[1] for row in conn.execute(f"PRAGMA table_info({table})")]
    return [name for name in names if (table, name) not in MEANT]


@pytest.mark.parametrize("found", [1, NEWEST - 1])
def test_an_old_library_is_used_as_a_new_one(tmp_path: Path, found: int):
    old_catalog(tmp_path / "catalog.sqlite", found)
    with open_desk(tmp_path) as desk:
        assert status(desk)["tracks"]["total"] == ROWS
        desk.catalog.feedback.rate(TrackId(1), Verdict.NEVER)
        assert desk.catalog.feedback.events(1)[0].verdict == "never"
        desk.catalog.tracks.remove([TrackId(2)])
        assert status(desk)["tracks"]["total"] == ROWS - 1


def test_an_old_backup_is_brought_back(tmp_path: Path):
    """Its preview counts what there was then, and what is brought back is migrated when it is opened."""
    path, kept = tmp_path / "catalog.sqlite", tmp_path / "kept.sqlite"
    old_catalog(kept, 1)
    Catalog.open(path).close()
    found = backup.look(kept)
    assert (found.schema, found.tracks, found.plays, found.listens) == (1, ROWS, ROWS, 0)
    backup.restore(path, kept)
    with closing(Catalog.open(path)) as catalog:
        assert catalog.tracks.count()["total"] == ROWS
        assert schema.version(catalog.store.conn) == NEWEST


def test_a_preview_names_what_only_one_of_two_has(tmp_path: Path):
    """By paths, times and names, whatever the numbers of the rows; a table that one has not is empty there."""
    path, kept = tmp_path / "catalog.sqlite", tmp_path / "kept.sqlite"
    old_catalog(kept, 1)
    old_catalog(path, NEWEST)
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("PRAGMA foreign_keys=OFF")
        for table, column in (("play_event", "track_id"), ("playlist_item", "track_id")):
            conn.execute(f"UPDATE {table} SET {column} = {column} + 100")
        conn.execute("UPDATE track SET id = id + 100")
        conn.execute("UPDATE playlist SET name = 'Morning' WHERE id = 2")
        conn.execute("UPDATE track SET verdict = NULL WHERE id = 101")
        conn.commit()
    found = compare(path, kept)
    assert (found.lost.ratings, found.lost.plays, found.lost.listens, found.lost.names) == (0, 0, ROWS, ("Morning",))
    assert (found.back.ratings, found.back.plays, found.back.listens) == (1, 0, 0)
    assert found.back.names == ("playlist name 2 ä",)


def test_a_migration_that_cannot_be_backed_up_is_not_begun(tmp_path: Path):
    """The folder of the backups is a file: the library stays at its version."""
    path = tmp_path / "catalog.sqlite"
    old_catalog(path, 1)
    (tmp_path / "backups").write_text("not a folder")
    with pytest.raises(MusicdeskError, match="cannot be written"):
        Catalog.open(path)
    with closing(sqlite3.connect(path)) as conn:
        assert schema.version(conn) == 1


def test_a_catalog_that_another_process_is_just_building_is_no_other_programs(tmp_path: Path):
    """Twenty starts at once on a new profile: one of them looks while the first commits the schema."""
    path = tmp_path / "catalog.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as conn, closing(sqlite3.connect(path)) as other:
        conn.execute("PRAGMA journal_mode=WAL")

        def built_meanwhile(statement: str) -> None:
            if "sqlite_schema" in statement and not schema.version(other):
                schema.build(other, upto=1)

        conn.set_trace_callback(built_meanwhile)
        schema._check_ours(conn, path)
        conn.set_trace_callback(None)
        assert schema.version(conn) == 1, "it was built meanwhile"
        schema._check_ours(conn, path)


def test_what_is_released_is_not_changed():
    found = {
        number: hashlib.sha256(" ".join("\n".join(schema.statements(sql)).split()).encode()).hexdigest()[:16]
        for number, sql in schema.migrations()
    }
    changed = [number for number, digest in RELEASED.items() if found[number] != digest]
    assert not changed, "write a new migration; libraries at this version exist already"
