"""Crowds: every row of every file in one matrix, the same in any order, and the song names beside it."""

from __future__ import annotations

import csv
import gzip
import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from musicdesk.core.errors import CatalogDamaged, NotFound, Unusable
from musicdesk.history.base import Account
from musicdesk.history.crowd import Coded, crowd_of, load, merged
from musicdesk.history.triplets import SongTable, read
from musicdesk.workflows.desk import open_desk
from musicdesk.workflows.import_crowd import matrix
from tests.helpers.histories import account, put, take
from tests.unit.test_history_rows import Memory

USER = "b80344d063b5ccb3212f76538f3d9e43d87dca9e"
SONG = "SOAKIMP12A8C130995"
GOOD = f"{USER}\t{SONG}\t1"


@pytest.fixture
def desk(tmp_path: Path):
    with open_desk(tmp_path / "profile") as opened:
        yield opened


def crowd(desk, name="taste-profile"):
    return matrix(desk, desk.catalog.crowds.get(name))


def triples(found) -> dict[tuple[str, str], int]:
    """The matrix as a plain table."""
    rows, songs, users = found.rows(), found.songs, found.listeners
    return {
        (users[row].decode(), songs[column].decode()): int(plays)
        for row, column, plays in zip(rows, found.indices, found.plays, strict=True)
    }


def made(seed: int, count: int = 3000) -> dict[tuple[str, str], int]:
    rng = np.random.default_rng(seed)
    users = [f"{n:040x}" for n in rng.integers(0, 1 << 60, 60)]
    songs = ["SO" + "".join(rng.choice(list("ABCXYZ0189"), 16)) for _ in range(400)]
    return {(users[rng.integers(60)], songs[rng.integers(400)]): int(rng.integers(1, 2000)) for _ in range(count)}


def written(rows: dict[tuple[str, str], int], end: str = "\n") -> bytes:
    return "".join(f"{user}\t{song}\t{plays}{end}" for (user, song), plays in rows.items()).encode()


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("step", [1 << 20, 1000, 61])
def test_triplets_become_the_same_table(end, step):
    rows = made(1, 3_000 if step > 100 else 300)
    account = Account()
    found = crowd_of(read(Memory(written(rows, end), step), account))
    assert triples(found) == rows
    assert account.rows == len(rows) and not account.rejected
    assert list(found.listeners) == sorted(found.listeners) and list(found.songs) == sorted(found.songs)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (f"{USER}\t{SONG}\t0", "no plays"),
        (f"{USER}\t{SONG}\t-1", "not readable"),
        (f"{USER}\t{SONG}\t99999999999999999999", "not readable"),
        (f"{USER}\t{SONG}\t9999999", "not readable"),
        (f"{USER}\t{SONG}\t1.5", "not readable"),
        (f"{USER}\t{SONG}\t", "not readable"),
        (f"{USER}\t{SONG}\t1\t2", "not readable"),
        (f"{USER}\t{SONG}", "not readable"),
        (f"{USER.upper()}\t{SONG}\t1", "not readable"),
        (f"{USER[:-1]}g\t{SONG}\t1", "not readable"),
        (f"{USER} {SONG}\t1", "not readable"),
        (f"{USER}\t{SONG.lower()}\t1", "not readable"),
        (f"{USER}\t{SONG[:-1]}\0\t1", "not readable"),
        (f"{USER}\tTR{SONG[2:]}\t1", "not readable"),
        ("x", "not readable"),
        ("y" * 3_000_000, "not readable"),
    ],
)
def test_lines_that_are_no_triplets(desk, tmp_path, line, reason):
    other = GOOD.replace("1309", "1310")
    path = put(tmp_path, "t.txt", "\n".join([GOOD, line, other, "", line, ""]))
    done = take(desk, path)
    assert (done.rows, done.imported, done.rejected) == (4, 2, {reason: 2})
    assert triples(crowd(desk)) == {(USER, SONG): 1, (USER, SONG.replace("1309", "1310")): 1}


@pytest.mark.parametrize("mix", ["as is", "by listener", "in order", "one listener twice"])
def test_rows_in_any_order(mix):
    rows = list(made(9).items())
    if mix != "as is":
        rows.sort()
    if mix == "by listener":
        rows.sort(key=lambda row: row[0][0][::-1])
    if mix == "one listener twice":
        rows.append(rows.pop(1))
    found = crowd_of(read(Memory(written(dict(rows))), Account()))
    assert triples(found) == dict(rows)


def test_a_bad_song_stays_bad_in_later_blocks(monkeypatch):
    from musicdesk.history import triplets

    monkeypatch.setattr(triplets, "BLOCK", 200)
    bad = GOOD.replace("SOAK", "SO-K")
    account = Account()
    found = crowd_of(read(Memory("\n".join([GOOD, bad] * 40).encode()), account))
    assert (account.rows, account.rejected, found.pairs, len(found.songs)) == (80, {"not readable": 40}, 1, 1)


def test_repeated_pairs_keep_the_most_plays_and_count_once(desk, tmp_path):
    lines = [GOOD, GOOD.replace("\t1", "\t7"), GOOD.replace("\t1", "\t3")]
    done = take(desk, put(tmp_path, "t.txt", "\n".join(lines)))
    assert (done.imported, done.duplicates) == (1, 2)
    assert triples(crowd(desk)) == {(USER, SONG): 7}


def test_any_order_and_any_overlap_give_the_same_matrix(tmp_path):
    rows = list(made(2).items())
    raised = {pair: plays + 1 for pair, plays in rows[50:80]}
    files = [dict(rows[:1800]), dict(rows[1200:]), raised]
    paths = [put(tmp_path, f"{n}.txt", written(part)) for n, part in enumerate(files)]
    found = set()
    for number, order in enumerate(itertools.permutations([*paths[:2], paths[2], paths[0]])):
        if number % 5:
            continue
        with open_desk(tmp_path / f"p{number}") as desk:
            for path in order:
                take(desk, path)
            found.add(desk.catalog.crowds.get("taste-profile").digest)
            assert triples(crowd(desk)) == {**dict(rows), **raised}
            assert take(desk, *paths).imported == 0
            assert len(list((tmp_path / f"p{number}" / "crowds").iterdir())) == 1
    assert len(found) == 1


@given(
    rows=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9), st.integers(1, 1 << 19)), max_size=60),
    cut=st.integers(0, 60),
)
@settings(max_examples=100, deadline=None)
def test_matrices_are_what_a_dictionary_is(rows, cut):
    users, songs = (np.array([f"{c}{n}" for n in range(9, -1, -1)], "S8") for c in "us")

    def matrix_of(part):
        table = np.array(part, np.uint32).reshape(-1, 3)
        return crowd_of(Coded(users, songs, *table.T))

    def plain(part):
        table: dict[tuple[str, str], int] = {}
        for who, what, plays in part:
            pair = (f"u{9 - who}", f"s{9 - what}")
            table[pair] = max(plays, table.get(pair, 0))
        return table

    one, two = matrix_of(rows[:cut]), matrix_of(rows[cut:])
    both, fresh = merged(one, two)
    assert triples(both) == plain(rows)
    before = plain(rows[:cut])
    assert fresh == sum(before.get(pair, 0) < plays for pair, plays in plain(rows).items())


def test_the_song_table_tells_all_songs_apart():
    rng = np.random.default_rng(3)
    hashes = rng.integers(0, 1 << 64, 40_000, np.uint64)
    hashes[:500] >>= np.uint64(40)  # these crowd the first slots
    table = SongTable(bits=4)
    kept: list[int] = []
    for part in np.array_split(rng.integers(0, 40_000, 120_000), 30):
        new = np.unique(hashes[part][table.find(hashes[part]) < 0])
        table.add(new)
        kept += new.tolist()
        codes = table.find(hashes[part])
        assert [kept[code] for code in codes.tolist()] == hashes[part].tolist()
    assert len(set(kept)) == table.count == len(kept) > 37_000


@given(data=st.data())
@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
def test_damaged_triplets(data):
    text = bytearray(written(made(5, 30)))
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(text) - 1))
        text[at : at + data.draw(st.integers(0, 60))] = data.draw(st.binary(max_size=3))
        text = text or bytearray(b"x")
    lines = [line for line in bytes(text).split(b"\n") if line.decode("utf-8", "replace").strip()]
    account = Account()
    coded = read(Memory(bytes(text), data.draw(st.sampled_from([64, 1 << 20]))), account)
    assert account.rows == len(lines)
    assert len(coded.who) == account.rows - sum(account.rejected.values())
    crowd_of(coded)


def test_names_and_plays_in_any_order(tmp_path):
    names = "user_id,song_id,listen_count,title,release,artist_name,year\n"
    names += f'{USER},{SONG},2,"Say ""Hi"", you",R,"Näme",0\n{USER},{SONG},x,T,R,A,0\n'
    tracks = f"TRMMMYQ128F932D901<SEP>{SONG}<SEP>Näme<SEP>Say Hi\nbroken\n"
    wrong = f"ERROR: <{SONG} TRMMGKQ128F9325E10> A  -  B  !=  C  -  D\n"
    files = {"t.txt": GOOD, "n.csv": names, "unique_tracks.txt": tracks, "sid_mismatches.txt": wrong}
    for number, order in enumerate(itertools.permutations(files)):
        if number % 6:
            continue
        with open_desk(tmp_path / f"p{number}") as desk:
            for name in order:
                take(desk, put(tmp_path, name, files[name]), crowd="mine")
            assert triples(crowd(desk, "mine")) == {(USER, SONG): 2}
            assert desk.catalog.crowds.known_keys(desk.catalog.crowds.get("mine").id) == []  # known to be wrong
            assert [t[0] for t in desk.catalog.store.conn.execute("SELECT artist FROM crowd_title")] == ["Näme"]


def test_a_person_is_no_crowd(desk, tmp_path):
    mine = put(tmp_path, "a/StreamingHistory0.json", [account()])
    with pytest.raises(Unusable, match="one person's history"):
        take(desk, mine, crowd="mine")
    put(tmp_path, "a/t.txt", GOOD)
    with pytest.raises(Unusable, match="one person's history"):
        take(desk, mine.parent)
    assert desk.catalog.crowds.all() == []
    with pytest.raises(NotFound, match="known are none"):
        desk.catalog.crowds.get("x")


def test_a_damaged_matrix_is_explained(desk, tmp_path):
    take(desk, put(tmp_path, "t.txt", GOOD))
    row = desk.catalog.crowds.get("taste-profile")
    assert load(desk.profile.folder / "crowds" / row.folder).digest() == row.digest
    (desk.profile.folder / "crowds" / row.folder / "plays.npy").write_bytes(b"no")
    with pytest.raises(CatalogDamaged, match="import them again"):
        take(desk, put(tmp_path, "u.txt", GOOD.replace("1309", "1310")))


# the real samples, counted a second time by other means


@pytest.mark.parametrize("name", ["triplets.txt", "year1_test_triplets_visible.txt", "lastfm_triplets_80.txt.gz"])
def test_real_triplets_count_as_counted_by_hand(desk, shared, name):
    path = shared / "taste_profile" / name
    data = gzip.decompress(path.read_bytes()) if name.endswith("gz") else path.read_bytes()
    rows = [line.split("\t") for line in data.decode().splitlines()]
    done = take(desk, path)
    assert (done.format, done.rows, done.imported, done.rejected) == ("taste-profile", len(rows), len(rows), {})
    assert triples(crowd(desk)) == {(user, song): int(plays) for user, song, plays in rows}


def test_real_tables_with_titles(desk, shared):
    with (shared / "taste_profile" / "merged_with_titles.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    done = take(desk, shared / "taste_profile" / "merged_with_titles.csv")
    assert (done.rows, done.rejected) == (len(rows), {})
    wanted = {(row["user_id"], row["song_id"]): int(row["listen_count"]) for row in rows}
    assert triples(crowd(desk)) == wanted
    assert desk.catalog.store.conn.execute("SELECT count(*) FROM crowd_title").fetchone()[0] == done.songs


def test_real_kkbox(desk, shared):
    place = shared / "kkbox"
    with (place / "train.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    files = [gzip.decompress((place / f"{name}.csv.gz").read_bytes()) for name in ("songs", "song_extra_info")]
    songs = sum(data.count(b"\n") - 1 for data in files)
    done = take(desk, place)
    assert done.rows == len(rows) + songs
    assert done.rejected == {"not readable": 1}  # it never closes its quotation mark
    assert triples(crowd(desk, "kkbox")) == {(r["msno"], r["song_id"]): 1 + int(r["target"]) for r in rows}


def test_real_hetrec(desk, shared):
    rows = (shared / "hetrec_lastfm_2k" / "user_artists.dat").read_text().splitlines()[1:]
    artists = (shared / "hetrec_lastfm_2k" / "artists.dat").read_text("utf-8").splitlines()[1:]
    done = take(desk, shared / "hetrec_lastfm_2k")
    assert (done.rows, done.rejected) == (len(rows) + len(artists), {})
    table = {(user, artist): int(weight) for user, artist, weight in (row.split("\t") for row in rows)}
    assert triples(crowd(desk, "hetrec")) == table
    assert take(desk, shared / "hetrec_lastfm_2k").imported == 0


def test_real_msd_names(desk, shared):
    with (shared / "msd" / "music.csv").open(encoding="utf-8", newline="") as file:
        songs = sum(1 for _ in csv.reader(file)) - 1
    names = [shared / "msd" / name for name in ("unique_tracks_head.txt", "sid_mismatches.txt")]
    lines = sum(len([line for line in path.read_bytes().split(b"\n") if line.strip()]) for path in names)
    done = take(desk, shared / "msd")
    assert done.rows == songs + lines + len(list((shared / "msd" / "tracks").glob("*.h5")))
    assert len(desk.catalog.listens.sources()) == 4  # the HDF5 files are one
    assert done.notes == []
