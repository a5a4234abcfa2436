"""Exact neighbours."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musicdesk.core.types import TrackId, Vectors
from musicdesk.space.neighbours import Exact, best_rows


def made(n: int, dim: int = 16, seed: int = 0) -> Vectors:
    rows = np.random.default_rng(seed).normal(size=(n, dim)).astype(np.float32)
    return Vectors(np.arange(5, 5 + n) * 3, rows / np.linalg.norm(rows, axis=1, keepdims=True), "test")


def test_same_as_a_full_sort() -> None:
    vectors = made(500)
    query = np.random.default_rng(1).normal(size=16).astype(np.float32) * 7
    ids, similarity = Exact(vectors).near(query, 20)
    cosine = vectors.matrix @ (query / np.linalg.norm(query))
    assert np.array_equal(ids, vectors.ids[np.argsort(-cosine, kind="stable")[:20]])
    assert similarity == pytest.approx(np.sort(cosine)[::-1][:20], abs=1e-6)
    assert similarity.dtype == np.float32


def test_many_is_one_by_one() -> None:
    vectors = made(300)
    ids, values = Exact(vectors).near_many(vectors.matrix[:7], 5)
    for row in range(7):
        one, value = Exact(vectors).near(vectors.matrix[row], 5)
        assert np.array_equal(ids[row], one)
        assert ids[row][0] == vectors.ids[row]
        assert values[row] == pytest.approx(value, abs=1e-6)


def test_left_out_is_not_named_even_when_all_is_asked_for() -> None:
    vectors = made(50)
    out = [TrackId(int(vectors.ids[0])), TrackId(int(vectors.ids[7])), TrackId(4)]
    ids, _ = Exact(vectors).near(vectors.matrix[0], 1_000, out)
    assert len(ids) == 48 and not set(out) & set(ids.tolist())


def test_ends_of_the_range() -> None:
    vectors = made(10)
    assert len(Exact(vectors).near(vectors.matrix[0], 0)[0]) == 0
    assert len(Exact(vectors).near(np.zeros(16, np.float32), 3)[0]) == 3
    empty = Vectors(np.empty(0, np.int64), np.empty((0, 16), np.float32))
    assert len(Exact(empty).near(np.ones(16, np.float32), 3)[0]) == 0
    with pytest.raises(ValueError, match="finite"):
        Exact(vectors).near(np.full(16, np.nan, np.float32), 3)


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 600), st.integers(1, 40), st.integers(0, 99), st.booleans())
def test_the_best_are_those_of_a_stable_sort(count: int, n: int, seed: int, many_ties: bool) -> None:
    values = np.random.default_rng(seed).normal(size=count)
    if many_ties:
        values = np.round(values)
    values[::7] = -np.inf
    assert np.array_equal(best_rows(values, n), np.argsort(-values, kind="stable")[:n])


def test_ties_go_to_the_smaller_row() -> None:
    assert list(best_rows(np.array([1.0, 3, 3, 3, 0]), 2)) == [1, 2]
    assert list(best_rows(np.zeros(6), 4)) == [0, 1, 2, 3]
