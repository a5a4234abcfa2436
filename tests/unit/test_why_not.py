"""Why a track is not in a list: what is said is true, shown by making the list without it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musicdesk.core.types import TrackId
from musicdesk.playlists.assemble import Wish, assemble
from musicdesk.playlists.rules import Candidates, candidates
from musicdesk.playlists.why_not import ALBUM_SHARE, ARTIST_TURN, LENGTH, MEMORY, VARIETY, why_not
from tests.unit.test_sequence import libraries


@settings(max_examples=60, deadline=None)
@given(libraries(), st.integers(1, 20), st.floats(0, 1), st.integers(0, 3), st.integers(0, 119))
def test_every_track_has_a_place_or_a_hindrance(
    library: Candidates, n: int, adventure: float, seed: int, at: int
) -> None:
    wish = Wish(n, adventure)
    made = assemble(library, wish, seed)
    row = at % len(library)
    told = why_not(library, wish, seed, made, TrackId(int(library.ids[row])))
    assert (told.place is not None) == (row in made.rows) == (not told.obstacles)
    assert 1 <= told.rank <= told.of <= len(library)
    if told.place is not None:
        assert made.rows[told.place] == row and told.score == pytest.approx(float(made.scores[told.place]), abs=1e-5)
    blocked = {rule for rule, mask in library.blocked.items() if mask[row]}
    assert blocked == {each.rule for each in told.obstacles} & set(library.blocked)
    for each in told.obstacles:
        if each.enough and each.rule in library.blocked:
            assert row in assemble(library, replace(wish, relaxed=(each.rule,)), seed).rows
        if each.rule == ARTIST_TURN:
            assert row in assemble(library, replace(wish, artist_window=1), seed).rows


def test_each_cause_is_named() -> None:
    n = 40
    artists = np.arange(n)
    artists[:3] = 0
    albums = np.arange(n)
    albums[[3, 4, 5]] = 99
    songs = np.full(n, -1)
    songs[[6, 7]] = 5
    exposure = np.zeros(n)
    exposure[8] = 2.0
    scores = np.linspace(1, 0, n)
    refused = np.arange(n) == 9
    library = candidates(
        np.arange(n),
        scores,
        artists=artists,
        albums=albums,
        songs=songs,
        exposure=exposure,
        blocked={"refused": refused, "played": refused},
    )
    wish = Wish(12, 0.0, leave_out=(TrackId(39),))
    made = assemble(library, wish)

    def causes(track: int) -> list[str]:
        return [each.rule for each in why_not(library, wish, 0, made, TrackId(track)).obstacles]

    assert causes(0) == [] and causes(2) == [ARTIST_TURN]
    assert causes(5) == [ALBUM_SHARE] and causes(7) == ["version"]
    assert causes(8) == [MEMORY] and causes(9) == ["refused", "played"]
    assert causes(30) == [LENGTH] and causes(39) == ["left out"]
    told = why_not(library, wish, 0, made, TrackId(30))
    assert told.obstacles[0].text.startswith("2") and "tracks fit better" in told.obstacles[0].text
    with pytest.raises(ValueError, match="no candidate"):
        why_not(library, wish, 0, made, TrackId(400))


def test_chance_is_named_where_it_was_that() -> None:
    library = candidates(np.arange(200), np.linspace(1, 0.9, 200), artists=np.arange(200))
    wish = Wish(20, 1.0)
    made = assemble(library, wish, 3)
    unlucky = next(row for row in range(20) if row not in made.rows)
    assert VARIETY in [each.rule for each in why_not(library, wish, 3, made, TrackId(unlucky)).obstacles]
