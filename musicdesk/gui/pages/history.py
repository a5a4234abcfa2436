"""History: what was played elsewhere and here, the imports with their accounts, and matches to decide."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QMenu, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from musicdesk.catalog.history import History, reading
from musicdesk.core.changes import Changes
from musicdesk.gui.actions import Actions
from musicdesk.gui.background import Background, Stop
from musicdesk.gui.controls import DropDown
from musicdesk.gui.covers import Covers
from musicdesk.gui.empty import EmptyState
from musicdesk.gui.importing import choose_export, choose_export_folder
from musicdesk.gui.page import Page, button, scrolling
from musicdesk.gui.pages.history_overview import Overview
from musicdesk.gui.pages.history_review import Review
from musicdesk.gui.pages.history_sources import Sources
from musicdesk.gui.pages.history_state import ALL, HOW, Period, listener_name, periods, subtitle
from musicdesk.gui.pages.history_wishes import WishCard
from musicdesk.gui.shell import Goto, Shell
from musicdesk.gui.style.tokens import SPACE

if TYPE_CHECKING:
    from musicdesk.workflows.listening import Listening, Lookback

AGAIN_MS = 1_500  # decisions come one after the other; plays are read again when they rest
TABS = (("overview", "Overview"), ("songs", "Not owned"), ("imports", "Imports"), ("review", "To decide"))


class HistoryPage(Page):
    NAME, TITLE = "history", "History"
    INTERESTS = Changes.LISTENS | Changes.TRACKS | Changes.FEEDBACK

    def __init__(self, shell: Shell, actions: Actions, covers: Covers) -> None:
        super().__init__(shell)
        self._background = Background(shell, self)
        self._listening: Listening | None = None
        self._shown: Lookback | None = None
        self._entered = False  # somebody wanted to see the imports, although there are none yet
        self._unread: set[str] = set()  # parts that have changed since they were read
        self._heard = -1  # the newest play in this program that was read
        self.period: Period = ALL
        self._later = QTimer(self, singleShot=True, interval=AGAIN_MS)
        self._later.timeout.connect(self._read)
        self._actions = actions

    # layout

    def parts(self) -> Iterator[None]:
        self.outer, self.stack, full = QStackedWidget(), QStackedWidget(), QWidget()
        self.body().addWidget(self.outer)
        self.outer.addWidget(full)
        inner = QVBoxLayout(full)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(SPACE["s"])
        self._controls()
        inner.addLayout(self.heading(self.whose, self.when, self.bring))
        inner.addLayout(self._tabs())
        inner.addWidget(self.stack, 1)
        yield
        self.overview = Overview(self.shell, self._background)
        self.stack.addWidget(self.overview)
        yield from self.overview.fill()
        room, column = scrolling()
        self.stack.addWidget(room)
        self.wishes = WishCard(self.shell)
        column.setContentsMargins(0, SPACE["xs"], SPACE["s"], SPACE["l"])
        column.addWidget(self.wishes)
        column.addStretch()
        for part in (self.overview, self.wishes.list):
            part.acted.connect(self._actions.perform)
        self._rooms = {"imports": QStackedWidget(), "review": QStackedWidget()}
        for room_of in self._rooms.values():
            self.stack.addWidget(room_of)
        yield
        self.outer.addWidget(self._nothing())

    def _controls(self) -> None:
        self.whose = DropDown(self.shell.theme)
        self.whose.setAccessibleName("Whose history")
        self.whose.activated.connect(lambda _at: self._look_at(self.whose.currentData()))
        self.whose.setMaximumWidth(168)
        self.whose.hide()
        self.when = DropDown(self.shell.theme)
        self.when.setAccessibleName("Time that is shown")
        self.when.setMinimumWidth(136)
        self.when.activated.connect(lambda _at: self._choose_period())
        self.bring = self._import_button("primary")

    def _import_button(self, kind: str) -> QPushButton:
        made = button(self.shell, "Import", "download-simple", kind, "A file, a folder or a ZIP, as it was exported")
        menu = QMenu(made)
        menu.addAction("A file or ZIP …", lambda: choose_export(self.shell, self.listener))
        menu.addAction("The folder of an export …", lambda: choose_export_folder(self.shell, self.listener))
        menu.addSeparator()
        menu.addAction("Somebody else's history …", self._somebody)
        made.setMenu(menu)
        return made

    def _tabs(self) -> QHBoxLayout:
        tabs = QHBoxLayout()
        tabs.setSpacing(SPACE["l"])
        self._group = QButtonGroup(self)
        self.tabs: dict[str, QPushButton] = {}
        for name, text in TABS:
            tab = button(self.shell, text, kind="tab")
            tab.setCheckable(True)
            tab.clicked.connect(partial(self._turn_to, name))
            self._group.addButton(tab)
            self.tabs[name] = tab
            tabs.addWidget(tab)
        tabs.addStretch()
        self.tabs["overview"].setChecked(True)
        return tabs

    def _nothing(self) -> QWidget:
        file = button(self.shell, "Choose a file or ZIP", "file-arrow-down", "primary")
        file.clicked.connect(lambda: choose_export(self.shell, self.listener))
        folder = button(self.shell, "Choose the folder of an export", "folder-open")
        folder.clicked.connect(lambda: choose_export_folder(self.shell, self.listener))
        _service, text = HOW[0]
        spotify = button(self.shell, "Connect with Spotify", "link")
        spotify.clicked.connect(lambda: self.go(Goto(self.NAME, "imports")))
        return EmptyState(
            self.shell,
            "clock-counter-clockwise",
            "See what you played",
            "Bring in what Spotify, Last.fm, ListenBrainz, Apple Music, YouTube Music or iTunes know of you, or drop "
            f"it on this window. Nothing leaves this computer. {text}",
            file,
            folder,
            spotify,
        )

    @cached_property
    def sources(self) -> Sources:
        """Made when it is first seen, as is the review: a page opens the sooner."""
        made = Sources(self.shell)
        made.spotify.listener = self.listener
        self._rooms["imports"].addWidget(made)
        return made

    @cached_property
    def review(self) -> Review:
        made = Review(self.shell)
        made.acted.connect(self._actions.perform)
        made.counted.connect(self._count)
        self._rooms["review"].addWidget(made)
        return made

    # what is shown

    def open(self, name: str) -> None:
        """One of the parts: overview, songs, imports, review."""
        self.tabs[name].setChecked(True)
        self.stack.setCurrentIndex([tab for tab, _text in TABS].index(name))
        self.when.setVisible(name in ("overview", "songs"))
        self._read_part()

    @property
    def settled(self) -> bool:
        return super().settled and not self._background.busy() and not self._later.isActive()

    def _read_part(self) -> None:
        """Imports and songs to decide are read when they are seen."""
        stale = self.part in self._unread
        self._unread.discard(self.part)
        if self.part == "imports" and (stale or "sources" not in self.__dict__):
            self.sources.show_sources(self.shell.desk.catalog.listens.sources())
        elif self.part == "review" and stale:
            self.review.read()

    def _turn_to(self, name: str) -> None:
        self.open(name)
        self.primary().setFocus()

    @property
    def part(self) -> str:
        return TABS[self.stack.currentIndex()][0]

    def refresh(self, changes: Changes) -> None:
        history = self.shell.desk.catalog.history
        any_source = history.any() or self._entered
        self.outer.setCurrentIndex(0 if any_source else 1)
        self._tell()
        if not any_source:
            return
        if changes & (Changes.LISTENS | Changes.TRACKS):
            self._fill_listeners(history.listeners())
            self._ask_count()
            self._unread = {"imports", "review"}
            self._read_part()
        if changes & Changes.LISTENS or history.newest_play() != self._heard:
            if self._listening is None:
                self._read()
            else:
                self._later.start()

    def go(self, wish: Goto) -> None:
        if wish.what in ("imports", "account"):
            self._entered = True
            self.outer.setCurrentIndex(0)
            self.open("imports")
            self.sources.show_newest()
        elif wish.what in self.tabs:
            self.open(wish.what)

    def search(self) -> None:
        if self.part == "review":
            self.review.search()

    def undo(self) -> bool:
        return self.part == "review" and self.review.undo()

    def primary(self) -> QWidget:
        if self.part == "imports":
            return self.sources.table
        if self.part == "review":
            return self.review.songs
        return self.overview if self.part == "overview" else self.wishes.list

    def _tell(self) -> None:
        known = self.outer.currentIndex() == 0
        first = self._listening.span[0] if self._listening else 0
        self.subtitle.setText(subtitle(self._shown, max(first, self.period.since or 0), known))

    def _ask_count(self) -> None:
        """In the thread: among a million songs it takes longer than a window may stand still."""
        path = self.shell.desk.profile.catalog
        self._background.ask("count", lambda _stop: _undecided(path), self._count)

    def _count(self, left: int) -> None:
        self.tabs["review"].setText(f"To decide ({left:,})" if left else "To decide")

    # reading, in a thread

    def _read(self) -> None:
        self._heard = self.shell.desk.catalog.history.newest_play()
        path, listener = self.shell.desk.profile.catalog, self.listener
        self._background.ask("read", lambda stop: _read(path, listener, stop), self._has_read)

    def _has_read(self, listening: Listening) -> None:
        self._listening = listening
        self._fill_periods()
        self._look()

    def _look(self) -> None:
        from musicdesk.workflows.listening import look_back

        listening, period = self._listening, self.period
        if listening is not None:
            self._background.ask("look", lambda _stop: look_back(listening, period.since, period.until), self._show)

    def _show(self, back: Lookback) -> None:
        self._shown = back
        self.overview.tell(back)
        self.wishes.show_rows(back.wishes)
        self._tell()

    # choices

    def _fill_periods(self) -> None:
        assert self._listening is not None
        offered = periods(*self._listening.span)
        self.when.clear()
        for period in offered:
            self.when.addItem(period.title, period)
        self.period = next((period for period in offered if period.key == self.period.key), ALL)
        self.when.setCurrentIndex(offered.index(self.period))

    def _choose_period(self) -> None:
        self.period = self.when.currentData()
        self._look()

    def _fill_listeners(self, names: list[str]) -> None:
        if self.listener not in names:
            names = [*names, self.listener]
        self.whose.clear()
        for name in names:
            self.whose.addItem(listener_name(name), name)
        self.whose.setCurrentIndex(names.index(self.listener))
        self.whose.setVisible(len(names) > 1)

    def _somebody(self) -> None:
        text = (
            "What you import from now on is theirs, until you choose another name. Recommendations go by yours alone."
        )
        if name := self.shell.ask.text("Whose history is it?", text):
            self._look_at(self.shell.desk.catalog.listens.known_as(name.strip()))

    def _look_at(self, listener: str) -> None:
        self.listener = listener
        if "sources" in self.__dict__:
            self.sources.spotify.listener = listener
        self._fill_listeners(self.shell.desk.catalog.history.listeners())
        self._listening = self._shown = None
        self.period = ALL
        self._tell()
        self._read()


def _undecided(path: Path) -> int:
    """Called in a thread."""
    with reading(path) as conn:
        return History(conn).ambiguous()


def _read(path: Path, listener: str, stop: Stop) -> Listening:
    """Called in a thread."""
    from musicdesk.workflows.listening_read import read

    with reading(path) as conn:
        conn.set_progress_handler(stop.is_set, 20_000)
        return read(conn, listener)
