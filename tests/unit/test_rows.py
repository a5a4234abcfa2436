"""Where ids stand among others."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicdesk.core.rows import Places, places, spread

NUMBERS = st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 60)
IDS = st.sets(st.integers(0, 40)) | st.sets(st.integers(0, 2**62))


@given(IDS, st.lists(NUMBERS))
def test_a_table_and_a_search_find_the_same(ids: set[int], wanted: list[int]):
    """Near together or far apart, asked for what is not there, too: below 0, far above, nothing at all."""
    known, asked = np.array(sorted(ids), np.int64), np.array(wanted, np.int64)
    truth = [sorted(ids).index(each) if each in ids else -1 for each in wanted]
    assert places(known, asked).tolist() == truth
    assert Places(known).of(asked).tolist() == truth


def test_a_list_of_numbers_is_looked_up_as_an_array_is():
    assert Places(np.array([2, 3, 5])).of([5, 4, 2]).tolist() == [2, -1, 0]  # type: ignore[arg-type]


@pytest.mark.parametrize("names", [["b", "d"], []])
def test_names_stand_among_names(names: list[str]):
    assert places(np.array(names, "U1"), np.array(["d", "a", "e"])).tolist() == ([1, -1, -1] if names else [-1] * 3)


def test_values_are_laid_out_for_other_ids():
    found = spread(np.array([3, 7]), np.array([0.5, 2.0]), np.array([7, 1, 3, 9]))
    assert np.array_equal(found, [2.0, np.nan, 0.5, np.nan], equal_nan=True)
    assert np.isnan(spread(np.empty(0, np.int64), np.empty(0), np.array([1]))).all()
