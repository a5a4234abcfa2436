"""A library that is being listened to grows between two readings; lists, lanes and ratings go by one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from musicdesk.core.feedback import Saying
from musicdesk.core.types import TrackId, Verdict
from musicdesk.gui.pages.playlist_state import Lists
from musicdesk.workflows import genres, rate, taste
from musicdesk.workflows import recommend as recommending
from musicdesk.workflows.axes import name_axis
from musicdesk.workflows.desk import Desk, open_desk
from musicdesk.workflows.request import Request
from tests.helpers.big_catalog import fill, hear

TRACKS = 60


@pytest.fixture
def desks(tmp_path: Path) -> Iterator[tuple[Desk, Callable[[], None]]]:
    """A desk with some likes, and what makes another process hear one track more."""
    with open_desk(tmp_path) as desk, open_desk(tmp_path) as worker:
        ids = fill(desk.catalog, TRACKS, desk.encoder)
        late = [TrackId(int(track)) for track in ids[::7]]
        with desk.catalog.write() as db:
            for table in ("embedding", "descriptor"):
                db.conn.executemany(f"DELETE FROM {table} WHERE track_id = ?", [(track,) for track in late])
        for track in ids[1:4]:
            rate.rate(desk, TrackId(int(track)), Verdict.LIKE)

        def hear_one() -> None:
            if late:
                vector = np.eye(1, 64, dtype=np.float32)
                hear(worker.catalog, np.array([late.pop()], np.int64), worker.encoder, vector)

        yield desk, hear_one


def meanwhile(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, grow: Callable[[], None]) -> None:
    """Another track is heard whenever `module.name` is about to be called."""
    real = getattr(module, name)

    def called(*args: Any, **more: Any) -> Any:
        grow()
        return real(*args, **more)

    monkeypatch.setattr(module, name, called)


def test_genres_are_listed_while_tracks_are_being_heard(desks: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    desk, hear_one = desks
    meanwhile(monkeypatch, genres, "under", hear_one)
    before = len(desk.vectors())
    assert genres.per_genre(desk, 3)["genres"]
    assert len(desk.vectors()) > before, "what was heard meanwhile is there afterwards"


@pytest.mark.parametrize("wish", [{"kind": "for-you"}, {"kind": "genre", "genre": "Soul"}, {"kind": "unplayed"}])
def test_a_list_is_made_while_tracks_are_being_heard(
    desks: Any, monkeypatch: pytest.MonkeyPatch, wish: dict[str, Any]
) -> None:
    desk, hear_one = desks
    meanwhile(monkeypatch, recommending, "choices", hear_one)
    meanwhile(monkeypatch, genres, "confidences", hear_one)
    assert recommending.recommend(desk, Request(n=5, **wish)).picks


def test_a_rating_tells_its_effect_while_tracks_are_being_heard(desks: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    desk, hear_one = desks
    meanwhile(monkeypatch, rate, "ranks_of", hear_one)
    ids = [TrackId(int(track)) for track in desk.vectors().ids[20:24]]
    assert rate.rate(desk, ids[0], Verdict.LIKE).up > 0
    assert len(taste.standing_ranks(desk)) == len(desk.vectors()), "no ranking of fewer tracks is kept for more"
    spoken = [rate.Spoken(track, Saying(Verdict.DISLIKE)) for track in ids[1:]]
    assert rate.rate_all(desk, spoken).events


def test_a_list_on_show_goes_by_what_is_heard_when_a_lever_moves(desks: Any) -> None:
    """Another process hears tracks with lower numbers, or takes some away: rows of the axis are those of the list."""
    desk, hear_one = desks
    lows, highs = ([TrackId(int(track)) for track in desk.vectors().ids[at : at + 3]] for at in (10, 30))
    axis = name_axis(desk, "calm", "wild", lows, highs).number
    lists, leaning = Lists(lambda: desk), Request(n=10, adventure=0.0, axis=axis, lean=1.0)
    lists.draft(replace(leaning, lean=0.0))
    for _track in range(9):
        hear_one()
    assert lists.draft(leaning).playlist.picks == recommending.draft(desk, leaning)[0].picks
    with open_desk(desk.profile.folder) as worker, worker.catalog.write() as db:
        db.execute("DELETE FROM embedding WHERE track_id > 45")
        db.execute("UPDATE fact SET value = value + 1 WHERE name = 'embeddings'")
    assert lists.draft(leaning).playlist.picks == recommending.draft(desk, leaning)[0].picks
