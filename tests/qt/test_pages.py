"""Every page opens alone on a tiny library, and on none; the window as a whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
)

from musicdesk.core.changes import Changes
from musicdesk.core.types import TrackId, Verdict
from musicdesk.gui.pages import PAGES
from musicdesk.gui.pages.discover import DiscoverPage
from musicdesk.gui.pages.discover_state import Draw
from musicdesk.gui.pages.library import LibraryPage
from musicdesk.gui.pages.settings import SettingsPage
from musicdesk.gui.shell import Goto
from tests.qt.windows import Answers, make_library, page_of, window

Spin = Callable[..., bool]
NAMES = [page.name for page in PAGES]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A profile of 240 tracks that no test writes to."""
    folder = tmp_path_factory.mktemp("library")
    make_library(folder, 240)
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_a_page_opens_alone_on_a_tiny_library(app: QApplication, library: Path, spin: Spin, name: str) -> None:
    with window(app, library) as opened:
        page = page_of(opened, name)
        opened.window.show()
        spin(seconds=0.1)
        assert page.isVisible()
        assert spin(lambda: page.subtitle.whole_text(), 10)
        assert not page.grab().isNull()


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("settings", "history")])
def test_an_empty_library_says_what_to_do(app: QApplication, tmp_path: Path, spin: Spin, name: str) -> None:
    music = tmp_path / "music"
    music.mkdir()
    with window(app, tmp_path / "profile", Answers(path=music)) as opened:
        page = page_of(opened, name)
        opened.window.show()
        spin(seconds=0.05)
        assert spin(lambda: page.settled, 10)
        seen = [button for button in page.findChildren(QAbstractButton) if button.isVisible()]
        choose = next(button for button in seen if button.accessibleName() == "Choose a folder")
        choose.click()
        assert opened.shell.jobs.busy_with("settle")
        assert spin(lambda: not opened.shell.jobs.running(), 10)


def test_every_control_has_a_name(app: QApplication, library: Path, spin: Spin) -> None:
    with window(app, library) as opened:
        opened.window.show()
        for name in NAMES:
            page = page_of(opened, name)
            spin(seconds=0.02)
            controls = [w for kind in (QAbstractButton, QComboBox, QLineEdit) for w in page.findChildren(kind)]
            nameless = [w for w in controls if not (w.accessibleName() or getattr(w, "text", str)()) and w.isVisible()]
            assert not nameless, name


def test_no_label_reads_its_text_as_markup(app: QApplication, library: Path, spin: Spin) -> None:
    with window(app, library) as opened:
        opened.window.show()
        for name in NAMES:
            page_of(opened, name)
        labels = opened.window.findChildren(QLabel)
        assert [w.text() for w in labels if w.text() and w.textFormat() != Qt.TextFormat.PlainText] == []


def test_three_picks_lead_to_a_playlist_that_can_be_exported(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    make_library(tmp_path, 200)
    answers = Answers(path=tmp_path / "mine.m3u8")
    with window(app, tmp_path, answers) as opened:
        page = page_of(opened, "discover")
        assert isinstance(page, DiscoverPage)
        opened.window.show()
        spin(seconds=0.02)
        assert page.picks
        assert not page.picking.ready.isEnabled()
        page.picking.words.setText("a")
        assert spin(lambda: len(page.picking.table.tracks.ids) >= 3, 3)
        for row in range(3):
            page.picking.table.selectRow(row)
            QTest.keyClick(page.picking.table, "4")
        assert spin(page.picking.ready.isEnabled)
        page.picking.ready.click()
        assert page.stack.currentIndex() == 1
        first = list(page.list.table.tracks.ids)
        assert len(first) == 30
        page.list.again.click()
        assert list(page.list.table.tracks.ids) != first
        page.list._export("m3u8")
        assert answers.path is not None and "#EXTM3U" in answers.path.read_text("utf-8")
        page.home()
        assert page.home_cards.recent.count() == 2
        assert "known by its sound" in page.home_cards.for_you.text.text()  # the ladder, now that a list was made
        assert "Import what many people play" in page.home_cards.for_you.text.accessibleDescription()


def test_ten_questions_are_cards_that_can_be_answered(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    make_library(tmp_path, 200)
    with window(app, tmp_path) as opened:
        page = page_of(opened, "discover")
        assert isinstance(page, DiscoverPage)
        opened.window.show()
        spin(seconds=0.02)
        cards = page.picking.questions.cards
        assert page.picks and len(cards) == 10 and len(set(page.picking.questions.asked)) == 10
        assert "stands for" in cards[0].share.whole_text() and cards[0].accessibleName()
        tracks = opened.shell.desk.catalog.tracks
        for card in cards[:3]:
            card.buttons["like"].click()
        QTest.keyClick(cards[3].buttons["dislike"], Qt.Key.Key_Space)
        verdicts = [track.verdict for track in tracks.get_many(page.picking.questions.asked[:4])]
        assert verdicts == [Verdict.LIKE] * 3 + [Verdict.DISLIKE]
        assert spin(lambda: cards[3].buttons["dislike"].isChecked(), 3)
        assert cards[0].buttons["like"].isChecked() and page.picking.ready.isEnabled() and page.picks
        cards[0].buttons["like"].click()  # once more: taken back
        assert spin(lambda: not cards[0].buttons["like"].isChecked() and not page.picking.ready.isEnabled(), 3)
        answered = set(page.picking.questions.asked[1:4])
        page.picking._others()
        assert not set(page.picking.questions.asked) & answered
        names = [button.accessibleName() for card in cards for button in card.findChildren(QAbstractButton)]
        assert all(names) and len(set(names)) == len(names)


def test_the_adventure_slider_draws_at_once_and_keeps_when_it_rests(
    app: QApplication, tmp_path: Path, spin: Spin
) -> None:
    ids = make_library(tmp_path, 300)
    with window(app, tmp_path) as opened:
        page = page_of(opened, "discover")
        assert isinstance(page, DiscoverPage)
        opened.window.show()
        page.show_draw(Draw("artist-radio", (TrackId(int(ids[0])),), adventure=0.0))
        near = list(page.list.table.tracks.ids)
        kept = len(opened.shell.desk.catalog.playlists.all())
        page.list.levers.sliders["adventure"].setValue(100)
        assert spin(lambda: list(page.list.table.tracks.ids) != near, 3)
        assert len(opened.shell.desk.catalog.playlists.all()) == kept
        assert spin(lambda: len(opened.shell.desk.catalog.playlists.all()) == kept + 1, 4)


def test_a_rating_changes_the_list_and_undo_brings_it_back(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    ids = make_library(tmp_path, 300)
    with window(app, tmp_path) as opened:
        page = page_of(opened, "discover")
        assert isinstance(page, DiscoverPage)
        opened.window.show()
        page.show_draw(Draw("artist-radio", (TrackId(int(ids[0])),)))
        table = page.list.table
        before = list(table.tracks.ids)
        table.selectRow(3)
        QTest.keyClick(table, "3")
        assert spin(lambda: before[3] not in table.tracks.ids, 3), "what is never wanted goes from the list at once"
        assert spin(lambda: page.list.shown is not None and page.list.shown.playlist.id is not None, 4)
        opened.window.actions_.undo()
        assert spin(lambda: list(table.tracks.ids) == before, 4)


def test_radio_and_similar_are_reached_from_any_list(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    make_library(tmp_path, 60)
    with window(app, tmp_path) as opened:
        page = page_of(opened, "library")
        assert isinstance(page, LibraryPage)
        opened.window.show()
        page.table.selectRow(1)
        QTest.keyClick(page.table, "r")
        discover = opened.window.page
        assert isinstance(discover, DiscoverPage)
        assert spin(lambda: discover.settled), "it is built first"
        assert discover.stack.currentIndex() == 1 and "radio" in discover.list.title.whole_text().lower()


def test_settings_change_what_they_name(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    make_library(tmp_path, 5)
    answers = Answers(yes=True, path=tmp_path / "backup.sqlite")
    with window(app, tmp_path, answers) as opened:
        page = page_of(opened, "settings")
        assert isinstance(page, SettingsPage)
        opened.window.show()
        page.theme.setCurrentIndex(page.theme.findData("light"))
        page.theme.activated.emit(page.theme.currentIndex())
        assert opened.shell.desk.settings.theme == "light" and not opened.theme.tokens.dark
        page.exclude_words.setText("polka, , polka, waltz")
        page.shorter.setValue(10)
        page.apply.click()
        assert opened.shell.desk.settings.exclude_words == ("polka", "waltz")
        assert opened.shell.desk.settings.exclude_shorter_s == 10
        assert spin(lambda: not opened.shell.jobs.running(), 10)
        page.privacy.offline.click()
        page.privacy.client.setText("0123456789abcdef0123456789abcdef")
        page.privacy.client.editingFinished.emit()
        assert opened.shell.desk.settings.offline
        assert opened.shell.desk.settings.spotify_client_id.endswith("cdef")
        page.privacy.client.setText("nonsense!")
        page.privacy.client.editingFinished.emit()
        assert page.privacy.client.text().endswith("cdef"), "what is no client id is not kept"
        page.data.backup.click()
        assert answers.path is not None and answers.path.stat().st_size > 1000
        [root] = opened.shell.desk.catalog.roots.all()
        answers.yes = False
        page._forget(root)
        assert opened.shell.desk.catalog.tracks.count()["total"] == 5
        answers.yes = True
        page._forget(root)
        assert opened.shell.desk.catalog.tracks.count()["total"] == 0
        page.data.restore.click()
        assert spin(lambda: opened.shell.desk.catalog.tracks.count()["total"] == 5)
        page = opened.window.page
        assert isinstance(page, SettingsPage)
        assert page.exclude_words.text() == "polka, waltz"
        page.data.delete.click()
        assert opened.shell.desk.catalog.tracks.count()["total"] == 0
        assert answers.asked.count("Delete all your data?") == 1
        page = opened.window.page
        assert isinstance(page, SettingsPage)
        assert "audiobook" in page.exclude_words.text(), "the settings are those of a first start"


def test_pages_read_again_only_when_they_are_seen(app: QApplication, library: Path, spin: Spin) -> None:
    with window(app, library) as opened:
        page = page_of(opened, "library")
        opened.window.show()
        seen: list[Changes] = []
        page.refresh = seen.append  # type: ignore[method-assign]
        opened.shell.tell(Changes.RUNS)
        assert seen == [], "not of its interests"
        opened.shell.tell(Changes.TRACKS)
        assert seen == [Changes.TRACKS]
        page_of(opened, "settings")
        opened.shell.tell(Changes.TRACKS)
        opened.shell.tell(Changes.FEEDBACK)
        assert seen == [Changes.TRACKS]
        page_of(opened, "library")
        assert seen[1:] == [Changes.TRACKS | Changes.FEEDBACK]


def test_nothing_is_cut_off_beside_the_queue_in_a_narrow_window(app: QApplication, library: Path, spin: Spin) -> None:
    """What cannot be scrolled sideways must be as narrow as its room."""
    wishes = [Goto(name) for name in NAMES]
    wishes += [Goto("evaluation", "feedback"), Goto("evaluation", "duel"), Goto("discover", "for-you")]
    with window(app, library) as opened:
        opened.window.resize(1280, 800)
        opened.window.show()
        opened.window.show_queue(True)
        for wish in wishes:
            page = page_of(opened, wish.page)
            if wish.what:
                page.go(wish)
            spin(seconds=0.1)
            for area in page.findChildren(QScrollArea):
                if area.isVisible() and area.horizontalScrollBarPolicy() == Qt.ScrollBarPolicy.ScrollBarAlwaysOff:
                    inside = area.widget()
                    assert inside is None or inside.width() <= area.viewport().width(), (wish, inside.width())


@pytest.mark.parametrize("name", ["discover", "map"])
def test_a_page_that_waits_for_music_to_be_heard_says_so(
    app: QApplication, tmp_path: Path, spin: Spin, name: str
) -> None:
    """While listening runs, the page offers no button that would ask for it once more."""
    make_library(tmp_path / "p", 12, heard=False)
    with window(app, tmp_path / "p") as opened:
        opened.window.show()
        page = page_of(opened, name)

        def listen() -> list[QPushButton]:
            return [b for b in page.findChildren(QPushButton) if b.text().strip() == "Listen to my music"]

        assert spin(lambda: any(button.isVisible() for button in listen()), 5)  # the map is built in turns
        offered = listen()
        assert len(offered) == 1
        task = opened.shell.jobs.start("settle", {"do": "wait"})
        assert spin(lambda: not offered[0].isVisible(), 5)
        said = [text.text() for text in page.findChildren(QLabel) if text.isVisible()]
        assert any("is being heard" in text or "on its way" in text for text in said)
        opened.shell.jobs.cancel(task)
        assert spin(lambda: offered[0].isVisible(), 5)
