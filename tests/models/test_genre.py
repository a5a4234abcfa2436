"""Genres that are heard: the network, its calibration, and lists under a genre."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix

from musicdesk.core.errors import Cancelled, NotReady
from musicdesk.core.progress import Curves, Silent
from musicdesk.core.types import Listener, TrackId, Vectors
from musicdesk.learning.calibration import Calibration, calibrated, ece, ece_by_chance, nll, reliability
from musicdesk.learning.cepstra import mfcc_of_log_mel, with_differences
from musicdesk.learning.windows import MelWindows
from musicdesk.recommenders.base import TrainingData
from musicdesk.recommenders.crowd import CrowdPlays
from musicdesk.recommenders.genre_cf import GenreCf, GenreFitted
from musicdesk.recommenders.genre_network import GenreNetwork, GenreShape
from musicdesk.recommenders.genre_training import parted
from tests.models.test_perceptron import Stopping

TRACKS, GENRES, BANDS, FRAMES = 300, 4, 32, 60
BLUR = 5.0  # bands, by artist
SMALL = GenreCf(epochs=6, batch=20, learning_rate=2e-3, factors=8)


def planted() -> TrainingData:
    """Genres are rhythms and colours of noise, blurred by artist; 40 tags are missing."""
    rng = np.random.default_rng(1)
    artist = np.arange(TRACKS) % 60
    genre = artist % GENRES
    time, band = np.arange(FRAMES)[:, None], np.arange(BANDS)[None, :]
    pictures = []
    for track in range(TRACKS):
        g, own = genre[track], np.random.default_rng(100 + artist[track])
        beat = 0.5 + 0.5 * np.sin(2 * np.pi * time / (6 + 5 * g) + 6 * rng.random())
        colour = np.exp(-(((band - 6 - 6 * g - BLUR * own.normal()) / 9) ** 2))
        pictures.append((0.6 * beat * colour + 0.35 * rng.random((1, FRAMES, BANDS))).astype(np.float16))
    ids = np.arange(1, TRACKS + 1)
    genres = {TrackId(int(t)): ("Hip-Hop", "hip hop")[t % 2] if genre[t - 1] == 0 else f"Genre {genre[t - 1]}"
              for t in ids[: TRACKS - 40]}  # fmt: skip
    vectors = Vectors(ids, np.eye(GENRES, dtype=np.float32)[genre] + 0.1 * rng.normal(size=(TRACKS, GENRES)))
    artists = {TrackId(int(t)): f"artist {artist[t - 1]}" for t in ids}
    return TrainingData(vectors, genres=genres, artists=artists, windows=MelWindows.of(ids, pictures))


@pytest.fixture(scope="module")
def data() -> TrainingData:
    return planted()


@pytest.fixture(scope="module")
def fitted(data: TrainingData) -> GenreFitted:
    return SMALL.fit(data, 1, Silent())


def test_the_networks_cepstra_are_those_of_analysis():
    network = GenreNetwork(GenreShape(3))
    picture = np.random.default_rng(1).random((1, 44, 128)).astype(np.float32)
    frames = with_differences(mfcc_of_log_mel(picture[0]))
    told = network.cepstra(torch.from_numpy(picture))[0].numpy()
    assert told[:39] == pytest.approx(frames.mean(0), abs=1e-2)
    assert told[39:] == pytest.approx(frames.std(0, ddof=1), abs=1e-2)
    assert network.represented(torch.from_numpy(picture)).shape == (1, 64)
    assert network(torch.from_numpy(picture)).shape == (1, 3)


def test_no_artist_is_on_two_sides():
    rng = np.random.default_rng(2)
    labels, artists = rng.integers(0, 4, 200), rng.integers(-1, 30, 200)
    parts = parted(labels, artists, 1)
    assert np.array_equal(np.sort(np.concatenate(parts)), np.arange(200))
    for at, one in enumerate(parts):
        for other in parts[at + 1 :]:
            assert not set(artists[one][artists[one] >= 0]) & set(artists[other])


def test_temperature_undoes_what_was_planted():
    rng = np.random.default_rng(3)
    logits = 2 * rng.normal(size=(4_000, 5))
    labels = np.array([rng.choice(5, p=row) for row in Calibration().of(logits)])
    lost = rng.random(4_000) < 0.1
    labels[lost] = rng.integers(0, 5, lost.sum())  # a tenth says nothing
    hot = 3.0 * logits  # three times too sure
    found = calibrated(hot[:2_000], labels[:2_000])
    assert found.temperature == pytest.approx(3.0, rel=0.15) and found.lapse == pytest.approx(0.1, abs=0.04)
    held, truth = hot[2_000:], labels[2_000:]
    before, after = Calibration().of(held), found.of(held)
    assert nll(after, truth) < nll(before, truth)
    assert ece(before.max(1), before.argmax(1) == truth) > 0.1
    assert ece(after.max(1), after.argmax(1) == truth) <= 0.05
    few = np.eye(5)[np.arange(20) % 5] * 4.0  # all right, but only twenty
    assert calibrated(few, np.arange(20) % 5).of(few).max() < 0.95


def test_calibration_error_is_the_mean_gap():
    confidence, right = np.array([0.95, 0.95, 0.55, 0.55]), np.array([True, False, True, True])
    assert ece(confidence, right) == pytest.approx((0.45 + 0.45) / 2)
    assert reliability(confidence, right).count.tolist() == [0, 0, 0, 0, 0, 2, 0, 0, 0, 2]
    mean, most = ece_by_chance(np.full(50, 0.8), 1)
    assert 0.02 < mean < most < 0.2
    assert np.isnan(ece(confidence[:0], right[:0]))


def test_it_hears_genres_of_artists_that_it_has_not_heard(fitted: GenreFitted):
    found = fitted.figures()["genre"]
    assert found["accuracy"] > 0.75 > 2 * found["majority"]
    assert found["nll_calibrated"] < found["nll"] and found["ece"] < found["ece_before"]
    assert found["ece"] <= found["ece_chance"][1] + 0.02  # 260 tracks, of artists that are right or wrong together
    assert np.sum(found["confusion"]) == found["tested"] == np.sum(found["reliability"]["count"])


def test_untagged_tracks_get_their_genre_and_spellings_are_one(fitted: GenreFitted):
    assert set(fitted.genres.names) <= {"Hip-Hop", "hip hop", "Genre 1", "Genre 2", "Genre 3"}
    assert len(fitted.genres.names) == GENRES
    last = np.arange(TRACKS - 39, TRACKS + 1)
    truth = ((last - 1) % 60) % GENRES
    place = {name: 0 if "ip" in name else int(name[-1]) for name in fitted.genres.names}
    said = np.array([place[fitted.genres.names[at]] for at in fitted.genres.of(last).argmax(1)])
    assert (said == truth).mean() > 0.8


def test_the_genre_that_one_plays_comes_first(fitted: GenreFitted, data: TrainingData):
    listener = Listener(plays={TrackId(t): 5 for t in (1, 5, 9, 13)})  # all of genre 0
    scores = fitted.score(listener, data.vectors.ids)
    top = data.vectors.ids[np.argsort(-scores)[:30]]
    assert np.mean(((top - 1) % 60) % GENRES == 0) > 0.9
    assert fitted.shares(listener).max() > 0.5 and fitted.shares(listener).sum() == pytest.approx(1.0)
    reasons = fitted.explain(listener, TrackId(int(top[0])))
    assert sum(reason.share for reason in reasons) == pytest.approx(1.0)
    assert any("sounds like" in reason.text and "% sure" in reason.text for reason in reasons)
    assert np.isfinite(fitted.score(Listener(), data.vectors.ids)).all()
    assert fitted.score(listener, np.array([9_999])).tolist() == [0.0]


def test_with_a_crowd_taste_is_factorization(data: TrainingData):
    plays = csr_matrix((np.random.default_rng(1).random((30, TRACKS)) < 0.1).astype(np.float32))
    crowd = replace(CrowdPlays.bare(plays), tracks=data.vectors.ids)
    assert SMALL.taste(replace(data, crowd=crowd)).name == "wmf"
    assert SMALL.taste(data).name == "content"


def test_what_is_saved_scores_the_same(fitted: GenreFitted, data: TrainingData, tmp_path: Path):
    fitted.save(tmp_path)
    again = SMALL.load(tmp_path, replace(data, windows=None))
    listener = Listener(plays={TrackId(3): 5})
    assert np.array_equal(again.score(listener, data.vectors.ids), fitted.score(listener, data.vectors.ids))
    assert again.figures() == fitted.figures()


def test_a_cut_off_training_goes_on_to_the_same_loss(data: TrainingData, tmp_path: Path):
    model = replace(SMALL, epochs=2)
    whole = Curves(Silent())
    first = model.fit(data, 1, whole)
    with pytest.raises(Cancelled):
        model.fit(replace(data, scratch=tmp_path), 1, Stopping(20))
    again = model.fit(replace(data, scratch=tmp_path), 1, Silent())
    assert np.array_equal(first.genres.confidence, again.genres.confidence)
    assert len(whole.points["loss"]) == 2


def test_it_says_what_it_needs(data: TrainingData):
    assert SMALL.why_not(data) is None
    assert "tagged" in (SMALL.why_not(replace(data, genres={})) or "")
    assert "analyze" in (SMALL.why_not(TrainingData(Vectors(np.zeros(0, np.int64), np.zeros((0, 4)), "x"))) or "")
    with pytest.raises(NotReady, match="windows"):
        SMALL.fit(replace(data, windows=None), 1, Silent())
    assert SMALL.listens_to(data)[:5].tolist() == [1, 2, 3, 4, 5]
