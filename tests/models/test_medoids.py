"""Ten questions: medoids of planted groups, the same every time, each by another artist; and the rungs in words."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from musicdesk.recommenders import ladder
from musicdesk.recommenders.ladder import Known, rung
from musicdesk.recommenders.medoids import medoids
from musicdesk.workflows.questions import by_another, centred
from tests.helpers import planted_taste


def test_planted_groups_each_get_one():
    world = planted_taste.world()
    matrix = centred(planted_taste.vectors(world, noise=0.1).matrix)
    found = medoids(matrix, world.spec.genres)
    assert len(set(world.tracks.genre[found.rows].tolist())) == world.spec.genres
    assert sum(map(len, found.members)) == world.spec.tracks
    sizes = [len(members) for members in found.members]
    assert sizes == sorted(sizes, reverse=True)
    assert all(row == members[0] for row, members in zip(found.rows, found.members, strict=True))
    again = medoids(matrix, world.spec.genres)
    assert np.array_equal(again.rows, found.rows)


def test_few_points_come_close_to_the_best_choice_there_is():
    rng = np.random.default_rng(3)
    matrix = rng.normal(size=(12, 3))
    matrix = (matrix / np.linalg.norm(matrix, axis=1, keepdims=True)).astype(np.float32)
    distance = 1 - matrix @ matrix.T
    best = min(distance[:, list(rows)].min(1).mean() for rows in itertools.combinations(range(12), 3))
    assert medoids(matrix, 3).cost <= 1.15 * best


def test_no_more_questions_than_tracks_and_none_of_nothing():
    matrix = np.eye(3, dtype=np.float32)
    assert sorted(medoids(matrix, 10).rows.tolist()) == [0, 1, 2]
    assert len(medoids(np.empty((0, 4), np.float32), 10).rows) == 0
    same = np.ones((5, 1), np.float32)
    assert len(set(medoids(same, 3).rows.tolist())) == 3


def test_no_artist_is_asked_about_twice_where_it_can_be_helped():
    world = planted_taste.world()
    found = medoids(centred(planted_taste.vectors(world, noise=0.1).matrix), 10)
    artists = [f"Artist {a % 7}" for a in world.tracks.artist.tolist()]
    chosen = by_another(found, artists)
    assert len({artists[row] for row, _share in chosen}) == 7 and len(chosen) == 10
    assert sum(share for _row, share in chosen) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("known", "name", "lift"),
    [
        (Known(0), ladder.QUESTIONS, "Like or dislike"),
        (Known(12), ladder.CONTENT, "Import what many people play"),
        (Known(12, "c"), ladder.CONTENT, "Let the model learn"),
        (Known(12, "c", 4, 3, 0.4, 0.0, trained=True), ladder.CONTENT, "1 more song of"),
        (Known(12, "c", 0, 5, None, 0.0, trained=True), ladder.ARTISTS, "20 more songs of"),
        (Known(12, "c", 5, 0, 0.4, 0.0, trained=True), ladder.ARTISTS, "15 more songs of"),
        (Known(99, "c", 19, 9, 0.4, 0.0, trained=True), ladder.ARTISTS, "1 more song of"),
        (Known(99, "c", 20, 9, 0.4, 0.0, trained=True), ladder.FULL, ""),
        (Known(99, "c", 20, 9, 0.01, 0.02, trained=True), ladder.ARTISTS, "by chance"),
        (Known(99, "c", 20, 9, -0.5, -0.6, trained=True), ladder.ARTISTS, "by chance"),
        (Known(99, "c", 20, 9, None, 0.0, trained=True), ladder.ARTISTS, "the bridge from sound needs them"),
    ],
)
def test_every_rung_says_where_one_stands_and_what_lifts(known, name, lift):
    found = rung(known)
    assert found.name == name and lift in found.lift and bool(found.lift) == (name != ladder.FULL)
    assert found.sentence.endswith(".") and "  " not in found.sentence
    assert "musicdesk" not in found.sentence + found.lift, "the window has buttons; words for a terminal stand apart"
