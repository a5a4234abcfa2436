"""Plays as a way over the map, and songs of a crowd that one does not own."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from musicdesk.core.progress import Silent
from musicdesk.core.types import PlayEnd, TrackId
from musicdesk.workflows.desk import Desk, open_desk
from musicdesk.workflows.project import project
from musicdesk.workflows.trail import ghosts, trail
from musicdesk.workflows.train import train
from tests.helpers.big_catalog import fill
from tests.helpers.histories import put, take

SETTINGS = {"factors": 12, "iterations": 8, "regularization": 2.0}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path / "p") as opened:
        fill(opened.catalog, 150, opened.encoder)
        project(opened, "neighbours", Silent())
        yield opened


def test_the_trail_follows_the_plays(desk: Desk) -> None:
    layout = desk.catalog.layouts.active()
    assert layout is not None
    assert len(trail(desk, layout.ids).rows) == 0
    for moment, row in ((50, 7), (10, 3), (20, 3), (30, 9), (40, 3)):
        track = TrackId(int(layout.ids[row]))
        desk.catalog.feedback.played(track, 60_000, 60_000, PlayEnd.FINISHED, at=float(moment))
    whole = trail(desk, layout.ids)
    assert (whole.rows.tolist(), whole.moments.tolist()) == ([3, 9, 3, 7], [10, 30, 40, 50])
    assert trail(desk, layout.ids, since=25, until=40).rows.tolist() == [9, 3]
    some = np.delete(layout.ids, 9)  # of a map that lacks it, its play is no station
    assert [int(some[row]) for row in trail(desk, some).rows] == [int(layout.ids[row]) for row in (3, 7)]
    assert not len(trail(desk, np.empty(0, np.int64)).rows)


def crowd_file(folder: Path, desk: Desk, ids: np.ndarray) -> Path:
    """People of one genre each, who also play songs of that genre that nobody here has."""
    rng = np.random.default_rng(0)
    tracks = desk.catalog.tracks.get_many(ids.tolist())
    genres = sorted({track.tags.genre for track in tracks if track.tags.genre})
    lines = ["user_id,song_id,listen_count,title,release,artist_name,year"]
    for who in range(120):
        genre = genres[who % len(genres)]
        able = [n for n, track in enumerate(tracks) if track.tags.genre == genre]
        for n in rng.choice(able, min(8, len(able)), replace=False).tolist():
            lines.append(f'u{who},S{n:04},3,"{tracks[n].tags.title}",R,"{tracks[n].tags.artist}",0')
        for n in range(3):
            lines.append(f'u{who},G{genre}{n},3,"Far {genre} {n}",R,"Nobody {genre}",0')
    return put(folder, "crowd.csv", "\n".join(lines) + "\n")


def test_ghosts_lie_among_what_the_same_people_play(desk: Desk, tmp_path: Path) -> None:
    layout = desk.catalog.layouts.active()
    assert layout is not None
    assert ghosts(desk, layout).note.startswith("Import a crowd")
    take(desk, crowd_file(tmp_path, desk, layout.ids), crowd="friends")
    train(desk, "wmf", SETTINGS, 0, Silent(), crowd="friends", measure=False)
    with desk.beside() as own:  # as the window reads them: by a connection that may not write
        found = ghosts(own, layout, 60)
        with pytest.raises(sqlite3.OperationalError):
            own.catalog.store.conn.execute("DELETE FROM track")
    genres = desk.catalog.browse.meta(layout.ids)["genre"]
    assert found.crowd == "friends" and len(found.names) == len(found.xyz) >= 20 and np.isfinite(found.xyz).all()
    assert all(artist.startswith("Nobody") for artist, _title in found.names)  # none that is owned
    right = 0
    for (artist, _title), place in zip(found.names, found.xyz, strict=True):
        near = np.argsort(np.linalg.norm(layout.xyz - place, axis=1))[:5]
        right += sum(genres[row] == artist.removeprefix("Nobody ") for row in near) >= 3
    assert right > 0.8 * len(found.names)
    assert len(ghosts(desk, layout, 5).names) == 5
    genre_of = dict(zip(layout.ids.tolist(), genres, strict=True))
    same = [
        genre_of[track] == artist.removeprefix("Nobody ")
        for (artist, _title), near in zip(found.names, found.near, strict=True)
        for track in near
    ]
    assert len(same) == 3 * len(found.names) and np.mean(same) > 0.8, "named beside it are those that its players play"
    track = next(int(i) for i, genre in zip(layout.ids, genres, strict=True) if genre == "Jazz")
    desk.catalog.feedback.played(TrackId(track), 60_000, 60_000, PlayEnd.FINISHED)
    liked = ghosts(desk, layout, 3)  # now a taste is known
    assert {artist for artist, _title in liked.names} == {"Nobody Jazz"}
