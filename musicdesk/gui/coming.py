"""What is seen of a page whose code is still being read from the disk: its title."""

from __future__ import annotations

from PySide6.QtCore import Signal

from musicdesk.core.changes import Changes
from musicdesk.gui.background import Background
from musicdesk.gui.page import Page, Wish
from musicdesk.gui.pages import Place
from musicdesk.gui.shell import Shell


class Coming(Page):
    """Stands in for a page in the first second of the program; importing in the window's thread would make it wait."""

    INTERESTS = Changes.NOTHING
    arrived = Signal(str)

    def __init__(self, shell: Shell, place: Place) -> None:
        super().__init__(shell)
        self._place = place
        self._meanwhile.setText(place.title)
        self.setAccessibleName(place.title)
        self._reader = Background(shell, self)

    def build(self) -> None:
        place = self._place
        self._reader.ask("load", lambda _stop: place.load(), lambda _done: self.arrived.emit(place.name))

    @property
    def wishes(self) -> list[Wish]:
        """For the page that comes."""
        return self._wishes
