"""What hidden tracks of one listener tell: the same recall and AUC as of the listeners of a crowd."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from musicdesk.evaluation import metrics
from musicdesk.evaluation.hidden import CUTS, NAMES, measured


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), hidden=st.integers(1, 40), levels=st.integers(2, 300))
def test_the_mean_is_what_the_metrics_of_crowds_say(seed: int, hidden: int, levels: int):
    draw = np.random.default_rng(seed)
    scores = draw.integers(0, levels, 120).astype(np.float64)  # with ties
    order = draw.permutation(120)
    rows, seen = np.sort(order[:hidden]), order[hidden : hidden + 20]
    rivals = np.ones(120, bool)
    rivals[seen] = False
    found = measured(scores, rows, rivals).mean(axis=0)
    places = metrics.places(scores[None], _row(rows), _row(seen))
    expected = [metrics.auc(places)[0], *(metrics.recall(places, cut)[0] for cut in CUTS)]
    assert found == pytest.approx(expected)


def _row(columns: np.ndarray) -> csr_matrix:
    return csr_matrix((np.ones(len(columns)), (np.zeros(len(columns), int), np.sort(columns))), (1, 120))


def test_hidden_tracks_compete_for_the_first_places():
    """Five others, then thirty hidden ones: half of the first ten are hidden ones, three quarters of twenty."""
    scores = -np.arange(100.0)
    found = dict(zip(NAMES, measured(scores, np.arange(5, 35), np.ones(100, bool)).mean(axis=0), strict=True))
    assert found == pytest.approx({"auc": 1 - 5 / 70, "recall@10": 0.5, "recall@20": 0.75})


@pytest.mark.parametrize(("others", "known"), [(0, 0), (5, 1), (10, 2), (20, 3)])
def test_among_few_others_recall_says_nothing(others: int, known: int):
    found = measured(np.arange(30.0 + others), np.arange(30), np.ones(30 + others, bool))
    assert np.isfinite(found).all(axis=0).sum() == known
