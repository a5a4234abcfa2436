"""What one says of tracks in the window: four verbs, stars, what they would move, and the way back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from musicdesk.core.changes import Changes
from musicdesk.core.types import PlayEnd, TrackId, Verdict
from musicdesk.gui.main import Opened
from musicdesk.gui.pages.discover import DiscoverPage
from musicdesk.gui.pages.library import LibraryPage
from musicdesk.gui.rating import NO_MIX
from musicdesk.gui.shell import Notice
from musicdesk.gui.verbs import Choice
from musicdesk.workflows.request import Request
from tests.qt.conftest import Spin
from tests.qt.windows import make_library, page_of, window

SAID = "SELECT verdict, scope, stars, undoes FROM feedback_event ORDER BY id"


@contextmanager
def for_you(app: QApplication, profile: Path) -> Iterator[tuple[Opened, DiscoverPage, list[Notice]]]:
    """A window with *For you* on show, by five likes; and what is told in it."""
    ids = make_library(profile, 300)
    with window(app, profile) as opened:
        for track in ids[:200:40]:
            opened.shell.desk.catalog.feedback.rate(TrackId(int(track)), Verdict.LIKE)
        opened.shell.desk.catalog.store.conn.execute("DELETE FROM feedback_event")
        page = page_of(opened, "discover")
        assert isinstance(page, DiscoverPage)
        opened.window.show()
        page.show_draw(Request(adventure=0.0))
        page.list.table.setFocus()
        told: list[Notice] = []
        opened.shell.noticed.connect(told.append)
        yield opened, page, told


def said(opened: Opened) -> list[tuple[object, ...]]:
    found: list[tuple[object, ...]] = opened.shell.desk.catalog.store.conn.execute(SAID).fetchall()
    return found


def test_each_key_says_its_verb_in_its_scope(app: QApplication, tmp_path: Path) -> None:
    with for_you(app, tmp_path) as (opened, page, told):
        table = page.list.table
        expected = []
        for row, (key, verdict, scope, words) in enumerate(
            (
                ("1", "dislike", "now", "Not now: “"),
                ("2", "dislike", "kind:for-you", "Not in “For you”: “"),
                ("3", "never", "everywhere", "Never: “"),
                ("4", "like", "everywhere", "More like “"),
                ("5", "dislike", "everywhere", "Less like “"),
                ("0", "clear", "everywhere", "Nothing is said of “"),
            )
        ):
            table.selectRow(3 * row)
            QTest.keyClick(table, key)
            expected.append((verdict, scope, None, None))
            assert told[-1].text.startswith(words) and told[-1].action == "Undo", key
            assert (" up, " in told[-1].text) == (key in "1345"), (key, told[-1].text)
        assert said(opened) == expected


def test_outside_of_mixes_nothing_is_said_of_one(app: QApplication, tmp_path: Path) -> None:
    with for_you(app, tmp_path) as (opened, _page, told):
        library = page_of(opened, "library")
        assert isinstance(library, LibraryPage)
        library.table.selectRow(0)
        QTest.keyClick(library.table, "2")
        assert told[-1].text == NO_MIX and said(opened) == []
        texts = [action.text().split("\t")[0] for action in library.table.menu().actions()]
        assert {"Not now", "Never", "More like this", "Less like this"} <= set(texts)
        assert not any(text.startswith("Not in") for text in texts)
        page = page_of(opened, "discover")
        assert isinstance(page, DiscoverPage)
        texts = [action.text().split("\t")[0] for action in page.list.table.menu().actions()]
        assert "Not in “For you”" in texts


def test_figures_give_stars_where_they_are_wanted(app: QApplication, tmp_path: Path) -> None:
    with for_you(app, tmp_path) as (opened, page, told):
        opened.shell.change_settings(stars=True)
        table = page.list.table
        track = table.tracks.id_at(0)
        table.selectRow(0)
        QTest.keyClick(table, "5")
        assert said(opened) == [("like", "everywhere", 5, None)] and told[-1].text.startswith("5 stars for “")
        assert table.tracks.track_at(table.tracks.row_of(track)).stars == 5  # type: ignore[union-attr]
        table.select_track(track)
        QTest.keyClick(table, "1", Qt.KeyboardModifier.AltModifier)
        assert said(opened)[-1] == ("dislike", "now", None, None)
        opened.window.undo()
        opened.window.undo()
        assert [event.undone for event in opened.shell.desk.catalog.feedback.events()] == [True, True]


def test_what_was_said_of_many_is_taken_back_as_one(app: QApplication, tmp_path: Path) -> None:
    with for_you(app, tmp_path) as (opened, page, told):
        feedback, player = opened.shell.desk.catalog.feedback, opened.window.listen.player
        queued = [page.list.table.tracks.id_at(row) for row in range(6)]
        player.enqueue(queued)
        page.list.table.clearSelection()
        for row in (1, 2, 4):
            page.list.table.selectionModel().select(
                page.list.table.tracks.index(row, 0),
                page.list.table.selectionModel().SelectionFlag.Select
                | page.list.table.selectionModel().SelectionFlag.Rows,
            )
        page.list.table.act("never")
        assert feedback.count()["never"] == 3 and player.queue.tracks == [queued[0], queued[3], queued[5]]
        assert "3 tracks" in told[-1].text
        opened.window.undo()
        assert feedback.count()["never"] == 0 and player.queue.tracks == queued
        assert told[-1].text == "Taken back: never, of 3 tracks."
        opened.window.undo()
        assert told[-1].text == "There is nothing to take back."


def test_what_comes_back_into_a_mixed_queue_has_its_place_in_the_plain_order(app: QApplication, tmp_path: Path) -> None:
    with for_you(app, tmp_path) as (opened, page, _told):
        player = opened.window.listen.player
        queued = [page.list.table.tracks.id_at(row) for row in range(6)]
        player.enqueue(queued)
        player.set_shuffled(True, 5)
        mixed = player.queue.tracks
        page.list.table.selectRow(2)
        page.list.table.act("never")
        assert len(player.queue) == 5
        opened.window.undo()
        assert player.queue.tracks == mixed
        player.set_shuffled(False, 0)
        assert player.queue.tracks == queued


def test_looking_at_a_verb_tells_what_it_would_move_and_says_nothing(app: QApplication, tmp_path: Path) -> None:
    with for_you(app, tmp_path) as (opened, page, told):
        table = page.list.table
        table.selectRow(2)
        track = table.tracks.id_at(2)
        opened.window.actions_.perform("dislike", table.choice())
        effect = told[-1].text.split(" · ")[1]
        opened.window.undo()
        table.select_track(track)
        menu = table.menu()
        action = next(action for action in menu.actions() if action.text().startswith("Less like this"))
        action.hover()
        assert told[-1].text == f"Less like this: {effect}. Nothing is said yet." and " up, " in effect
        assert len(said(opened)) == 2, "the one that was said, and its undoing"
        assert effect in table._foretold("dislike", table.choice())


def test_signs_show_what_holds_and_a_second_click_takes_it_back(app: QApplication, tmp_path: Path) -> None:
    with for_you(app, tmp_path) as (opened, page, _told):
        table, feedback = page.list.table, opened.shell.desk.catalog.feedback
        page.list.open(opened.shell.desk.catalog.playlists.all()[0].id)  # as it was: its rows do not move
        track = table.tracks.id_at(0)
        column = [known.name for known in table.tracks.columns].index("rating")
        for verb, words in (
            ("not-now", "not now"),
            ("not-here", "not now, not in this mix"),
            ("like", "more like this, not now, not in this mix"),
            ("not-now", "more like this, not in this mix"),
            ("like", "not rated"),
        ):
            table._clicked_sign(track, verb)
            app.processEvents()
            assert table.tracks.index(0, column).data() == words
        assert not feedback.opinion(track).scoped


def order(page: DiscoverPage) -> list[tuple[int, float, tuple[object, ...]]]:
    assert page.list.shown is not None
    return [(int(pick.track), pick.score, pick.reasons) for pick in page.list.shown.playlist.picks]


def drawn_anew(page: DiscoverPage, spin: Spin) -> bool:
    timers = (page.list._follow_timer, page.list._draft_timer)
    return spin(lambda: not any(timer.isActive() for timer in timers), 5)


def test_rows_move_but_what_was_played_or_liked_stays(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    with for_you(app, tmp_path) as (opened, page, _told):
        table, feedback = page.list.table, opened.shell.desk.catalog.feedback
        before = list(table.tracks.ids)
        played, liked, unwanted, rests = (TrackId(int(before[row])) for row in (1, 12, 4, 7))
        feedback.played(played, 100_000, 200_000, PlayEnd.FINISHED)
        feedback.played(rests, 100_000, 200_000, PlayEnd.FINISHED)
        opened.shell.tell(Changes.FEEDBACK)
        assert drawn_anew(page, spin) and list(table.tracks.ids) == before, "a play moves nothing"
        table.select_track(liked)
        QTest.keyClick(table, "4")
        assert drawn_anew(page, spin)
        after = list(table.tracks.ids)
        assert after != before and (after[1], after[12], after[7]) == (played, liked, rests)
        assert table.tracks.id_at(table.currentIndex().row()) == liked
        moved = table.tracks.moves
        assert moved and not {played, liked, rests} & set(moved)
        for track, step in moved.items():
            assert after.index(track) == (before.index(track) - step if step is not None else after.index(track))
            assert (step is None) == (track not in before)
        row = after.index(next(iter(moved)))
        spoken = table.tracks.index(row, 0).data(Qt.ItemDataRole.AccessibleDescriptionRole)
        assert spoken.startswith(("up by ", "down by ", "new here"))
        table.select_track(unwanted) or table.selectRow(4)
        gone = table.tracks.id_at(table.currentIndex().row())
        QTest.keyClick(table, "5")
        assert drawn_anew(page, spin) and gone not in table.tracks.ids
        table.select_track(rests)
        QTest.keyClick(table, "1")
        assert drawn_anew(page, spin) and rests not in table.tracks.ids, "what is not wanted now goes, played or not"
        assert [int(i) for i in table.tracks.ids][1] == played
        page.list.again.click()
        assert page.list.shown is not None and page.list.shown.request.held == ()


def test_what_is_taken_back_leaves_the_list_as_it_was(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    with for_you(app, tmp_path) as (opened, page, _told):
        table = page.list.table
        before = order(page)
        conn = opened.shell.desk.catalog.store.conn
        liked = {track for (track,) in conn.execute("SELECT id FROM track WHERE verdict IS NOT NULL")}  # and it is
        # not known when: nothing could bring that back
        for key, row in (("4", 9), ("1", 3), ("2", 5), ("3", 8), ("5", 2)):
            table.selectRow(next(at for at in range(row, 30) if int(table.tracks.id_at(at)) not in liked))
            QTest.keyClick(table, key)
            assert drawn_anew(page, spin)
        assert order(page) != before
        for _ in range(5):
            opened.window.undo()
            assert drawn_anew(page, spin)
        assert order(page) == before


def test_what_is_read_after_a_saying_is_a_turn_of_its_own(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    """With a large library saying and reading again together kept the window from painting for too long."""
    with for_you(app, tmp_path) as (opened, page, _told):
        heard: list[Changes] = []
        opened.shell.changed.connect(heard.append)
        tracks = [page.list.table.tracks.id_at(row) for row in range(2)]
        for track in tracks:
            opened.window.actions_.rating.say("like", Choice((track,)))
        assert len(said(opened)) == 2 and not heard
        assert spin(lambda: heard) and heard == [Changes.FEEDBACK], "two sayings in one turn are told once"


def test_two_quick_clicks_on_a_sign_say_it_and_take_it_back(app: QApplication, tmp_path: Path) -> None:
    with for_you(app, tmp_path) as (opened, page, _told):
        track = page.list.table.tracks.id_at(0)
        for _click in range(2):
            page.list.table._clicked_sign(track, "like")
        assert opened.shell.desk.catalog.tracks.get(track).verdict is None
