"""What was played, looked back on: every count against one made by hand."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from musicdesk.catalog import history
from musicdesk.catalog.heard import JOINED, PLAYS
from musicdesk.catalog.history import History, reading
from musicdesk.core.types import PlayEnd
from musicdesk.workflows import listening
from musicdesk.workflows.desk import Desk, open_desk
from musicdesk.workflows.listening import ABSENT, OWNED, Listening, binned, look_back
from musicdesk.workflows.listening_read import local, read
from musicdesk.workflows.match import decide
from tests.helpers.big_catalog import fill
from tests.helpers.big_history import fill_history
from tests.helpers.histories import SAMPLES, account, extended, put, take
from tests.unit.test_history_matching import own


@pytest.fixture
def desk(tmp_path: Path):
    with open_desk(tmp_path / "profile") as opened:
        yield opened


@pytest.fixture(autouse=True)
def berlin(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def looked(desk: Desk, listener: str = "me") -> Listening:
    with reading(desk.profile.catalog) as conn:
        return read(conn, listener)


def rows(*plays: tuple[str, str, str, int]) -> list[dict[str, object]]:
    return [
        extended(ts=when, master_metadata_album_artist_name=by, master_metadata_track_name=title, ms_played=ms)
        for when, by, title, ms in plays
    ]


def test_plays_are_counted_by_track_artist_and_hour(desk, tmp_path):
    [one] = own(desk, ("Sigur Rós", "Hoppípolla", 240.0))
    plays = [
        ("2022-07-04T21:30:00Z", "Sigur Rós", "Hoppípolla", 200_000),  # Monday 23:30 in Berlin
        ("2022-07-05T21:30:00Z", "SIGUR ROS", "Hoppípolla - Remastered 2009", 200_000),
        ("2022-12-05T22:30:00Z", "Sigur Rós", "Untitled", 31_000),  # Monday 23:30, winter
        ("2022-12-06T22:30:00Z", "Sigur Rós", "Untitled", 29_000),  # too short
        ("2022-12-06T22:31:00Z", "Else", "Song", 60_000),
    ]
    take(desk, put(tmp_path, "endsong_0.json", rows(*plays)))
    found = looked(desk)
    back = look_back(found)
    assert (len(found), found.short, back.plays, back.songs, back.artists) == (4, 1, 4, 3, 2)
    assert back.hours == pytest.approx((200 + 200 + 31 + 60) / 3600)
    assert [(r.name, r.plays, r.track, r.owned) for r in back.top_songs] == [
        ("Hoppípolla", 2, one, OWNED),
        ("Untitled", 1, None, ABSENT),
        ("Song", 1, None, ABSENT),
    ]
    assert [(r.name, r.plays, r.share, r.track) for r in back.top_artists] == [
        ("Sigur Rós", 3, 0.75, one),
        ("Else", 1, 0.25, None),
    ]
    assert [(r.name, r.plays) for r in back.wishes] == [("Untitled", 1), ("Song", 1)]
    assert back.by_plays == (2, 0, 2) and back.by_songs == (2, 0, 1)
    assert (back.clock[0, 23], back.clock[1, 23], back.clock.sum()) == (2, 2, 4)
    assert back.unit == "week" and sum(b.plays for b in back.bins) == 4 and len(back.bins) == 23
    assert time.gmtime(back.bins[0].start).tm_wday == 0


def test_a_period_is_cut_at_local_midnight(desk, tmp_path):
    plays = [("2021-12-31T22:59:59Z", "A", "B", 60_000), ("2021-12-31T23:00:00Z", "A", "B", 60_000)]
    take(desk, put(tmp_path, "endsong_0.json", rows(*plays)))
    year = int(np.datetime64("2022-01-01", "s").astype(int))
    found = looked(desk)
    assert look_back(found, until=year).plays == 1 and look_back(found, since=year).plays == 1
    assert look_back(found, since=year, until=year).bins == []


def test_a_track_without_an_artist_counts_as_a_play_of_nobody(desk):
    [one] = own(desk, ("", "Untitled", 200.0))
    desk.catalog.feedback.played(one, 200_000, 200_000, PlayEnd.FINISHED, at=1_650_000_000.0)
    back = look_back(looked(desk))
    assert (back.plays, back.songs, back.artists, back.top_artists) == (1, 1, 0, [])


def test_plays_here_and_sums_without_times_count_for_me_alone(desk, tmp_path):
    _one, two = own(desk, ("Band", "One", 200.0), ("Band", "Two", 200.0))
    take(desk, put(tmp_path, "StreamingHistory0.json", [account(artistName="Band", trackName="One")]))
    itunes = (
        '<?xml version="1.0"?><plist version="1.0"><dict><key>Major Version</key><integer>1</integer><key>Tracks</key>'
        "<dict><key>1</key><dict><key>Name</key><string>One</string><key>Artist</key><string>Band</string>"
        "<key>Play Count</key><integer>7</integer></dict></dict></dict></plist>"
    )
    take(desk, put(tmp_path, "iTunes Library.xml", itunes))
    for track, heard, end in ((two, 200_000, PlayEnd.FINISHED), (two, 5_000, PlayEnd.SKIPPED)):
        desk.catalog.feedback.played(track, heard, 200_000, end, at=1_650_000_000.0)
    take(desk, put(tmp_path, "StreamingHistory1.json", [account(artistName="X", trackName="Y")]), listener="Anna")
    back = look_back(looked(desk))
    assert {r.name: r.plays for r in back.top_songs} == {"One": 7, "Two": 1}, "the sum holds the play that has a time"
    assert back.untimed == 6 and back.plays == 8
    assert {r.name for r in look_back(looked(desk, "Anna")).top_songs} == {"Y"}
    assert History(desk.catalog.store.conn).listeners() == ["me", "Anna"]
    assert look_back(looked(desk, "nobody")).plays == 0
    decide(desk, next(desk.catalog.history.songs("me"))[0], None)
    assert looked(desk).items.owned[0] == ABSENT


def test_plays_here_are_none_of_a_sum_that_an_import_tells(desk, tmp_path):
    [mine] = own(desk, ("John Coltrane", "Blue Train", 640.0))
    take(desk, put(tmp_path, *SAMPLES["itunes"][:2]))
    told = look_back(looked(desk)).plays
    for _ in range(4):
        desk.catalog.feedback.played(mine, 240_000, 240_000, PlayEnd.FINISHED)
    assert look_back(looked(desk)).plays == told + 4
    plays = f"SELECT {PLAYS} FROM {JOINED} WHERE t.id = ?"
    (in_library,) = desk.catalog.store.conn.execute(plays, (mine,)).fetchone()
    assert in_library == look_back(looked(desk)).top_songs[0].plays == told + 4


def test_what_is_imported_while_a_history_is_read_comes_with_the_next_reading(desk, tmp_path):
    take(desk, put(tmp_path, "a.json", rows(("2022-07-04T21:30:00Z", "Ann", "One", 200_000))))
    more = [("2022-07-04T21:40:00Z", "Ann", "One", 200_000), ("2022-07-04T21:50:00Z", "Bea", "Two", 200_000)]
    with reading(desk.profile.catalog) as conn:
        songs = list(History(conn).songs("me"))
        take(desk, put(tmp_path, "b.json", rows(*more)))
        assert len(list(History(conn).songs("me"))) == len(songs) == History(conn).rows("me")
        assert len(read(conn)) == 1
    assert len(looked(desk)) == 3


def test_every_local_hour_is_that_of_the_clock_on_the_wall():
    rng = np.random.default_rng(3)
    at = np.sort(rng.integers(1_100_000_000, 1_700_000_000, 3000))
    at = np.sort(np.append(at, [1_648_342_800 + n for n in range(-7200, 7200, 600)]))  # the clock goes forward
    wall = [time.localtime(int(second)) for second in at]
    found = local(at)
    assert [(t.tm_year, t.tm_yday, t.tm_hour, t.tm_min) for t in wall] == [
        (t.tm_year, t.tm_yday, t.tm_hour, t.tm_min) for t in (time.gmtime(int(second)) for second in found)
    ]


@pytest.mark.parametrize(("days", "unit"), [(3, "day"), (62, "day"), (63, "week"), (730, "week"), (900, "month")])
def test_bins_have_no_gap_and_lose_nothing(days, unit):
    rng = np.random.default_rng(days)
    start = 1_600_000_000
    at = np.sort(np.append(rng.integers(start, start + days * 86_400, 500), [start, start + days * 86_400]))
    named, bins = binned(at)
    assert named == unit and sum(b.plays for b in bins) == 502
    starts = [b.start for b in bins]
    if unit == "month":
        assert all(time.gmtime(s)[2:5] == (1, 0, 0) for s in starts)
        assert Counter(time.gmtime(int(s))[:2] for s in at) == {
            time.gmtime(b.start)[:2]: b.plays for b in bins if b.plays
        }
    else:
        assert set(np.diff(starts)) == {86_400 * (1 if unit == "day" else 7)}
        assert all(starts[0] <= second < starts[-1] + 7 * 86_400 for second in at.tolist())


def test_a_history_read_and_counted_in_parts_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A million plays and more are read and counted in parts: wherever these end, nothing is lost or told twice."""
    with open_desk(tmp_path) as desk:
        fill_history(desk.catalog, 3_000, 80, fill(desk.catalog, 60))
        conn = desk.catalog.store.conn
        whole = read(conn)
        [told] = History(conn).plays("me")
        assert [*map(tuple, told.tolist())] == conn.execute(
            "SELECT song_id, at, ms FROM listen ORDER BY 1, 2, 3"
        ).fetchall()
        monkeypatch.setattr(history, "PART", 100)
        monkeypatch.setattr(listening, "BLOCK", 70)
        assert len([*History(conn).plays("me")]) > 10
        parts = read(conn)
        assert all(
            np.array_equal(getattr(whole, name), getattr(parts, name)) for name in ("at", "item", "seconds", "untimed")
        )
        one, other = look_back(parts), look_back(whole)
        assert (one.clock == other.clock).all() and one.clock.sum() == len(whole) == one.plays
        assert (one.bins, one.top_songs, one.hours) == (other.bins, other.top_songs, other.hours)
        assert sum(part.plays for part in one.bins) == len(whole)
        assert [*History(conn).plays("nobody")] == []
