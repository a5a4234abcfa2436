"""Windows of a real library: kept by analysis from the decode it does anyway, made again when they are missing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from musicdesk.core.errors import Cancelled
from musicdesk.core.progress import Silent
from musicdesk.learning.windows import MelWindows
from musicdesk.workflows.analyze import analyze
from musicdesk.workflows.desk import Desk, open_desk
from musicdesk.workflows.scan import scan
from musicdesk.workflows.windows import kept_windows, window_store, windows_for
from tests.helpers.music import make_library

TRACKS = 9


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Nine tracks, eight of 20 s and one of 70 s, analyzed; the decoders may take one core."""
    make_library(tmp_path / "music", TRACKS - 1, seconds=20.0)
    make_library(tmp_path / "more", 1, seconds=70.0)
    with open_desk(tmp_path / "profile", "cpu") as opened:
        opened.settings = replace(opened.settings, processes=1)
        scan(opened, [os.fsencode(tmp_path / "music"), os.fsencode(tmp_path / "more")], Silent())
        assert analyze(opened, Silent()).analyzed == TRACKS
        yield opened


def pictures(found: MelWindows) -> list[bytes]:
    return [found.take(found.windows_of(np.array([at]))).tobytes() for at in range(len(found))]


def test_what_analysis_keeps_is_what_filling_makes(desk: Desk):
    kept = kept_windows(desk)
    assert kept.ids.tolist() == desk.vectors().ids.tolist() and kept.shape == (130, 128)
    assert kept.counts.tolist() == [4] * TRACKS
    for file in (desk.profile.cache / "windows").iterdir():
        file.unlink()
    assert len(kept_windows(desk)) == 0
    made = windows_for(desk, kept.ids[::-1], Silent())
    assert pictures(made) == pictures(kept) and made.digest == kept.digest
    assert desk.catalog.sound.failures() == []


def test_only_what_is_missing_and_fits_is_made(desk: Desk):
    desk.settings = replace(desk.settings, windows_mb=1)
    room = window_store(desk).most
    assert 0 < room < TRACKS
    ids = desk.vectors().ids
    made = windows_for(desk, ids[-room:], Silent())
    assert set(ids[-room:].tolist()) <= set(made.ids.tolist())
    assert len(windows_for(desk, np.array([999]), Silent())) == room
    windows_for(desk, ids[:room], Silent())
    assert set(ids[:room].tolist()) <= set(kept_windows(desk).ids.tolist())


def test_a_file_that_went_bad_is_left_out_and_told(desk: Desk):
    for file in (desk.profile.cache / "windows").iterdir():
        file.unlink()
    ids = desk.vectors().ids
    path = Path(os.fsdecode(desk.catalog.tracks.get(ids[0]).path))
    path.write_bytes(b"no music " * 100)
    made = windows_for(desk, ids, Silent())
    assert made.ids.tolist() == ids[1:].tolist()
    assert [failure.stage for failure in desk.catalog.sound.failures()] == ["windows"]
    assert not window_store(desk).missing(
        {int(t): h.audio_hash for t, h in zip(ids, heard(desk), strict=True) if t != ids[0]}
    )


def heard(desk: Desk) -> list:
    return desk.catalog.sound.heard_files()


def test_it_can_be_stopped_and_goes_on(desk: Desk):
    for file in (desk.profile.cache / "windows").iterdir():
        file.unlink()
    watch = Silent()
    watch.stop.set()
    with pytest.raises(Cancelled):
        windows_for(desk, desk.vectors().ids, watch)
    assert len(windows_for(desk, desk.vectors().ids, Silent())) == TRACKS
