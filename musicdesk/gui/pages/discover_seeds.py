"""Lists that start from a track on Discover: which track that is, and what its cards make of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from musicdesk.core.types import Track, TrackId, Verdict
from musicdesk.gui.covers import Covers
from musicdesk.gui.labels import plain
from musicdesk.gui.pages.discover_home import DiscoverHome
from musicdesk.gui.pages.discover_state import artist_offers
from musicdesk.gui.shell import Shell
from musicdesk.workflows.request import Request

KINDS = {"similar": "similar", "radio": "artist-radio", "apart": "far-alike", "path": "path"}


class Seeds(QObject):
    wanted = Signal(object)  # Request
    started = Signal(str, tuple)  # a kind of list, and the tracks that it starts from

    def __init__(self, shell: Shell, covers: Covers, page: QWidget, cards: DiscoverHome) -> None:
        super().__init__(page)
        self._shell, self._covers, self._page, self._cards = shell, covers, page, cards
        cards.seeded.connect(self._make)

    def now(self) -> Track | None:
        """What plays, else what was selected last, else the newest like."""
        catalog = self._shell.desk.catalog
        wanted = self._shell.playing or self._shell.selected
        if wanted is None:
            events = catalog.feedback.events(limit=20)
            wanted = next((e.track for e in events if e.verdict is Verdict.LIKE and not e.undone), None)
        found = catalog.tracks.get_many([wanted]) if wanted is not None else []
        return found[0] if found else None

    def _make(self, what: str) -> None:
        """A card that starts from what plays or was selected last."""
        seed = self.now()
        if seed is None:
            return
        if what in ("similar", "radio", "apart"):
            self.started.emit(KINDS[what], (seed.id,))
        elif what == "artists":
            if not self._shell.when_at_hand(partial(self._similar_artists, seed)):
                self._shell.notice("Reading your library …")
        elif what == "path":
            self._pick(
                "Path between two songs",
                f"Where should the way from “{plain(seed.tags.title)}” end?",
                lambda end: self.wanted.emit(Request("path", (seed.id,), to=end)),
            )
        else:
            self._pick(
                "More of this, less of that",
                f"Like “{plain(seed.tags.title)}”, but less like which track?",
                lambda other: self.wanted.emit(Request("add-subtract", (seed.id,), minus=(other,))),
            )

    def _pick(self, title: str, text: str, then: Callable[[TrackId], object]) -> None:
        from musicdesk.gui.track_picker import pick_track

        self.picker = pick_track(self._shell, self._covers, self._page, title, text, then)

    def _similar_artists(self, seed: Track) -> None:
        from musicdesk.workflows.artists import similar_artists

        if not self._cards.isVisible():
            return  # somebody went elsewhere while it was read for
        found = self._shell.attempt(lambda: similar_artists(self._shell.desk, seed.tags.artist))
        if found:
            self._cards.choose(self._cards.seeds["artists"], artist_offers(found))
