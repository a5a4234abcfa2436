"""The Map page's parts and where they stand: the view, its side with layers and list, and what is shown instead."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLayout,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from musicdesk.gui.covers import Covers
from musicdesk.gui.empty import EmptyState
from musicdesk.gui.page import button, tool
from musicdesk.gui.pages.map_side import Side
from musicdesk.gui.pages.map_twin import Twin
from musicdesk.gui.shell import Shell
from musicdesk.gui.style.tokens import SPACE
from musicdesk.gui.welcome import Welcome

SIDE, NARROW = 296, 236  # widths of the side, and below which width of the page it is the narrow one
SHORT = 860
JOBS = ("settle", "demo", "project")  # they end with a map
TEXT = "musicdesk puts every track it has heard into space: what lies close sounds alike."


class Frame(QStackedWidget):
    reset_wanted = Signal()

    def __init__(self, shell: Shell, covers: Covers) -> None:
        super().__init__()
        self._shell = shell
        self.words = _search_field()
        self.reset: QToolButton = tool(shell, "house-line", "Show the whole map (Home)")
        self.reset.clicked.connect(self.reset_wanted)
        self.back = button(shell, "Whole map", "arrow-left", tip_text="Back from one track's neighbourhood")
        self.back.hide()
        self.side, self.twin = Side(shell), Twin(shell, covers)
        self.room = QFrame()
        self.room.setProperty("kind", "card")
        self.room_layout = QVBoxLayout(self.room)
        self.room_layout.setContentsMargins(1, 1, 1, 1)
        self._full = QWidget()
        make = button(shell, "Make the map", "cube", "primary")
        make.clicked.connect(lambda: shell.jobs.start("project", {"method": shell.desk.settings.map_method}))
        listen = button(shell, "Listen to my music", "headphones", "primary")
        listen.clicked.connect(lambda: shell.jobs.start("settle", {"roots": []}))
        self._at = {
            "wait": self.addWidget(QWidget()),
            "map": self.addWidget(self._full),
            "none": self.addWidget(_nothing(shell, make)),
            "unheard": self.addWidget(_nothing(shell, listen)),
            "welcome": self.addWidget(Welcome(shell)),
        }

    def head(self, heading: QLayout) -> None:
        """Puts the page's heading above the view."""
        row = QHBoxLayout()
        row.setSpacing(SPACE["l"])
        row.addWidget(self.room, 1)
        row.addWidget(self._beside())
        column = QVBoxLayout(self._full)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE["m"])
        column.addLayout(heading)
        column.addLayout(row, 1)

    def turn(self, what: str) -> None:
        """`map`, or what is shown instead: `wait`, `none`, `unheard`, `welcome`."""
        self.setCurrentIndex(self._at[what])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._card.setFixedWidth(SIDE if self.width() >= SHORT else NARROW)

    def _beside(self) -> QWidget:
        self._card = card = QFrame()
        line = QFrame()
        card.setProperty("kind", "card")
        line.setProperty("kind", "line")
        line.setFixedHeight(1)
        column = QVBoxLayout(card)
        column.setContentsMargins(SPACE["m"], SPACE["m"], SPACE["xs"], SPACE["s"])
        column.setSpacing(SPACE["s"])
        column.addWidget(self.side, 2)
        column.addWidget(line)
        column.addWidget(self.twin, 3)
        return card


def _nothing(shell: Shell, act: QPushButton) -> EmptyState:
    state = EmptyState(shell, "cube", "There is no map yet", TEXT, act)
    state.meanwhile(JOBS, "The map is on its way", TEXT + " It is drawn by itself when your music has been heard.")
    return state


def _search_field() -> QLineEdit:
    field = QLineEdit()
    field.setPlaceholderText("Fly to a track")
    field.setAccessibleName("Search the map")
    field.setClearButtonEnabled(True)
    field.setFixedWidth(220)
    return field
