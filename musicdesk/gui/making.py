"""Pages are built while nobody waits for them, one after the other, so that a click has only to show one."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QObject

from musicdesk.gui.pages import PAGES
from musicdesk.gui.turns import Turns
from musicdesk.gui.window import MainWindow
from musicdesk.workflows.ahead import table_at_hand


class Making(QObject):
    """Begun when what pages are made of has been imported. Nothing is read for a page that nobody has seen, but for
    the Library: a large one takes longest."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._turns = Turns(self)
        window.shell.closing.connect(self._turns.stop)
        window.shell.reopened.connect(self.start)

    def start(self) -> None:
        self._turns.run(self._make())

    def read_library(self) -> None:
        """Once it is built and what it shows first has been read, whichever comes last."""
        page = self._window.stack.pages.get("library")
        if page is not None and table_at_hand(self._window.shell.desk):
            page.read_unseen()

    def _make(self) -> Iterator[None]:
        for place in PAGES:
            page = self._window.stack.made(place.name)
            yield
            while page.in_the_making:
                yield
        self.read_library()
