"""Finds tracks on the map by words as they are typed, and flies to the first."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QLineEdit

from musicdesk.catalog.browse import Query
from musicdesk.core.types import TrackId
from musicdesk.gui.pages.map_doing import Chosen, Doing
from musicdesk.gui.pages.map_state import Points
from musicdesk.gui.shell import Shell

FOUND = 200  # rows of the list
TYPING_MS = 60


class Search(QObject):
    flown = Signal(object)  # TrackId that was found first

    def __init__(self, shell: Shell, field: QLineEdit, doing: Doing, points: Callable[[], Points | None]) -> None:
        super().__init__(field)
        self._shell, self._field, self._doing, self._points = shell, field, doing, points
        self._typing = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._typing.timeout.connect(self._search)
        field.textChanged.connect(lambda _text: self._typing.start())
        field.returnPressed.connect(self._fly)

    def _search(self) -> None:
        text, points = self._field.text().strip(), self._points()
        if not text or points is None:
            self._doing.choose(None)
            return
        found = self._shell.desk.catalog.browse.ids(Query(words=text))
        there = points.ids[points.rows_of(found[: 50 * FOUND])][:FOUND]
        self._doing.choose(Chosen(partial(_told, text), there, f"Found by “{text}”"))

    def _fly(self) -> None:
        self._typing.stop()
        self._search()
        chosen = self._doing.chosen
        if chosen is not None and len(chosen.ids):
            self.flown.emit(TrackId(int(chosen.ids[0])))


def _told(text: str, count: int) -> str:
    return f"{count:,} found" if count else f"Nothing on the map matches “{text}”"
