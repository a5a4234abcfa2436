"""Ways through sound never turn back; near in sound and far in name finds planted covers first."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musicdesk.playlists.alike import Card, add_subtract, far_alike
from musicdesk.playlists.paths import _best_rising, way
from musicdesk.playlists.sequence import repeats_within


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def library(seed: int, n: int = 400, dim: int = 16) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    return unit(draw.normal(size=(n, dim))), np.arange(n) // 4


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(2, 25), stops=st.integers(2, 4))
def test_a_way_leads_through_its_stops_and_never_back(seed: int, n: int, stops: int):
    vectors, artists = library(seed)
    draw = np.random.default_rng(seed)
    through = draw.choice(len(vectors), stops, replace=False).tolist()
    usable = draw.random(len(vectors)) < 0.8
    found = way(vectors, through, n, usable, artists)
    assert found.back == 0
    assert len(found.rows) == max(n, stops) and len(set(found.rows.tolist())) == len(found.rows)
    places = [found.rows.tolist().index(row) for row in through]
    assert places[0] == 0 and places[-1] == len(found.rows) - 1 and places == sorted(places)
    steps = [row for row in found.rows if row not in through]
    assert usable[steps].all() and not repeats_within(artists[steps], 25)


def test_steps_lie_nearer_to_the_way_than_chance():
    vectors, artists = library(1, n=4_000)
    found = way(vectors, [0, 1], 12, np.ones(len(vectors), bool), artists)
    middle = unit(vectors[[0]] + vectors[[1]])[0]
    assert vectors[found.rows[1:-1]] @ middle == pytest.approx(found.nearness[1:-1], abs=0.35)
    assert float(found.nearness.mean()) > float(np.quantile(vectors @ middle, 0.97))


def test_few_artists_give_more_than_one_track_each():
    vectors, _ = library(2, n=60)
    found = way(vectors, [0, 1], 20, np.ones(60, bool), np.zeros(60, np.int64))
    assert len(found.rows) == 20 or found.back == 0


def test_the_programme_finds_the_best_of_all_rising_choices():
    from itertools import combinations

    draw = np.random.default_rng(3)
    near, likeness = draw.random((7, 3)), draw.random((7, 7))
    values = {
        c: sum(near[p, s] for s, p in enumerate(c)) + 0.5 * sum(likeness[a, b] for a, b in itertools.pairwise(c))
        for c in combinations(range(7), 3)
    }
    assert tuple(_best_rising(near, likeness).tolist()) == max(values, key=lambda c: values[c])


def test_planted_covers_come_first():
    """Twelve songs have a cover: the same sound but for a little, another artist, genre and era."""
    draw = np.random.default_rng(4)
    vectors, artists = library(4, n=600)
    genres, years = artists % 8, 1960.0 + (artists * 7) % 60
    originals = np.arange(0, 240, 20)
    covers = unit(vectors[originals] + 0.05 * draw.normal(size=(12, 16)))
    vectors = np.concatenate([vectors, covers])
    card = Card(
        np.concatenate([artists, 1_000 + np.arange(12)]),
        np.concatenate([genres, (genres[originals] + 4) % 8]),
        np.concatenate([years, (years[originals] - 1960 + 30) % 60 + 1960]),
    )
    for place, original in enumerate(originals):
        found = far_alike(vectors, np.array([original]), card)
        assert int(np.argmax(found.scores)) == 600 + place
        same = card.artist == card.artist[original]
        assert (found.scores[same] == 0).all()


def test_what_is_taken_away_is_far():
    vectors = unit(np.array([[1.0, 0, 0], [1, 1, 0], [0, 1, 0], [1, 0, 1], [0, 0, 1]]))
    plain = add_subtract(vectors, np.array([1, 3]), np.array([], np.int64))
    less = add_subtract(vectors, np.array([1, 3]), np.array([2]))
    assert plain[2] == pytest.approx(plain[4]) and less[2] < 0 < less[4]
    assert not add_subtract(vectors, np.array([1]), np.array([1])).any()
