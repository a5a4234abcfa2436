"""Plays that two services tell count once; likes and bans that they tell count for and against tracks."""

from __future__ import annotations

import itertools
import json
import random
import time
from pathlib import Path

import pytest

from musicdesk.core.progress import Silent
from musicdesk.core.types import Verdict
from musicdesk.workflows.desk import open_desk
from musicdesk.workflows.forget import forget
from musicdesk.workflows.rate import rate
from tests.helpers.histories import LIBRARY, PLAYLISTS, account, extended, put, stored, take
from tests.unit.test_history_matching import own

HEAD = "uts,utc_time,artist,artist_mbid,album,album_mbid,track,track_mbid\n"
AT = 1_646_370_367


@pytest.fixture
def desk(tmp_path: Path):
    with open_desk(tmp_path / "profile") as opened:
        yield opened


def spotify(end: int, title: str = "Blue Train", ms: int = 180_000, by: str = "John Coltrane") -> dict[str, object]:
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(end))
    names = {"master_metadata_track_name": title, "master_metadata_album_artist_name": by}
    return extended(ts=moment, ms_played=ms, **names)


def scrobbles(*plays: tuple[int, str]) -> str:
    """(when it began, title)"""
    return HEAD + "".join(f'"{at}","x","John Coltrane","","A","","{title}",""\n' for at, title in plays)


def listens(*plays: tuple[int, str]) -> str:
    about = [{"artist_name": "JOHN COLTRANE", "track_name": title} for _at, title in plays]
    rows = [{"listened_at": at, "track_metadata": one} for (at, _title), one in zip(plays, about, strict=True)]
    return "".join(json.dumps(row) + "\n" for row in rows)


@pytest.mark.parametrize("order", [0, 1])
def test_a_scrobble_of_a_known_play_is_known(desk, tmp_path, order):
    """Spotify tells the end of a play, Last.fm the beginning, under a name with another ending."""
    files = [
        put(tmp_path, "endsong_0.json", [spotify(AT)]),
        put(tmp_path, "s.csv", scrobbles((AT - 178, "Blue Train - Remastered 2003"))),
    ]
    first, second = files if order else files[::-1]
    assert take(desk, first).imported == 1
    done = take(desk, second)
    assert (done.imported, done.duplicates) == (0, 1)
    assert stored(desk, "sum(counted)") == 1 and stored(desk) == 2


@pytest.mark.parametrize(
    ("begun", "title", "ms"),
    [
        (AT - 180 - 121, "Blue Train", 180_000),  # began too early
        (AT + 1, "Blue Train", 180_000),  # began when the other had ended
        (AT - 180, "Moment's Notice", 180_000),  # another song
        (AT - 10, "Blue Train", 10_000),  # too short for a scrobble
    ],
)
def test_what_is_not_sure_is_two_plays(desk, tmp_path, begun, title, ms):
    take(desk, put(tmp_path, "endsong_0.json", [spotify(AT, ms=ms)]))
    assert take(desk, put(tmp_path, "s.csv", scrobbles((begun, title)))).imported == 1
    assert stored(desk, "sum(counted)") == 2


def test_each_play_answers_for_one_scrobble(desk, tmp_path):
    take(desk, put(tmp_path, "endsong_0.json", [spotify(AT)]))
    assert (
        take(desk, put(tmp_path, "s.csv", scrobbles((AT - 180, "Blue Train"), (AT - 175, "Blue Train")))).imported == 1
    )


def test_four_tellers_in_any_order(tmp_path):
    """A hundred plays, each told by some of four; every one counts once."""
    draw = random.Random(3)
    at, ends = AT, []
    for _ in range(100):
        at += draw.choice((181, 200, 4_000, 90_000))
        ends.append((at, f"Song {draw.randint(0, 4)}"))
    begun = [(end - 180 + draw.randint(-20, 20), title) for end, title in ends]
    minutes = [
        account(endTime=time.strftime("%Y-%m-%d %H:%M", time.gmtime(end)), trackName=title)
        for end, title in ends[20:70]
    ]
    files = [
        put(tmp_path, "endsong_0.json", [spotify(*play) for play in ends[:40]]),
        put(tmp_path, "StreamingHistory0.json", minutes),
        put(tmp_path, "s.csv", scrobbles(*reversed(begun[10:90]))),
        put(tmp_path, "1.jsonl", listens(*begun[30:])),
    ]
    digests = set()
    for number, order in enumerate(list(itertools.permutations(files))[::3]):
        with open_desk(tmp_path / f"p{number}") as desk:
            for path in order:
                take(desk, path)
            assert stored(desk, "sum(counted)") == 100
            digests.add(desk.catalog.listens.digest())
    assert len(digests) == 1


def test_taking_the_better_teller_back_counts_the_other(desk, tmp_path):
    take(desk, put(tmp_path, "endsong_0.json", [spotify(AT)]))
    take(desk, put(tmp_path, "s.csv", scrobbles((AT - 180, "Blue Train"))))
    forget(desk, 1, Silent())
    assert stored(desk, "sum(counted)") == stored(desk) == 1


def test_likes_and_bans_count_where_nothing_is_rated_here(desk, tmp_path):
    saved, banned, listed, rated, both = own(
        desk,
        ("John Coltrane", "Blue Train", 640.0),
        ("Somebody", "Noise", 200.0),
        ("Somebody", "Song", 200.0),
        ("Somebody", "Rated", 200.0),
        ("Somebody", "Both", 200.0),
    )
    rate(desk, rated, Verdict.DISLIKE)
    more = [{"artist": "Somebody", "album": "", "track": name} for name in ("Rated", "Both")]
    library = {**LIBRARY, "tracks": [*LIBRARY["tracks"], *more], "bannedTracks": [*LIBRARY["bannedTracks"], more[1]]}
    lists = json.loads(json.dumps(PLAYLISTS))
    for name in ("Song", "Noise"):
        row = {"track": {"trackName": name, "artistName": "Somebody", "albumName": ""}}
        lists["playlists"][0]["items"].append(row)
    take(desk, put(tmp_path, "MyData/YourLibrary.json", json.dumps(library)))
    take(desk, put(tmp_path, "MyData/Playlist1.json", json.dumps(lists)))
    before = desk.catalog.feedback.stamp()
    me = desk.catalog.feedback.listener()
    assert me.liked == {saved: 0.5, listed: 0.25}
    assert me.disliked == {banned: 1.0, rated: 1.0, both: 1.0}
    assert desk.catalog.feedback.count()["like"] == 0  # the person has rated one track, and only that
    rate(desk, banned, Verdict.LIKE)
    assert desk.catalog.feedback.listener().liked[banned] == 1.0
    rate(desk, banned, Verdict.CLEAR)
    assert desk.catalog.feedback.listener().disliked[banned] == 1.0
    forget(desk, 1, Silent())
    me = desk.catalog.feedback.listener()
    assert me.liked == {saved: 0.25, listed: 0.25, banned: 0.25} and me.disliked == {rated: 1.0}
    assert desk.catalog.feedback.stamp()[2:] != before[2:]


def test_the_one_array_that_listenbrainz_gave_before_it_made_archives(desk, tmp_path):
    """On one line, longer than a line may be."""
    rows = [json.loads(line) for line in listens(*((AT + 60 * n, f"Song {n}") for n in range(9_000))).splitlines()]
    done = take(desk, put(tmp_path, "me_lb-2021-05-01.json", json.dumps(rows)))
    assert (done.format, done.imported, done.rejected) == ("listenbrainz", 9_000, {})


def test_love_and_hate_of_listenbrainz(desk, tmp_path):
    one, two = own(desk, ("A", "B", 200.0), ("A", "C", 200.0))
    rows = [
        {"recording_mbid": "x", "score": score, "track_metadata": {"artist_name": "A", "track_name": name}}
        for name, score in (("B", 1), ("C", -1))
    ]
    take(desk, put(tmp_path, "feedback.jsonl", "".join(json.dumps(row) + "\n" for row in rows)))
    me = desk.catalog.feedback.listener()
    assert (me.liked, me.disliked) == ({one: 0.5}, {two: 1.0})
    take(desk, put(tmp_path, "feedback.jsonl", json.dumps(rows[1]) + "\n"), listener="Anna")
    assert desk.catalog.feedback.listener() == me
