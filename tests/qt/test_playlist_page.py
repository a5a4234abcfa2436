"""The playlist page: levers, pins, options and export."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from musicdesk.core.changes import Changes
from musicdesk.core.types import TrackId, Verdict
from musicdesk.gui.pages.discover import DiscoverPage
from musicdesk.gui.pages.playlist_state import Shown, era_words, surprise_words, taste_words
from musicdesk.gui.shell import Notice
from musicdesk.gui.verbs import VERBS, Choice
from musicdesk.workflows.request import Request
from tests.qt.conftest import Spin
from tests.qt.windows import Answers, make_library, page_of, window

GONE = Changes.TRACKS | Changes.EMBEDDINGS | Changes.PLAYLISTS  # of a folder that is forgotten


def discover(opened) -> DiscoverPage:  # type: ignore[no-untyped-def]
    page = page_of(opened, "discover")
    assert isinstance(page, DiscoverPage)
    opened.window.show()
    return page


def test_pins_stay_in_every_draw(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    ids = make_library(tmp_path, 300)
    with window(app, tmp_path) as opened:
        page = discover(opened)
        page.show_draw(Request("artist-radio", (TrackId(int(ids[0])),)))
        view, table = page.list, page.list.table
        table.selectRow(3)
        QTest.keyClick(table, "k")
        table.selectRow(7)
        QTest.keyClick(table, "k")
        pinned = {place: table.tracks.ids[place] for place in (3, 7)}
        pin_column = [column.name for column in table.tracks.columns].index("pin")
        assert table.tracks.index(3, pin_column).data(Qt.ItemDataRole.DisplayRole) == "pinned"
        before = list(table.tracks.ids)
        for _ in range(3):
            view.again.click()
            assert {place: table.tracks.ids[place] for place in (3, 7)} == pinned
        assert list(table.tracks.ids) != before
        view.levers.sliders["adventure"].setValue(90)
        assert spin(lambda: view.shown is not None and view.shown.request.adventure == 0.9, 3)
        assert {place: table.tracks.ids[place] for place in (3, 7)} == pinned
        table.selectRow(3)
        QTest.keyClick(table, "k")
        assert view.shown is not None and view.shown.pinned == {TrackId(int(pinned[7]))}
        kept = opened.shell.desk.catalog.playlists.all()[-1].id
        assert page.list.open(kept) and not view.levers.isVisible(), "an old list is shown as it was"


def test_each_lever_draws_another_list_and_says_what_it_means(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    ids = make_library(tmp_path, 300)
    with window(app, tmp_path) as opened:
        page = discover(opened)
        for track in ids[:40:8]:
            opened.shell.desk.catalog.feedback.rate(TrackId(int(track)), Verdict.LIKE)
        page.show_draw(Request(adventure=0.0))
        view = page.list
        seen = [tuple(view.table.tracks.ids)]
        for name, value in (("surprise", 40), ("sound_taste", 0), ("era", 100)):
            view.levers.sliders[name].setValue(value)
            assert spin(lambda: tuple(view.table.tracks.ids) not in seen, 3), name
            seen.append(tuple(view.table.tracks.ids))
        assert view.levers.sliders["sound_taste"].accessibleDescription() == "By sound alone"
        assert spin(lambda: view.shown is not None and view.shown.playlist.id is not None, 4)
        assert view.shown is not None
        reasons = [reason.text for pick in view.shown.playlist.picks for reason in pick.reasons]
        assert any(text.endswith(", by sound") for text in reasons) and any("from 1" in text for text in reasons)
        stored = opened.shell.desk.catalog.playlists.request(view.shown.playlist.id)
        assert (stored["sound_taste"], stored["era"]) == (0.0, 1.0)


def test_options_change_length_and_rules(app: QApplication, tmp_path: Path) -> None:
    ids = make_library(tmp_path, 300)
    with window(app, tmp_path) as opened:
        page = discover(opened)
        page.show_draw(Request("artist-radio", (TrackId(int(ids[0])),)))
        view = page.list
        hour = next(action for action in view.options._lengths if action.text() == "One hour")
        hour.trigger()
        tracks = opened.shell.desk.catalog.tracks.get_many([TrackId(int(i)) for i in view.table.tracks.ids])
        assert sum(track.tags.duration_s or 0 for track in tracks) == pytest.approx(3600, abs=220)
        assert view.shown is not None and view.shown.request.minutes == 60
        view.options._checks["smooth"].trigger()
        assert not view.shown.request.smooth and not view.options._checks["smooth"].isChecked()
        view.options._checks["smooth"].trigger()
        assert view.shown.request.smooth and view.options._checks["smooth"].isChecked()
        view.options._checks["few of an album"].trigger()
        assert view.shown.request.relaxed == ("few of an album",)
        view.options._checks["few of an album"].trigger()
        assert view.shown.request.relaxed == ()


def test_a_rule_that_empties_a_list_is_relaxed_by_one_click(app: QApplication, tmp_path: Path) -> None:
    make_library(tmp_path, 60)
    with window(app, tmp_path) as opened:
        page = discover(opened)
        desk = opened.shell.desk
        desk.catalog.feedback.rate(TrackId(1), Verdict.LIKE)
        with desk.catalog.write() as db:
            db.execute("UPDATE track SET plays = 1")
        told: list[Notice] = []
        opened.shell.noticed.connect(told.append)
        assert not page.show_draw(Request("unplayed"))
        assert "have been played before" in told[-1].text and told[-1].action == "Relax this rule"
        assert told[-1].run is not None
        told[-1].run()
        assert page.list.shown is not None and page.list.shown.request.relaxed == ("played",)
        assert len(page.list.table.tracks.ids) == 30


def test_export_beside_the_music_is_relative(app: QApplication, tmp_path: Path) -> None:
    ids = make_library(tmp_path, 60)
    answers = Answers(path=tmp_path / "list.m3u8")
    with window(app, tmp_path, answers) as opened:
        page = discover(opened)
        page.show_draw(Request("artist-radio", (TrackId(int(ids[0])),)))
        page.list.export.relative.trigger()
        page.list._export("m3u8")
        assert answers.path is not None
        written = answers.path.read_text("utf-8")
        assert "\n../" in written and "\n/music" not in written


def test_export_for_another_machine(app: QApplication, tmp_path: Path) -> None:
    ids = make_library(tmp_path, 60)
    answers = Answers(path=tmp_path / "list.m3u8", name="Z:\\Music")
    with window(app, tmp_path, answers) as opened:
        page = discover(opened)
        page.show_draw(Request("artist-radio", (TrackId(int(ids[0])),)))
        page.list.export.relative.setChecked(True)
        page.list.export.elsewhere.trigger()
        assert page.list.export.roots == ("/music", "Z:\\Music") and not page.list.export.relative.isChecked()
        page.list._export("m3u8")
        assert answers.path is not None
        written = [line for line in answers.path.read_text("utf-8").splitlines() if not line.startswith("#")]
        assert len(written) == 30 and all(line.startswith("Z:\\Music\\") and "/" not in line for line in written)
        page.list.export.relative.trigger()
        assert page.list.export.roots is None


def test_rows_of_a_forgotten_folder_leave_the_list(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    ids = make_library(tmp_path, 300)
    with window(app, tmp_path) as opened:
        page, tracks = discover(opened), opened.shell.desk.catalog.tracks
        page.show_draw(Request("artist-radio", (TrackId(int(ids[0])),)))
        view, table = page.list, page.list.table
        before = table.tracks.ids.tolist()
        assert before[0] == ids[0], "what the radio starts from stays"
        left = [before[0], *before[4:]]
        table.select_track(before[4])
        tracks.remove(before[1:4])
        opened.shell.tell(GONE)
        assert table.tracks.ids.tolist() == left and table.choice().tracks == (left[1],)
        assert view.line.text().startswith(f"{len(before) - 3} tracks")
        view.play.click()
        assert opened.window.listen.player.queue.tracks == left
        view.levers.sliders["adventure"].setValue(90)
        assert spin(lambda: view.shown.request.adventure == 0.9 and view.shown.playlist.id is None, 3)
        draft = table.tracks.ids.tolist()
        tracks.remove(draft[1:3])
        opened.shell.tell(GONE)
        view.keep()
        kept = [int(pick.track) for pick in opened.shell.desk.catalog.playlists.get(view.shown.playlist.id).picks]
        assert kept == table.tracks.ids.tolist() and len(kept) == len(draft) and not set(kept) & set(draft[1:3])


def test_no_verb_is_done_to_a_track_that_is_gone(app: QApplication, tmp_path: Path) -> None:
    ids = [TrackId(int(track)) for track in make_library(tmp_path, 30)]
    with window(app, tmp_path) as opened:
        told: list[Notice] = []
        went: list[object] = []
        opened.shell.noticed.connect(told.append)
        opened.shell.went.connect(went.append)
        opened.shell.desk.catalog.tracks.remove(ids[:2])
        perform, queue = opened.window.actions_.perform, opened.window.listen.player.queue
        for verb in (verb.name for verb in VERBS if verb.name != "pause"):
            told.clear()
            perform(verb, Choice(tuple(ids[:1]), tuple(ids[:5])))
            perform(verb, Choice(tuple(ids[:2])))
            assert [each.text for each in told] == [
                "This track is not in the library any more.",
                "None of these tracks is in the library any more.",
            ], verb
        assert not went and not len(queue)
        perform("queue", Choice(tuple(ids[:5])))
        assert queue.tracks == ids[2:5] and told[-1].text == "3 tracks added to the queue."


def test_words_of_the_levers() -> None:
    assert taste_words(0) == "By sound alone" and taste_words(1) == "By your taste"
    assert surprise_words(0.1, 30) == "Surprise me: 3 of 30" and surprise_words(0.1, 9) == "No surprises"
    assert era_words(0, 1987) == "Of any time" and era_words(1, 1987.4) == "Close to 1987"


def test_a_pin_is_let_go_the_second_time() -> None:
    from musicdesk.core.types import Pick, Playlist

    picks = tuple(Pick(TrackId(i), 1.0) for i in range(5))
    shown = Shown(Request(), Playlist(None, "", "for-you", picks))
    twice = shown.pin(TrackId(3)).pin(TrackId(1))
    assert twice.request.pinned == ((1, TrackId(1)), (3, TrackId(3))) and twice.pinned == {1, 3}
    assert twice.pin(TrackId(3)).pinned == {1} and shown.pin(TrackId(99)).request.pinned == ()
