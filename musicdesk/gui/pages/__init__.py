"""The pages of the window, in their order. Each is imported when it is first opened."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from musicdesk.gui.actions import Actions
    from musicdesk.gui.covers import Covers
    from musicdesk.gui.page import Page
    from musicdesk.gui.shell import Shell


@dataclass(frozen=True)
class Place:
    """What the navigation shows of a page, and where its class is."""

    name: str
    title: str
    icon: str
    module: str
    kind: str

    @property
    def loaded(self) -> bool:
        return hasattr(sys.modules.get(self.module), self.kind)

    def load(self) -> None:
        """Imports the page, which takes as long as some frames."""
        import_module(self.module)

    def make(self, shell: Shell, actions: Actions, covers: Covers) -> Page:
        page: Page = getattr(import_module(self.module), self.kind)(shell, actions, covers)
        return page


def place_of(name: str) -> Place:
    return next(place for place in PAGES if place.name == name)


PAGES = (
    Place("discover", "Discover", "compass", "musicdesk.gui.pages.discover", "DiscoverPage"),
    Place("library", "Library", "music-notes", "musicdesk.gui.pages.library", "LibraryPage"),
    Place("map", "Map", "cube", "musicdesk.gui.pages.map", "MapPage"),
    Place("history", "History", "clock-counter-clockwise", "musicdesk.gui.pages.history", "HistoryPage"),
    Place("models", "Models", "brain", "musicdesk.gui.pages.models", "ModelsPage"),
    Place("evaluation", "Evaluation", "scales", "musicdesk.gui.pages.evaluation", "EvaluationPage"),
    Place("settings", "Settings", "gear", "musicdesk.gui.pages.settings", "SettingsPage"),
)
