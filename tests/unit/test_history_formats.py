"""Every format is told by its content and gives every row of its files, used or refused with a reason."""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter
from pathlib import Path

import pytest

from musicdesk.core.errors import NotFound, Unusable
from musicdesk.core.progress import Silent
from musicdesk.history.times import any_time, epoch, iso, spoken
from musicdesk.workflows.desk import open_desk
from musicdesk.workflows.forget import forget
from tests.helpers.histories import SAMPLES, account, extended, put, stored, take, zipped
from tests.unit.test_history_matching import own


@pytest.fixture
def desk(tmp_path: Path):
    with open_desk(tmp_path / "profile") as opened:
        yield opened


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("wrap", ["plain", "gz", "zip", "folder", "renamed"])
def test_every_format_in_every_wrapping(desk, tmp_path, name, wrap):
    file, data, form, rows, imported = SAMPLES[name]
    path = {
        "plain": lambda: put(tmp_path, file, data),
        "gz": lambda: put(tmp_path, file + ".gz", gzip.compress(data)),
        "zip": lambda: put(tmp_path, "my_data.zip", zipped({f"MyData/{file}": data, "ReadMe.pdf": b"%PDF-1.4"})),
        "folder": lambda: put(tmp_path / "export", f"deep/{file}", data).parent.parent,
        "renamed": lambda: put(tmp_path, "something.bin", data),
    }[wrap]()
    done = take(desk, path)
    assert (done.format, done.rows, done.imported) == (form, rows, imported)
    again = take(desk, path)
    assert (again.rows, again.imported, again.duplicates) == (rows, 0, imported)


@pytest.mark.parametrize("name", SAMPLES)
def test_the_play_that_all_samples_tell(desk, tmp_path, name):
    file, data, _form, _rows, imported = SAMPLES[name]
    take(desk, put(tmp_path, file, data))
    conn = desk.catalog.store.conn
    for at, artist, title in conn.execute("SELECT at, artist, title FROM listen JOIN song ON song.id = song_id"):
        assert (artist, title) == ("John Coltrane", "Blue Train")
        assert at // 60 == 1_646_370_367 // 60
    assert stored(desk) + stored(desk, table="mention") == imported


def test_nothing_that_names_person_or_device_is_stored(desk, tmp_path):
    for name in ("extended", "extended newer", "apple"):
        take(desk, put(tmp_path, SAMPLES[name][0], SAMPLES[name][1]))
    take(desk, put(tmp_path, "odd.json", [extended(ms_played="x"), extended(ts=3), extended(ms_played=0)]))
    conn = desk.catalog.store.conn
    tables = [row[0] for row in conn.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    kept = "".join(str(row) for table in tables for row in conn.execute(f"SELECT * FROM {table}"))
    for secret in ("secret", "203.0.113", "secret-device"):
        assert secret not in kept


def test_podcasts_audiobooks_and_music_videos_are_told_apart(desk, tmp_path):
    none = dict.fromkeys(("master_metadata_track_name", "master_metadata_album_artist_name", "spotify_track_uri"))
    rows = [
        extended(**none, episode_name="E", episode_show_name="S"),
        extended(**none, audiobook_title="A", audiobook_uri="spotify:show:1"),
        extended(**none),
        extended(),
    ]
    done = take(desk, put(tmp_path, "Streaming_History_Video_2020-2024.json", rows))
    assert done.rejected == {"podcast": 1, "audiobook": 1, "no artist or title": 1}
    assert done.imported == 1


def test_likes_bans_playlists_and_sums_are_mentions(desk, tmp_path):
    for name in ("library", "playlists", "itunes"):
        take(desk, put(tmp_path, SAMPLES[name][0], SAMPLES[name][1]))
    rows = desk.catalog.store.conn.execute("SELECT verb, name, plays FROM mention ORDER BY verb").fetchall()
    assert rows == [("banned", "", 0), ("liked", "", 0), ("playlist", "Evening", 0), ("total", "", 7)]
    more = SAMPLES["itunes"][1].replace(b"<integer>7<", b"<integer>9<")
    assert take(desk, put(tmp_path, "later.xml", more)).imported == 1
    assert take(desk, put(tmp_path, "earlier.xml", SAMPLES["itunes"][1])).imported == 0
    assert stored(desk, "plays", "mention WHERE verb = 'total'") == 9


def test_skips_are_told_by_the_row_or_by_the_button(desk, tmp_path):
    rows = [
        extended(ts="2022-01-01T00:00:01Z", skipped=True),
        extended(ts="2022-01-01T00:00:02Z", skipped=None, reason_end="fwdbtn"),
        extended(ts="2022-01-01T00:00:03Z", skipped=False, reason_end="fwdbtn"),
        extended(ts="2022-01-01T00:00:04Z", skipped=None, reason_end=None),
    ]
    take(desk, put(tmp_path, "endsong_0.json", rows))
    found = [row[0] for row in desk.catalog.store.conn.execute("SELECT skipped FROM listen ORDER BY at")]
    assert found == [1, 1, 0, None]


def test_a_format_can_be_forced_and_a_wrong_name_suggests_one(desk, tmp_path):
    path = put(tmp_path, "x.csv", b"when,artist,track\n2022-01-01,A,B\n")
    assert take(desk, path, form="csv").imported == 1
    with pytest.raises(NotFound, match="did you mean 'lastfm'"):
        take(desk, path, form="lastfn")


def test_an_unknown_format_writes_nothing(desk, tmp_path):
    before = desk.catalog.store.conn.total_changes
    for name, data in (("a.json", b'[{"x": 1}]'), ("b.csv", b"a,b\n1,2\n"), ("c.bin", bytes(range(256)) * 40)):
        with pytest.raises(Unusable, match="No history was recognised"):
            take(desk, put(tmp_path, name, data))
    with pytest.raises(Unusable, match="nothing in it"):
        take(desk, put(tmp_path, "empty.json", b""))
    with pytest.raises(NotFound, match="no file or folder"):
        take(desk, tmp_path / "absent.json")
    assert desk.catalog.store.conn.total_changes == before
    assert stored(desk, table="source") == 0


def test_listeners_are_kept_apart(desk, tmp_path):
    path = put(tmp_path, "StreamingHistory0.json", [account()])
    assert take(desk, path).imported == 1
    assert take(desk, path, listener="Anna").imported == 1
    assert desk.catalog.listens.count() == {"listens": 2, "songs": 1, "listeners": 2, "imports": 2}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2024-04-14 09:54", 1_713_088_440),
        ("2024-04-14T09:54:03.210Z", 1_713_088_443),
        ("2024-04-14T11:54:03+02:00", 1_713_088_443),
        ("2024-04-14T11:54:03+0200", 1_713_088_443),
        ("14 Apr 2024, 09:54", 1_713_088_440),
        ("1713088440", 1_713_088_440),
        ("1713088440123", 1_713_088_440),
        ("2024-02-30 09:54", None),
        ("2024-04-14 24:54", None),
        ("14 Foo 2024, 09:54", None),
        ("yesterday", None),
        ("9" * 400, None),
        ("", None),
    ],
)
def test_times(text, seconds):
    assert any_time(text) == seconds


def test_times_of_other_kinds():
    assert (iso(3), spoken(None), epoch(True), epoch(float("nan")), epoch(-5), epoch(10**30)) == (None,) * 6
    assert epoch(1_713_088_440.7) == 1_713_088_440


# the real samples, counted a second time by other means


def rows_of(path: Path) -> list[dict[str, object]]:
    if path.suffix == ".json":
        return json.loads(path.read_text("utf-8"))
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def wanted(row: dict[str, object]) -> str:
    """What must become of a row, worked out from the facts alone; '' when it is imported."""
    if "endTime" in row:
        if "podcastName" in row:
            return "podcast"
        if row["trackName"] == "Unknown Track":
            return "unknown track"
        return "played for 0 ms" if row["msPlayed"] == 0 else ""
    if "ms_played" in row:
        if row["master_metadata_track_name"] is None:
            return "podcast" if row["episode_name"] else "no artist or title"
        return "played for 0 ms" if row["ms_played"] == 0 else ""
    if "Play Duration Milliseconds" in row:
        if row["Item Type"] != "ITUNES_STORE_CONTENT":
            return "not music"
        ms = float(str(row["Play Duration Milliseconds"]))
        return "played for 0 ms" if ms == 0 else "negative play time" if ms < 0 else ""
    return "not music" if "header" in row else ""


@pytest.mark.parametrize(
    ("folder", "form"),
    [
        ("spotify_account_2021", "spotify-account"),
        ("spotify_account_2024", "spotify-account"),
        ("spotify_extended_2022", "spotify-extended"),
        ("spotify_extended_2024", "spotify-extended"),
        ("lastfm", "lastfm"),
        ("apple", "apple"),
        ("youtube", "youtube"),
    ],
)
def test_real_exports_count_as_counted_by_hand(desk, shared, folder, form):
    place = shared / "exports" / folder
    rows = [row for path in sorted(place.iterdir()) for row in rows_of(path)]
    counted = Counter(wanted(row) for row in rows)
    done = take(desk, place)
    used = counted.pop("", 0)
    assert (done.format, done.rows, done.rejected) == (form, len(rows), dict(counted))
    assert done.imported + done.duplicates == used
    assert take(desk, place).imported == 0


def test_a_song_on_two_albums_was_played_as_often_as_both_say(desk, tmp_path):
    own(desk, ("John Coltrane", "Blue Train", 642.0))
    name, data = SAMPLES["itunes"][:2]
    second = """<key>3</key><dict>
<key>Name</key><string>Blue Train</string><key>Artist</key><string>John Coltrane</string>
<key>Album</key><string>Best of</string><key>Play Count</key><integer>20</integer></dict>
</dict><key>Playlists</key>"""
    whole = data.decode().replace("</dict><key>Playlists</key>", second)
    done = take(desk, put(tmp_path, name, whole.encode()))
    plays = desk.catalog.feedback.listener().plays
    assert list(plays.values()) == [27]
    assert done.rows == done.imported + done.duplicates + sum(done.rejected.values())
    assert take(desk, put(tmp_path, "again.xml", whole.encode())).imported == 0
    assert desk.catalog.feedback.listener().plays == plays


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_taking_back_the_library_of_another_gives_back_ones_own_sums(desk, tmp_path, order):
    own(desk, ("John Coltrane", "Blue Train", 642.0))
    data = SAMPLES["itunes"][1]
    sums = [data.replace(b"<integer>7<", b"<integer>%d<" % plays) for plays in (3, 900)]
    files = [put(tmp_path, f"{plays}.xml", data) for plays, data in enumerate(sums)]
    for at in order:
        take(desk, files[at])
    assert list(desk.catalog.feedback.listener().plays.values()) == [900]
    forget(desk, 1 + order.index(1), Silent())
    assert list(desk.catalog.feedback.listener().plays.values()) == [3]
    forget(desk, 1 + order.index(0), Silent())
    assert desk.catalog.feedback.listener().plays == {}


def test_the_real_itunes_library(desk, shared):
    done = take(desk, shared / "exports" / "itunes")
    assert (done.rows, done.imported) == (2, 2)
    assert stored(desk, "sum(plays)", "mention") == 56
