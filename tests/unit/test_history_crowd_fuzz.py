"""Crowd files that are broken, hostile or odd: every row has its place in the account, and nothing else happens."""

from __future__ import annotations

import gzip
import random
import time
from pathlib import Path
from shutil import rmtree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicdesk.core.errors import Unusable
from musicdesk.history import sources
from musicdesk.history.base import Account, Refused, Source
from musicdesk.history.crowd import crowd_of
from musicdesk.history.crowd_formats import CROWD_FORMATS, CrowdFormat
from musicdesk.history.crowd_names import LONGEST_ID, WHOLE, Title
from musicdesk.history.sources import FileSource
from musicdesk.workflows.crowd_words import words
from musicdesk.workflows.desk import open_desk
from tests.helpers.histories import put, stored, take, zipped
from tests.helpers.programs import ask, kill_after, start
from tests.unit.test_history_crowd_words import GENRES, OF_SONGS, PLAYS, SONGS, TRACKS, similars_db, song_file, tags_db
from tests.unit.test_history_crowds import GOOD, made, written
from tests.unit.test_history_rows import FUZZ, LONG_FUZZ, Memory, mutated

CSV_HEAD = "user_id,song_id,listen_count,title,release,artist_name,year\n"
TEXTS = {
    "taste-profile": PLAYS,
    "taste-profile-csv": CSV_HEAD + 'u1,S1,2,"Say ""Hi"", you",R,Näme,1999\nu2,S1,1,T,R,A,0\n',
    "kkbox": "msno,song_id,source_system_tab,source_screen_name,source_type,target\nm1=,s1=,a,b,c,1\nm2=,s1=,,,,0\n",
    "hetrec": "userID\tartistID\tweight\n2\t51\t13883\n2\t52\t11690\n",
    "msd-tracks": "".join(f"{track}<SEP>{song}<SEP>A<SEP>T\n" for track, song in zip(TRACKS, SONGS, strict=False)),
    "msd-mismatches": f"ERROR: <{SONGS[0]} {TRACKS[0]}> A  -  B  !=  C  -  D\n" * 3,
    "msd-song-tracks": OF_SONGS,
    "msd-genres": GENRES,
    "msd-music": "song.id,artist.name,title,release.name,year,duration,terms,terms_freq\n"
    "S1,A,T,R,1999.0,200.5,rock,1\n",
    "kkbox-songs": "song_id,song_length,genre_ids,artist_name,composer,lyricist,language\ns1=,247640,465|2,A,,,3\n",
    "kkbox-names": "song_id,name,isrc\ns1=,Name,X\n",
    "hetrec-artists": "id\tname\turl\tpictureURL\n1\tMALICE MIZER\tu\tp\n",
}
WITH_FILES = {"msd-h5", "msd-tags", "msd-similars"}


@pytest.fixture
def desk(tmp_path: Path):
    with open_desk(tmp_path / "profile") as opened:
        yield opened


def check(form: CrowdFormat, *found: Source) -> None:
    """Reads all of a source with one importer; what comes out must be sound and counted."""
    source = found[0]
    account = Account()
    if form.plays or form.pairs:
        coded = form.plays(source, account)[0] if form.plays else form.pairs(source, account)
        assert len(coded.who) == account.rows - sum(account.rejected.values())
        crowd = crowd_of(coded)
        assert crowd.indptr[-1] == crowd.pairs <= len(coded.who)
        return
    for item in form.group(found, account) if form.group else form.titles(source, account):
        assert isinstance(item, Title | Refused)
        if isinstance(item, Title):
            assert 0 < len(item.name.encode()) <= LONGEST_ID
            assert all(word and len(word.encode()) <= 64 and 1 <= weight <= WHOLE for word, weight in item.words)
            assert item.year is None or 1000 <= item.year <= 9999


def test_all_formats_have_a_sample():
    assert TEXTS.keys() | WITH_FILES == set(CROWD_FORMATS)


@pytest.mark.parametrize("form", TEXTS)
@pytest.mark.parametrize("wrap", ["plain", "gz", "zip"])
def test_every_format_is_told_by_its_content(desk, tmp_path, form, wrap):
    data = TEXTS[form].encode()
    packed = {"plain": data, "gz": gzip.compress(data), "zip": zipped({"x/y": data})}[wrap]
    done = take(desk, put(tmp_path, "some.bin", packed))
    assert done.format == form and done.imported > 0
    again = take(desk, tmp_path / "some.bin")
    assert (again.rows, again.imported) == (done.rows, 0)


def fuzz(form: str, data: st.DataObject) -> None:
    damaged = mutated(data.draw, TEXTS[form].encode())
    check(CROWD_FORMATS[form], Memory(damaged, data.draw(st.sampled_from([1 << 20, 64]))))


@pytest.mark.parametrize("form", TEXTS)
@given(data=st.data())
@FUZZ
def test_damaged_crowd_files(form, data):
    fuzz(form, data)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("form", TEXTS)
@given(data=st.data())
@LONG_FUZZ
def test_damaged_crowd_files_a_thousand_times(form, data):
    fuzz(form, data)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("form", sorted(WITH_FILES))
def test_damaged_binary_files_a_thousand_times(tmp_path, form):
    good = {
        "msd-h5": lambda: song_file(tmp_path / "x"),
        "msd-tags": lambda: tags_db(tmp_path / "x", [(f"TR{n:016}", f"tag {n % 9}", n % 100) for n in range(300)]),
        "msd-similars": lambda: similars_db(
            tmp_path / "x", [(t, f"{TRACKS[0]},1,{TRACKS[1]},.5") for t in TRACKS * 30]
        ),
    }[form]().read_bytes()
    draw = random.Random(8)
    waiting = []
    for number in range(1000):
        data = bytearray(good[: draw.randrange(200, len(good))] if number % 4 == 0 else good)
        for _ in range(draw.choice((1, 5, 60, 900))):
            at = draw.randrange(16, len(data))
            data[at : at + 3] = draw.randbytes(len(data[at : at + 3]))
        waiting.append(FileSource(put(tmp_path, f"damaged{number % 100}", bytes(data)), "damaged"))
        if form != "msd-h5" or number % 100 == 99:  # those are read many at once
            check(CROWD_FORMATS[form], *waiting)
            waiting.clear()


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "cp1252"])
def test_encodings(desk, tmp_path, codec):
    done = take(desk, put(tmp_path, "t.csv", TEXTS["taste-profile-csv"].encode(codec)))
    assert (done.rows, done.imported) == (2, 2)
    assert stored(desk, "artist", "crowd_title") == "Näme"
    if codec == "utf-8-sig":
        assert take(desk, put(tmp_path, "t.txt", GOOD.encode(codec))).rejected == {}


def test_nul_bytes_open_quotes_and_wrong_widths(desk, tmp_path):
    rows = [
        "u1,S1,2,T,R,A,0",
        "u1,S\0,2,T,R,A,0",
        'u1,S2,2,"T,R,A,0',
        "u1,S3,2",
        "u1,S4,1,T,R,A,0",
        "",
        "u1,S5,0,T,R,A,0",
    ]
    done = take(desk, put(tmp_path, "t.csv", CSV_HEAD + "\n".join(rows)))
    assert (done.rows, done.imported) == (6, 2)
    assert done.rejected == {"not readable": 3, "no plays": 1}


def test_a_cut_archive_keeps_its_good_part(desk, tmp_path):
    whole = written(made(3, 20_000))
    data = gzip.compress(whole)
    done = take(desk, put(tmp_path, "t.txt.gz", data[: len(data) * 2 // 3]))
    assert 1000 < done.imported < 20_000 and any("damaged or ends in the middle" in note for note in done.notes)


def test_bombs_and_encrypted_members(desk, tmp_path, monkeypatch):
    begun = time.monotonic()
    line = f"{GOOD}\n".encode()
    done = take(desk, put(tmp_path, "b.zip", zipped({"t.txt": line * 3_000_000})))
    assert done.imported == 1 and any("200 times" in note for note in done.notes)
    assert time.monotonic() - begun < 60
    data = bytearray(zipped({"t.txt": line}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    with pytest.raises(Unusable, match="encrypted"):
        take(desk, put(tmp_path, "e.zip", bytes(data)))
    monkeypatch.setattr(sources, "LONGEST", 100_000)
    done = take(desk, put(tmp_path, "l.zip", zipped({"t.txt": written(made(4, 20_000))})))
    assert done.rows < 20_000 and any("more than 4 GB" in note for note in done.notes)


def killed(tmp_path: Path, kills: int, seed: int) -> None:
    """Imports of a crowd killed at random moments, then once to the end: the same matrices as undisturbed."""
    draw = random.Random(seed)
    folder = put(tmp_path, "in/a.txt", written(made(seed, 120_000))).parent
    names = sorted({song for _user, song in made(seed, 120_000)})
    put(tmp_path, "in/g.cls", "".join(f"{song}\tGenre {n % 7}\n" for n, song in enumerate(names)))
    put(tmp_path, "in/n.csv", CSV_HEAD + "".join(f"u,{song},1,T{n},R,A,0\n" for n, song in enumerate(names)))
    tags_db(folder / "lastfm_tags.db", [(song, f"tag {n % 5}", n % 100) for n, song in enumerate(names)])
    begun = time.monotonic()
    start(tmp_path / "whole", "import", str(folder)).communicate()
    length = time.monotonic() - begun
    with open_desk(tmp_path / "whole") as desk:
        wanted = facts(desk)
    hit = 0
    while hit < kills:
        if kill_after(tmp_path / "p", length * draw.uniform(0.3, 0.9), "import", str(folder)):
            hit += 1
        else:  # the machine was busier when its length was taken
            length *= 0.7
            rmtree(tmp_path / "p")
    done = ask(tmp_path / "p", "import", str(folder))
    assert done["rows"] == done["imported"] + done["duplicates"] + sum(done["rejected"].values())
    with open_desk(tmp_path / "p") as desk:
        assert facts(desk) == wanted
        assert desk.catalog.store.conn.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert len(list((desk.profile.folder / "crowds").iterdir())) == 3
    assert ask(tmp_path / "p", "import", str(folder))["imported"] == 0


def facts(desk) -> tuple[object, ...]:
    crowd = desk.catalog.crowds.get("taste-profile")
    titles = desk.catalog.store.conn.execute(
        "SELECT name, artist, title, key FROM crowd_title ORDER BY name"
    ).fetchall()
    tags = words(desk, crowd, "tag")
    assert len(tags.songs)
    return crowd.digest, [row.digest for row in desk.catalog.crowds.words(crowd.id)], titles


def test_a_crowd_killed_at_random_and_imported_again(tmp_path):
    killed(tmp_path, kills=3, seed=1)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_a_crowd_killed_twenty_five_times(tmp_path):
    killed(tmp_path, kills=25, seed=2)


def test_a_database_whose_own_complaint_is_no_text(tmp_path):
    """SQLite names the broken table in its message; with bytes that are no UTF-8, Python cannot decode even that."""
    good = tags_db(tmp_path / "x", [("TR" + "0" * 16, "rock", 100)]).read_bytes()
    damaged = good.replace(b"CREATE TABLE tid_tag", b"CREATX TABLE tid_tag").replace(b"tid_tag", b"tid\xd6tag")
    assert damaged != good
    check(CROWD_FORMATS["msd-tags"], FileSource(put(tmp_path, "damaged.db", damaged), "damaged"))
