"""Every kind of list on real music: it answers, breaks no rule, and its reasons add up to its scores."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from musicdesk.core.progress import Silent
from musicdesk.core.types import TrackId, Verdict
from musicdesk.playlists.kinds import kinds
from musicdesk.workflows.analyze import analyze
from musicdesk.workflows.desk import Desk, open_desk
from musicdesk.workflows.recommend import Request, draft
from musicdesk.workflows.scan import scan
from musicdesk.workflows.why_not import why_not

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def desk(real_music: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """24 whole tracks, listened to; three liked, three played, one not wanted."""
    with open_desk(tmp_path_factory.mktemp("real")) as opened:
        scan(opened, [bytes(real_music)], Silent())
        analyze(opened, Silent())
        for track in (1, 6, 12):
            opened.catalog.feedback.rate(TrackId(track), Verdict.LIKE)
        opened.catalog.feedback.rate(TrackId(21), Verdict.NEVER)
        with opened.catalog.write() as db:
            db.execute("UPDATE track SET plays = 5, last_played_at = 1000000000 WHERE id IN (3, 9, 15)")
        yield opened


@pytest.mark.parametrize("kind", [*kinds()])
def test_each_kind_answers_with_reasons_that_add_up(desk: Desk, kind: str) -> None:
    start = (TrackId(2),) if kinds()[kind].needs in ("track", "artist") else ()
    request = Request(kind, start, 8, to=TrackId(17) if kind == "path" else None, minus=(TrackId(5),))
    playlist, made = draft(desk, request)
    tracks = [pick.track for pick in playlist.picks]
    assert tracks and len(set(tracks)) == len(tracks) <= 8 and TrackId(21) not in tracks
    for pick, parts in zip(playlist.picks, made.parts, strict=True):
        assert pick.score == pytest.approx(sum(parts.values()), abs=1e-5)
        assert sum(reason.points for reason in pick.reasons) == pytest.approx(pick.score, abs=1e-5)
        assert sum(reason.share for reason in pick.reasons) == pytest.approx(1.0)
    assert draft(desk, request)[0] == playlist
    artists = [track.tags.artist for track in desk.catalog.tracks.get_many(tracks)]
    for at, artist in enumerate(artists):
        assert not artist or artist not in artists[max(0, at - made.window + 1) : at]


def test_every_track_has_a_place_or_a_hindrance(desk: Desk) -> None:
    request = Request(n=8)
    listed = [pick.track for pick in draft(desk, request)[0].picks]
    for track in desk.catalog.tracks.all():
        told = why_not(desk, track.id, request)
        assert (told.place is None) == (track.id not in listed) == bool(told.hindrances), told.sentence
        if told.place is not None:
            assert listed[told.place] == track.id
    assert why_not(desk, TrackId(21), request).hindrances[0].offer == "Take the verdict back"
