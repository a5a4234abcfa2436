"""The Map page's parts and where they stand: the view, its side with layers and list, and what is shown instead."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLayout, QLineEdit, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from musicdesk.gui.covers import Covers
from musicdesk.gui.empty import EmptyState
from musicdesk.gui.page import button, tool
from musicdesk.gui.pages.map_side import Side
from musicdesk.gui.pages.map_twin import Twin
from musicdesk.gui.shell import Shell
from musicdesk.gui.style.tokens import SPACE
from musicdesk.gui.welcome import Welcome

SIDE, NARROW, NARROWEST = 296, 236, 176  # widths of the side
SHORT = 860  # width of the page below which the side is the narrow one
SHARE = 0.42  # of a page that is narrower still: the view keeps the rest
JOBS = ("settle", "demo", "project")  # they end with a map
TEXT = "musicdesk puts every track it has heard into space: what lies close sounds alike."


class Frame(QStackedWidget):
    reset_wanted = Signal()

    def __init__(self, shell: Shell, covers: Covers) -> None:
        super().__init__()
        self._shell, self._covers = shell, covers
        self.words = _search_field()
        self.reset: QToolButton = tool(shell, "house-line", "Show the whole map (Home)")
        self.reset.clicked.connect(self.reset_wanted)
        self.back = button(shell, "Whole map", "arrow-left", tip_text="Back from one track's neighbourhood")
        self.back.hide()
        self.room, self._card, self._full = QFrame(), QFrame(), QWidget()
        self.shown = "wait"
        self._at = {"wait": self.addWidget(QWidget()), "map": self.addWidget(self._full)}

    def fill(self, heading: QLayout) -> Iterator[None]:
        """Puts the parts where they stand, one in each step."""
        for card in (self.room, self._card):
            card.setProperty("kind", "card")
        self.room_layout = QVBoxLayout(self.room)
        self.room_layout.setContentsMargins(1, 1, 1, 1)
        self.side = Side(self._shell)
        yield
        self.twin = Twin(self._shell, self._covers)
        yield
        self._arrange_card()
        row = QHBoxLayout()
        row.setSpacing(SPACE["l"])
        row.addWidget(self.room, 1)
        row.addWidget(self._card)
        column = QVBoxLayout(self._full)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE["m"])
        column.addLayout(heading)
        column.addLayout(row, 1)
        yield

    def turn(self, what: str) -> None:
        """`map`, or what is shown instead: `wait`, `none`, `unheard`, `welcome`, made when it is needed."""
        if what not in self._at:
            self._at[what] = self.addWidget(self._instead(what))
        self.shown = what
        self.setCurrentIndex(self._at[what])

    def _instead(self, what: str) -> EmptyState:
        shell = self._shell
        if what == "welcome":
            return Welcome(shell)
        if what == "none":
            able = button(shell, "Make the map", "cube", "primary")
            able.clicked.connect(lambda: shell.jobs.start("project", {"method": shell.desk.settings.map_method}))
        else:
            able = button(shell, "Listen to my music", "headphones", "primary")
            able.clicked.connect(lambda: shell.jobs.start("settle", {"roots": []}))
        state = EmptyState(shell, "cube", "There is no map yet", TEXT, able)
        state.meanwhile(JOBS, "The map is on its way", TEXT + " It is drawn by itself when your music has been heard.")
        return state

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = SIDE if self.width() >= SHORT else min(NARROW, max(NARROWEST, int(SHARE * self.width())))
        self._card.setFixedWidth(wide)

    def _arrange_card(self) -> None:
        line = QFrame()
        line.setProperty("kind", "line")
        line.setFixedHeight(1)
        column = QVBoxLayout(self._card)
        column.setContentsMargins(SPACE["m"], SPACE["m"], SPACE["xs"], SPACE["s"])
        column.setSpacing(SPACE["s"])
        column.addWidget(self.side, 2)
        column.addWidget(line)
        column.addWidget(self.twin, 3)


def _search_field() -> QLineEdit:
    field = QLineEdit()
    field.setPlaceholderText("Fly to a track")
    field.setAccessibleName("Search the map")
    field.setClearButtonEnabled(True)
    field.setFixedWidth(220)
    return field
