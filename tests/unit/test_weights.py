"""Weights by track behave as the dictionary that they stand for."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicdesk.core.types import TrackId
from musicdesk.core.weights import Weights, arrays

TRACKS = st.integers(1, 30).map(TrackId)
SAID = st.dictionaries(TRACKS, st.floats(0.1, 5.0))


@given(SAID, st.lists(TRACKS), SAID)
def test_a_changed_copy_is_that_of_a_dictionary(
    before: dict[TrackId, float], gone: list[TrackId], now: dict[TrackId, float]
) -> None:
    known = Weights.of(before)
    changed = known.but([*gone, *now], now)
    wanted = {track: weight for track, weight in before.items() if track not in {*gone, *now}} | now
    assert changed == wanted and list(changed) == sorted(wanted)
    assert dict(changed) == wanted and changed == Weights.of(wanted)
    assert known == before, "the one before stays as it was"
    assert (changed is known) == (not now and not before.keys() & {*gone})


def test_it_is_asked_as_a_mapping() -> None:
    known: Mapping[TrackId, float] = Weights.of({TrackId(7): 1.0, TrackId(3): 0.5})
    assert list(known) == [3, 7] and len(known) == 2 and known[TrackId(3)] == 0.5
    assert TrackId(7) in known and TrackId(4) not in known and "7" not in known and TrackId(99) not in known
    assert known.get(TrackId(4), 2.0) == 2.0 and known.keys() | {1} == {1, 3, 7}
    assert type(known[TrackId(7)]) is float and all(type(track) is int for track in known)
    with pytest.raises(KeyError):
        known[TrackId(4)]
    assert not Weights.of({}) and known != Weights.of({TrackId(3): 0.5})


def test_arrays_are_those_of_any_mapping() -> None:
    said = {TrackId(7): 1.0, TrackId(3): 0.5}
    for mapping, tracks in ((said, [7, 3]), (Weights.of(said), [3, 7])):
        found, weights = arrays(mapping)
        assert found.tolist() == tracks and weights.tolist() == [said[TrackId(track)] for track in tracks]
        assert found.dtype == np.int64 and weights.dtype == np.float64
