"""The neighbours of all points at once, against the plain search."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musicdesk.core.errors import Cancelled
from musicdesk.core.progress import Silent
from musicdesk.space import graph
from musicdesk.space.graph import nearest
from musicdesk.space.trust import kept, near_count, shared


def plain(points: np.ndarray, k: int) -> np.ndarray:
    """Distances float64 (n, k) of the nearest others, by the definition."""
    away = np.linalg.norm(points[:, None, :].astype(np.float64) - points[None, :, :], axis=2)
    np.fill_diagonal(away, np.inf)
    return np.sort(away, axis=1)[:, :k]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 30), st.sampled_from([0, 1, 3, 4, 5, 20]), st.integers(0, 8), st.booleans())
def test_the_nearest_are_the_nearest(n: int, d: int, k: int, lumpy: bool) -> None:
    rng = np.random.default_rng(n)
    points = rng.normal(size=(n, d))
    if lumpy and n:
        points = points[rng.integers(0, n, n)]  # many points are one
    rows, away = nearest(points, k)
    assert rows.shape == away.shape == (n, max(0, min(k, n - 1)))
    assert not (rows == np.arange(n)[:, None]).any()
    assert all(len(set(row)) == len(row) for row in rows.tolist())
    # Squares: they come from float32 products, and a root near 0 makes much of their last digits.
    assert away**2 == pytest.approx(plain(points, rows.shape[1]) ** 2, abs=1e-4)


def test_cells_find_nearly_all(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    points = rng.normal(size=(25, 40))[rng.integers(0, 25, 3_000)] + 0.7 * rng.normal(size=(3_000, 40))
    exact, away = nearest(points, 15)
    monkeypatch.setattr(graph, "EXACT", 100)
    rows, found = nearest(points, 15)
    assert shared(exact, rows).mean() > 0.95
    assert (np.diff(found, axis=1) >= 0).all() and (found >= away - 1e-3).all()
    assert np.array_equal(rows, nearest(points, 15)[0])
    equal = nearest(np.ones((500, 6)), 5)[0]  # all in one cell
    assert equal.shape == (500, 5) and not (equal == np.arange(500)[:, None]).any()
    stopped = Silent()
    stopped.stop.set()
    with pytest.raises(Cancelled):
        nearest(points, 15, monitor=stopped)


def test_trust_of_a_point_by_its_definition() -> None:
    rng = np.random.default_rng(1)
    truth = rng.normal(size=(400, 6))
    layout = truth[:, :3] + 0.5 * rng.normal(size=(400, 3))
    near = near_count(400)
    assert near == 30 and near_count(10_000) == 150 == near_count(10**6) and near_count(50) == 15 and near_count(6) == 5
    true, shown = (
        np.argsort(np.linalg.norm(points[:, None] - points[None], axis=2), axis=1) for points in (truth, layout)
    )
    wanted = [len(set(true[row, 1:16]) & set(shown[row, 1 : near + 1])) / 15 for row in range(400)]
    assert kept(truth, layout) == pytest.approx(np.array(wanted), abs=1e-6)
    assert kept(truth[:, :3], truth[:, :3]).min() == 1.0
