"""The rules of a playlist, as properties over arbitrary libraries."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musicdesk.core.types import TrackId
from musicdesk.playlists import sequence
from musicdesk.playlists.assemble import Wish, assemble
from musicdesk.playlists.diversify import ArtistQuota, dpp, kernel, mmr
from musicdesk.playlists.rules import Candidates, account, allowed, candidates, codes, exposure
from musicdesk.playlists.sequence import arrange, caps, repeats_within, widest_window
from musicdesk.playlists.value import draw


@st.composite
def libraries(draw_from: st.DrawFn) -> Candidates:
    n = draw_from(st.integers(1, 120))
    rng = np.random.default_rng(draw_from(st.integers(0, 10_000)))
    artists = rng.integers(-1, draw_from(st.integers(1, 40)), n)
    vectors = rng.normal(size=(n, 4)).astype(np.float32)
    return candidates(
        rng.permutation(1_000)[:n],
        rng.normal(size=n),
        artists=artists,
        songs=rng.integers(-1, n, n),
        vectors=vectors / np.linalg.norm(vectors, axis=1, keepdims=True),
        exposure=rng.random(n),
        fresh=rng.random(n) < 0.5,
        blocked={"refused": rng.random(n) < draw_from(st.sampled_from((0.0, 0.3))), "excluded": rng.random(n) < 0.1},
    )


@settings(max_examples=150, deadline=None)
@given(libraries(), st.integers(1, 60), st.floats(0, 1), st.integers(0, 5))
def test_a_list_keeps_every_rule(library: Candidates, n: int, adventure: float, seed: int) -> None:
    out = tuple(TrackId(int(track)) for track in library.ids[:3])
    wish = Wish(n, adventure, leave_out=out)
    made = assemble(library, wish, seed)
    again = assemble(library, wish, seed)

    assert np.array_equal(made.rows, again.rows)
    assert len(set(made.rows)) == len(made.rows) <= n
    for mask in library.blocked.values():
        assert not mask[made.rows].any()
    assert not np.isin(library.ids[made.rows], out).any()
    songs = library.songs[made.rows]
    songs = songs[songs >= 0]
    assert len(set(songs)) == len(songs)
    assert not set(songs) & set(library.songs[:3][library.songs[:3] >= 0])
    assert not repeats_within(library.artists[made.rows], made.window)
    assert bool(made.empty) == (len(made.rows) == 0)
    if len(made.rows) > 1 and made.window < 10:
        assert any("too few artists" in notice for notice in made.notices)
    assert len(made.rows) == n or made.empty or any("Only" in notice for notice in made.notices)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.integers(-1, 12), min_size=1, max_size=60))
def test_order_has_the_widest_window_there_is(artists: list[int]) -> None:
    array = np.array(artists)
    order, window = arrange(array)
    assert sorted(order) == list(range(len(array)))
    assert not repeats_within(array[order], window)
    assert window == widest_window(array, len(array))
    if window < 10:  # the counting argument: a wider one cannot be
        counts = np.bincount(array[array >= 0])
        most = int(counts.max())
        assert (most - 1) * (window + 1) + int((counts == most).sum()) > len(array)


@settings(max_examples=150, deadline=None)
@given(libraries(), st.integers(1, 40), st.lists(st.integers(0, 45), max_size=6, unique=True), st.integers(0, 5))
def test_pinned_tracks_stand_where_they_were_put(library: Candidates, n: int, places: list[int], seed: int) -> None:
    free = ~library.blocked["refused"] & ~library.blocked["excluded"]
    _, own_song = np.unique(np.where(library.songs < 0, -np.arange(len(library)) - 2, library.songs), return_index=True)
    pinned = [row for row in own_song if free[row]][: len(places)]
    wish = Wish(
        n, 0.5, pinned=tuple((p, TrackId(int(library.ids[row]))) for p, row in zip(places, pinned, strict=False))
    )
    made = assemble(library, wish, seed)
    rows = made.rows.tolist()
    for place, row in zip(places, pinned, strict=False):
        if len(pinned) <= n:
            assert row in rows
        if place < len(rows) and max(places) < len(rows):
            assert rows[place] == row
    assert len(set(rows)) == len(rows) <= n
    assert not repeats_within(library.artists[made.rows], made.window)
    assert not library.blocked["refused"][made.rows].any()


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(-1, 8), min_size=1, max_size=40), st.integers(0, 1_000))
def test_a_smooth_order_breaks_no_rule_and_is_smoother(artists: list[int], seed: int) -> None:
    array = np.array(artists)
    steps = np.random.default_rng(seed).random((len(array), len(array)))
    plain, window = arrange(array)
    smooth, holds = arrange(array, steps=steps)
    assert holds == window and sorted(smooth) == list(range(len(array)))
    assert not repeats_within(array[smooth], window)
    if len(set(array)) == len(array) > 10:
        assert steps[smooth[:-1], smooth[1:]].sum() < steps[plain[:-1], plain[1:]].sum()


def test_what_follows_well_now_leaves_something_for_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """One step at a time paints itself into corners; tracks that change places afterwards lead out of many."""
    nobody, found = np.full(30, -1), {}
    for rounds in (0, sequence.ROUNDS):
        monkeypatch.setattr(sequence, "ROUNDS", rounds)
        total = 0.0
        for seed in range(20):
            steps = np.random.default_rng(seed).random((30, 30))
            order, _window = arrange(nobody, fixed={7: 3}, steps=steps)
            assert order[0] == 0 and order[7] == 3 and sorted(order) == list(range(30))
            assert all(track - place <= sequence.REACH + 1 for place, track in enumerate(order))
            total += float(steps[order[:-1], order[1:]].sum())
        found[rounds] = total
    assert found[sequence.ROUNDS] < 0.95 * found[0]


@settings(max_examples=60, deadline=None)
@given(libraries(), st.floats(1, 120), st.integers(0, 5))
def test_minutes_are_met_as_nearly_as_the_last_track_allows(library: Candidates, minutes: float, seed: int) -> None:
    seconds = np.random.default_rng(seed).uniform(60, 400, len(library)).astype(np.float32)
    made = assemble(replace(library, seconds=seconds), Wish(minutes=minutes), seed)
    if not len(made.rows):
        return
    total = float(seconds[made.rows].sum())
    filled = any("minutes could be filled" in notice for notice in made.notices)
    assert abs(total - 60 * minutes) <= 200 or total < 60 * minutes or len(made.rows) == 1
    assert total >= 60 * minutes - max(230, float(np.median(seconds))) or filled
    assert not repeats_within(library.artists[made.rows], made.window)


@settings(max_examples=40, deadline=None)
@given(libraries(), st.floats(10, 90), st.integers(0, 5), st.lists(st.integers(0, 60), min_size=1, max_size=3))
def test_what_is_pinned_is_in_an_hour_as_well(
    library: Candidates, minutes: float, seed: int, places: list[int]
) -> None:
    """However far down it was pinned: beyond the end it stands at the end."""
    seconds = np.random.default_rng(seed).uniform(60, 400, len(library)).astype(np.float32)
    library = replace(library, seconds=seconds)
    own_song = [int(row) for row in allowed(library).rows if library.songs[row] == -1]
    pinned = tuple(zip(sorted(set(places)), map(TrackId, library.ids[own_song].tolist()), strict=False))
    made = assemble(library, Wish(minutes=minutes, pinned=pinned), seed)
    ids = library.ids[made.rows].tolist()
    assert not {track for _place, track in pinned} - set(ids)
    assert all(ids[place] == track for place, track in pinned if place < len(ids) - len(pinned))
    total = float(seconds[made.rows].sum())
    assert total < 60 * minutes + 400 or len(ids) == len(pinned)


def test_albums_are_held_to_their_share_as_far_as_there_are_others() -> None:
    albums = np.repeat(np.arange(40), 5)
    library = candidates(np.arange(200), np.linspace(1, 0, 200), artists=np.arange(200), albums=albums)
    made = assemble(library, Wish(30, 0.0))
    assert np.bincount(albums[made.rows]).max() == 2 and not made.notices
    few = assemble(candidates(np.arange(20), np.ones(20), artists=np.arange(20), albums=np.zeros(20)), Wish(10))
    assert len(few.rows) == 10 and "too few albums" in few.notices[0]
    assert not assemble(library, Wish(30, 0.0, album_most=0)).notices


def test_a_relaxed_rule_does_not_count() -> None:
    played = np.arange(10) < 8
    library = candidates(np.arange(10), np.linspace(1, 0, 10), blocked={"played": played})
    assert sorted(assemble(library, Wish(5)).rows) == [8, 9]
    assert len(assemble(library, Wish(5, relaxed=("played",))).rows) == 5


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.2, 0.9), st.integers(1, 5))
def test_each_step_of_the_dpp_adds_most_to_the_determinant(seed: int, weight: float, n: int) -> None:
    """Against all determinants of 8 items, computed one by one."""
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(8, 5))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    quality = rng.random(8)
    scale = np.exp(weight / (2 * (1 - weight)) * quality)
    whole = scale[:, None] * np.stack([kernel(vectors, item) for item in range(8)]) * scale
    picked = dpp(quality, vectors, n, weight).tolist()
    for step, item in enumerate(picked):
        before = picked[:step]
        found = {i: np.linalg.det(whole[np.ix_([*before, i], [*before, i])]) for i in range(8) if i not in before}
        assert found[item] == pytest.approx(max(found.values()), rel=1e-4)
    best = max(np.linalg.det(whole[np.ix_(chosen, chosen)]) for chosen in combinations(range(8), n))
    assert (
        np.linalg.det(whole[np.ix_(picked, picked)]) >= best / np.prod(np.arange(1, n + 1)) ** 2
    )  # Civril, Magdon-Ismail


def test_dpp_passes_over_a_twin_and_with_weight_one_is_the_ranking() -> None:
    vectors = np.array([[1, 0], [1, 0], [0, 1]], np.float32)
    assert list(dpp(np.array([1.0, 0.99, 0.8]), vectors, 2, 0.6)) == [0, 2]
    assert list(dpp(np.array([1.0, 0.99, 0.8]), vectors, 2, 1.0)) == [0, 1]


def test_order_follows_rank_where_artists_differ() -> None:
    assert list(arrange(np.arange(30))[0]) == list(range(30))
    assert list(arrange(np.full(12, -1))[0]) == list(range(12))  # unknown artists are not one artist


def test_enough_artists_keep_the_window_of_ten() -> None:
    library = candidates(np.arange(300), np.linspace(1, 0, 300), artists=np.arange(300) % 12)
    made = assemble(library, Wish(50), seed=3)
    assert (len(made.rows), made.window, made.notices) == (50, 10, ())


def test_one_dominating_artist_does_not_push_the_window() -> None:
    artists = np.concatenate([np.zeros(5_000), np.arange(1, 101)])
    scores = np.concatenate([np.linspace(2, 1, 5_000), np.zeros(100)])
    made = assemble(candidates(np.arange(5_100), scores, artists=artists), Wish(30, 0.0))
    assert made.window == 10
    assert (artists[made.rows] == 0).sum() == 3


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(-1, 6), min_size=1, max_size=40), st.integers(1, 40), st.integers(2, 10))
def test_quota_reaches_all_that_is_possible(artists: list[int], n: int, window: int) -> None:
    array = np.array(artists)
    n = min(n, len(array))
    most, full = caps(n, window)
    picked = mmr(np.zeros(len(array)), np.empty((len(array), 0)), n, 1.0, ArtistQuota(array, most, full))
    counts = np.bincount(array[array >= 0]) if (array >= 0).any() else np.zeros(1, int)
    alone = int((array < 0).sum())
    ones = np.concatenate([counts, np.ones(alone, int)])
    assert len(picked) == min(n, int(np.minimum(ones, most - 1).sum()) + min(full, int((ones >= most).sum())))


def test_mmr_with_weight_one_is_the_ranking() -> None:
    rng = np.random.default_rng(0)
    quality = rng.random(200)
    vectors = rng.normal(size=(200, 8)).astype(np.float32)
    assert np.array_equal(mmr(quality, vectors, 50, 1.0), np.argsort(-quality)[:50])


def test_mmr_passes_over_a_twin() -> None:
    vectors = np.array([[1, 0], [1, 0], [0, 1]], np.float32)
    assert list(mmr(np.array([1.0, 0.99, 0.8]), vectors, 2, 0.6)) == [0, 2]


def test_similar_is_the_plain_ranking() -> None:
    library = candidates(np.arange(100), np.sin(np.arange(100)), artists=np.zeros(100))
    made = assemble(library, Wish(10, ordered=False), seed=9)
    assert list(made.rows) == list(np.argsort(-np.sin(np.arange(100)))[:10])
    assert made.notices == ()


def test_what_was_shown_steps_back() -> None:
    shown = exposure({TrackId(1): [1_000_000.0], TrackId(2): [1_000_000.0 - 10 * 86_400]}, np.arange(4), 1_000_000.0)
    assert shown == pytest.approx([0, 1, 0.25, 0], abs=1e-6)  # two half-lives of five days
    scores = np.linspace(1, 0.5, 40)
    first = assemble(candidates(np.arange(40), scores), Wish(10, 0.0))
    seen = np.zeros(40)
    seen[first.rows] = 1.0
    second = assemble(candidates(np.arange(40), scores, exposure=seen), Wish(10, 0.0))
    assert set(first.rows) != set(second.rows)
    assert second.parts[-1]["exposure"] <= 0


def test_chance_hangs_on_seed_and_track_alone() -> None:
    ids = np.arange(1_000)
    assert np.array_equal(draw(ids, 4)[10:], draw(ids[10:], 4))
    assert not np.array_equal(draw(ids, 4), draw(ids, 5))
    luck = draw(np.arange(100_000), 7)
    assert -1 <= luck.min() < -0.99 and 0.99 < luck.max() <= 1
    assert abs(luck.mean()) < 0.01
    assert abs(np.corrcoef(draw(ids, 0), draw(ids, 1))[0, 1]) < 0.1


def test_adventure_widens_the_list() -> None:
    rng = np.random.default_rng(1)
    scores = np.sort(rng.normal(size=2_000))[::-1]
    library = candidates(np.arange(2_000), scores)
    means = [library.scores[assemble(library, Wish(30, a), 1).rows].mean() for a in (0.0, 0.3, 1.0)]
    assert all(calm > wild for calm, wild in pairwise(means))
    assert means[2] > 1.0  # far above the median still


def test_an_empty_list_names_its_rule() -> None:
    every = np.ones(5, bool)
    made = assemble(candidates(np.arange(5), np.zeros(5), blocked={"refused": ~every, "genre": every}), Wish())
    assert "5 are of another genre" in made.empty and "choose another genre" in made.empty
    assert "scan a folder" in assemble(candidates(np.empty(0), np.empty(0)), Wish()).empty


def test_what_rules_kept_out_is_told_in_the_right_number() -> None:
    assert account({"excluded": 1, "genre": 1938}) == "1 is kept out by the exclude rules, 1,938 are of another genre"
    assert account({"version": 1, "far": 1, "resting": 2}) == (
        "1 repeats a song that is there already, 1 sounds too different, or is by the same artist, "
        "2 rest because you said 'not now'"
    )
    assert not account({})


def test_candidates_refuse_what_does_not_fit() -> None:
    with pytest.raises(ValueError, match="one row per id"):
        candidates(np.arange(3), np.zeros(2))
    with pytest.raises(ValueError, match="finite"):
        candidates(np.arange(2), np.array([0, np.nan]))
    with pytest.raises(ValueError, match="rules"):
        candidates(np.arange(1), np.zeros(1), blocked={"mood": np.zeros(1, bool)})


def test_codes_put_names_together() -> None:
    assert list(codes(["Nina", "", "NINA", "Ella", ""])) == [0, -1, 0, 1, -1]
