"""How tracks begin and end: told by analysis at no cost, kept, and what the order of a list goes by."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import mutagen
import numpy as np
import pytest
import soundfile

from musicdesk.core.progress import Silent
from musicdesk.core.types import TrackId
from musicdesk.workflows.analyze import analyze
from musicdesk.workflows.desk import Desk, open_desk
from musicdesk.workflows.recommend import Request, draft
from musicdesk.workflows.scan import scan
from tests.helpers.music import RATE, tone

HALF_S = 12.2
PLANTED = ("rising 1", "rising 2", "falling 1", "falling 2", "rising 3", "falling 3", "rising 4")


def halves(seed: int, rising: bool) -> np.ndarray:
    """A quiet low chord that turns into loud bright noise, or the same the other way round."""
    calm = 0.3 * tone(110.0, HALF_S, seed)
    rng = np.random.default_rng(seed)
    wild = 0.3 * rng.standard_normal(len(calm)) * (np.arange(len(calm)) % (RATE // 4) < RATE // 8)
    return np.concatenate([calm, wild] if rising else [wild, calm]).astype(np.float32)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Seven tracks of the same two halves, heard with one decoder."""
    folder = tmp_path_factory.mktemp("edges")
    for number, title in enumerate(PLANTED):
        path = folder / "music" / f"{number}.flac"
        path.parent.mkdir(exist_ok=True)
        soundfile.write(path, halves(number, title.startswith("rising")), RATE)
        audio = mutagen.File(path)
        audio.update({"title": title, "artist": f"Artist {number}"})
        audio.save()
    with open_desk(folder / "profile", "cpu") as opened:
        opened.settings = replace(opened.settings, processes=1)
        scan(opened, [os.fsencode(folder / "music")], Silent())
        assert analyze(opened, Silent()).analyzed == len(PLANTED)
        yield opened


def track_of(desk: Desk, title: str) -> TrackId:
    return next(track.id for track in desk.catalog.tracks.all() if track.tags.title == title)


def order(desk: Desk) -> list[str]:
    """The first letters of a list's tracks in their order: r for rising, f for falling."""
    wish = Request("add-subtract", (track_of(desk, "rising 1"),), n=6, adventure=0.0, surprise=0.0, memory_days=0.0)
    tracks = [pick.track for pick in draft(desk, wish)[0].picks]
    return [track.tags.title[0] for track in desk.catalog.tracks.get_many(tracks)]


def test_ends_are_heard_apart(desk: Desk) -> None:
    vectors = desk.vectors()
    found = desk.catalog.edges.of([TrackId(int(track)) for track in vectors.ids], desk.encoder, vectors.matrix.shape[1])
    assert len(found) == len(PLANTED)
    rising, other, falling = (found[track_of(desk, title)] for title in ("rising 1", "rising 2", "falling 1"))
    assert rising.ending @ falling.opening > rising.ending @ other.opening + 0.3
    assert rising.opening_db < -6.0 < 0.0 < rising.ending_db and falling.ending_db < -6.0
    assert all(np.isclose(np.linalg.norm(edge.opening), 1.0, atol=1e-5) for edge in found.values())


def test_what_ends_as_the_next_begins_comes_before_it(desk: Desk) -> None:
    """By whole tracks all of one kind stand together; by their ends they take turns."""
    by_ends = order(desk)
    assert all(one != other for one, other in pairwise(by_ends)), by_ends
    with desk.catalog.write() as db:
        kept = db.conn.execute("SELECT * FROM edge").fetchall()
        db.execute("DELETE FROM edge")
    assert order(desk) != by_ends, "tracks heard before are put in order by their whole sound"
    with desk.catalog.write() as db:
        db.conn.executemany("INSERT INTO edge VALUES (?, ?, ?, ?, ?)", kept)
    assert order(desk) == by_ends


def test_what_was_heard_before_gets_its_ends_only_when_asked(desk: Desk) -> None:
    before = desk.vectors().matrix.copy()
    sql = "SELECT * FROM edge ORDER BY track_id"
    kept = desk.catalog.store.conn.execute(sql).fetchall()
    with desk.catalog.write() as db:
        db.execute("DELETE FROM edge")
    assert analyze(desk, Silent()).analyzed == 0 and desk.catalog.edges.count(desk.encoder) == 0
    assert analyze(desk, Silent(), limit=2, edges=True).analyzed == 2
    assert analyze(desk, Silent(), edges=True).analyzed == len(PLANTED) - 2
    assert desk.catalog.store.conn.execute(sql).fetchall() == kept, "to the last bit"
    assert (desk.vectors().matrix == before).all()
    assert analyze(desk, Silent(), edges=True).analyzed == 0


def test_another_encoder_and_a_track_that_goes_take_their_ends_along(desk: Desk) -> None:
    assert desk.catalog.edges.of([TrackId(1)], "another", desk.vectors().matrix.shape[1]) == {}
    assert desk.catalog.edges.of([TrackId(1)], desk.encoder, 7) == {}
    desk.catalog.tracks.remove([TrackId(6)])
    assert desk.catalog.edges.count(desk.encoder) == len(PLANTED) - 1
    desk.catalog.sound.forget(TrackId(5))
    desk.catalog.encoders.forget(desk.encoder)
    assert desk.catalog.edges.count(desk.encoder) == 0
