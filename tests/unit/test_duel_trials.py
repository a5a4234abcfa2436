"""The machine of a duel, asked thousands of times: it calls nothing where there is nothing, and finds what there is."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kstest

from musicdesk.core.types import TrackId
from musicdesk.evaluation import duel_trials
from musicdesk.evaluation.duel_trials import alike, apart, appeal_of, trials
from musicdesk.evaluation.interleaving import HORIZONS, chance_to_call, sign_test


def randomised(p: np.ndarray, horizon: int, seed: int = 0) -> np.ndarray:
    """p of a discrete test made continuous: uniform under the null if, and only if, its counts are right."""
    values = np.array([sign_test(wins, horizon - wins) for wins in range(horizon // 2 + 1)])
    below = np.array([0.0, *values])[np.searchsorted(values, p - 1e-12)]
    return below + (p - below) * np.random.default_rng(seed).random(len(p))


def test_a_model_against_itself_is_called_five_times_in_a_hundred() -> None:
    """2,000 duels of one model with itself, of a listener whose moods and patience change: p is uniform."""
    even = np.random.default_rng(1).uniform(0.1, 0.9, 100)
    found = trials(2_000, 49, alike, even, seed=0)
    assert 0.04 <= found.called <= 0.06
    assert found.right == pytest.approx(found.called / 2, abs=0.01)  # each side as often as the other
    assert kstest(randomised(found.p, 49), "uniform").pvalue > 0.01


def test_two_models_that_are_equally_good_are_called_no_more() -> None:
    """Without a track in common, and each as good as the other."""
    found = trials(400, 49, apart, appeal_of(0.5), seed=2)
    assert found.called < 0.05 + 3 * (0.05 * 0.95 / 400) ** 0.5


@pytest.mark.parametrize(("horizon", "rate"), [(49, 0.70), (90, 0.65)])
def test_a_better_model_is_found_at_the_promised_size(horizon: int, rate: float) -> None:
    found = trials(300, horizon, apart, appeal_of(rate), seed=1)
    assert chance_to_call(rate, horizon) >= 0.8
    assert found.right > 0.8 - 2 * (0.8 * 0.2 / 300) ** 0.5
    assert found.called - found.right < 0.01  # the worse one is never called


@pytest.mark.long
def test_all_horizons_do_what_they_say() -> None:
    found = duel_trials.checked(2_000)
    assert all(0.04 <= row["called"] <= 0.06 for row in found["same"])
    assert all(row["right"] > 0.8 - 2 * (0.8 * 0.2 / 2_000) ** 0.5 for row in found["better"])
    assert [row["decisions"] for row in found["better"]] == list(HORIZONS)


def test_of_two_models_of_a_planted_world_the_better_one_wins() -> None:
    """Both rank the same library: A by taste with a little noise, B with much."""
    draw = np.random.default_rng(5)
    appeal = draw.beta(0.7, 1.4, 300)

    def rankings(evening: np.random.Generator) -> tuple[list[TrackId], list[TrackId]]:
        shown = evening.permutation(300)[:120]  # what is not resting
        both = (appeal[shown] + evening.normal(0, noise, 120) for noise in (0.1, 0.5))
        a, b = ([TrackId(int(i)) for i in shown[np.argsort(-scores)][:20]] for scores in both)
        return a, b

    found = trials(60, 90, rankings, appeal, seed=3)
    assert found.right > 0.95
