"""The front of Discover: every card leads somewhere, and a file that is dropped is extended."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from musicdesk.core.types import TrackId, Verdict
from musicdesk.gui.pages.discover import DiscoverPage
from musicdesk.gui.pages.discover_state import FROM_SEED, genre_offers
from musicdesk.playlists.export import Row, write
from musicdesk.workflows.desk import open_desk
from musicdesk.workflows.lanes import lanes
from musicdesk.workflows.request import Request
from tests.qt.conftest import Spin
from tests.qt.windows import Answers, make_library, page_of, window


def liked_library(folder: Path) -> None:
    ids = make_library(folder, 240)
    with open_desk(folder) as desk:
        for track in ids[::40]:
            desk.catalog.feedback.rate(TrackId(int(track)), Verdict.LIKE)
        lanes(desk)


def test_every_card_makes_its_list(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    liked_library(tmp_path)
    with window(app, tmp_path) as opened:
        page = page_of(opened, "discover")
        assert isinstance(page, DiscoverPage)
        opened.window.show()
        home = page.home_cards
        opened.shell.set_selected(TrackId(5))
        seen = {}
        for name, card in {"for-you": home.for_you, "mix": home.mixes[0], **home.seeds}.items():
            if name in ("path", "minus", "artists"):
                continue
            assert card.isEnabled() and card.text.text() and card.action.accessibleName()
            card.action.click()
            assert page.stack.currentIndex() == 1 and page.list.shown is not None, name
            seen[name] = page.list.shown.playlist.kind
            page.home()
        assert seen["mix"] == "daily-mix" and seen["apart"] == "far-alike" and seen["radio"] == "artist-radio"
        assert home.recent.count() == len(seen)


def test_a_path_ends_with_the_track_that_is_picked_by_keyboard(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    liked_library(tmp_path)
    with window(app, tmp_path) as opened:
        page = page_of(opened, "discover")
        assert isinstance(page, DiscoverPage)
        opened.window.show()
        opened.shell.set_selected(TrackId(5))
        wanted = opened.shell.desk.catalog.tracks.get(TrackId(200))
        for what in ("path", "minus"):
            page.home_cards.seeds[what].action.click()
            QTest.keyClicks(page.seeds.picker.words, wanted.tags.title)
            assert spin(lambda: 200 in page.seeds.picker.table.tracks.ids[:1], 2)
            QTest.keyClick(page.seeds.picker.words, Qt.Key.Key_Return)
            assert page.list.shown is not None
            asked = page.list.shown.request
            assert (asked.to, asked.minus) == ((200, ()) if what == "path" else (None, (200,)))
            page.home()


def test_a_path_to_where_it_starts_is_refused(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    liked_library(tmp_path)
    with window(app, tmp_path) as opened:
        page = page_of(opened, "discover")
        assert isinstance(page, DiscoverPage)
        opened.window.show()
        told: list[str] = []
        opened.shell.noticed.connect(lambda notice: told.append(notice.text))
        page.seeds.wanted.emit(Request("path", (TrackId(5),), to=TrackId(5)))
        assert spin(lambda: bool(told), 2) and "name no track twice" in told[0]
        assert page.stack.currentIndex() == 0 and page.list.shown is None


def test_menus_of_genres_and_similar_artists(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    liked_library(tmp_path)
    with window(app, tmp_path) as opened:
        page = page_of(opened, "discover")
        assert isinstance(page, DiscoverPage)
        opened.window.show()
        opened.shell.set_selected(TrackId(5))
        for card, kind in ((page.home_cards.genres, "genre"), (page.home_cards.seeds["artists"], "artist-radio")):
            card.action.click()
            menu = next(menu for menu in card.findChildren(QMenu) if menu.isVisible())
            menu.actions()[0].trigger()
            menu.close()
            assert page.list.shown is not None and page.list.shown.playlist.kind == kind
            page.home()


def test_a_dropped_playlist_is_extended(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    liked_library(tmp_path / "p")
    answers = Answers(path=tmp_path / "theirs.m3u8")
    with window(app, tmp_path / "p", answers) as opened:
        tracks = opened.shell.desk.catalog.tracks.get_many([TrackId(3), TrackId(9)])
        assert answers.path is not None
        write(answers.path, "m3u8", "Theirs", [Row.of(track) for track in tracks])
        page = page_of(opened, "discover")
        assert isinstance(page, DiscoverPage)
        opened.window.show()
        page.home_cards.brought.action.click()
        assert page.list.shown is not None and page.list.shown.playlist.name == "Goes with: Theirs"
        page.home()
        from musicdesk.gui.shell import Bring

        opened.shell.brought.emit(Bring((answers.path,)))
        assert spin(lambda: page.stack.currentIndex() == 1, 5)


def test_words_of_cards_without_a_track_and_of_lanes() -> None:
    assert all(seeded.sentence(None).startswith("Play or select") for seeded in FROM_SEED.values())
    lane = {"genre": "Jazz", "share": 0.31, "confidence": 0.9, "tracks": [1], "count": 5}
    assert genre_offers([lane])[0].text == "Jazz · 31% of what you play · 90% sure"
