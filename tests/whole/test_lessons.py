"""Five questions that teach most: they foretell what an answer does, and teach more than questions at random."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from musicdesk.core.errors import NotReady
from musicdesk.core.progress import Silent
from musicdesk.core.types import TrackId, Verdict
from musicdesk.demo.world import World
from musicdesk.workflows.desk import Desk, open_desk
from musicdesk.workflows.lessons import FIRST, lessons
from musicdesk.workflows.taste import standing_ranks
from tests.helpers import planted_taste
from tests.helpers.programs import ask
from tests.helpers.simulated import SPEC, Simulated, forget, plant

SHOWN = 20


@pytest.fixture(scope="module")
def world() -> World:
    return planted_taste.world(SPEC)


@pytest.fixture(scope="module")
def library(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, np.ndarray]]:
    with open_desk(tmp_path_factory.mktemp("teach")) as desk:
        yield desk, plant(desk, world)


@pytest.fixture
def desk(library: tuple[Desk, np.ndarray]) -> Desk:
    forget(library[0])
    return library[0]


def test_it_foretells_what_either_answer_replaces_and_writes_nothing(desk: Desk) -> None:
    with pytest.raises(NotReady, match="answer the ten questions first"):
        lessons(desk, Silent())
    for track in (3, 90, 200):
        desk.catalog.feedback.rate(TrackId(track), Verdict.LIKE)
    before, changed = standing_ranks(desk), desk.catalog.store.conn.total_changes
    found = lessons(desk, Silent()).questions
    assert desk.catalog.store.conn.total_changes == changed and len(found) == 5
    assert [lesson.change for lesson in found] == sorted((lesson.change for lesson in found), reverse=True)
    rated = {3, 90, 200}
    assert not rated & {int(lesson.track) for lesson in found}
    artists = [desk.catalog.tracks.get(lesson.track).tags.artist for lesson in found]
    assert len(set(artists)) == len(artists)
    for lesson in found[:2]:
        for verdict, foretold in ((Verdict.LIKE, lesson.if_liked), (Verdict.DISLIKE, lesson.if_disliked)):
            event = desk.catalog.feedback.rate(lesson.track, verdict)
            first, then = before < FIRST, standing_ranks(desk) < FIRST
            first[desk.vectors().rows_of([lesson.track])] = False
            assert (first & ~then).sum() / FIRST == pytest.approx(foretold)
            desk.catalog.feedback.undo(event)
        assert lesson.change == pytest.approx(
            lesson.likely * lesson.if_liked + (1 - lesson.likely) * lesson.if_disliked
        )


def test_they_change_more_and_please_more_than_questions_at_random(
    desk: Desk, world: World, library: tuple[Desk, np.ndarray]
) -> None:
    """Of listeners whose taste is known, who have given ten ratings: how much of the first 20 changes by five more, and
    what share of them they like then."""
    ids = library[1]
    changed: dict[str, list[float]] = {"teach": [], "random": []}
    pleased: dict[str, list[float]] = {"teach": [], "random": []}
    for number in range(5, 400, 79):
        for how in changed:
            forget(desk)
            person = Simulated(world, ids, number)
            said = person.get_started(desk, 10)
            before = standing_ranks(desk) < SHOWN
            if how == "teach":
                asked = [lesson.track for lesson in lessons(desk, Silent()).questions]
            else:
                open_ones = [TrackId(int(track)) for track in ids if int(track) not in said]
                asked = [open_ones[at] for at in np.random.default_rng(number).choice(len(open_ones), 5, replace=False)]
            with desk.catalog.write():
                for track in asked:
                    person.say(desk, track)
            after = standing_ranks(desk)
            changed[how].append(float((before & (after >= SHOWN)).mean() / before.mean()))
            rated = said | {int(track) for track in asked}
            best = [int(track) for track in ids[np.argsort(after)] if int(track) not in rated][:SHOWN]
            pleased[how].append(person.pleased(best))
    assert np.mean(changed["teach"]) > np.mean(changed["random"]) + 0.05
    assert np.mean(pleased["teach"]) > np.mean(pleased["random"])


def test_by_command(desk: Desk) -> None:
    desk.catalog.feedback.rate(TrackId(3), Verdict.LIKE)
    told = ask(desk.profile.folder, "questions", "--teach", "-n", "3")["questions"]
    assert len(told) == 3 and {"track", "title", "change", "likely", "if_liked", "if_disliked"} <= told[0].keys()
