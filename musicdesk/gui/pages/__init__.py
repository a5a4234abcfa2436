"""The pages of the window, in their order."""

from __future__ import annotations

from musicdesk.gui.page import Page
from musicdesk.gui.pages.discover import DiscoverPage
from musicdesk.gui.pages.library import LibraryPage
from musicdesk.gui.pages.map import MapPage
from musicdesk.gui.pages.settings import SettingsPage

PAGES: tuple[type[Page], ...] = (DiscoverPage, LibraryPage, MapPage, SettingsPage)
