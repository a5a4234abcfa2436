"""Pairs: the network learns what only member and song together tell, and verdicts add up."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from musicdesk.core.errors import Cancelled, Unusable
from musicdesk.core.progress import Silent
from musicdesk.evaluation.verdicts import Confusion, auc, confusion
from musicdesk.learning.pairs import Pairs, PairSpec, learn_pairs


def planted(n: int = 2_000, seed: int = 0) -> Pairs:
    """Yes when member and song are both odd or both even: neither alone says anything."""
    draw = np.random.default_rng(seed)
    member, song = draw.integers(1, 21, n), draw.integers(1, 31, n)
    target = ((member + song) % 2 == 0).astype(np.int64)
    return Pairs(member, song, draw.integers(0, 4, (n, 2)), target, 21, 31, 4)


def test_the_dot_product_tells_what_nothing_else_does() -> None:
    train, held = planted(), planted(500, 1)
    with_dot = learn_pairs(train, held, PairSpec(epochs=30, rate=5e-3), 0, Silent())
    without = learn_pairs(train, held, PairSpec(epochs=30, rate=5e-3, dot=False), 0, Silent())
    assert auc(held.target, with_dot.yes(held), resamples=10).mean > 0.95
    assert abs(auc(held.target, without.yes(held), resamples=10).mean - 0.5) < 0.08
    assert len(without.losses) < 30  # it waited five epochs and gave up
    assert set(with_dot.curves) == {"accuracy", "validation accuracy"}


def test_those_who_are_not_known_have_no_vector() -> None:
    train = planted(300)
    learned = learn_pairs(train, planted(50, 1), PairSpec(epochs=3), 0, Silent())
    strangers = Pairs(np.zeros(4, int), np.arange(4) + 1, np.zeros((4, 2), int), np.zeros(4, int), 21, 31, 4)
    assert np.ptp(learned.yes(strangers)) == 0


def test_stopped_and_taken_up_again_it_ends_the_same(tmp_path: Path) -> None:
    train, held, spec = planted(400), planted(100, 1), PairSpec(epochs=8, patience=8)

    class Stops(Silent):
        def figure(self, curve: str, step: float, value: float) -> None:
            if curve == "accuracy" and step == 3:
                self.stop.set()

    whole = learn_pairs(train, held, spec, 0, Silent())
    with pytest.raises(Cancelled):
        learn_pairs(train, held, spec, 0, Stops(), tmp_path)
    again = learn_pairs(train, held, spec, 0, Silent(), tmp_path)
    assert again.losses == whole.losses and again.curves == whole.curves
    assert np.array_equal(again.yes(held), whole.yes(held))


def test_a_loss_that_is_no_number_stops() -> None:
    with pytest.raises(Unusable, match="no longer a number"):
        learn_pairs(planted(300), planted(50, 1), PairSpec(epochs=50, rate=1e38), 0, Silent())


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60))
def test_accuracy_lies_between_sensitivity_and_specificity(rows: list[tuple[bool, bool]]) -> None:
    truth, said = (np.array(part) for part in zip(*rows, strict=True))
    found = confusion(truth, said)
    assert found.count == len(rows) and found.table().sum() == len(rows)
    assert found.accuracy == pytest.approx((truth == said).mean())
    if 0 < truth.sum() < len(truth):
        low, high = sorted((found.sensitivity, found.specificity))
        assert low - 1e-12 <= found.accuracy <= high + 1e-12


def test_auc_is_scikit_learns_with_an_interval_around_it() -> None:
    draw = np.random.default_rng(0)
    target = draw.integers(0, 2, 400)
    scores = target + draw.normal(size=400)
    found = auc(target, scores)
    assert found.mean == roc_auc_score(target, scores) and found.low < found.mean < found.high
    assert found.high - found.low < 0.12
    assert np.isnan(auc(np.ones(5), np.arange(5)).mean)
    assert Confusion(1, 0, 0, 0).accuracy == 1.0
