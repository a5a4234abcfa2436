"""The pages of the window, each made when it is wanted, one of them on show."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QStackedWidget

from musicdesk.gui.coming import Coming
from musicdesk.gui.page import Page
from musicdesk.gui.pages import Place, place_of
from musicdesk.gui.shell import Shell


class PageStack(QStackedWidget):
    def __init__(self, shell: Shell, make: Callable[[Place], Page]) -> None:
        super().__init__()
        self._shell, self._make = shell, make
        self.pages: dict[str, Page] = {}

    @property
    def page(self) -> Page:
        shown = self.currentWidget()
        assert isinstance(shown, Page)
        return shown

    def open(self, name: str) -> Page:
        """Shows a page at once and gives it the keyboard, which it keeps until there is more of it."""
        page = self.made(name)
        self.setCurrentWidget(page)
        first = page.primary() if page.built else page
        if first is not None:
            first.setFocus()
        return page

    def open_whole(self, name: str) -> Page:
        """Builds it at once: for the first page of a window, which is empty until then."""
        place_of(name).load()
        page = self.open(name)
        page.finish()
        return page

    def made(self, name: str) -> Page:
        """A page, which begins to build itself if it is new."""
        place, before = place_of(name), self.pages.get(name)
        if before is None and not place.loaded:
            coming = Coming(self._shell, place)
            coming.arrived.connect(self.made)
            self._begin(name, coming)
        elif before is None:
            self._begin(name, self._make(place))
        elif isinstance(before, Coming) and place.loaded:
            self._replace(name, before, self._make(place))
        return self.pages[name]

    def begin_anew(self) -> None:
        """All are made again, the one on show at once."""
        name = next(name for name, page in self.pages.items() if page is self.page)
        old = list(self.pages.values())
        self.pages.clear()
        for page in old:
            self.removeWidget(page)
            page.deleteLater()
        self.open_whole(name)

    def _begin(self, name: str, page: Page) -> None:
        self.pages[name] = page
        self.addWidget(page)
        page.completed.connect(self._completed)
        page.build()

    def _replace(self, name: str, coming: Coming, page: Page) -> None:
        page.soon(*coming.wishes)
        self._begin(name, page)
        held = self.window().focusWidget() is coming
        if self.currentWidget() is coming:
            self.setCurrentWidget(page)
        if held:
            page.setFocus()
        self.removeWidget(coming)
        coming.deleteLater()

    def _completed(self, name: str) -> None:
        page = self.pages.get(name)
        if page is not None and self.window().focusWidget() is page and (first := page.primary()) is not None:
            first.setFocus()
