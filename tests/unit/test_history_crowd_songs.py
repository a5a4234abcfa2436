"""A crowd's songs find the tracks of the library, and the listener's own songs find the crowd's."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from musicdesk.core.progress import Silent
from musicdesk.history.matching import keys
from musicdesk.workflows import crowd_songs
from musicdesk.workflows.crowd_songs import artists, elsewhere, owned
from musicdesk.workflows.desk import open_desk
from musicdesk.workflows.match import decide, match, undo
from musicdesk.workflows.training_data import training_data
from tests.helpers.histories import account, put, take
from tests.helpers.planted import CHANGES, library
from tests.unit.test_history_matching import own, play

HEAD = "user_id,song_id,listen_count,title,release,artist_name,year\n"


@pytest.fixture
def desk(tmp_path: Path):
    with open_desk(tmp_path / "profile") as opened:
        yield opened


def crowd_of(desk, folder: Path, *names: tuple[str, str], name: str = "c", times: tuple[int, ...] = ()):
    """A crowd whose song n is S00n, played by times[n] people."""
    rows = [
        f'u{who},S{n:03},1,"{title}",R,"{by}",0\n'
        for n, (by, title) in enumerate(names)
        for who in range(times[n] if times else 1)
    ]
    take(desk, put(folder, f"{name}.csv", HEAD + "".join(rows)), crowd=name)
    return desk.catalog.crowds.get(name)


def test_exact_then_alike_and_nothing_where_it_is_not_sure(desk, tmp_path):
    one, two, three, four = own(
        desk,
        ("The Band", "Golden Mirror", 200.0),
        ("Band", "Thunder in the Paper Garden", 100.0),
        ("Sigur Rós", "Svefn-g-englar", 300.0),
        ("Band", "Diamond Road Part One", 100.0),
    )
    own(desk, ("Band", "Diamond Road Part Two", 100.0))
    crowd = crowd_of(
        desk,
        tmp_path,
        ("Band", "Golden Mirror (Live at Home)"),
        ("BAND", "Thunder in the Papr Garden"),  # a typo
        ("Sigur Ros", "Svefn-G-Englar - 1999 Remaster"),
        ("Band", "Diamond Road Part O"),  # either of two
        ("Band", "Something Else"),
        ("Nobody", "Golden Mirror"),
        ("Bnd", "Golden Mirror"),  # too short a name to guess by
        ("Sigur Roos", "Svefn-g-englar"),  # the artist with a typo
    )
    assert owned(desk, crowd).tolist() == [one, two, three, -1, -1, -1, -1, three]
    assert owned(desk, crowd).dtype == np.int64 and four not in owned(desk, crowd)
    done = take(desk, put(tmp_path, "again.csv", f'{HEAD}u9,S000,1,"x",R,"y",0\n'), crowd="c")
    assert (done.matched, done.not_owned) == (4, 4)


def test_a_version_within_reach_goes_first(desk, tmp_path):
    away, here = own(desk, ("Band", "One", 200.0), ("Band", "One (Live)", 210.0))
    crowd = crowd_of(desk, tmp_path, ("Band", "One"))
    assert owned(desk, crowd).tolist() == [away]
    desk.catalog.store.conn.execute("UPDATE track SET presence = 'offline' WHERE id = ?", (away,))
    assert owned(desk, crowd).tolist() == [here]
    desk.catalog.store.conn.execute("UPDATE track SET presence = 'missing' WHERE id = ?", (here,))
    assert owned(desk, crowd).tolist() == [away]
    desk.catalog.store.conn.execute("UPDATE track SET presence = 'missing'")
    assert owned(desk, crowd).tolist() == [-1]


def test_songs_under_wrong_ids_are_not_owned(desk, tmp_path):
    name = "SOAKIMP12A8C130995"
    (track,) = own(desk, ("Band", "One", 200.0))
    take(desk, put(tmp_path, "n.csv", f'{HEAD}{"a" * 40},{name},1,"One",R,"Band",0\n'), crowd="c")
    assert owned(desk, desk.catalog.crowds.get("c")).tolist() == [track]
    take(desk, put(tmp_path, "m.txt", f"ERROR: <{name} TRMMGKQ128F9325E10> A  -  B  !=  C  -  D\n"), crowd="c")
    assert owned(desk, desk.catalog.crowds.get("c")).tolist() == [-1]


def test_a_persons_word_about_a_song_counts_for_the_crowd_too(desk, tmp_path):
    one, other = own(desk, ("Band", "One", 200.0), ("Band", "Other", 200.0))
    play(desk, tmp_path, ("Band", "One"))
    crowd = crowd_of(desk, tmp_path, ("Band", "One"))
    song = desk.catalog.store.conn.execute("SELECT id FROM song").fetchone()[0]
    for word, track in ((other, other), (None, -1)):
        decide(desk, song, word)
        assert owned(desk, crowd).tolist() == [track]
    undo(desk)
    undo(desk)
    assert owned(desk, crowd).tolist() == [one]


def test_worked_out_once_for_a_state(desk, tmp_path, monkeypatch):
    own(desk, ("Band", "One", 200.0))
    crowd = crowd_of(desk, tmp_path, ("Band", "One"), ("Else", "Two"))
    first = owned(desk, crowd)
    assert not first.flags.writeable
    monkeypatch.setattr(crowd_songs, "_songs", None)  # whoever works it out again needs these
    assert owned(desk, crowd) is first
    desk.memo.clear()
    assert owned(desk, crowd).tolist() == first.tolist()
    (file,) = (desk.profile.folder / "crowds" / crowd.folder).glob("owned-*.npy")
    monkeypatch.undo()
    file.write_bytes(b"broken")
    desk.memo.clear()
    assert owned(desk, crowd).tolist() == first.tolist()
    (added,) = own(desk, ("Else", "Two", 100.0))
    assert owned(desk, crowd).tolist() == [first[0], added]
    (file,) = (desk.profile.folder / "crowds" / crowd.folder).glob("owned-*.npy")
    monkeypatch.setattr(crowd_songs, "RULES", "others")  # what was found by these is not what is kept
    assert owned(desk, crowd).tolist() == [first[0], added]
    assert not file.exists()


def test_what_was_heard_elsewhere_is_told_for_songs_that_are_not_owned(desk, tmp_path):
    (mine,) = own(desk, ("Band", "Mine", 200.0))
    names = [("Band", "Mine"), ("Band", "Wish"), ("Band", "Wish - Remastered 2011"), ("Else", "Never heard")]
    rows = [
        account(artistName="Band", trackName=title, endTime=f"2022-01-01 0{n}:0{n}", msPlayed=ms)
        for n, (title, ms) in enumerate((("Mine", 90_000), ("Wish", 90_000), ("Wish", 95_000), ("Wish", 1_000)))
    ]
    take(desk, put(tmp_path, "StreamingHistory0.json", rows))
    take(desk, put(tmp_path, "StreamingHistory0.json", rows), listener="Anna")
    crowd = crowd_of(desk, tmp_path, *names, times=(1, 2, 5, 1))
    assert elsewhere(desk, crowd).tolist() == [0.0, 0.0, 2.0, 0.0]  # the version that more people know
    assert elsewhere(desk, crowd).dtype == np.float32
    own(desk, ("Band", "Wish", 200.0))
    match(desk, Silent())
    assert not elsewhere(desk, crowd).any()
    found = training_data(desk, "c").crowd
    assert found is not None and found.tracks.tolist() == owned(desk, crowd).tolist() and found.tracks[0] == mine


def test_artists_are_numbered_also_where_titles_are_unknown(desk, tmp_path):
    take(desk, put(tmp_path, "user_artists.dat", "userID\tartistID\tweight\n1\t7\t3\n1\t8\t3\n1\t9\t1\n"))
    names = "id\tname\turl\tpictureURL\n7\tThe Band\tu\tp\n8\tBand\tu\tp\n9\tElse\tu\tp\n"
    take(desk, put(tmp_path, "artists.dat", names))
    assert artists(desk, desk.catalog.crowds.get("hetrec"))[0].tolist() == [0, 0, 1]


def test_artists_of_the_library_are_found_by_name_however_it_is_written(desk, tmp_path):
    one, _two, three = own(desk, ("The Band", "A", 200.0), ("Nobody Known", "B", 200.0), ("BAND", "C", 100.0))
    play(desk, tmp_path, ("Band, The", "Not Owned"), ("Elsewhere", "D"))
    crowd = crowd_of(desk, tmp_path, ("Elsewhere", "X"), ("Band", "Y"))
    codes, links = artists(desk, crowd)
    assert codes.tolist() == [0, 1]
    assert links.tracks.tolist() == [one, three] and links.codes.tolist() == [1, 1]
    assert links.mine.tolist() == [1.0, 1.0]


def test_a_planted_crowd(desk, tmp_path):
    """2,000 songs with the usual disfigurements against the tracks that they are."""
    draw = random.Random(5)
    tracks = library(2_000, draw)
    ids = own(desk, *tracks[:1_000])
    told = [CHANGES[draw.choice(list(CHANGES))](track, draw) for track in tracks]
    crowd = crowd_of(desk, tmp_path, *((by, title) for by, title, _s in told))
    found = owned(desk, crowd)
    codes = [int(name[1:]) for name in desk.catalog.crowds.song_names(crowd.id)]
    same = dict(zip(ids, (keys(by, title) for by, title, _s in tracks), strict=False))
    right = sum(track >= 0 and same[track] == keys(*tracks[code][:2]) for code, track in zip(codes, found, strict=True))
    assert right >= 0.97 * 1_000 and right >= 0.98 * (found >= 0).sum()
