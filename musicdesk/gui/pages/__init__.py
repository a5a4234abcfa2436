"""The pages of the window, in their order."""

from __future__ import annotations

from musicdesk.gui.page import Page
from musicdesk.gui.pages.discover import DiscoverPage
from musicdesk.gui.pages.library import LibraryPage

PAGES: tuple[type[Page], ...] = (DiscoverPage, LibraryPage)
