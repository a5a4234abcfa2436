"""Popularity by own plays."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from musicdesk.core.progress import Silent
from musicdesk.core.types import Listener, TrackId, Vectors
from musicdesk.recommenders.base import TrainingData
from musicdesk.recommenders.popularity import Popularity

IDS = np.arange(1, 7)
ARTISTS = {TrackId(1): "Nina", TrackId(2): "nina", TrackId(3): "Ella", TrackId(4): "", TrackId(6): "Ella"}
PLAYS = Listener(plays={TrackId(1): 10, TrackId(3): 2, TrackId(4): 4, TrackId(99): 50})


def data(listener: Listener = PLAYS) -> TrainingData:
    return TrainingData(Vectors(IDS, np.eye(6, dtype=np.float32), "test"), listener, ARTISTS)


def test_plays_rank_and_the_artist_breaks_the_silence_of_the_unplayed() -> None:
    model = Popularity().fit(data(), 0, Silent())
    scores = model.score(PLAYS, IDS)
    assert list(IDS[np.argsort(-scores)]) == [1, 4, 3, 2, 6, 5]
    assert scores[0] == 1.0 and scores[4] == 0.0 and scores.dtype == np.float32
    assert scores[3] == pytest.approx(np.log1p(4) / np.log1p(10), abs=1e-6)
    assert (model.score(Listener(), IDS) == 0).all()
    assert len(model.score(PLAYS, np.empty(0, np.int64))) == 0


def test_reasons_add_up() -> None:
    model = Popularity().fit(data(), 0, Silent())
    played = model.explain(PLAYS, TrackId(1))
    assert [(reason.text, reason.share) for reason in played] == [("played 10 times", 1.0)]
    other = model.explain(PLAYS, TrackId(6))
    assert other[0].text.startswith("by an artist") and other[0].share == 1.0
    both = model.explain(Listener(plays={TrackId(1): 1, TrackId(2): 10}), TrackId(1))
    assert [reason.share for reason in both] == [0.5, 0.5]
    assert model.explain(PLAYS, TrackId(5)) == []


def test_it_says_why_not_and_comes_back_from_disk(tmp_path: Path) -> None:
    assert "played" in str(Popularity().why_not(data(Listener(plays={TrackId(1): 0}))))
    assert Popularity().why_not(data()) is None
    Popularity(artist=0.5).fit(data(), 0, Silent()).save(tmp_path)
    again = Popularity().load(tmp_path, data())
    assert again.config.artist == 0.5
    assert np.array_equal(again.score(PLAYS, IDS), Popularity(0.5).fit(data(), 0, Silent()).score(PLAYS, IDS))


def test_no_artists_at_all() -> None:
    bare = TrainingData(Vectors(IDS, np.eye(6, dtype=np.float32), "test"), PLAYS)
    scores = Popularity().fit(bare, 0, Silent()).score(PLAYS, IDS)
    assert list(IDS[np.argsort(-scores, kind="stable")][:3]) == [1, 4, 3]
