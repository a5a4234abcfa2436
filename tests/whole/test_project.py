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
from musicdesk.workflows.desk import Desk, open_desk
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
        project(desk, "umap", Silent())


def test_descriptors_stand_beside_their_vectors() -> None:
    vectors = Vectors(np.array([2, 4, 6, 8]), np.eye(4, dtype=np.float32))
    others = Vectors(np.array([1, 4, 8]), np.array([[9, 9], [1, 2], [3, 4]], np.float32))
    assert beside(vectors, others).tolist() == [[2, 3], [1, 2], [2, 3], [3, 4]]
    assert beside(vectors, Vectors(np.empty(0, np.int64), np.empty((0, 0), np.float32))).shape == (4, 0)
    assert (beside(vectors, Vectors(np.array([3]), np.ones((1, 2), np.float32))) == 0).all()
