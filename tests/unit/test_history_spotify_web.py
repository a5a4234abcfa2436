"""What the Web API answers, as plays and mentions; and each play once, whoever tells it."""

from __future__ import annotations

import itertools
import random
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musicdesk.catalog.twice import RECENT, SECONDS, Told, told_twice
from musicdesk.core.progress import Silent
from musicdesk.history.base import Account, Mention, Play, Refused
from musicdesk.history.spotify_web import recent, saved, top
from musicdesk.workflows.desk import Desk, open_desk
from musicdesk.workflows.import_history import Imported, Stream, take_in
from tests.helpers.histories import account, extended, put, stored, take

TRACK: dict[str, Any] = {
    "type": "track",
    "name": "Blue Train",
    "artists": [{"name": "John Coltrane"}],
    "album": {"name": "Blue Train", "artists": [{"name": "John Coltrane"}]},
    "uri": "spotify:track:0000000000000000000001",
    "duration_ms": 180_500,
}


def row(at: int, **changes: Any) -> dict[str, Any]:
    moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at)) + ".123Z"
    return {"played_at": moment, "track": {**TRACK, **changes}}


def fetch(desk: Desk, rows: list[dict[str, Any]]) -> Imported:
    def read(_account: Account) -> Any:
        return (recent(number, one) for number, one in enumerate(rows, 1))

    done = take_in(desk, [Stream("Spotify", RECENT, read)], Silent())
    assert done.rows == done.imported + done.duplicates + sum(done.rejected.values()) == len(rows)
    return done


def test_rows_become_plays_likes_and_entries():
    play = recent(1, {"played_at": "2022-03-04T05:06:07.589Z", "track": TRACK})
    assert isinstance(play, Play)
    assert (play.at, play.ms, play.length_ms) == (1_646_370_367, None, 180_500)
    assert (play.artist, play.title, play.uri) == ("John Coltrane", "Blue Train", TRACK["uri"])
    like = saved(1, {"added_at": "2022-03-04T05:06:07Z", "track": TRACK})
    assert isinstance(like, Mention) and (like.verb, like.at) == ("liked", 1_646_370_367)
    entry = top(1, TRACK, "Top tracks")
    assert isinstance(entry, Mention) and (entry.verb, entry.name, entry.plays) == ("playlist", "Top tracks", 0)


@pytest.mark.parametrize(
    ("track", "artist", "uri"),
    [
        ({"album": {"name": "X", "artists": [{"name": "Various Artists"}]}}, "John Coltrane", TRACK["uri"]),
        ({"album": {"name": "X", "artists": [{"name": "The Band"}]}}, "The Band", TRACK["uri"]),
        ({"album": None}, "John Coltrane", TRACK["uri"]),
        ({"uri": "spotify:local:John+Coltrane:X:Blue+Train:180"}, "John Coltrane", ""),
        ({"duration_ms": True}, "John Coltrane", TRACK["uri"]),
    ],
)
def test_the_artist_is_the_one_that_exports_name(track: dict[str, Any], artist: str, uri: str):
    play = recent(1, row(1_646_370_367, **track))
    assert isinstance(play, Play) and (play.artist, play.uri) == (artist, uri)


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (None, "not readable"),
        ({}, "not readable"),
        ({"track": None}, "not music"),
        ({"track": {"type": "episode", "show": {"name": "S"}}}, "podcast"),
        ({"track": {**TRACK, "name": ""}, "played_at": "2022-03-04T05:06:07Z"}, "no artist or title"),
        ({"track": TRACK, "played_at": "yesterday"}, "no time"),
        ({"track": TRACK, "played_at": "1970-01-01T00:00:00Z"}, "before 1999"),
        ({"track": TRACK, "played_at": "2099-01-01T00:00:00Z"}, "after tomorrow"),
    ],
)
def test_rows_that_cannot_be_used_say_why(item: Any, reason: str):
    found = recent(1, item)
    assert isinstance(found, Refused) and found.reason == reason


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["track", "item", "played_at", "added_at", "name", "artists", "album", "uri", "type", "show"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=1_000, deadline=None)
@given(JSON)
def test_anything_at_all_is_an_item(value: Any):
    for item in (recent(1, value), saved(1, value), top(1, value, "Top")):
        assert isinstance(item, Play | Mention | Refused)


@pytest.mark.parametrize("beginning", [False, True])
def test_a_play_told_by_connection_and_exports_counts_once(tmp_path: Path, beginning: bool):
    """Devices tell the end of a play or its beginning; exports tell the end, one of them to the minute."""
    draw = random.Random(7)
    at, plays = 1_646_370_367, []
    for _ in range(60):
        at += draw.choice((181, 400, 9_000))
        plays.append((at, f"Song {draw.randint(0, 3)}"))
    told = [
        row(end - 180 * beginning, name=title, album={"name": "L", "artists": [{"name": "Somebody else"}]})
        for end, title in plays[30:]
    ]
    long = put(tmp_path, "endsong_0.json", [_second(end, title) for end, title in plays[:45]])
    short = put(tmp_path, "StreamingHistory0.json", [_minute(end, title) for end, title in plays[15:55]])
    digests = set()
    for number, order in enumerate(itertools.permutations(("recent", long, short))):
        with open_desk(tmp_path / f"p{number}") as desk:
            for one in order:
                fetch(desk, told) if isinstance(one, str) else take(desk, one)
            assert stored(desk, "sum(counted)") == 60
            assert fetch(desk, told).duplicates == 30
            assert stored(desk, "sum(counted)") == 60
            digests.add(desk.catalog.listens.digest())
    assert len(digests) == 1


def _second(end: int, title: str) -> dict[str, Any]:
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(end))
    return extended(ts=moment, ms_played=180_000, master_metadata_track_name=title)


def _minute(end: int, title: str) -> dict[str, Any]:
    moment = time.strftime("%Y-%m-%d %H:%M", time.gmtime(end))
    return account(endTime=moment, msPlayed=180_000, trackName=title)


def test_what_the_export_knows_is_a_duplicate(tmp_path: Path):
    with open_desk(tmp_path / "p") as desk:
        take(desk, put(tmp_path, "endsong_0.json", [_second(1_646_370_367, "Blue Train")]))
        done = fetch(desk, [row(1_646_370_370), row(1_646_470_370)])
        assert (done.imported, done.duplicates) == (1, 1)


def test_other_songs_and_other_times_are_other_plays(tmp_path: Path):
    with open_desk(tmp_path / "p") as desk:
        take(desk, put(tmp_path, "endsong_0.json", [_second(1_646_370_367, "Blue Train")]))
        assert fetch(desk, [row(1_646_370_370, name="Moment's Notice")]).imported == 1
        assert fetch(desk, [row(1_646_370_367 + 62)]).imported == 1
        assert stored(desk, "sum(counted)") == 3


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 12)), max_size=7), st.lists(st.integers(0, 60), max_size=7)
)
def test_as_many_moments_as_possible_find_a_play(plays: list[tuple[int, int]], moments: list[int]):
    slack = 60
    rows = [Told(SECONDS, 200 * (s + n), 200_000 * n, None, "a") for s, n in plays]
    rows += [Told(RECENT, 200 * at, -1, None, "b") for at in moments]
    rows.sort(key=lambda told: (told.at, told.kind, told.ms))
    spans = [(200 * start - slack, 200 * (start + length) + slack) for start, length in plays]
    best = max(
        (
            sum(n is not None and spans[n][0] <= 200 * at <= spans[n][1] for at, n in zip(moments, o, strict=False))
            for o in itertools.islice(_orders(len(spans), len(moments)), 5_000)
        ),
        default=0,
    )
    assert len(told_twice(rows)) >= best


def _orders(plays: int, moments: int) -> Any:
    return itertools.permutations([*range(plays), *[None] * moments], moments)
