"""From an imported crowd to the top of the ladder: train the blend, use it, open it again, ask for its reasons."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from musicdesk.core.progress import Silent
from musicdesk.core.types import PlayEnd, TrackId
from musicdesk.recommenders.blend_fitted import BlendFitted
from musicdesk.workflows.artists import similar_artists
from musicdesk.workflows.desk import Desk, open_desk
from musicdesk.workflows.ladder import where, where_at_once
from musicdesk.workflows.own_history import evaluate_by_time
from musicdesk.workflows.recommend import Request, recommend
from musicdesk.workflows.taste import standing
from musicdesk.workflows.train import train
from tests.helpers.big_catalog import fill
from tests.helpers.histories import put, take

TRACKS, LISTENERS, DAY_S = 240, 160, 86_400
SETTINGS = {"factors": 12, "iterations": 8, "regularization": 2.0}


def crowd_file(desk: Desk, folder: Path, ids: np.ndarray) -> None:
    """People who each play two genres of the library; two of three songs they play are in it."""
    rng = np.random.default_rng(0)
    tracks = desk.catalog.tracks.get_many(ids.tolist())
    genres = sorted({track.tags.genre for track in tracks})
    lines = ["user_id,song_id,listen_count,title,release,artist_name,year"]
    for who in range(LISTENERS):
        liked = set(rng.choice(genres, 2, replace=False).tolist())
        able = [n for n, track in enumerate(tracks) if track.tags.genre in liked and n % 3]
        for n in rng.choice(able, min(14, len(able)), replace=False).tolist():
            tags = tracks[n].tags
            lines.append(f'u{who},S{n:04},{rng.integers(1, 9)},"{tags.title}",R,"{tags.artist}",0')
    take(desk, put(folder, "crowd.csv", "\n".join(lines) + "\n"), crowd="friends")


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library, a crowd that knows two thirds of it, and half a year of plays of two genres, new ones all the time."""
    folder = tmp_path_factory.mktemp("crowd")
    rng = np.random.default_rng(1)
    with open_desk(folder / "p") as desk:
        ids = fill(desk.catalog, TRACKS, desk.encoder)
        desk.catalog.store.conn.execute("UPDATE track SET plays = 0, play_weight = 0")
        crowd_file(desk, folder, ids)
        tracks = desk.catalog.tracks.get_many(ids.tolist())
        genres = sorted({track.tags.genre for track in tracks}, key=lambda g: -sum(t.tags.genre == g for t in tracks))
        mine = rng.permutation([int(track.id) for track in tracks if track.tags.genre in genres[:2]])
        with desk.catalog.write():
            for day in range(180):
                known = mine[: 5 + len(mine) * day // 180]
                for track in {int(known[-1]), int(rng.choice(known))}:
                    moment = 1.6e9 + day * DAY_S
                    desk.catalog.feedback.played(TrackId(track), 200_000, 200_000, PlayEnd.FINISHED, at=moment)
    return folder / "p"


def test_from_a_crowd_to_the_top_of_the_ladder(profile):
    with open_desk(profile) as desk:
        before = where(desk)
        assert before.name == "content" and before.command == "musicdesk train blend" and "'friends'" in before.sentence
        assert standing(desk).model == "blend" and standing(desk).run is None
        done = train(desk, "blend", SETTINGS, 0, Silent())
        assert done.active and done.metrics["split"] == "time"
        assert done.metrics["auc"] > done.metrics["controls"]["random"]["auc"] + 0.15
        assert desk.catalog.runs.all()[0].crowd == "friends"

    with open_desk(profile) as desk:
        assert where_at_once(desk) is None  # nothing is read for a sentence
        fitted = standing(desk).fitted
        assert isinstance(fitted, BlendFitted) and fitted.bridge is not None and fitted.bridge.holds
        desk.vectors()
        rung = where_at_once(desk)
        assert rung is not None and rung == where(desk) and rung.name == "full" and not rung.lift
        me = desk.catalog.feedback.listener()
        assert list(fitted.asked(me)) == ["crowd", "content", "artist", "popularity"]
        assert sum(fitted._said(me).weights.values()) == pytest.approx(1.0, abs=1e-3)
        playlist = recommend(desk, Request(n=20))
        assert playlist.model == "blend" and len(playlist.picks) == 20
        texts = [reason.text for pick in playlist.picks for reason in pick.reasons]
        assert any(text.startswith("people who play") for text in texts)
        assert all(sum(r.share for r in pick.reasons) == pytest.approx(1.0) for pick in playlist.picks)
        scores = fitted.score(me, desk.vectors().ids)
        assert np.isfinite(scores).all()
        name = desk.catalog.tracks.get(TrackId(2)).tags.artist
        assert {artist.by for artist in similar_artists(desk, name, 3)} == {"plays"}


def test_the_own_history_is_a_test_by_itself(profile):
    with open_desk(profile) as desk:
        found = evaluate_by_time(desk, [], 0, Silent())
        table = found["discovery"]
        assert set(table) >= {"blend", "popularity", "most played", "recency", "mean of likes", "random"}
        assert table["blend"]["auc"] > table["random"]["auc"] and table["blend"]["held_out"] >= 20
        assert table["most played"]["auc"] == 0.5 and found["relistening"]["recency"]["auc"] is not None


def test_another_model_that_learned_from_the_crowd_is_named(profile):
    with open_desk(profile) as desk:
        before = desk.catalog.runs.active()
        desk.catalog.runs.use(train(desk, "wmf", {"factors": 8}, 0, Silent(), measure=False).run)
        rung = where(desk)
        assert rung.sentence == "The model 'wmf', learned from the crowd 'friends', recommends." and not rung.command
        assert recommend(desk, Request(n=5)).model == "wmf"
        if before is not None:
            desk.catalog.runs.use(before.id)
