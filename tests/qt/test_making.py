"""Pages are built in turns: ahead, while nobody waits, or behind their title when one is opened before that."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit

from musicdesk.core.changes import Changes
from musicdesk.core.types import TrackId
from musicdesk.gui.ahead import Ahead
from musicdesk.gui.main import Opened
from musicdesk.gui.making import Making
from musicdesk.gui.page import Page
from musicdesk.gui.pages import PAGES
from musicdesk.gui.pages.library import LibraryPage
from musicdesk.gui.pages.map_pointer import Tool
from musicdesk.gui.shell import Goto
from musicdesk.workflows import ahead
from tests.qt.conftest import Spin
from tests.qt.windows import make_library, window

FIRST_CLICK = """
import json, sys
from pathlib import Path
from time import monotonic
from musicdesk.core.types import TrackId
from musicdesk.gui.main import application, open_window
from musicdesk.gui.shell import Goto
app = application()
opened = open_window(app, Path(sys.argv[1]))
window = opened.window
window.show()
found = {"loaded": "musicdesk.gui.pages.library" in sys.modules}
window.go(Goto("library", "show", TrackId(int(sys.argv[2]))))
coming = window.page
found["first"] = [type(coming).__name__, coming.accessibleName(), coming._meanwhile.text(), coming.isVisible()]
end = monotonic() + 30
while monotonic() < end and not (window.page.NAME == "library" and window.page.settled):
    app.processEvents()
page = window.page
found["chosen"] = [int(track) for track in page.table.choice().tracks]
found["keyboard"] = window.focusWidget() is page.table
found["pages"] = window.stack.count() == len(window.stack.pages)
opened.close()
print(json.dumps(found))
"""
LATER = [place.name for place in PAGES[1:]]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("library")
    make_library(folder, 60)
    for place in PAGES:
        place.load()  # as it is soon after the start; of the time before that see the last test
    return folder


@pytest.fixture
def opened(app: QApplication, library: Path) -> Iterator[Opened]:
    """A window on the screen whose pages are not built ahead."""
    with window(app, library) as made:
        made.window.show()
        yield made


def heading(page: Page) -> tuple[QPoint, QLabel]:
    """Where the title stands that is seen now."""
    seen = [label for label in page.findChildren(QLabel) if label.text() == page.TITLE and label.isVisible()]
    assert len(seen) == 1
    return seen[0].mapTo(page, QPoint(0, 0)), seen[0]


@pytest.mark.parametrize("name", [name for name in LATER if name != "history"])  # which has no title without plays
def test_a_page_shows_its_title_at_once_and_then_itself_below_it(opened: Opened, spin: Spin, name: str) -> None:
    page = opened.window.open(name)
    assert page.isVisible() and not page.built and not page.settled
    before, first = heading(page)
    assert spin(lambda: page.settled, 30)
    after, second = heading(page)
    assert before == after and first is not second and second is page.title


@pytest.mark.parametrize("name", [name for name in LATER if name != "map"])  # where the picture comes later still
def test_the_keyboard_waits_for_the_page(opened: Opened, spin: Spin, name: str) -> None:
    page = opened.window.open(name)
    assert opened.window.focusWidget() is page
    assert spin(lambda: page.settled, 30)
    assert page.primary() is opened.window.focusWidget()


def test_who_has_gone_elsewhere_meanwhile_keeps_the_keyboard(opened: Opened, spin: Spin) -> None:
    page = opened.window.open("settings")
    opened.window.listen.bar.setFocus()
    assert spin(lambda: page.settled) and opened.window.focusWidget() is opened.window.listen.bar
    history, models = opened.window.open("history"), opened.window.open("models")
    assert spin(lambda: history.built and models.settled, 30), "one that was left is built as well"
    assert models.primary() is opened.window.focusWidget()


def test_what_was_asked_for_comes_when_the_page_is_there(opened: Opened, spin: Spin) -> None:
    shell, win = opened.shell, opened.window
    track = TrackId(int(shell.desk.catalog.browse.by_artist(_artist(opened), 1)[0]))
    win.go(Goto("library", "show", track))
    win.undo()  # a page that is not there takes nothing back
    page = win.page
    assert not page.built
    assert spin(lambda: page.settled) and page.table.choice().tracks == (track,)  # type: ignore[attr-defined]
    win.stack.pages.pop("library")
    page.deleteLater()
    win.open("library").soon(lambda page: page.search())
    assert spin(lambda: win.page.settled) and isinstance(win.focusWidget(), QLineEdit)


def test_keys_meanwhile_wait_for_the_page(opened: Opened, spin: Spin) -> None:
    win, keys = opened.window, Qt.Key
    page = win.open("library")
    for key in (keys.Key_Down, keys.Key_Down, keys.Key_Down):
        QTest.keyClick(win.focusWidget(), key)
    assert not page.built and spin(lambda: page.settled, 30)
    table = page.primary()
    assert spin(lambda: table.currentIndex().row() == 3, 2)  # type: ignore[union-attr]
    drawn = win.open("map")
    QTest.keyClick(win.focusWidget(), "o")
    assert not drawn.takes_keys and spin(lambda: drawn.settled, 30)
    assert spin(lambda: drawn.doing.pointer.tool is Tool.SPHERE, 2), "the picture comes later still"  # type: ignore[attr-defined]


def test_what_is_typed_and_left_goes_nowhere_and_space_is_the_windows(opened: Opened, spin: Spin) -> None:
    win, toggled = opened.window, []
    win.listen.toggle = lambda: toggled.append(True)  # type: ignore[method-assign]
    page = win.open("settings")
    QTest.keyClick(page, Qt.Key.Key_Space)
    assert toggled and not page.built
    QTest.keyClick(page, "x")
    win.listen.bar.setFocus()
    typed: list[str] = []
    page.keyPressEvent = lambda event: typed.append(event.text())  # type: ignore[method-assign]
    assert spin(lambda: page.settled, 30)
    spin(seconds=0.05)
    assert not typed and not page._wishes


def test_pages_are_built_while_nobody_waits_and_all_but_one_read_nothing_unseen(opened: Opened, spin: Spin) -> None:
    win, read = opened.window, []
    making = win.findChild(Making)
    making.start()  # as it is when all is imported
    for place in PAGES[1:]:
        win.stack.made(place.name).refresh = lambda _changes, name=place.name: read.append(name)  # type: ignore[method-assign]
    assert spin(lambda: len(win.stack.pages) == len(PAGES) and not making._turns.busy, 30)
    assert all(page.settled for page in win.stack.pages.values())
    assert read == ["library"] and win.page.NAME == "discover" and not opened.shell.jobs.running()
    page = win.open("settings")
    assert read == ["library", "settings"] and page.primary() is win.focusWidget()


def test_a_large_library_is_shown_without_reading_once_it_was_read_in_a_thread(
    opened: Opened, spin: Spin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ahead, "SMALL", 10)
    win = opened.window
    page = win.stack.made("library")
    assert isinstance(page, LibraryPage)
    assert spin(lambda: page.settled, 30)
    win.findChild(Making).read_library()
    assert not len(page.table.tracks.ids), "it is not read yet, and that would take a while"
    opened.shell.findChild(Ahead).start()
    assert spin(lambda: len(page.table.tracks.ids) == 60, 30) and not page.isVisible()
    read: list[Changes] = []
    monkeypatch.setattr(page, "refresh", read.append)
    win.open("library")
    assert not read
    win.open("discover")
    opened.shell.tell(Changes.TRACKS)
    assert not read
    win.open("library")
    assert read == [Changes.TRACKS]


def test_a_page_whose_building_broke_off_is_not_waited_for(opened: Opened, spin: Spin) -> None:
    win, making = opened.window, opened.window.findChild(Making)
    broken = win.stack.made("library")
    broken._building.stop()
    making.start()
    assert spin(lambda: len(win.stack.pages) == len(PAGES) and not making._turns.busy, 30)
    assert not broken.built and all(page.built for page in win.stack.pages.values() if page is not broken)


def test_a_window_that_is_closed_or_brought_another_library_leaves_no_half_page(opened: Opened, spin: Spin) -> None:
    opened.window.open("history")
    opened.shell.with_desk_closed(lambda _profile: None)
    assert opened.window.page.NAME == "history" and opened.window.page.built
    opened.window.open("models")
    opened.shell.closing.emit()  # the first thing that a window does that is closed
    spin(seconds=0.1)
    assert not opened.window.stack.pages["models"].built


def test_a_click_in_the_first_second_waits_for_no_import(app: QApplication, library: Path) -> None:
    """In a process of its own, where nothing has been imported yet."""
    done = subprocess.run([sys.executable, "-c", FIRST_CLICK, str(library), "7"], capture_output=True, timeout=90)
    assert done.returncode == 0, done.stderr.decode()
    found = json.loads(done.stdout.splitlines()[-1])
    assert found == {
        "loaded": False,
        "first": ["Coming", "Library", "Library", True],
        "chosen": [7],
        "keyboard": True,
        "pages": True,
    }


def _artist(opened: Opened) -> str:
    track = opened.shell.desk.catalog.tracks.get_many([TrackId(5)])[0]
    return track.tags.artist
