"""Lists under a genre, on a library with tags in several spellings and some without any."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from musicdesk.core.errors import NotFound, NotReady
from musicdesk.core.progress import Silent
from musicdesk.core.types import TrackId, Verdict
from musicdesk.workflows.analyze import analyze
from musicdesk.workflows.desk import Desk, open_desk
from musicdesk.workflows.genres import known, per_genre, shares, strongest
from musicdesk.workflows.rate import rate
from musicdesk.workflows.recommend import Request, recommend
from musicdesk.workflows.scan import scan
from tests.helpers.music import make_file

GENRES = ("Hip-Hop", "hip hop", "Jazz; Hip Hop", "Jazz", "Other", "")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("genres")
    for n, genre in enumerate(GENRES):
        tags = {"genre": genre} if genre else {}
        make_file(folder / "music" / f"{n}.flac", 200.0 + 40 * n, 4.0, title=f"Song {n}", artist=f"A {n}", **tags)
    with open_desk(folder / "profile") as desk:
        scan(desk, [os.fsencode(folder / "music")], Silent())
        analyze(desk, Silent())
        yield desk


def tracks(desk: Desk, **wish: str) -> set[str]:
    made = recommend(desk, Request(kind="genre", n=10, **wish))
    return {desk.catalog.tracks.get(pick.track).tags.title for pick in made.picks}


def test_one_genre_in_three_spellings(desk: Desk):
    assert tracks(desk, genre="hiphop") == {"Song 0", "Song 1", "Song 2"}
    assert tracks(desk, genre="JAZZ") == {"Song 2", "Song 3"}


def test_an_unknown_genre_is_refused_with_a_hint(desk: Desk):
    with pytest.raises(NotFound, match="did you mean 'Jazz'"):
        recommend(desk, Request(kind="genre", genre="Jaz"))


def test_without_a_name_it_is_the_strongest(desk: Desk):
    assert strongest(known(desk), desk.catalog.feedback.listener()) in ("Hip-Hop", "hip hop", "Hip Hop")
    jazz = next(track.id for track in desk.catalog.tracks.all() if track.tags.title == "Song 3")
    rate(desk, TrackId(int(jazz)), Verdict.LIKE)
    assert next(iter(shares(known(desk), desk.catalog.feedback.listener()))) == "Jazz"
    assert tracks(desk) == {"Song 2", "Song 3"}


def test_lists_of_every_genre_with_confidence(desk: Desk):
    found = per_genre(desk, n=2)
    lists = {entry["genre"]: entry for entry in found["genres"]}
    assert set(lists) >= {"Jazz"} and len(lists) == 2
    for entry in lists.values():
        assert len(entry["items"]) == 2 and all(item["tagged"] and item["confidence"] == 1.0 for item in entry["items"])
        assert entry["items"][0]["score"] >= entry["items"][1]["score"]


def test_without_any_genre_it_says_so(tmp_path: Path):
    make_file(tmp_path / "music" / "1.flac", 220.0, 4.0, title="Song", artist="A")
    with open_desk(tmp_path / "profile") as bare:
        scan(bare, [os.fsencode(tmp_path / "music")], Silent())
        analyze(bare, Silent())
        with pytest.raises(NotReady, match="genre"):
            recommend(bare, Request(kind="genre"))
