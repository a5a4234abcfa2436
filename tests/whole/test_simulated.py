"""Listeners whose taste is known: what they say is learned from, and what was planted in the library is found."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from musicdesk.core.types import TrackId, Verdict
from musicdesk.demo.world import World
from musicdesk.evaluation.intervals import interval, paired
from musicdesk.workflows.artists import mixes
from musicdesk.workflows.desk import Desk, open_desk
from musicdesk.workflows.recommend import Request, draft
from tests.helpers import planted_taste
from tests.helpers.simulated import SPEC, forget, like_rates, plant

COVERS = 12


@pytest.fixture(scope="module")
def world() -> World:
    return planted_taste.world(SPEC)


def covers(world: World) -> dict[int, int]:
    """Rows of tracks that sound like one by another artist and of another style."""
    draw = np.random.default_rng(4)
    found: dict[int, int] = {}
    while len(found) < COVERS:
        cover, original = draw.choice(world.spec.tracks, 2, replace=False).tolist()
        apart = world.tracks.genre[cover] != world.tracks.genre[original]
        if apart and not {cover, original} & {*found, *found.values()}:
            found[cover] = original
    return found


@pytest.fixture(scope="module")
def library(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, np.ndarray]]:
    with open_desk(tmp_path_factory.mktemp("simulated")) as desk:
        yield desk, plant(desk, world, covers(world))


@pytest.fixture
def desk(library: tuple[Desk, np.ndarray]) -> Desk:
    forget(library[0])
    return library[0]


@pytest.fixture
def ids(library: tuple[Desk, np.ndarray]) -> np.ndarray:
    return library[1]


def test_after_thirty_ratings_lists_please_more_than_chance_and_popularity(
    desk: Desk, world: World, ids: np.ndarray
) -> None:
    """Half as much again as at random at the least, by the lower end of the interval over listeners."""
    found = like_rates(desk, world, ids, range(3, 400, 36))
    assert interval(found["for you"] / found["random"]).low > 1.5
    assert paired(found["for you"], found["popularity"]).low > 0
    assert paired(found["for you"], found["random"]).p < 0.01


def test_what_is_disliked_of_a_style_removes_it(desk: Desk, world: World, ids: np.ndarray) -> None:
    """Two styles are liked; then what the list shows of the one is disliked, six times at most."""
    style = dict(zip(ids.tolist(), world.tracks.genre.tolist(), strict=True))

    def shown(genre: int) -> list[TrackId]:
        playlist, _made = draft(desk, Request(n=30, adventure=0.2))
        return [pick.track for pick in playlist.picks if style[int(pick.track)] == genre]

    for genre in (1, 5):
        of_style = ids[world.tracks.genre == genre]
        for track in of_style[:: len(of_style) // 4][:4]:
            desk.catalog.feedback.rate(TrackId(int(track)), Verdict.LIKE)
    liked, unwanted = len(shown(1)), shown(5)
    assert liked >= 5 and len(unwanted) >= 5
    for track in unwanted[:6]:
        desk.catalog.feedback.rate(track, Verdict.DISLIKE)
    assert not shown(5) and len(shown(1)) > liked / 2


def test_worlds_apart_finds_planted_covers_first(desk: Desk, world: World, ids: np.ndarray) -> None:
    for cover, original in covers(world).items():
        shown, _made = draft(desk, Request("far-alike", (TrackId(int(ids[original])),), 5))
        assert shown.picks[0].track == ids[cover]


def test_daily_mixes_are_the_planted_styles(desk: Desk, world: World, ids: np.ndarray) -> None:
    """Agreement of the mixes with the styles of the liked artists, by the adjusted Rand index: 0 by chance."""
    from sklearn.metrics import adjusted_rand_score

    wanted = (0, 2, 4, 6)
    for artist, genre in enumerate(world.artists.genre.tolist()):
        if genre in wanted:
            for track in ids[world.tracks.artist == artist][:3]:
                desk.catalog.feedback.rate(TrackId(int(track)), Verdict.LIKE)
    told = {artist: mix.number for mix in mixes(desk, len(wanted)) for artist in mix.artists}
    planted = {f"Artist {number}": genre for number, genre in enumerate(world.artists.genre.tolist())}
    named = sorted(told, key=str)
    assert len(named) >= 20
    assert adjusted_rand_score([planted[name] for name in named], [told[name] for name in named]) > 0.8
