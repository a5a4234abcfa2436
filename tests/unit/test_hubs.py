"""Hubs are found by the skewness of neighbour counts, and moving to the middle of the space takes them away."""

from __future__ import annotations

import numpy as np
import pytest

from musicdesk.playlists.hubs import hubness, without_hubs
from musicdesk.playlists.transitions import Manner, costs, place_of


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def cone(n: int, dim: int, lean: float) -> np.ndarray:
    """Points that all lean one way: the nearer to that way, the more of a hub."""
    return unit(np.random.default_rng(5).normal(size=(n, dim)) + lean * np.eye(dim)[0])


def test_a_leaning_space_has_hubs_and_loses_them() -> None:
    leaning = cone(1_500, 100, 12.0)
    found = without_hubs(leaning)
    assert found.skew > 2.0 and found.skew_after < found.skew / 2 and found.corrected
    assert np.allclose(np.linalg.norm(found.vectors, axis=1), 1.0, atol=1e-5)


def test_a_flat_space_stays_as_it_is() -> None:
    flat = cone(1_500, 4, 0.0)
    found = without_hubs(flat)
    assert abs(found.skew) < 1.0 and not found.corrected and found.vectors is flat
    assert hubness(flat[:15]) == 0.0


def test_a_sample_tells_what_all_tracks_tell() -> None:
    many = cone(6_000, 60, 8.0)
    assert hubness(many) == pytest.approx(hubness(many, seed=1), rel=0.35)


def test_keys_tempos_and_loudness_that_follow_well_cost_little() -> None:
    assert place_of("C major") == place_of("A minor") == 0.0 and place_of("G major") == 1.0
    assert place_of("Bb major") == place_of("A# major") and np.isnan(place_of("")) and np.isnan(place_of("H major"))
    same = np.repeat(np.array([[1.0, 0.0]], np.float32), 5, axis=0)
    nan = float("nan")
    loudness = np.array([-14.0, -14.0, -26.0, nan, -14.0])
    manner = Manner(
        tempo=np.array([100.0, 200.0, 141.4, nan, 100.0]),
        tempo_sure=np.ones(5),
        key=np.array([0.0, 0.0, 6.0, nan, 1.0]),
        key_sure=np.ones(5),
        opening=loudness,
        ending=loudness,
    )
    cost = costs(same, same, manner)
    assert np.allclose(cost, cost.T) and cost[0, 1] == 0.0, "twice as fast is the same beat"
    assert cost[0, 2] == pytest.approx(0.5 + 0.25 + 0.25, abs=0.01) and cost[0, 3] == 0.0
    assert 0 < cost[0, 4] < cost[0, 2]


def test_a_tempo_that_is_none_costs_nothing_and_warns_of_nothing() -> None:
    """As of pure tones."""
    same, none = np.repeat(np.array([[1.0, 0.0]], np.float32), 2, axis=0), np.zeros(2)
    manner = Manner(np.array([120.0, 0.0]), np.array([1.0, 0.0]), none, none, none, none)
    assert np.allclose(costs(same, same, manner), 0.0)
