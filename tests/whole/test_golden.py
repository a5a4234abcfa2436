"""The golden set on a whole catalog: pinned, asked of every model, and what it keeps from being put to use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from musicdesk.core.errors import NotFound, Unusable
from musicdesk.core.progress import Silent
from musicdesk.core.types import Listener, RunId, TrackId, Verdict
from musicdesk.recommenders.base import SEEDS
from musicdesk.recommenders.registry import configured
from musicdesk.workflows import golden
from musicdesk.workflows.desk import Desk, open_desk
from musicdesk.workflows.taste import standing
from musicdesk.workflows.train import Trained, promoted, train
from tests.helpers.big_catalog import fill
from tests.helpers.programs import ask, run

TRACKS = 240


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path / "p") as opened:
        fill(opened.catalog, TRACKS, opened.encoder)
        for track in (3, 50, 200):
            opened.catalog.feedback.rate(TrackId(track), Verdict.LIKE)
        yield opened


def order(desk: Desk, model: str, seed: int | None = None) -> list[TrackId]:
    """Tracks, the best first, by a model's scores."""
    ids = desk.vectors().ids
    who = desk.catalog.feedback.listener() if seed is None else Listener(SEEDS, liked={TrackId(seed): 1.0})
    scores = standing(desk, model).fitted.score(who, ids)
    return [TrackId(int(track)) for track in ids[np.argsort(-scores, kind="stable")]]


def learn(desk: Desk, model: str) -> Trained:
    return train(desk, model, {}, 0, Silent(), measure=False)


def learn_and_use(desk: Desk, model: str) -> Trained:
    trained = learn(desk, model)
    desk.catalog.runs.use(RunId(trained.run))
    return trained


def test_what_is_pinned_is_asked_of_every_run(desk: Desk) -> None:
    with pytest.raises(NotFound, match="Nothing is expected"):
        golden.check(desk, Silent())
    unpinned = learn_and_use(desk, "content")
    assert not unpinned.active, "what recommends without any run is the blend; another model is a matter of choice"
    assert unpinned.note == "" and "golden" not in unpinned.metrics
    best = order(desk, "content")
    near = [track for track in order(desk, "content", 7) if track != 7]
    golden.expect(desk, "in", best[0])
    golden.expect(desk, "out", best[-1])
    golden.expect(desk, "above", best[5], best[100])
    golden.expect(desk, "near", near[0], TrackId(7))
    missed = golden.expect(desk, "near", near[-1], TrackId(7))
    assert missed.text.endswith(f"near “{desk.catalog.tracks.get(TrackId(7)).tags.title}”") and missed.met is None
    found = golden.check(desk, Silent())
    assert (found.model, found.run, found.met, found.of) == ("content", unpinned.run, 4, 5)
    assert [line["met"] for line in found.lines] == [True, True, True, True, False]
    assert found.runs == [{"run": unpinned.run, "model": "content", "met": 4, "of": 5}]
    pinned = golden.stamp(desk.catalog.golden.all())
    kept = desk.catalog.runs.all()[0]
    assert golden.known_score(kept, pinned) == golden.Score(4, 5, pinned)
    golden.remove(desk, missed.number)
    changed = golden.stamp(desk.catalog.golden.all())
    assert golden.known_score(kept, changed) is None and golden.known_score(kept, "") is None  # of another set
    with pytest.raises(NotFound, match="no expectation number"):
        golden.remove(desk, missed.number)


def test_a_run_that_does_worse_is_not_put_to_use_by_itself(desk: Desk) -> None:
    best = order(desk, "blend")
    for track in best[:4]:
        golden.expect(desk, "in", track)
    worse = learn(desk, "popularity")  # no run is in use: the one learned on the spot recommends, and does better
    assert not worse.active and desk.catalog.runs.active() is None
    assert worse.metrics["golden"]["of"] == 4 > worse.metrics["golden"]["met"]
    assert "it is not put to use by itself" in worse.note
    good = learn(desk, "blend")
    assert good.active and good.metrics["golden"]["met"] == 4 and good.note.endswith("it is in use.")


def test_a_run_that_learned_the_same_anew_takes_the_place(desk: Desk) -> None:
    learn_and_use(desk, "content")
    again = learn(desk, "content")
    assert not again.active  # nothing is expected: a person promotes
    golden.expect(desk, "in", order(desk, "content")[0])
    anew = learn(desk, "content")
    assert anew.active and anew.note == "It meets 1 of 1 expectations, what recommended until now 1: it is in use."
    other = learn(desk, "artist")  # another model is a matter of choice, however well it does
    tuned = train(desk, "content", {"play": 0.2}, 0, Silent(), measure=False)  # and so are other settings
    assert not other.active and not tuned.active and tuned.note.endswith("what recommended until now 1.")


def test_the_same_learned_anew_stays_out_when_it_meets_less(desk: Desk) -> None:
    learn_and_use(desk, "content")
    active, model = desk.catalog.runs.active(), configured("content", {})
    less, as_much = (golden.Verdict(golden.Score(n, 3, "x"), golden.Score(2, 3, "x")) for n in (1, 2))
    assert not promoted(active, model, "", less) and promoted(active, model, "", as_much)
    assert not promoted(active, model, "a crowd", as_much) and not promoted(active, model, "", None)
    blend = configured("blend", {})
    assert not promoted(None, blend, "", less) and promoted(None, blend, "", None)
    assert not promoted(None, model, "", None), "nothing is in use, so the blend is"


def test_contradictions_go_and_what_is_gone_or_unheard_is_not_asked(desk: Desk) -> None:
    a, b, c = TrackId(1), TrackId(2), TrackId(3)
    golden.expect(desk, "in", a)
    golden.expect(desk, "out", a)
    golden.expect(desk, "above", a, b)
    golden.expect(desk, "above", b, a)
    golden.expect(desk, "near", a, b)
    golden.expect(desk, "near", c, b)
    told = [(one.kind, one.track, one.other) for one in desk.catalog.golden.all()]
    assert told == [("out", a, None), ("above", b, a), ("near", a, b), ("near", c, b)]
    for wrong in (("in", a, b), ("near", a, None), ("above", a, a), ("never", a, None)):
        with pytest.raises(Unusable):
            golden.expect(desk, *wrong)
    with desk.catalog.write() as db:
        db.execute("DELETE FROM embedding WHERE track_id = ?", (a,))
        db.execute("DELETE FROM track WHERE id = ?", (c,))
    assert [one.kind for one in desk.catalog.golden.all()] == ["out", "above", "near"]
    with open_desk(desk.profile.folder) as anew:
        fitted = standing(anew).fitted
        assert golden.met(anew, fitted, anew.catalog.golden.all()) == [None, None, None]
        assert golden.verdict(anew, fitted) is None and golden.check(anew, Silent()).of == 0


def test_by_command(desk: Desk) -> None:
    profile = desk.profile.folder
    best = order(desk, "content")
    assert ask(profile, "golden") == {"expectations": []}
    told = ask(profile, "golden", "add", "in", str(int(best[0])))
    ask(profile, "golden", "add", "above", str(int(best[0])), str(int(best[9])))
    learn_and_use(desk, "content")
    checked = ask(profile, "golden", "check")
    assert (checked["met"], checked["of"], checked["runs"][0]["met"]) == (2, 2, 2)
    assert ask(profile, "golden", "remove", str(told["number"])) == {"removed": told["number"]}
    assert [line["kind"] for line in ask(profile, "golden")["expectations"]] == ["above"]
    assert "above" in run(profile, "golden") and "1 of 1 met" in run(profile, "golden", "check")
    assert "it is in use" in run(profile, "train", "content")
    for wrong in (("add", "in"), ("remove", "x"), ("check", "1"), ("add", "in", str(int(best[0])), "2")):
        run(profile, "golden", *wrong, code=1)
