"""The artist level: planted groups of artists come back, by sound and by a crowd; radio and mixes keep their rules."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from musicdesk.core.errors import Unusable
from musicdesk.core.progress import Silent
from musicdesk.core.types import Listener, TrackId, Vectors
from musicdesk.demo.world import World
from musicdesk.recommenders.artist import Artist, ArtistFitted, by_artist
from musicdesk.recommenders.artist_names import ArtistNames
from musicdesk.recommenders.base import ME, SEEDS, TrainingData
from musicdesk.recommenders.crowd import ArtistLinks
from tests.helpers import planted_taste
from tests.helpers.planted_taste import FIRST, plays_of

MODEL = Artist(factors=12, regularization=2.0, iterations=8)


@pytest.fixture(scope="module")
def world() -> World:
    return planted_taste.world()


@pytest.fixture(scope="module", params=[False, True], ids=["sound", "crowd"])
def fitted(request: pytest.FixtureRequest, world: World) -> ArtistFitted:
    return MODEL.fit(planted_taste.data(world, plays_of(world, 0), request.param), 0, Silent())


def genres(world: World, fitted: ArtistFitted) -> np.ndarray:
    """int64 (artists,): the genre of each artist, by the model's numbers."""
    numbers = [int(name.split()[1]) for name in fitted.names.names]
    return np.asarray(world.artists.genre[numbers])


def test_similar_artists_are_of_the_same_planted_genre(world, fitted):
    truth = genres(world, fitted)
    hits = [np.mean([truth[a] == truth[b] for b, _likeness in fitted.similar(a, 5)]) for a in range(len(truth))]
    assert np.mean(hits) > 0.75  # by chance 1 in 8
    likeness = [value for _b, value in fitted.similar(0, 10)]
    assert likeness == sorted(likeness, reverse=True) and max(likeness) <= 1.0 + 1e-6
    assert 0 not in [b for b, _value in fitted.similar(0, 100)]


def test_tastes_are_the_planted_genres(world, fitted):
    """A listener who plays artists of three genres gets them back as three tastes, the same every time."""
    truth = genres(world, fitted)
    wanted = np.unique(truth)[[0, 3, 6]]
    tracks = [t for t, a in enumerate(world.tracks.artist.tolist()) if world.artists.genre[a] in wanted]
    listener = Listener(plays={TrackId(track + FIRST): 5 for track in tracks})
    found = fitted.tastes(listener, 3)
    assert len(found) == 3 and sum(map(len, found)) == int(np.isin(truth, wanted).sum())
    purity = sum(np.bincount(truth[group]).max() for group in found) / sum(map(len, found))
    assert purity > 0.9
    assert [group.tolist() for group in fitted.tastes(listener, 3)] == [group.tolist() for group in found]


def test_tracks_by_one_artist_score_alike_and_those_played_come_first(world, fitted):
    ids = np.arange(FIRST, FIRST + world.spec.tracks)
    played = [TrackId(FIRST + int(t)) for t in np.flatnonzero(world.tracks.artist == 7)]
    scores = fitted.score(Listener(plays=dict.fromkeys(played, 9)), ids)
    own = scores[world.tracks.artist == 7]
    assert (own == own[0]).all() and own[0] >= np.quantile(scores, 0.95) and np.isfinite(scores).all()
    assert fitted.score(Listener(), np.array([5]))[0] == pytest.approx(0.0, abs=1e-6)


def test_reasons_name_artists_and_sum_to_one(world, fitted):
    listener = plays_of(world, 0)
    for track in (FIRST, FIRST + 100, FIRST + 300):
        reasons = fitted.explain(listener, TrackId(track))
        assert sum(reason.share for reason in reasons) == pytest.approx(1.0)
        assert all(reason.track is None for reason in reasons) and "Artist" in reasons[0].text
    assert fitted.explain(listener, TrackId(5)) == []
    liked, mine = Listener(liked={TrackId(FIRST): 1.0}), fitted.explain(listener, TrackId(FIRST))
    first = fitted.explain(liked, TrackId(FIRST))[0].text
    assert first.startswith("people who") or first.endswith(", whom you like"), "nothing was played yet"
    assert mine and not any(reason.text.endswith(", whom you like") for reason in mine if not listener.liked)
    seeds = Listener(SEEDS, liked={TrackId(FIRST): 1.0})
    assert fitted.explain(seeds, TrackId(FIRST))[0].text.startswith(("by 'Artist", "people who play"))


def test_what_is_saved_scores_the_same(world, fitted, tmp_path: Path):
    fitted.save(tmp_path)
    data = planted_taste.data(world, plays_of(world, 0), fitted.by_crowd)
    again = MODEL.load(tmp_path, data)
    listener, ids = plays_of(world, 4), data.vectors.ids
    assert again.score(listener, ids) == pytest.approx(fitted.score(listener, ids), abs=1e-6)
    if fitted.by_crowd:
        with pytest.raises(Unusable, match="other artists"):
            MODEL.load(tmp_path, replace(data, crowd=None))


def test_plays_elsewhere_speak_for_the_person_alone(world):
    data = planted_taste.data(world, Listener(), with_crowd=True)
    assert data.crowd is not None and data.crowd.links is not None
    mine = np.zeros(world.spec.artists, np.float32)
    mine[9] = 30.0
    crowd = replace(data.crowd, links=replace(data.crowd.links, mine=mine))
    made = MODEL.fit(replace(data, crowd=crowd), 0, Silent())
    ids = data.vectors.ids
    near = genres(world, made)[world.tracks.artist] == world.artists.genre[9]
    scores = made.score(Listener(ME), ids)
    assert scores[near].mean() > scores[~near].mean() + 3 * scores[~near].std() / np.sqrt((~near).sum())
    assert len(np.unique(made.score(Listener("past"), ids))) == 1


def test_plays_are_added_up_by_artist(world):
    crowd = planted_taste.crowd(world)
    found = by_artist(crowd).toarray()
    plays = crowd.plays.toarray()
    for artist in (0, 17, 59):
        assert np.array_equal(found[:, artist], plays[:, crowd.artists == artist].sum(1))
    some = replace(crowd, artists=np.where(crowd.artists == 3, -1, crowd.artists))
    assert not by_artist(some).toarray()[:, 3].any()


def test_artists_that_the_crowd_does_not_know_are_bridged_by_sound(world):
    data = planted_taste.data(world, plays_of(world, 0), with_crowd=True)
    assert data.crowd is not None and data.crowd.links is not None
    links = data.crowd.links
    kept = links.codes % 4 != 0
    fewer = replace(data.crowd, links=ArtistLinks(links.tracks[kept], links.codes[kept], links.mine))
    made = MODEL.fit(replace(data, crowd=fewer), 0, Silent())
    factors = made.level.factors  # type: ignore[union-attr]
    assert len(factors.ids) == world.spec.artists
    assert (factors.trust < 1).sum() == world.spec.artists // 4 and (factors.trust > 0).all()
    truth = genres(world, made)
    for code in factors.ids[factors.trust < 1].tolist():
        assert truth[code] in [truth[other] for other, _likeness in made.similar(code, 5)]


def test_one_name_however_it_is_written():
    names = ArtistNames.of({TrackId(2): "Björk", TrackId(1): "björk", TrackId(3): "", TrackId(4): "Other"})
    assert names.names == ["björk", "Other"] and names.tracks.tolist() == [1, 2, 4]
    assert names.codes_of(np.array([1, 2, 3, 4, 9])).tolist() == [0, 0, -1, 1, -1]
    assert (names.code("BJÖRK"), names.code("nobody")) == (0, None)
    listener = Listener(liked={TrackId(1): 1.0}, disliked={TrackId(2): 1.0, TrackId(4): 1.0})
    mine = names.listener(listener, {})
    assert (mine.liked, mine.disliked) == ({}, {1: 1.0})


def test_it_says_what_it_needs():
    vectors = Vectors(np.array([1, 2]), np.eye(2, dtype=np.float32))
    nobody = TrainingData(vectors, Listener(liked={TrackId(1): 1.0}))
    assert "names its artist" in (MODEL.why_not(nobody) or "")
    assert MODEL.why_not(replace(nobody, artists={TrackId(1): "A"})) is None
    assert MODEL.fit(nobody, 0, Silent()).score(nobody.listener, vectors.ids).tolist() == [0.0, 0.0]
