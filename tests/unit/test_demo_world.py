"""The planted-truth world: the same by seed, and its truth can be found again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from musicdesk.core.progress import Silent
from musicdesk.demo.crowd import write_crowd
from musicdesk.demo.library import DemoLibrary
from musicdesk.demo.plan import demo_world, plan_library
from musicdesk.demo.world import AXES, DIMS, World, WorldSpec, grow, gumbel_top_k
from musicdesk.workflows.desk import open_desk
from musicdesk.workflows.import_history import import_history

SPEC = WorldSpec(genres=6, artists=60, tracks=600, listeners=300, seed=3)


@pytest.fixture(scope="module")
def world() -> World:
    return grow(SPEC)


def unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_a_seed_gives_the_same_world_and_another_seed_another(world: World) -> None:
    again = grow(SPEC)
    np.testing.assert_array_equal(again.tracks.taste, world.tracks.taste)
    np.testing.assert_array_equal(again.plays.track, world.plays.track)
    np.testing.assert_array_equal(again.plays.count, world.plays.count)
    other = grow(WorldSpec(genres=6, artists=60, tracks=600, listeners=300, seed=4))
    assert np.abs(other.tracks.taste - world.tracks.taste).max() > 0.5


def test_more_listeners_leave_the_tracks_as_they_are(world: World) -> None:
    larger = grow(WorldSpec(genres=6, artists=60, tracks=600, listeners=301, seed=3))
    np.testing.assert_array_equal(larger.tracks.taste, world.tracks.taste)
    np.testing.assert_array_equal(larger.tracks.tags, world.tracks.tags)


def test_shapes_and_ranges(world: World) -> None:
    assert world.tracks.taste.shape == (600, DIMS)
    assert world.lean().shape == (600, len(AXES)) and np.abs(world.lean()).max() < 1
    assert ((world.listeners.weights > 0).sum(1) <= 3).all()
    np.testing.assert_allclose(world.listeners.weights.sum(1), 1.0)
    assert world.plays.count.min() >= 1
    order = world.plays.listener * 600 + world.plays.track
    assert (np.diff(order) > 0).all(), "sorted, and no listener has a track twice"
    assert set(world.plays.listener) == set(range(300))
    share = world.tracks.tags.mean(0)
    assert (share > 0.05).all() and (share < 0.6).all()


def test_listeners_play_what_lies_near_their_taste(world: World) -> None:
    played = world.counts() > 0
    affinity = world.affinity()
    wins = [float((affinity[u][played[u]][:, None] > affinity[u][~played[u]][None, :]).mean()) for u in range(300)]
    assert np.mean(wins) > 0.8
    often = np.corrcoef(world.counts()[played], affinity[played])[0, 1]
    assert often > 0.4, "what lies nearer is played more often"


def test_without_sharpness_only_popularity_rules() -> None:
    spec = WorldSpec(genres=6, artists=60, tracks=600, listeners=300, sharpness=0.0, popularity=1.0, seed=3)
    world = grow(spec)
    played = (world.counts() > 0).astype(float)
    assert np.corrcoef(played.sum(0), world.tracks.popularity)[0, 1] > 0.8
    assert abs(np.corrcoef(played.ravel(), world.affinity().ravel())[0, 1]) < 0.06


def test_popularity_is_drawn_apart_from_taste(world: World) -> None:
    fit, *_ = np.linalg.lstsq(world.tracks.taste, world.tracks.popularity, rcond=None)
    explained = np.corrcoef(world.tracks.taste @ fit, world.tracks.popularity)[0, 1] ** 2
    assert explained < 0.35, "16 columns explain a little of 60 artists by chance, not more"


def test_gumbel_top_k_draws_by_the_softmax() -> None:
    draw = np.random.default_rng(0)
    weights = np.array([0.5, 0.25, 0.15, 0.1])
    logits = np.tile(np.log(weights), (20_000, 1))
    first = np.concatenate(gumbel_top_k(logits, np.ones(20_000, dtype=int), draw))
    np.testing.assert_allclose(np.bincount(first) / 20_000, weights, atol=0.015)
    pairs = gumbel_top_k(logits, np.full(20_000, 2), draw)
    both = np.mean([0 in pair and 1 in pair for pair in pairs])
    # Without replacement: first 0 then 1, or first 1 then 0.
    assert both == pytest.approx(0.5 * 0.25 / 0.5 + 0.25 * 0.5 / 0.75, abs=0.015)


def test_genres_and_artists_can_be_found_again(world: World) -> None:
    items = unit(world.tracks.taste)
    cosine = items @ items.T
    np.fill_diagonal(cosine, -1)
    nearest = cosine.argmax(1)
    assert (world.tracks.genre[nearest] == world.tracks.genre).mean() > 0.95
    assert (world.tracks.artist[nearest] == world.tracks.artist).mean() > 0.5


def test_co_listening_alone_recovers_the_genres(world: World) -> None:
    table = np.log1p(world.counts().astype(float))
    table -= table.mean(0)
    _, _, right = np.linalg.svd(table, full_matrices=False)
    factors = unit(right[:8].T)
    cosine = factors @ factors.T
    cosine[world.tracks.artist[:, None] == world.tracks.artist[None, :]] = -1
    nearest = np.argsort(-cosine, axis=1)[:, :5]
    assert (world.tracks.genre[nearest] == world.tracks.genre[:, None]).mean() > 0.6


def test_tags_follow_taste(world: World) -> None:
    taste = np.column_stack([world.tracks.taste, np.ones(600)])
    fit, *_ = np.linalg.lstsq(taste, world.tracks.tags.astype(float), rcond=None)
    guess = taste @ fit
    for tag in range(world.spec.tags):
        has = world.tracks.tags[:, tag]
        assert (guess[has, tag][:, None] > guess[~has, tag][None, :]).mean() > 0.85


@pytest.mark.parametrize("sizes", [(0, 1, 1), (3, 2, 5), (2, 6, 5)])
def test_sizes_that_cannot_be_are_refused(sizes: tuple[int, int, int]) -> None:
    genres, artists, tracks = sizes
    with pytest.raises(ValueError, match="genres <= artists <= tracks"):
        grow(WorldSpec(genres=genres, artists=artists, tracks=tracks))


def test_the_other_listeners_plays_are_a_crowd_that_owns_the_library(tmp_path: Path):
    """No track is composed for it: the file tells what the plans say."""
    world = demo_world(24, 1)
    plans = plan_library(world, 1)
    library = DemoLibrary(tmp_path, world, plans, tuple(tmp_path / plan.file for plan in plans))
    file = write_crowd(library, tmp_path / "listeners.csv")
    assert write_crowd(library, tmp_path / "again.csv").read_bytes() == file.read_bytes()
    with open_desk(tmp_path / "profile") as desk:
        told = import_history(desk, [file], Silent(), crowd="c")
        assert told.rows == told.imported == int((world.plays.listener > 0).sum())
        crowd = desk.catalog.crowds.get("c")
        assert (crowd.listeners, crowd.plays) == (199, int(world.plays.count[world.plays.listener > 0].sum()))
        assert len(desk.catalog.crowds.known_keys(crowd.id)) == crowd.songs
