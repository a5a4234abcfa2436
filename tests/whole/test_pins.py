"""Pins that a list cannot keep: each is told of, with why, and those that it keeps are not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from musicdesk.core.types import TrackId, Verdict
from musicdesk.workflows.desk import Desk, open_desk
from musicdesk.workflows.recommend import Request, draft
from tests.helpers.big_catalog import fill


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """60 tracks, the first of them liked."""
    with open_desk(tmp_path) as opened:
        ids = fill(opened.catalog, 60, opened.encoder)
        opened.catalog.feedback.rate(TrackId(int(ids[0])), Verdict.LIKE)
        yield opened


def ids(desk: Desk) -> list[TrackId]:
    return [TrackId(int(track)) for track in desk.vectors().ids]


def told(desk: Desk, *pinned: tuple[int, TrackId], n: int = 3, kind: str = "for-you") -> tuple[str, ...]:
    start = (ids(desk)[0],) if kind != "for-you" else ()
    request = Request(kind=kind, n=n, seed_tracks=start, to=ids(desk)[9] if kind == "path" else None, pinned=pinned)
    return draft(desk, request)[1].notices


def title(desk: Desk, track: TrackId) -> str:
    return desk.catalog.tracks.get(track).tags.title


def test_a_pin_that_is_kept_is_not_told_of(desk: Desk):
    assert told(desk, (0, ids(desk)[30]), (2, ids(desk)[31])) == ()


def test_a_track_that_is_never_wanted_is_told_of(desk: Desk):
    track = ids(desk)[6]
    desk.catalog.feedback.rate(track, Verdict.NEVER)
    assert told(desk, (1, track)) == (f"'{title(desk, track)}' could not be pinned: it is disliked or marked never.",)


def test_a_pin_beyond_the_end_is_told_of(desk: Desk):
    one, other = ids(desk)[20], ids(desk)[40]
    assert told(desk, (98, one)) == (f"'{title(desk, one)}' stands at place 3, not at 99: the list has 3 tracks.",)
    assert len(told(desk, (98, one), (99, other))) == 2


def test_two_pins_for_one_place(desk: Desk):
    one, other = ids(desk)[20], ids(desk)[40]
    (notice,) = told(desk, (1, one), (1, other))
    assert "not at 2: another track is pinned there." in notice


def test_more_pins_than_places(desk: Desk):
    pins = [(place, ids(desk)[20 + 2 * place]) for place in range(3)]
    notices = told(desk, *pins, n=2)
    assert [notice for notice in notices if "more tracks are pinned than the list has places" in notice]


def test_a_track_that_nobody_has_listened_to(desk: Desk):
    with desk.catalog.write() as db:
        db.execute(
            "INSERT INTO track (root_id, path, path_text, size, mtime_ns, title, artist, added_at) "
            "SELECT root_id, CAST(path || 'x' AS BLOB), 'x', size, mtime_ns, 'Unheard', artist, added_at "
            "FROM track LIMIT 1"
        )
        number = db.execute("SELECT max(id) FROM track").fetchone()[0]
    assert told(desk, (0, TrackId(number))) == ("'Unheard' could not be pinned: it has not been listened to yet.",)


def test_a_kind_with_an_order_of_its_own(desk: Desk):
    (notice,) = [notice for notice in told(desk, (1, ids(desk)[30]), n=6, kind="path") if "pinned" in notice]
    assert notice.endswith("this kind of list has its own order.")
