"""The first measure of a model: hidden tracks are truly hidden, and a known truth is found."""

from __future__ import annotations

import json

import numpy as np
import pytest

from musicdesk.cli.commands.models import _metrics
from musicdesk.core.progress import Monitor
from musicdesk.core.types import Listener, TrackId, Vectors
from musicdesk.evaluation.holdout import evaluate, held_candidates
from musicdesk.recommenders.base import TrainingData
from musicdesk.recommenders.content import Content
from musicdesk.recommenders.popularity import Popularity


def world(likes: int, plays: int = 0, n: int = 600) -> TrainingData:
    """Six styles; the listener likes and plays tracks of the first one alone, by artists of their own."""
    rng = np.random.default_rng(0)
    style = np.arange(n) % 6
    rows = rng.normal(size=(6, 16))[style] + 0.6 * rng.normal(size=(n, 16))
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    vectors = Vectors(np.arange(100, 100 + n), rows, "test")
    first = [TrackId(int(i)) for i in vectors.ids[style == 0]]
    listener = Listener(
        liked=dict.fromkeys(first[:likes], 1.0),
        disliked={TrackId(101): 1.0},
        plays=dict.fromkeys(first[likes : likes + plays], 3),
    )
    return TrainingData(vectors, listener, {TrackId(100 + i): f"artist {i % 60}" for i in range(n)})


@pytest.mark.parametrize(("likes", "plays", "parts"), [(8, 4, 12), (30, 10, 10)])
def test_a_taste_by_sound_is_found_and_chance_stays_chance(likes: int, plays: int, parts: int) -> None:
    found = evaluate(Content(), world(likes, plays), 0)
    assert (found["held_out"], found["parts"], found["note"]) == (likes + plays, parts, "")
    assert found["auc"] > 0.8 > found["controls"]["random"]["auc"]
    low, high = found["auc_interval"]
    assert 0 <= low <= found["auc"] <= high <= 1 and low > found["controls"]["random"]["auc"]
    assert found["recall@10"] <= found["recall@20"]
    wide = found["controls"]["random"]["auc_interval"]
    assert wide[0] < 0.5 < wide[1]
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found == evaluate(Content(), world(likes, plays), 0)


def test_too_few_are_told_with_nulls() -> None:
    found = evaluate(Content(), world(4), 0)
    assert found["auc"] is None and found["recall@10"] is None and found["controls"]["random"]["auc"] is None
    assert found["held_out"] == 4 and "at least 5" in found["note"]
    assert found["note"].startswith("4 tracks are liked")
    assert evaluate(Content(), world(1), 0)["note"].startswith("1 track is liked")


def test_the_hidden_are_hidden() -> None:
    """A model that only remembers its training likes must not gain from it."""

    class Memory:
        def fit(self, data: TrainingData, seed: int, monitor: Monitor) -> Memory:
            self.known = set(data.listener.liked) | set(data.listener.plays)
            return self

        def score(self, listener: Listener, items: np.ndarray) -> np.ndarray:
            assert self.known == set(listener.liked) | set(listener.plays)
            return np.array([float(int(i) in self.known) for i in items])

    found = evaluate(Memory(), world(8, 4), 0)
    assert found["auc"] == 0.5
    assert found["recall@10"] == pytest.approx(10 / 588, abs=1e-4)  # what it does not know is all alike to it


def test_own_plays_of_a_hidden_track_do_not_help_popularity() -> None:
    data = world(0, 10)
    found = evaluate(Popularity(), data, 0)
    assert found["auc"] == pytest.approx(found["controls"]["popularity"]["auc"])
    bare = TrainingData(data.vectors, data.listener)
    assert evaluate(Popularity(), bare, 0)["auc"] == 0.5  # without artists nothing is known of a hidden track


def test_disliked_are_no_positives() -> None:
    data = world(6)
    both = Listener(liked=data.listener.liked, disliked={TrackId(100): 1.0})
    assert len(held_candidates(TrainingData(data.vectors, both))) == 5


def test_where_all_is_liked_there_is_nothing_to_tell_it_from() -> None:
    data = world(0, n=12)
    everything = Listener(liked={TrackId(int(track)): 1.0 for track in data.vectors.ids})
    found = evaluate(Content(), TrainingData(data.vectors, everything), 0)
    assert found["auc"] is None and found["auc_interval"] is None and found["recall@10"] is None
    assert found["held_out"] == 12 and found["controls"]["random"]["auc"] is None
    assert found["note"] == "Everything is liked or played; nothing is left to tell it from."


def test_among_fewer_than_ten_everything_is_among_the_first_ten() -> None:
    data = world(0, n=26)
    most = Listener(liked={TrackId(int(track)): 1.0 for track in data.vectors.ids[:14]})
    found = evaluate(Content(), TrainingData(data.vectors, most), 0)
    assert found["auc"] is not None and found["recall@10"] is not None
    assert found["recall@20"] is None and found["recall@20_interval"] is None  # only 12 are left


def test_a_figure_that_is_not_known_is_a_dash_on_the_command_line() -> None:
    data = world(0, n=26)
    most = Listener(liked={TrackId(int(track)): 1.0 for track in data.vectors.ids[:14]})
    told = _metrics(evaluate(Content(), TrainingData(data.vectors, most), 0))
    (line,) = [line for line in told.splitlines() if line.startswith("recall@20")]
    assert line.split() == ["recall@20", "–", "–", "–"]
