"""A small music folder, scanned, and what analysis would keep of it."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from musicdesk.catalog.sound import Facts
from musicdesk.core.changes import Changes
from musicdesk.core.killable import Pool
from musicdesk.core.progress import Silent
from musicdesk.core.types import Track, TrackId
from musicdesk.workflows.desk import Desk
from musicdesk.workflows.intake import IDENTITY
from musicdesk.workflows.scan import Scanned, scan
from tests.helpers.tagged import make_sound, set_tags

ENCODER = "test"


def six_tracks(folder: Path) -> Path:
    """Six tracks of two artists; no two sound alike."""
    for i in range(6):
        album = folder / ("Ann" if i < 3 else "Bob") / "Songs"
        album.mkdir(parents=True, exist_ok=True)
        path = make_sound(album / f"{i:02} - Song {i}.flac", 300.0 + 50 * i, 0.5)
        set_tags(path, title=f"Song {i}", artist="Ann" if i < 3 else "Bob", album="Songs")
    return folder


def run(desk: Desk, *folders: Path | str) -> Scanned:
    result = scan(desk, [os.fsencode(folder) for folder in folders], Silent())
    assert result.found == result.added + result.updated + result.moved + result.unchanged + result.failed
    return result


def quiet(desk: Desk, *folders: Path) -> None:
    """Scanning once more sees everything as it is and writes nothing."""
    before = desk.catalog.store.conn.total_changes
    again = run(desk, *folders)
    assert again.found == again.unchanged + again.failed
    assert again.changes is Changes.NOTHING
    assert desk.catalog.store.conn.total_changes == before


def tracks(desk: Desk) -> dict[str, Track]:
    """By file name."""
    return {os.fsdecode(os.path.basename(track.path)): track for track in desk.catalog.tracks.all()}


def one(folder: Path, number: int) -> Path:
    return next(folder.rglob(f"{number:02} - *"))


def hear(desk: Desk, *chosen: Track) -> None:
    """What analysis would keep: the true hash of the sound, and some vector."""
    requests = [{"path": os.fsdecode(track.path), "id": int(track.id)} for track in chosen]
    facts = Facts(120.0, 1.0, -14.0, -4.0, 0.9, "C", 1.0, 48_000, 1, "flac")
    vector = np.array([1.0, 0.0], np.float32)
    with Pool(IDENTITY, 1) as pool:
        for request, answer in pool.run(requests, 20.0):
            waveform = (np.zeros(4, np.uint8), True)
            digest, seconds = answer.head["audio_hash"], answer.head["duration_s"]
            desk.catalog.sound.save(TrackId(request["id"]), ENCODER, vector, vector, facts, digest, waveform, seconds)


def heard(desk: Desk) -> set[int]:
    return {int(i) for i in desk.catalog.sound.vectors(ENCODER).ids}
