"""The map's coordinates: finite for anything, the same every time, turned to where they were."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musicdesk.core.errors import Cancelled, NotFound
from musicdesk.core.progress import Silent
from musicdesk.learning.autoencoder import MAP, AutoencoderSpec, is_degenerate, train
from musicdesk.space.features import Block, Standard, joined, side_by_side
from musicdesk.space.pca import pca
from musicdesk.space.projection import DEFAULT, METHODS, aligned, place, project, scaled
from musicdesk.space.trust import trustworthiness


def curved(n: int = 300, seed: int = 0) -> np.ndarray:
    """A 3-D manifold, curved in 30 dimensions, with some noise."""
    rng = np.random.default_rng(seed)
    inner = rng.normal(size=(n, 3))
    bent = np.tanh(inner @ rng.normal(size=(3, 30)) * 1.5) + 0.05 * rng.normal(size=(n, 30))
    return joined([Block(bent)])


def styles(n: int = 300, seed: int = 0) -> np.ndarray:
    """Twelve styles: more directions than three axes hold."""
    rng = np.random.default_rng(seed)
    return joined([Block(rng.normal(size=(12, 30))[rng.integers(0, 12, n)] + 0.4 * rng.normal(size=(n, 30)))])


def bent(n: int = 300, seed: int = 0) -> np.ndarray:
    """A cube, bent so much in 30 dimensions that three of them hold little of it."""
    rng = np.random.default_rng(seed)
    waves = rng.uniform(-1, 1, size=(n, 3)) @ (2.2 * rng.normal(size=(3, 30))) + rng.uniform(0, 2 * np.pi, 30)
    return joined([Block(np.sin(waves) + 0.05 * rng.normal(size=waves.shape))])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("n", [0, 1, 2, 3, 5])
def test_few_tracks(method: str, n: int) -> None:
    features = joined([Block(np.random.default_rng(0).normal(size=(n, 8)))])
    xyz = project(features, method)
    assert xyz.shape == (n, 3) and xyz.dtype == np.float32 and np.isfinite(xyz).all()
    if n == 2:
        assert np.linalg.norm(xyz[0] - xyz[1]) > 0.5
    if n == 3:
        assert len({tuple(row) for row in xyz}) == 3


@pytest.mark.parametrize("method", METHODS)
def test_equal_tracks_and_empty_features(method: str) -> None:
    assert np.isfinite(project(joined([Block(np.ones((120, 6)))]), method)).all()
    assert project(np.zeros((40, 0), np.float32), "pca").shape == (40, 3)


def test_the_autoencoder_unfolds_what_pca_cannot() -> None:
    rng = np.random.default_rng(0)
    styles = rng.normal(size=(12, 30))[rng.integers(0, 12, 400)]  # more directions than three axes hold
    features = joined([Block(styles + 0.4 * rng.normal(size=styles.shape))])
    folded = project(features, "autoencoder", seed=1)
    away = np.linalg.norm(folded, axis=1)
    assert np.mean(away <= 1.001) >= 0.95 and away.max() <= 2.01
    wrong, flat = (1 - trustworthiness(features, xyz) for xyz in (folded, project(features, "pca")))
    assert wrong < 0.6 * flat


@pytest.mark.parametrize("method", ["autoencoder", DEFAULT])
def test_the_same_map_every_time(method: str) -> None:
    features = styles(120)
    first = project(features, method, seed=4)
    assert np.array_equal(first, project(features, method, seed=4))
    assert not np.array_equal(first, project(features, method, seed=5))


def trusted(features: np.ndarray, *methods: str) -> dict[str, float]:
    placed = {method: place(features, method) for method in methods}
    assert DEFAULT not in placed or placed[DEFAULT].by == DEFAULT
    return {method: trustworthiness(features, found.xyz) for method, found in placed.items()}


@pytest.mark.parametrize("bend", [False, True], ids=["twelve styles in thirty directions", "a ball that is bent"])
def test_the_default_is_truer_than_what_else_comes_along(bend: bool) -> None:
    found = trusted(bent(300) if bend else styles(300), DEFAULT, "autoencoder", "pca")
    assert found[DEFAULT] > max(found["pca"], found["autoencoder"])


@pytest.mark.long
def test_the_default_is_nearly_as_true_as_umap() -> None:
    for features in (styles(500), bent(500)):
        found = trusted(features, DEFAULT, "umap")
        assert found[DEFAULT] >= 0.97 * found["umap"]


def test_what_is_flat_in_itself_is_left_flat() -> None:
    """Three dimensions hold three dimensions: nothing is gained by unfolding them."""
    rng = np.random.default_rng(0)
    features = joined([Block(rng.normal(size=(200, 3)) @ rng.normal(size=(3, 20)), standardised=False)])
    placed = place(features, DEFAULT)
    assert placed.by == "pca" and trustworthiness(features, placed.xyz) > 0.999


def test_umap_is_never_loaded_unasked() -> None:
    code = (
        "import sys, musicdesk.gui.main, musicdesk.workflows.project; assert not {'umap', 'numba'} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0


def test_the_map_lies_as_it_lay_before() -> None:
    rng = np.random.default_rng(0)
    features = curved(200)
    before = project(features, "pca").astype(np.float64)
    turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    shown = before @ turn
    shown[:20] = np.nan  # new tracks
    again = project(features, "pca", previous=shown)
    assert again[20:] == pytest.approx(shown[20:], abs=0.05)
    assert project(features, "pca", previous=np.full((200, 3), np.nan)) == pytest.approx(before, abs=1e-6)


def test_a_map_laid_on_another_keeps_its_shape() -> None:
    rng = np.random.default_rng(0)
    points, old = rng.normal(size=(50, 3)), 1.5 * rng.normal(size=(50, 3)) + 2.0
    laid = aligned(points, old)
    assert np.linalg.norm(laid - old) <= np.linalg.norm(points - old)
    spread = (np.linalg.norm(part - part.mean(axis=0)) for part in (laid, old))
    assert next(spread) == pytest.approx(next(spread))
    apart, before = (np.linalg.norm(part[:, None] - part[None], axis=2) for part in (laid, points))
    assert apart / apart.max() == pytest.approx(before / before.max())
    assert aligned(points, np.full((50, 3), np.nan)) is points


@pytest.mark.parametrize("size", [0.6, 1.0, 1.7])
def test_a_map_that_only_moved_is_laid_exactly(size: float) -> None:
    rng = np.random.default_rng(1)
    points = rng.normal(size=(30, 3))
    turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    assert aligned(points, size * points @ turn + [1, 2, 3]) == pytest.approx(size * points @ turn + [1, 2, 3])


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.lists(st.floats(-1e6, 1e6, allow_nan=False, width=32), min_size=3, max_size=3), min_size=0, max_size=40)
)
def test_anything_scales_into_the_ball(rows: list[list[float]]) -> None:
    points = scaled(np.array(rows).reshape(-1, 3))
    assert np.isfinite(points).all()
    assert np.linalg.norm(points, axis=1).max(initial=0.0) <= 2.0 + 1e-9


def test_a_dead_unit_is_seen() -> None:
    rng = np.random.default_rng(0)
    good = rng.normal(size=(100, 3))
    assert not is_degenerate(good)
    for broken in (
        good * [1, 1, 0],
        good[:, [0, 1, 1]],
        np.zeros((100, 3)),
        np.where(rng.random((100, 3)) < 0.1, good, 0),
    ):
        assert is_degenerate(broken)


def test_a_collapsed_start_is_left_for_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """The source's own code with a crushing penalty dies; the map must still be a map."""
    from musicdesk.learning import autoencoder

    features = curved(100)
    crushing = AutoencoderSpec(penalty=10.0, epochs=20)
    assert is_degenerate(train(features, crushing, 0, Silent()).code)
    monkeypatch.setattr(autoencoder, "MAP", crushing)
    placed = place(features, "autoencoder")
    assert placed.by == "pca"
    assert placed.xyz == pytest.approx(project(features, "pca"))


def test_more_training_lowers_the_loss_and_pca_agrees_with_numpy() -> None:
    features = curved(100)
    standard = features / features.std()
    short = train(standard, AutoencoderSpec(code="leaky", epochs=2), 0, Silent())
    long = train(standard, MAP, 0, Silent())
    assert (short.steps, long.steps) == (8, 600)
    assert long.loss < 0.5 < short.loss
    exact = np.linalg.svd(features.astype(np.float64) - features.mean(0), full_matrices=False)
    assert np.abs(pca(features)) == pytest.approx(np.abs(exact[0][:, :3] * exact[1][:3]), abs=1e-4)


def test_blocks_have_their_weight() -> None:
    rng = np.random.default_rng(0)
    one, two = rng.normal(size=(500, 7)) * 1_000, rng.normal(size=(500, 40))
    both = joined([Block(one), Block(two, 0.25, standardised=False), Block(np.empty((500, 0)))])
    assert both.shape == (500, 47)
    assert np.square(both[:, :7]).sum(axis=1).mean() == pytest.approx(1.0, abs=1e-3)
    assert np.square(both[:, 7:]).sum(axis=1).mean() == pytest.approx(0.25, abs=1e-3)
    constant = joined([Block(np.column_stack([np.ones(9), np.arange(9)]))])
    assert (constant[:, 0] == 0).all() and constant[:, 1].std() > 0


def test_a_standard_says_of_others_what_it_said_of_its_own() -> None:
    rng = np.random.default_rng(0)
    blocks = [Block(rng.normal(size=(60, 5)), standardised=False), Block(rng.normal(size=(60, 4)) * 50 + 7, 0.3)]
    standard = Standard.of(blocks)
    assert np.array_equal(standard.features(side_by_side(blocks)), joined(blocks))
    wild = standard.features(np.full((1, 9), 1e9))
    assert np.isfinite(wild).all() and np.abs(wild[:, 5:]).max() < 4.01 * np.abs(standard.scale[5:]).max()
    with pytest.raises(ValueError, match="columns"):
        standard.features(np.zeros((1, 8)))


def test_unknown_method_and_cancel() -> None:
    with pytest.raises(NotFound, match="neighbours, umap"):
        project(curved(20), "tsne")
    stopped = Silent()
    stopped.stop.set()
    with pytest.raises(Cancelled):
        project(curved(120), "autoencoder", monitor=stopped)
    with pytest.raises(Cancelled):
        project(styles(120), DEFAULT, monitor=stopped)
