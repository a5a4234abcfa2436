"""Every kind of list on a library with vectors: rules hold, reasons add up, a seed gives the same list."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from musicdesk.core.errors import NotReady, Unusable
from musicdesk.core.types import TrackId, Verdict
from musicdesk.playlists.kinds import kinds
from musicdesk.workflows.desk import Desk, open_desk
from musicdesk.workflows.prepared import Prepared
from musicdesk.workflows.recommend import Request, draft, prepare, recommend
from tests.helpers.big_catalog import fill

DAY = 86_400


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """300 tracks by 25 artists; a third played once, a few often and long ago, three liked, three disliked."""
    with open_desk(tmp_path) as opened:
        ids = fill(opened.catalog, 300, opened.encoder)
        with opened.catalog.write() as db:
            db.execute("UPDATE track SET plays = (id % 3 = 0), last_played_at = ?, added_at = ?", (None, 0.0))
            db.execute("UPDATE track SET plays = 9, last_played_at = ? WHERE id % 10 = 1", (time.time() - 200 * DAY,))
            db.execute("UPDATE track SET plays = 9, last_played_at = ? WHERE id % 10 = 2", (time.time() - 2 * DAY,))
            db.execute("UPDATE track SET added_at = ? WHERE id % 7 = 0", (time.time() - 3 * DAY,))
        for place, track in enumerate(ids[:6]):
            opened.catalog.feedback.rate(TrackId(int(track)), Verdict.LIKE if place < 3 else Verdict.DISLIKE)
        yield opened


def request(desk: Desk, kind: str, **more: object) -> Request:
    ids = [TrackId(int(track)) for track in desk.vectors().ids]
    start = (ids[20],) if kinds()[kind].needs else ()
    values = {"seed_tracks": start, "to": ids[200] if kind == "path" else None, "minus": (ids[90],), **more}
    return Request(kind=kind, n=12, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [name for name in kinds() if name != "genre"])
def test_a_kind_answers_with_reasons_that_add_up_and_breaks_no_rule(desk: Desk, kind: str):
    wish = request(desk, kind)
    playlist, made = draft(desk, wish)
    tracks = [pick.track for pick in playlist.picks]
    assert 1 < len(tracks) == len(set(tracks)) <= 12
    refused = {track.id for track in desk.catalog.tracks.get_many(tracks) if track.verdict is Verdict.DISLIKE}
    assert not refused
    for pick, parts in zip(playlist.picks, made.parts, strict=True):
        assert pick.reasons and sum(reason.share for reason in pick.reasons) == pytest.approx(1.0)
        assert pick.score == pytest.approx(sum(parts.values()), abs=1e-5)
        assert sum(reason.points for reason in pick.reasons) == pytest.approx(pick.score, abs=1e-5)
    again, _ = draft(desk, wish)
    assert [pick.track for pick in again.picks] == tracks
    assert made.window >= 1 and recommend(desk, wish).id


@pytest.mark.parametrize("kind", [name for name, kind in kinds().items() if kind.ordered and name != "genre"])
def test_levers_keep_the_account_whole_and_what_is_pinned(desk: Desk, kind: str):
    plain, _ = draft(desk, request(desk, kind, adventure=0.8))
    pinned = ((1, plain.picks[0].track), (2, plain.picks[-1].track))
    levers = {"adventure": 0.8, "sound_taste": 0.4, "era": 0.6, "pinned": pinned, "seed": 7, "varied_by": "dpp"}
    playlist, made = draft(desk, request(desk, kind, **levers))
    assert [playlist.picks[place].track for place, _ in pinned] == [track for _, track in pinned]
    for pick, parts in zip(playlist.picks, made.parts, strict=True):
        assert sum(reason.share for reason in pick.reasons) == pytest.approx(1.0)
        assert sum(reason.points for reason in pick.reasons) == pytest.approx(sum(parts.values()), abs=1e-5)
    again, _ = draft(desk, request(desk, kind, **levers))
    assert again == playlist


def test_a_part_of_the_library_is_really_that_part(desk: Desk):
    found = {kind: draft(desk, request(desk, kind))[0].picks for kind in ("rediscover", "unplayed", "new-arrivals")}
    tracks = {kind: desk.catalog.tracks.get_many([pick.track for pick in picks]) for kind, picks in found.items()}
    assert all(t.plays == 0 for t in tracks["unplayed"])
    assert all(t.added_at > time.time() - 30 * DAY for t in tracks["new-arrivals"])
    for track in tracks["rediscover"]:
        assert track.plays >= 3 or track.verdict is Verdict.LIKE
        assert track.last_played_at is None or track.last_played_at < time.time() - 60 * DAY


def test_worlds_apart_are_by_others_and_a_path_ends_where_it_should(desk: Desk):
    start = desk.catalog.tracks.get(desk_id(desk, 20))
    apart, _ = draft(desk, request(desk, "far-alike"))
    artists = {t.tags.artist for t in desk.catalog.tracks.get_many([pick.track for pick in apart.picks])}
    assert start.tags.artist not in artists
    path, _ = draft(desk, request(desk, "path"))
    assert (path.picks[0].track, path.picks[-1].track) == (start.id, desk_id(desk, 200))
    assert path.name == f"Path: {start.tags.title} → {desk.catalog.tracks.get(desk_id(desk, 200)).tags.title}"


def desk_id(desk: Desk, place: int) -> TrackId:
    return TrackId(int(desk.vectors().ids[place]))


def test_a_track_is_not_named_twice(desk: Desk):
    one, two = desk_id(desk, 20), desk_id(desk, 200)
    for named, end in (((one,), one), ((one, one), two), ((one, two), one), ((one, one), None)):
        with pytest.raises(Unusable, match="name no track twice"):
            draft(desk, request(desk, "path", seed_tracks=named, to=end))
    with pytest.raises(Unusable, match="More and less of the same track"):
        draft(desk, request(desk, "add-subtract", seed_tracks=(two, one), minus=(one,)))
    assert draft(desk, request(desk, "far-alike", minus=(one,)))[0].picks, "no other kind asks"


def test_what_is_missing_is_said(desk: Desk):
    with pytest.raises(NotReady, match="--seed-track A --to B"):
        draft(desk, Request(kind="path", seed_tracks=(desk_id(desk, 1),)))
    with pytest.raises(NotReady, match="in sound alone"):
        draft(desk, Request(kind="far-alike"))
    with desk.catalog.write() as db:
        db.execute("UPDATE track SET added_at = 0")
    with pytest.raises(NotReady, match="have been here for over a month"):
        draft(desk, Request(kind="new-arrivals"))


@pytest.mark.parametrize("kind", ["add-subtract", "far-alike"])
def test_an_end_is_of_paths_alone(desk: Desk, kind: str):
    """Others start from their tracks, whatever `to` says."""
    plain = request(desk, kind, to=None)
    assert draft(desk, replace(plain, to=plain.minus[0]))[0].picks == draft(desk, plain)[0].picks


def test_what_a_list_starts_from_is_not_called_a_like(desk: Desk):
    prepared = prepare(desk, request(desk, "similar"))
    assert isinstance(prepared, Prepared)
    nearest = prepared._nearest(5)
    assert nearest is not None and nearest.text.startswith("nearest of what the list starts from: ")
