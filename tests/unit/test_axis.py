"""Axes that one names: a planted direction comes back from a few tracks at its ends, and lists lean along it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from scipy.stats import spearmanr

from musicdesk.core.errors import NotFound, NotReady, Unusable
from musicdesk.core.types import TrackId, Verdict
from musicdesk.demo.world import World
from musicdesk.space.axis import agreement, direction, places
from musicdesk.workflows.axes import name_axis, places_on
from musicdesk.workflows.desk import Desk, open_desk
from musicdesk.workflows.layers import layers, paint
from musicdesk.workflows.recommend import Request, prepare
from tests.helpers import planted_taste
from tests.helpers.simulated import SPEC, forget, plant

DIM = 32
EACH = 5


@pytest.fixture(scope="module")
def world() -> World:
    return planted_taste.world(SPEC)


@pytest.fixture(scope="module")
def library(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, np.ndarray]]:
    with open_desk(tmp_path_factory.mktemp("axis")) as desk:
        yield desk, plant(desk, world)


@pytest.fixture
def desk(library: tuple[Desk, np.ndarray]) -> Desk:
    forget(library[0])
    library[0].catalog.store.conn.execute("DELETE FROM axis")
    return library[0]


def examples(truth: np.ndarray, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Rows of five tracks at each end, as a person would name them: clearly there, but not the very last ones."""
    order = np.argsort(truth)
    draw = np.random.default_rng(seed)
    tenth = len(truth) // 10
    return draw.choice(order[:tenth], EACH, replace=False), draw.choice(order[-tenth:], EACH, replace=False)


def test_a_planted_direction_comes_back_better_than_by_the_difference_of_means() -> None:
    """Sound that varies far more in other ways than along the axis."""
    draw = np.random.default_rng(0)
    ours, plain = [], []
    for seed in range(8):
        spread = np.ones(DIM)
        spread[1:4] = 4.0
        raw = draw.normal(size=(2_000, DIM)) * spread @ np.linalg.qr(draw.normal(size=(DIM, DIM)))[0]
        basis = draw.normal(size=DIM)
        truth = raw @ np.linalg.solve(raw.T @ raw, basis)
        lows, highs = examples(truth, seed)
        vectors = raw.astype(np.float32)
        ours.append(spearmanr(places(vectors, direction(vectors, lows, highs)), truth).statistic)
        gap = vectors[highs].mean(axis=0) - vectors[lows].mean(axis=0)
        plain.append(spearmanr(vectors @ gap, truth).statistic)
    assert np.mean(ours) > 0.5 and np.mean(ours) > np.mean(plain) + 0.1


def test_ends_that_are_drawn_at_random_are_found_out(desk: Desk, world: World) -> None:
    matrix = desk.vectors().matrix
    shares = []
    for seed in range(12):
        some = np.random.default_rng(seed).choice(len(matrix), 2 * EACH, replace=False)
        right, asked = agreement(matrix, some[:EACH], some[EACH:])
        shares.append(right / asked)
    assert np.mean(shares) < 0.7  # by chance a half
    right, asked = agreement(matrix, *examples(world.tracks.taste[:, 0]))
    assert right >= 0.8 * asked


def test_a_list_leans_along_it_and_says_so(desk: Desk, world: World, library: tuple[Desk, np.ndarray]) -> None:
    ids = library[1]
    truth = world.tracks.taste[:, 0]
    lows, highs = ([TrackId(int(ids[row])) for row in end] for end in examples(truth))
    named = name_axis(desk, "slow", " fast ", lows, highs)
    assert (named.low, named.high) == ("slow", "fast")
    assert named.asked == 10 and named.sentence.startswith("10 of 10 examples")
    assert spearmanr(places_on(desk, named.number), truth).statistic > 0.6
    for track in ids[::60]:
        desk.catalog.feedback.rate(TrackId(int(track)), Verdict.LIKE)
    prepared = prepare(desk, Request(n=12, adventure=0.0))
    place = dict(zip(ids.tolist(), truth.tolist(), strict=True))
    means = []
    for lean in (-0.8, 0.0, 0.8):
        made, account = prepared.compose(Request(n=12, adventure=0.0, axis=named.number, lean=lean))
        means.append(np.mean([place[int(pick.track)] for pick in made.picks]))
        for pick, parts in zip(made.picks, account.parts, strict=True):
            assert sum(reason.points for reason in pick.reasons) == pytest.approx(sum(parts.values()), abs=1e-5)
            assert ("axis" in parts) == bool(lean)
    assert means[0] < means[1] < means[2] and means[2] - means[0] > truth.std()
    assert any("more fast than" in reason.text for pick in made.picks for reason in pick.reasons)


def test_it_is_a_layer_of_the_map(desk: Desk, world: World, library: tuple[Desk, np.ndarray]) -> None:
    ids = library[1]
    lows, highs = ([TrackId(int(ids[row])) for row in end] for end in examples(world.tracks.taste[:, 0]))
    named = name_axis(desk, "slow", "fast", lows, highs)
    assert layers(desk)[f"axis-{named.number}"].title == "slow – fast"
    painted = paint(desk, f"axis-{named.number}", ids)
    assert painted.legend.low == "slow" and painted.legend.high == "fast"
    assert len(np.unique(painted.codes)) == 4


def test_what_is_no_axis_is_said(desk: Desk) -> None:
    ids = [TrackId(n) for n in range(1, 9)]
    for low, high, lows, highs, said in (
        ("calm", " Calm", ids[:2], ids[2:4], "two names that differ"),
        ("calm", "wild", ids[:1], ids[2:4], "2 tracks at each end"),
        ("calm", "wild", ids[:2], ids[1:4], "both ends"),
    ):
        with pytest.raises(Unusable, match=said):
            name_axis(desk, low, high, lows, highs)
    with pytest.raises(NotFound):
        name_axis(desk, "calm", "wild", ids[:2], [TrackId(99_999), TrackId(99_998)])
    with pytest.raises(NotFound, match="no axis number 7"):
        places_on(desk, 7)
    named = name_axis(desk, "calm", "wild", ids[:2], ids[2:4])
    desk.catalog.store.conn.execute("DELETE FROM axis_track WHERE track_id = 1")
    with pytest.raises(NotReady, match="at an end of the axis"):
        places_on(desk, named.number)
    assert [axis.title for axis in desk.catalog.axes.all()] == ["calm – wild"]
    name_axis(desk, "calm", "wild", ids[:3], ids[3:6])
    assert len(desk.catalog.axes.all()) == 1, "named again, it is another one of that name"
