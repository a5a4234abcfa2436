"""What is said about a crowd's songs: tags, terms, genres, likenesses; in any order, from hostile files too."""

from __future__ import annotations

import gzip
import itertools
import random
import sqlite3
from pathlib import Path

import h5py
import numpy as np
import pytest

from musicdesk.core.errors import NotFound, Unusable
from musicdesk.history.crowd_names import scaled, word
from musicdesk.workflows.crowd_words import alike, words
from musicdesk.workflows.desk import open_desk
from tests.helpers.histories import put, stored, take, zipped
from tests.unit.test_history_matching import own

SONGS = [f"SO{letter * 16}" for letter in "ABCD"]
TRACKS = [f"TR{letter * 16}" for letter in "ABCDE"]  # the last one is of the first song too
PLAYS = "".join(f"{who * 40}\t{song}\t2\n" for who in "ab" for song in SONGS)
OF_SONGS = f"{SONGS[0]}\t{TRACKS[0]}\t{TRACKS[4]}\n" + "".join(f"{SONGS[n]}\t{TRACKS[n]}\n" for n in (1, 2)) + SONGS[3]
GENRES = f"# comment\n#\n{TRACKS[0]}\tRock\tPop\n{TRACKS[4]}\tPop\n{TRACKS[2]}\tR&B\n{SONGS[3]}\tJazz\nno genre\n"


@pytest.fixture
def desk(tmp_path: Path):
    with open_desk(tmp_path / "profile") as opened:
        yield opened


def tags_db(path: Path, rows: list[tuple[str, str, object]]) -> Path:
    """As the Last.fm set has them: names in tables of their own, pairs by row number."""
    path.unlink(missing_ok=True)
    conn = sqlite3.connect(path)
    conn.executescript("CREATE TABLE tids (tid TEXT); CREATE TABLE tags (tag TEXT);")
    conn.executescript("CREATE TABLE tid_tag (tid INT, tag INT, val FLOAT); CREATE INDEX i ON tid_tag (tag);")
    tids, names = ([*dict.fromkeys(row[part] for row in rows)] for part in (0, 1))
    conn.executemany("INSERT INTO tids VALUES (?)", [(tid,) for tid in tids])
    conn.executemany("INSERT INTO tags VALUES (?)", [(name,) for name in names])
    pairs = [(tids.index(tid) + 1, names.index(name) + 1, val) for tid, name, val in rows]
    conn.executemany("INSERT INTO tid_tag VALUES (?, ?, ?)", pairs)
    conn.commit()
    conn.close()
    return path


def similars_db(path: Path, rows: list[tuple[str, str]], tables: tuple[str, ...] = ("src", "dest")) -> Path:
    path.unlink(missing_ok=True)
    conn = sqlite3.connect(path)
    for table in tables:
        conn.execute(f"CREATE TABLE similars_{table} (tid TEXT, target TEXT)")
    conn.executemany(f"INSERT INTO similars_{tables[0]} VALUES (?, ?)", rows)
    conn.commit()
    conn.close()
    return path


def told(desk, kind: str, name: str = "taste-profile") -> dict[tuple[str, str], float]:
    """(song, word) -> weight."""
    crowd = desk.catalog.crowds.get(name)
    found = words(desk, crowd, kind)
    songs = desk.catalog.crowds.song_names(crowd.id)
    pairs = zip(found.songs.tolist(), found.columns.tolist(), found.weights.tolist(), strict=True)
    assert found.matrix(crowd.songs).nnz == len(found.songs)
    return {(songs[song], found.words[column]): round(weight, 6) for song, column, weight in pairs}


def test_genres_of_tracks_are_those_of_songs(desk, tmp_path):
    put(tmp_path, "in/triplets.txt", PLAYS)
    put(tmp_path, "in/taste_profile_song_to_tracks.txt", OF_SONGS)
    put(tmp_path, "in/msd_genre.cls", GENRES)
    done = take(desk, tmp_path / "in")
    assert (done.rows, done.imported) == (8 + 4 + 5, 8 + 3 + 4)
    assert done.rejected == {"no tracks": 1, "not readable": 1}
    assert told(desk, "genre") == {
        (SONGS[0], "rock"): 1.0,
        (SONGS[0], "pop"): 1.0,  # the greater one of two recordings
        (SONGS[2], "r&b"): 1.0,
        (SONGS[3], "jazz"): 1.0,
    }
    assert told(desk, "tag") == {}
    with pytest.raises(NotFound, match="known are tag"):
        words(desk, desk.catalog.crowds.get("taste-profile"), "mood")
    again = take(desk, tmp_path / "in")
    assert (again.imported, again.duplicates) == (0, 15)


def test_tags_with_weights(desk, tmp_path):
    rows = [
        (TRACKS[0], "Rock", 100),
        (TRACKS[0], " indie  ROCK ", 42.0),
        (TRACKS[4], "rock", 7),
        (TRACKS[1], "80s", 0),
        (TRACKS[2], "x", "no number"),
        (TRACKS[2], b"\xff", 3.0),
        (b"blob", "rock", 3.0),
        ("TR!", "rock", 3.0),
        ("TRZZZZZZZZZZZZZZZZ", "rock", 3.0),  # a track that nobody plays
    ]
    put(tmp_path, "t.txt", PLAYS)
    put(tmp_path, "s.txt", OF_SONGS)
    done = take(desk, tmp_path / "t.txt", tmp_path / "s.txt", tags_db(tmp_path / "lastfm_tags.db", rows))
    assert done.rejected == {"no tracks": 1, "not readable": 4}
    assert told(desk, "tag") == {
        (SONGS[0], "rock"): 1.0,
        (SONGS[0], "indie rock"): 0.42,
        (SONGS[1], "80s"): 1e-6,  # said, and not weighed
    }
    (row,) = desk.catalog.crowds.words(desk.catalog.crowds.get("taste-profile").id)
    assert (row.kind, row.items, row.pairs) == ("tag", 4, 5)
    assert sorted(path.name for path in tmp_path.glob("lastfm*")) == ["lastfm_tags.db"]  # nothing is written beside it


def test_songs_that_are_alike(desk, tmp_path):
    put(tmp_path, "t.txt", PLAYS)
    put(tmp_path, "s.txt", OF_SONGS)
    rows = [
        (TRACKS[0], f"{TRACKS[1]},1,{TRACKS[2]},0.25"),
        (TRACKS[4], f"{TRACKS[1]},0.5,{TRACKS[3]}"),
        (TRACKS[3], ""),
    ]
    path = similars_db(tmp_path / "lastfm_similars.db", rows)
    done = take(desk, tmp_path / "t.txt", tmp_path / "s.txt", path)
    assert (done.rejected["not readable"], done.rows) == (2, 8 + 4 + 5)
    assert any("other way round" in note for note in done.notes)
    found = alike(desk, desk.catalog.crowds.get("taste-profile")).toarray()
    assert np.allclose(found, [[0, 1, 0.25, 0], [0] * 4, [0] * 4, [0] * 4])
    with open_desk(tmp_path / "other") as other:
        backward = [(TRACKS[1], f"{TRACKS[0]},1"), (TRACKS[2], f"{TRACKS[0]},0.25")]
        take(other, similars_db(tmp_path / "lastfm_similars.db", backward, ("dest",)))
        take(other, tmp_path / "t.txt")
        take(other, tmp_path / "s.txt")
        assert np.allclose(alike(other, other.catalog.crowds.get("taste-profile")).toarray(), found)


def test_any_order_says_the_same(tmp_path):
    draw = random.Random(1)
    rows = [(draw.choice(TRACKS), draw.choice("abcdefgh"), float(draw.randint(1, 100))) for _ in range(60)]
    files = [
        put(tmp_path, "t.txt", PLAYS),
        put(tmp_path, "s.txt", OF_SONGS),
        put(tmp_path, "g.cls", GENRES),
        tags_db(tmp_path / "a.db", rows[:40]),
        tags_db(tmp_path / "b.db", rows[20:]),
    ]
    seen = set()
    for number, order in enumerate(list(itertools.permutations(files))[::13]):
        with open_desk(tmp_path / f"p{number}") as desk:
            for path in [*order, order[0]]:
                take(desk, path)
            crowd = desk.catalog.crowds.get("taste-profile")
            seen.add((crowd.digest, *((row.kind, row.digest) for row in desk.catalog.crowds.words(crowd.id))))
            assert len(list((desk.profile.folder / "crowds").iterdir())) == 3
            assert take(desk, *files).imported == 0
    assert len(seen) == 1


@pytest.mark.parametrize("pack", ["gz", "zip"])
def test_databases_in_archives(desk, tmp_path, pack):
    data = tags_db(tmp_path / "x.db", [(SONGS[0], "rock", 50.0)]).read_bytes()
    packed = gzip.compress(data) if pack == "gz" else zipped({"lastfm_tags.db": data})
    take(desk, put(tmp_path, f"tags.{pack}", packed))
    take(desk, put(tmp_path, "t.txt", PLAYS))
    assert told(desk, "tag") == {(SONGS[0], "rock"): 0.5}


def test_hostile_databases(desk, tmp_path):
    """Views in place of tables, columns that compute, pages that are garbage: a sentence, and nothing else."""
    path = tmp_path / "v.db"
    conn = sqlite3.connect(path)
    conn.executescript("CREATE TABLE tids (tid TEXT); CREATE TABLE tags (tag TEXT);")
    conn.execute("CREATE VIEW tid_tag AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT i FROM n")
    conn.close()
    assert "has not the tables" in take(desk, path).notes[0]
    path = tmp_path / "g.db"
    conn = sqlite3.connect(path)
    conn.executescript("CREATE TABLE tids (tid TEXT); CREATE TABLE tags (tag TEXT);")
    conn.execute("CREATE TABLE tid_tag (tid INT, tag INT, val FLOAT, x AS (zeroblob(100000000)))")
    conn.close()
    assert "has not the tables" in take(desk, path).notes[0]
    good = tags_db(tmp_path / "good.db", [(f"TR{n:016}", f"tag {n % 50}", n % 100) for n in range(3000)]).read_bytes()
    draw = random.Random(2)
    for number in range(40):
        data = bytearray(good if number % 3 else good[: draw.randrange(5_000, len(good))])
        for _ in range(draw.choice((1, 20, 400))):
            at = draw.randrange(4096, len(data))
            data[at : at + 4] = draw.randbytes(len(data[at : at + 4]))
        with open_desk(tmp_path / f"p{number}") as other:
            done = take(other, put(tmp_path, f"bad{number}.db", bytes(data)))
            assert done.rows <= 3000 + 500
            assert stored(other, "count(*)", "source WHERE state = 'finished'") == 1


# HDF5


def song_file(path: Path, rows: int = 1, **more: object) -> Path:
    """A file of `rows` songs in the data set's form."""
    meta = np.zeros(
        rows, [(n, "S64") for n in ("song_id", "artist_name", "title", "release")] + [("idx_artist_terms", "i4")]
    )
    sound = np.zeros(rows, [("track_id", "S32"), ("duration", "f8")])
    made = np.zeros(rows, [("year", "i4")])
    for n in range(rows):
        meta[n] = (f"SO{n:016}", "Näme".encode(), f"Song {n}", "Album", n)
        sound[n] = (f"TR{n:016}", 200.5 + n)
        made[n] = (1999 if n % 2 else 0,)
    with h5py.File(path, "w") as file:
        file["metadata/songs"], file["analysis/songs"], file["musicbrainz/songs"] = meta, sound, made
        file["metadata/artist_terms"] = np.array([f"Term {n}".encode() for n in range(rows)], "S32")
        file["metadata/artist_terms_weight"] = np.full(rows, 0.5)
        for name, value in more.items():
            file[name] = value
    return path


def test_a_summary_file_is_read_in_parts(desk, tmp_path):
    done = take(desk, song_file(tmp_path / "summary.h5", rows=4_100))
    assert (done.rows, done.imported, done.rejected) == (4_100, 4_100, {})
    row = "artist, title, album, year, length_ms"
    where = "crowd_title WHERE name = 'SO0000000000004099'"
    found = desk.catalog.store.conn.execute(f"SELECT {row} FROM {where}").fetchone()
    assert found == ("Näme", "Song 4099", "Album", 1999, 4_299_500)
    assert stored(desk, "name", "crowd_track WHERE track = 'TR0000000000000007'") == "SO0000000000000007"
    take(desk, put(tmp_path, "t.txt", f"{'a' * 40}\tSO0000000000002001\t1\n"))
    assert told(desk, "term") == {("SO0000000000002001", "term 2001"): 0.5}


def test_hdf5_files_in_archives_and_broken_ones(desk, tmp_path):
    good = song_file(tmp_path / "good.h5").read_bytes()
    draw = random.Random(4)
    members = {"a/good.h5": good, "b/cut.h5": good[:2000], "c/none.h5": good[:8] + b"garbage" * 900}
    for number in range(30):
        data = bytearray(good)
        for _ in range(60):
            data[draw.randrange(8, len(data))] = draw.randrange(256)
        members[f"d/{number:02}.h5"] = bytes(data)
    done = take(desk, put(tmp_path, "msd.zip", zipped(members)))
    assert done.rows == 33 and done.imported >= 1
    assert done.rejected["not readable"] >= 2
    other = take(desk, put(tmp_path, "good.h5.gz", gzip.compress(good)))
    assert (other.rows, other.duplicates) == (1, 1)


def test_an_hdf5_file_of_something_else(desk, tmp_path):
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["weights"] = np.zeros(3)
    done = take(desk, tmp_path / "x.h5")
    assert done.rejected == {"not readable": 1} and "no file of the Million Song" in done.examples["not readable"][0]


def test_real_hdf5_files_against_another_reading(desk, shared):
    paths = sorted((shared / "msd" / "tracks").glob("*.h5"))
    done = take(desk, shared / "msd" / "tracks")
    assert (done.rows, done.imported, done.rejected) == (len(paths), len(paths), {})
    conn = desk.catalog.store.conn
    for path in paths:
        with h5py.File(path) as file:
            song, sound = file["metadata/songs"][0], file["analysis/songs"][0]
            terms = len(file["metadata/artist_terms"])
        name = song["song_id"].decode()
        sql = "SELECT artist, title, length_ms FROM crowd_title WHERE name = ?"
        artist, title, ms = conn.execute(sql, (name,)).fetchone()
        wanted = " ".join(song["title"].decode().split())
        assert " ".join(title.split()) == wanted and artist == song["artist_name"].decode().strip()
        assert abs(ms - 1000 * sound["duration"]) <= 1
        found = conn.execute("SELECT name FROM crowd_track WHERE track = ?", (path.stem,)).fetchone()
        assert found == (name,) and terms
    (row,) = desk.catalog.crowds.words(desk.catalog.crowds.get("taste-profile").id)
    assert row.kind == "term" and row.items > 0.9 * len(paths)


def test_real_genres_of_kkbox(desk, shared):
    take(desk, shared / "kkbox")
    text = gzip.decompress((shared / "kkbox" / "songs.csv.gz").read_bytes()).decode()
    listed = dict(line.split(",")[0:3:2] for line in text.splitlines()[1:] if '"' not in line)
    found = told(desk, "genre", "kkbox")
    songs = {song for song, _genre in found}
    assert len(songs) > 1000
    for song in songs & listed.keys():
        assert {genre for name, genre in found if name == song} == set(listed[song].split("|"))


def test_lengths_help_to_tell_songs_apart(desk, tmp_path):
    (track,) = own(desk, ("Näme", "Song 0 and some more", 200.0))
    take(desk, song_file(tmp_path / "one.h5"))
    done = take(desk, put(tmp_path, "t.txt", f"{'a' * 40}\tSO{0:016}\t1\n"))
    assert done.matched == 0 and track
    own(desk, ("Name", "Song 0", 500.0))
    assert take(desk, tmp_path / "t.txt").matched == 1  # an exact key is enough


@pytest.mark.parametrize(("text", "wanted"), [("  Indie\tROCK ", "indie rock"), ("é" * 60, "é" * 32), ("\x00", "")])
def test_words_are_kept_small(text, wanted):
    assert word(text) == wanted


@pytest.mark.parametrize(("text", "wanted"), [("1.5", 1500), ("nan", None), ("inf", None), ("-1", None), ("x", None)])
def test_numbers(text, wanted):
    assert scaled(text, 1000) == wanted


def test_binary_files_of_no_known_kind(desk, tmp_path):
    sqlite3.connect(tmp_path / "x.db").executescript("CREATE TABLE t (x); INSERT INTO t VALUES (1);")
    with pytest.raises(Unusable, match="No history was recognised"):
        take(desk, tmp_path / "x.db")
