"""Plays that were noted while the clock was wrong, and exports that tell of times to come."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from musicdesk.core.types import PlayEnd, TrackId
from musicdesk.workflows.desk import Desk, open_desk
from musicdesk.workflows.listening import look_back
from musicdesk.workflows.listening_read import local, read
from tests.helpers.big_catalog import fill
from tests.helpers.histories import put, take

YEAR_S = 365 * 86_400


def unplayed(desk: Desk) -> list[TrackId]:
    """Four tracks that nobody has played yet."""
    ids = fill(desk.catalog, 4, desk.encoder)
    desk.catalog.store.conn.execute("UPDATE track SET plays = 0, skips = 0, play_weight = 0, last_played_at = NULL")
    return [TrackId(int(i)) for i in ids]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path / "profile") as opened:
        yield opened


def test_a_play_of_a_wrong_clock_does_not_outweigh_all_others(desk: Desk) -> None:
    """The clock stood in the year 2056 for one play, and was put right."""
    ids = unplayed(desk)
    now, feedback = time.time(), desk.catalog.feedback
    for days, track in ((1, ids[0]), (180, ids[1])):
        feedback.played(track, 200_000, 200_000, PlayEnd.FINISHED, at=now - days * 86_400)
    feedback.played(ids[2], 200_000, 200_000, PlayEnd.FINISHED, at=now + 30 * YEAR_S)
    weights = feedback.listener().weights
    assert weights[ids[2]] == pytest.approx(1.0)
    assert weights[ids[0]] == pytest.approx(2 ** (-1 / 180), rel=1e-3)
    assert weights[ids[1]] == pytest.approx(0.5, rel=1e-3)


def test_an_import_while_the_clock_was_ahead_keeps_the_others(desk: Desk, tmp_path: Path) -> None:
    """Importers refuse what is later than tomorrow; the clock had been in 2056."""
    one, two = desk.catalog.tracks.get_many(unplayed(desk)[:2])
    day = time.strftime("%Y-%m-%dT12:00:00Z", time.gmtime(time.time() - 86_400))
    rows = [
        {"ts": day, "ms_played": 200_000, "master_metadata_track_name": track.tags.title,
         "master_metadata_album_artist_name": track.tags.artist, "conn_country": "DE"}
        for track in (one, two)
    ]  # fmt: skip
    take(desk, put(tmp_path, "endsong_0.json", rows))
    with desk.catalog.write() as db:
        sql = "UPDATE listen SET at = at + ? WHERE song_id = (SELECT song_id FROM match WHERE track_id = ?)"
        db.conn.execute(sql, (30 * YEAR_S, two.id))
        desk.catalog.listens.settle()
    weights = desk.catalog.feedback.listener().weights
    assert weights[one.id] > 0.9 and weights[two.id] == pytest.approx(1.0)
    back = look_back(read(desk.catalog.store.conn))
    assert back.plays == 2 and sum(stretch.plays for stretch in back.bins) == 2


def test_the_time_zone_is_changed_while_the_program_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read from then on is told by the new one; times before 1970 and after 2106 end at the bounds."""
    at = np.array([0, 1_700_000_000, 1_720_000_000, (1 << 32) - 1], np.uint32)
    found = {}
    for zone in ("UTC", "Asia/Kathmandu", "Pacific/Kiritimati", "America/St_Johns", "No/Such"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        found[zone] = local(at).astype(np.int64) - at.astype(np.int64)
    monkeypatch.delenv("TZ")
    time.tzset()
    assert not found["UTC"].any() and not found["No/Such"].any()
    assert found["Asia/Kathmandu"][1:3].tolist() == [20_700, 20_700]
    assert found["Pacific/Kiritimati"].tolist()[1:] == [50_400, 50_400, 0]
    assert found["America/St_Johns"].tolist()[:3] == [0, -12_600, -9_000]
