"""Drawing the map of a library: every heard track has a place, and keeps it when others come."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from musicdesk.core.changes import Changes
from musicdesk.core.errors import NotFound, NotReady
from musicdesk.core.progress import Silent
from musicdesk.core.types import Found, Tags, TrackId, Vectors
from musicdesk.workflows.around import around, local_layout
from musicdesk.workflows.compare_maps import compare_maps
from musicdesk.workflows.desk import Desk, open_desk
from musicdesk.workflows.grow import grow
from musicdesk.workflows.project import beside, project


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path / "profile") as opened:
        yield opened


def hear(desk: Desk, start: int, count: int) -> list[TrackId]:
    """Tracks in the catalog with vectors around five styles, as if they had been analysed."""
    rng = np.random.default_rng(start)
    centres = np.random.default_rng(0).normal(size=(5, 128))
    root = desk.catalog.roots.add(b"/music") if not start else desk.catalog.roots.all()[0].id
    tracks = []
    with desk.catalog.write():
        for number in range(start, start + count):
            found = Found(f"/music/{number}.mp3".encode(), 1, 1)
            track = desk.catalog.tracks.add(root, found, Tags(title=str(number)), "", "")
            vector = centres[number % 5] + 0.7 * rng.normal(size=128)
            desk.catalog.sound.save_vector(track, desk.encoder, (vector / np.linalg.norm(vector)).astype(np.float32))
            tracks.append(track)
    return tracks


def test_a_map_grows_and_stays_where_it_was(desk: Desk) -> None:
    hear(desk, 0, 80)
    first = project(desk, "pca", Silent())
    assert (first.points, first.method, first.changes) == (80, "pca", Changes.MAP)
    assert 0.6 < first.trustworthiness <= 1 and first.seconds >= 0
    before = desk.catalog.layouts.active()
    assert before is not None and before.trustworthiness == first.trustworthiness

    hear(desk, 80, 20)
    assert project(desk, "pca", Silent()).points == 100
    after = desk.catalog.layouts.active()
    assert after is not None and list(after.ids[:80]) == list(before.ids)
    assert np.median(np.linalg.norm(after.xyz[:80] - before.xyz, axis=1)) < 0.25


def test_the_autoencoder_is_the_other_way_and_lies_alike(desk: Desk) -> None:
    hear(desk, 0, 120)
    project(desk, "pca", Silent())
    flat = desk.catalog.layouts.active()
    made = project(desk, "autoencoder", Silent())
    folded = desk.catalog.layouts.active()
    assert flat is not None and folded is not None and folded.method == "autoencoder"
    assert made.trustworthiness > 0.7 and made.placed_by == "autoencoder"
    assert (flat.xyz * folded.xyz).sum() > 0  # turned to where it lay


def test_one_track_is_a_map_and_none_is_a_sentence(desk: Desk) -> None:
    with pytest.raises(NotReady, match="analyze"):
        project(desk, "autoencoder", Silent())
    hear(desk, 0, 1)
    made = project(desk, "autoencoder", Silent())
    assert (made.points, made.method, made.placed_by) == (1, "autoencoder", "pca")
    layout = desk.catalog.layouts.active()
    assert layout is not None and np.isfinite(layout.xyz).all()
    with pytest.raises(NotFound, match="pca"):
        project(desk, "tsne", Silent())


def test_descriptors_stand_beside_their_vectors() -> None:
    vectors = Vectors(np.array([2, 4, 6, 8]), np.eye(4, dtype=np.float32))
    others = Vectors(np.array([1, 4, 8]), np.array([[9, 9], [1, 2], [3, 4]], np.float32))
    assert beside(vectors, others).tolist() == [[2, 3], [1, 2], [2, 3], [3, 4]]
    assert beside(vectors, Vectors(np.empty(0, np.int64), np.empty((0, 0), np.float32))).shape == (4, 0)
    assert (beside(vectors, Vectors(np.array([3]), np.ones((1, 2), np.float32))) == 0).all()


def test_new_tracks_find_their_place_and_nothing_else_moves(desk: Desk) -> None:
    hear(desk, 0, 100)
    assert grow(desk, Silent()).waiting == 100  # there is no map yet
    project(desk, "neighbours", Silent())
    before = desk.catalog.layouts.active()
    hear(desk, 100, 15)
    grown = grow(desk, Silent())
    assert (grown.placed, grown.waiting) == (15, 0)
    after = desk.catalog.layouts.active()
    assert before is not None and after is not None
    assert np.array_equal(after.xyz[:100], before.xyz) and len(after.ids) == 115
    assert np.isfinite(after.trust).all()
    # Each style's newcomers lie nearer to the middle of their own style than to any other's.
    middles = np.array([before.xyz[style::5].mean(axis=0) for style in range(5)])
    away = np.linalg.norm(after.xyz[100:, None] - middles[None], axis=2)
    assert np.mean(away.argmin(axis=1) == np.arange(100, 115) % 5) > 0.9
    assert after.trust[100:].mean() > 0.9 * after.trust[:100].mean()
    assert grow(desk, Silent()).placed == 0
    hear(desk, 115, 20)  # with the others more than a quarter: the map is to be drawn anew
    assert (grow(desk, Silent()).placed, grow(desk, Silent()).waiting) == (0, 20)


def test_a_map_of_before_or_of_another_encoder_takes_nobody_in(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    tracks = hear(desk, 0, 60)
    ids = np.array(tracks, np.int64)
    desk.catalog.layouts.save("pca", desk.encoder, ids, np.zeros((60, 3), np.float32), 0.9, 1.0)
    hear(desk, 60, 5)
    assert grow(desk, Silent()).placed == 0  # it does not know what it was drawn from
    desk.catalog.layouts.save("pca", desk.encoder, ids, np.zeros((60, 3), np.float32), 0.9, 1.0, model=b"broken")
    assert grow(desk, Silent()).placed == 0
    assert "wait for a new map" in caplog.text
    caplog.clear()
    project(desk, "pca", Silent())
    with desk.catalog.write() as db:
        db.execute("UPDATE layout SET encoder = 'another'")
    hear(desk, 65, 5)
    assert grow(desk, Silent()).placed == 0


def test_a_file_that_changed_loses_its_place(desk: Desk) -> None:
    tracks = hear(desk, 0, 40)
    project(desk, "pca", Silent())
    desk.catalog.sound.forget(tracks[7])
    layout = desk.catalog.layouts.active()
    assert layout is not None and int(tracks[7]) not in layout.ids and len(layout.ids) == 39


def test_the_neighbourhood_of_a_song_alone(desk: Desk) -> None:
    tracks = hear(desk, 0, 150)
    with pytest.raises(NotReady, match="listened"):
        local_layout(desk, TrackId(10**6), Silent())
    project(desk, "neighbours", Silent())
    whole = desk.catalog.layouts.active()
    found = local_layout(desk, tracks[12], Silent(), 30)
    assert whole is not None and len(found.ids) == 31 and np.all(np.diff(found.ids) > 0)
    assert found.xyz[found.ids == tracks[12]].tolist() == [[0, 0, 0]]
    assert np.mean(np.isin(found.ids, [t for n, t in enumerate(tracks) if n % 5 == 2])) > 0.9  # its own style
    kept = desk.catalog.layouts.active()
    assert kept is not None and kept.id == whole.id  # the map stays as it is
    told = around(desk, tracks[12], 30, Silent())
    assert told.ids == found.ids.tolist() and np.allclose(told.xyz, found.xyz) and not told.changes
    alone = local_layout(desk, tracks[0], Silent(), 10_000)
    assert len(alone.ids) == 150


def test_all_ways_are_compared_on_the_library(desk: Desk) -> None:
    with pytest.raises(NotReady):
        compare_maps(desk, Silent())
    hear(desk, 0, 140)
    found = compare_maps(desk, Silent(), ["neighbours", "autoencoder-embedding", "pca"])
    assert found.points == 140 and [row["method"] for row in found.maps] == [
        "neighbours",
        "autoencoder-embedding",
        "pca",
    ]
    ours, _folded, flat = found.maps
    assert ours["trustworthiness"] > flat["trustworthiness"]
    assert ours["out_of_sample"] > 0.95 * ours["in_sample"]
    assert desk.catalog.layouts.active() is None
    with pytest.raises(NotFound):
        compare_maps(desk, Silent(), ["tsne"])
