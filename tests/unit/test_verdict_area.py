"""The quick area under the curve of drawn rows is scikit-learn's, ties and repeated rows included."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from musicdesk.evaluation.verdicts import _area


@pytest.mark.parametrize("seed", range(5))
def test_drawn_rows(seed: int) -> None:
    draw = np.random.default_rng(seed)
    target, scores = draw.integers(0, 2, 60), draw.integers(0, 12, 60) / 10
    rows = draw.integers(0, 60, 60)
    times = np.bincount(rows, minlength=60)
    place = np.unique(scores, return_inverse=True)[1]
    assert _area(place, times * target, times * (1 - target)) == pytest.approx(
        roc_auc_score(target[rows], scores[rows])
    )
