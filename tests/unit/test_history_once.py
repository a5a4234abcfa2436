"""Every play once: overlapping files, any order, both of Spotify's exports, and kill -9 in between."""

from __future__ import annotations

import itertools
import json
import random
import sqlite3
import time
from pathlib import Path

import pytest

from musicdesk.catalog.twice import Told, told_twice
from musicdesk.core.changes import Changes
from musicdesk.core.errors import Cancelled
from musicdesk.core.progress import Silent
from musicdesk.workflows import import_history as work
from musicdesk.workflows.desk import Desk, open_desk
from musicdesk.workflows.jobs import run_job
from tests.helpers.histories import account, extended, put, stored, take
from tests.helpers.programs import ask, kill_after
from tests.unit.test_history_matching import own


def history(count: int, seed: int = 0) -> list[dict[str, object]]:
    """Plays of the extended kind, some of them the same to the millisecond."""
    draw = random.Random(seed)
    rows = []
    at = 1_646_370_367
    for _ in range(count):
        at += draw.choice((0, 35, 200, 9_000))
        song = int(draw.paretovariate(1)) % 40
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
        ms = draw.choice((31_000, 180_000, 240_123, 5_000))
        names = {"master_metadata_track_name": f"Song {song}", "master_metadata_album_artist_name": f"A{song % 7}"}
        rows.append(
            extended(ts=moment, ms_played=ms, master_metadata_album_album_name=f"L{draw.randint(0, 3)}", **names)
        )
    return rows


def in_minutes(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """The same plays as the account data tells them."""
    return [
        account(
            endTime=str(row["ts"])[:16].replace("T", " "),
            artistName=row["master_metadata_album_artist_name"],
            trackName=row["master_metadata_track_name"],
            msPlayed=row["ms_played"],
        )
        for row in rows
    ]


def called(artist: str, title: str, uri: str, **more: object) -> dict[str, object]:
    names = {"master_metadata_album_artist_name": artist, "master_metadata_track_name": title}
    return extended(**names, spotify_track_uri=f"spotify:track:{uri}", **more)


def digest_after(folder: Path, imports: list[Path]) -> str:
    with open_desk(folder) as desk:
        for path in imports:
            take(desk, path)
        return desk.catalog.listens.digest()


def test_any_order_gives_the_same_table(tmp_path):
    rows = history(400)
    a = put(tmp_path, "a.json", rows[:250])
    b = put(tmp_path, "b.json", rows[200:])
    both = put(tmp_path, "both/a.json", rows[:250]).parent
    put(tmp_path, "both/b.json", rows[200:])
    orders = [[a, a, both, b], *itertools.permutations([a, both, b]), [both], [b, a]]
    digests = {digest_after(tmp_path / f"p{n}", list(order)) for n, order in enumerate(orders)}
    assert len(digests) == 1


def test_both_kinds_of_export_in_any_order(tmp_path):
    rows = history(300, seed=4)
    long = put(tmp_path, "endsong_0.json", rows[:200])
    short = put(tmp_path, "StreamingHistory0.json", in_minutes(rows[100:]))
    cut = put(tmp_path, "endsong_1.json", rows[50:150])
    orders = list(itertools.permutations([long, short, cut]))
    digests = {digest_after(tmp_path / f"p{n}", list(order)) for n, order in enumerate(orders)}
    assert len(digests) == 1
    with open_desk(tmp_path / "p0") as desk:
        assert stored(desk, "sum(counted)") == pytest.approx(300, abs=3)  # minutes leave room for a doubt
        assert desk.catalog.listens.count()["listens"] == stored(desk, "sum(counted)")


def test_the_same_play_in_both_exports_is_known_already(tmp_path):
    rows = [extended(), extended(ts="2022-03-04T07:00:59Z", ms_played=200_000)]
    for n, (first, second) in enumerate((("a", "b"), ("b", "a"))):
        paths = {
            "a": put(tmp_path, "endsong_0.json", rows),
            "b": put(tmp_path, "StreamingHistory0.json", in_minutes(rows)),
        }
        with open_desk(tmp_path / f"p{n}") as desk:
            assert take(desk, paths[first]).imported == 2
            assert take(desk, paths[second]).duplicates == 2
            assert stored(desk, "sum(counted)") == 2


def test_what_differs_is_two_plays(tmp_path):
    with open_desk(tmp_path / "p") as desk:
        take(desk, put(tmp_path, "endsong_0.json", [extended()]))
        others = [account(endTime="2022-03-04 05:09"), account(msPlayed=90_000), account(trackName="Other")]
        assert take(desk, put(tmp_path, "StreamingHistory0.json", others)).imported == 3


def told(kind: str, *plays: tuple[int, int]) -> list[Told]:
    return [Told(kind, at, ms, None, "a") for at, ms in plays]


@pytest.mark.parametrize(
    ("minutes", "seconds", "back"),
    [
        ([(60, 5000), (60, 5000)], [(70, 5000)], {0}),
        ([(60, 5000), (60, 9000)], [(70, 9000), (75, 5000)], {0, 1}),
        ([(60, 5000)], [(300, 5000)], set()),
        ([], [(1, 1)], set()),
    ],
)
def test_each_play_answers_for_one_other(minutes, seconds, back):
    rows = [*told("spotify-account", *minutes), *told("spotify-extended", *seconds)]
    assert told_twice(rows) == back


def test_same_rows_in_one_file_are_plays_and_in_two_files_are_overlap(tmp_path):
    with open_desk(tmp_path / "p") as desk:
        assert take(desk, put(tmp_path, "a.json", [account()] * 3)).imported == 3
        assert take(desk, put(tmp_path, "b.json", [account()] * 2)).duplicates == 2
        assert take(desk, put(tmp_path, "c.json", [account()] * 4)).imported == 1


def test_cancelled_in_between_and_started_again(tmp_path, monkeypatch):
    monkeypatch.setattr(work, "BATCH", 50)
    path = put(tmp_path, "a.json", history(400))
    whole = digest_after(tmp_path / "whole", [path])
    with open_desk(tmp_path / "p") as desk:
        monitor = Silent()
        monkeypatch.setattr(monitor, "report", lambda done, *_: done >= 150 and monitor.stop.set())
        with pytest.raises(Cancelled):
            work.import_history(desk, [path], monitor)
        assert stored(desk) == 150
        assert [s.state for s in desk.catalog.listens.sources()] == ["stopped"]
        take(desk, path)
        assert [s.state for s in desk.catalog.listens.sources()] == ["finished", "stopped"]
        assert desk.catalog.listens.digest() == whole


def round_the_clock(folder: Path, days: int) -> tuple[Path, Path]:
    """Two songs in turn, day and night, as Spotify and as Last.fm tell them."""
    begins = range(1_600_000_000, 1_600_000_000 + days * 86_400, 180)
    names = [f"Song {turn % 2}" for turn in range(len(begins))]
    ends = [time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at + 170)) for at in begins]
    rows = [
        extended(ts=end, ms_played=170_000, master_metadata_album_artist_name="A", master_metadata_track_name=name)
        for end, name in zip(ends, names, strict=True)
    ]
    lines = [f"{at},,A,,,,{name}," for at, name in zip(begins, names, strict=True)]
    head = "uts,utc_time,artist,artist_mbid,album,album_mbid,track,track_mbid"
    return put(folder, "endsong_0.json", rows), put(folder, "lastfm.csv", "\n".join([head, *lines]))


def steps_of_overlap(folder: Path, days: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """How much SQLite works for a history that is known already, when its last batch hangs together with all of it."""
    monkeypatch.setattr(work, "BATCH", days * 480 - 10)
    first, again = round_the_clock(folder, days)
    steps = [0]
    with open_desk(folder / "p") as desk:
        take(desk, first)
        desk.catalog.store.conn.set_progress_handler(lambda: steps.__setitem__(0, steps[0] + 1), 1_000)
        done = take(desk, again)
        assert done.imported == 0 and done.rows == days * 480
    return steps[0]


def test_music_round_the_clock_is_read_once_for_all_its_days(tmp_path, monkeypatch):
    few = steps_of_overlap(tmp_path / "few", 2, monkeypatch)
    assert steps_of_overlap(tmp_path / "many", 8, monkeypatch) < 6 * few


def test_plays_that_hang_together_for_days_are_the_same_in_small_batches(tmp_path, monkeypatch):
    long, short = round_the_clock(tmp_path, 1)
    whole = digest_after(tmp_path / "whole", [long, short])
    monkeypatch.setattr(work, "BATCH", 37)
    assert {digest_after(tmp_path / f"p{n}", order) for n, order in enumerate(([long, short], [short, long]))} == {
        whole
    }


def killed(tmp_path: Path, kills: int, seed: int) -> None:
    """Imports killed at random moments, then once to the end: the exact multiset of rows."""
    rows = history(40_000, seed)
    folder = put(tmp_path, "export/endsong_0.json", rows[:30_000]).parent
    put(tmp_path, "export/StreamingHistory0.json", in_minutes(rows[25_000:]))
    whole = digest_after(tmp_path / "whole", [folder])
    draw, hit = random.Random(seed), 0
    for _ in range(kills):
        hit += kill_after(tmp_path / "p", draw.uniform(0.25, 2.0), "import", str(folder))
    done = ask(tmp_path / "p", "import", str(folder))
    assert done["rows"] == done["imported"] + done["duplicates"] + sum(done["rejected"].values())
    conn = sqlite3.connect(tmp_path / "p" / "catalog.sqlite")
    assert conn.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert conn.execute("PRAGMA foreign_key_check").fetchall() == []
    conn.close()
    with open_desk(tmp_path / "p") as desk:
        assert desk.catalog.listens.digest() == whole
    assert ask(tmp_path / "p", "import", str(folder))["imported"] == 0
    assert hit


def test_killed_at_random_and_started_again(tmp_path):
    killed(tmp_path, kills=4, seed=1)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_killed_twenty_five_times(tmp_path):
    killed(tmp_path, kills=25, seed=2)


def test_json_has_the_keys_of_the_contract(tmp_path):
    path = put(tmp_path, "StreamingHistory0.json", [account(), account(msPlayed=0)])
    found = ask(tmp_path / "p", "import", str(path))
    keys = "format rows imported duplicates rejected songs matched ambiguous not_owned examples notes"
    assert set(keys.split()) <= found.keys()
    assert found["examples"] == {"played for 0 ms": ["row 2: John Coltrane, Blue Train, 2022-03-04 05:06, 0"]}
    assert json.loads(json.dumps(found))["rows"] == 2
    assert ask(tmp_path / "p", "status")["history"]["listens"] == 1
    assert {"songs", "matched", "by_method", "coverage_by_plays", "review"} <= ask(
        tmp_path / "p", "match", "--review"
    ).keys()


def cancelled_import(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk whose import of 400 plays of one owned song was cancelled after 150."""
    monkeypatch.setattr(work, "BATCH", 50)
    desk = open_desk(folder / "p")
    own(desk, ("Band", "Song", 200.0))
    begins = [called("Band", "Song", "x", ts=f"2022-03-04T{n // 60:02}:{n % 60:02}:00Z") for n in range(400)]
    monitor = Silent()
    monkeypatch.setattr(monitor, "report", lambda done, *_: done >= 150 and monitor.stop.set())
    with pytest.raises(Cancelled):
        work.import_history(desk, [put(folder, "a.json", begins)], monitor)
    return desk


def test_what_came_before_an_import_was_cancelled_counts_at_once(tmp_path, monkeypatch):
    with cancelled_import(tmp_path, monkeypatch) as desk:
        assert list(desk.catalog.feedback.listener().plays.values()) == [150]
        assert [s.state for s in desk.catalog.listens.sources()] == ["stopped"] and not desk.catalog.listens.unsettled


def test_what_came_before_an_import_was_killed_counts_after_the_next_job(tmp_path, monkeypatch):
    monkeypatch.setattr(work, "_keep_what_came", lambda _desk: None)  # as if it had been killed there
    with cancelled_import(tmp_path, monkeypatch) as desk:
        assert [s.state for s in desk.catalog.listens.sources()] == ["running"]
        assert desk.catalog.feedback.listener().plays == {}
        assert run_job(desk, "scan", {}, Silent()).changes & Changes.LISTENS
        assert list(desk.catalog.feedback.listener().plays.values()) == [150]
        assert [s.state for s in desk.catalog.listens.sources()] == ["stopped"] and not desk.catalog.listens.unsettled


def test_matching_what_came_before_a_cancel_does_not_keep_one_waiting(tmp_path, monkeypatch):
    monkeypatch.setattr(work, "WAITS_S", 0.0)
    with cancelled_import(tmp_path, monkeypatch) as desk:
        assert desk.catalog.feedback.listener().plays == {} and desk.catalog.listens.unsettled
        assert [s.state for s in desk.catalog.listens.sources()] == ["stopped"]
        run_job(desk, "match", {}, Silent())
        assert list(desk.catalog.feedback.listener().plays.values()) == [150]


def test_a_name_is_one_listener_in_any_case(tmp_path):
    plays = [put(tmp_path, f"{n}.json", [account(trackName=f"Song {n}")]) for n in range(5)]
    with open_desk(tmp_path / "p") as desk:
        for path, name in zip(plays, ("Me", " ME ", "Anna", "anna", "ÄNNE"), strict=True):
            take(desk, path, listener=name)
        assert take(desk, plays[4], listener="änne").listener == "ÄNNE"
        assert desk.catalog.history.listeners() == ["me", "Anna", "ÄNNE"]
        assert desk.catalog.listens.count()["listens"] == 5
