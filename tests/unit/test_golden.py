"""What is expected of a model's scores: ties meet nothing, and only the order counts."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from musicdesk.evaluation.golden import above, among_first, first, near, out_of_first

scores_of = arrays(np.float32, st.integers(2, 60), elements=st.integers(-5, 5).map(float))


@given(scores_of, st.data())
def test_only_the_order_counts_and_ties_meet_nothing(scores: np.ndarray, data: st.DataObject) -> None:
    row, other = data.draw(st.permutations(range(len(scores))))[:2]
    told = (among_first(scores, row), out_of_first(scores, row), above(scores, row, other), near(scores, row, other))
    assert told == (
        among_first(3 * scores + 7, row),
        out_of_first(3 * scores + 7, row),
        above(3 * scores + 7, row, other),
        near(3 * scores + 7, row, other),
    )
    assert not (told[0] and told[1])
    assert not (told[2] and above(scores, other, row))
    if len(set(scores.tolist())) == len(scores):
        assert told[0] is not told[1]  # without ties it is one or the other
        assert told[2] is not above(scores, other, row)
    same = np.zeros_like(scores)
    assert not any((among_first(same, row), out_of_first(same, row), above(same, row, other)))
    assert len(scores) == 2 or not near(same, row, other)


@given(st.integers(2, 200_000))
def test_the_first_are_a_tenth_ten_at_least_and_half_at_most(tracks: int) -> None:
    assert 1 <= first(tracks) <= tracks // 2
    assert first(tracks) == min(max(10, round(tracks / 10)), tracks // 2)


def test_at_the_edge() -> None:
    scores = np.arange(100, dtype=np.float32)
    assert among_first(scores, 90) and not among_first(scores, 89)
    assert out_of_first(scores, 89) and not out_of_first(scores, 90)
    # the seed itself takes nobody's place: of 99 others ten are near
    assert near(scores, 89, 99) and not near(scores, 88, 99) and near(scores, 90, 0) and not near(scores, 89, 0)
