"""Discover: lists by your taste, by likeness, and by artist; the first likes when there are none."""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QListWidget, QListWidgetItem, QStackedWidget, QVBoxLayout, QWidget

from musicdesk.catalog.browse import Query
from musicdesk.core.changes import Changes
from musicdesk.core.types import PlaylistId, Track, TrackId, Verdict
from musicdesk.gui import words
from musicdesk.gui.actions import Actions
from musicdesk.gui.covers import Covers
from musicdesk.gui.empty import EmptyState
from musicdesk.gui.labels import plain
from musicdesk.gui.page import Page, button, label
from musicdesk.gui.pages.cards import Card
from musicdesk.gui.pages.discover_state import PICK_LINE, Draw, home_line, stage
from musicdesk.gui.shell import Goto, Shell
from musicdesk.gui.style.tokens import SPACE
from musicdesk.gui.welcome import Welcome
from musicdesk.playlists.kinds import kinds

if TYPE_CHECKING:
    from musicdesk.gui.pages.picking import Picking
    from musicdesk.gui.pages.playlist_view import PlaylistView

RECENT = 50
COLUMNS = 3  # of cards
KINDS = {"similar": "similar", "radio": "artist-radio", "apart": "far-alike", "path": "path"}
PARTS = (  # lists that take a part of the library: kind, icon, what it says
    ("rediscover", "clock-counter-clockwise", "What you loved and have not heard for two months."),
    ("unplayed", "ear", "What you own and have never played, by your taste."),
    ("new-arrivals", "package", "What came into the library this month and fits your taste."),
)


class DiscoverPage(Page):
    NAME, TITLE = "discover", "Discover"
    INTERESTS = Changes.TRACKS | Changes.EMBEDDINGS | Changes.FEEDBACK | Changes.PLAYLISTS | Changes.RUNS

    def __init__(self, shell: Shell, actions: Actions, covers: Covers) -> None:
        super().__init__(shell)
        self._actions, self._covers = actions, covers
        self._pick_room = QWidget()  # where `picking` goes once it is made
        self.for_you = Card(shell, covers, "For you", "sparkle", "Make a playlist", primary=True)
        self.for_you.wanted.connect(lambda: self.show_draw(Draw()))
        self.similar = Card(shell, covers, "Sounds like", "waves", "Find more like it", primary=False)
        self.similar.wanted.connect(lambda: self._from_track("similar"))
        self.radio = Card(shell, covers, "Radio from here", "radio", "Start the radio", primary=False)
        self.radio.wanted.connect(lambda: self._from_track("radio"))
        self.parts = [self._part(*part) for part in PARTS]
        self.recent = QListWidget()
        self.recent.setAccessibleName("Playlists made before")
        self.recent.itemActivated.connect(self._open_recent)
        self._arrange()
        shell.current.connect(lambda _track: self._tell_cards())
        shell.chosen.connect(lambda _track: self._tell_cards() if self.isVisible() else None)

    # layout

    def _part(self, kind: str, icon: str, text: str) -> Card:
        card = Card(self.shell, self._covers, kinds()[kind].title, icon, "Make a playlist", primary=False)
        card.wanted.connect(lambda: self.show_draw(Draw(kind)))
        card.tell(text, True, [])
        return card

    def _arrange(self) -> None:
        listen = button(self.shell, "Listen to my music", "headphones", "primary")
        listen.clicked.connect(lambda: self.shell.jobs.start("settle", {"roots": []}))
        unheard = EmptyState(
            self.shell,
            "headphones",
            "Your music has not been heard yet",
            "musicdesk listens to every track once, on this computer. After that it can tell what sounds alike.",
            listen,
        )
        self.states = QStackedWidget()
        self._at = {
            name: self.states.addWidget(widget)
            for name, widget in (
                ("home", self._home()),
                ("pick", self._pick_room),
                ("listen", unheard),
                ("welcome", Welcome(self.shell)),
            )
        }
        front = QWidget()
        column = QVBoxLayout(front)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE["l"])
        self._head = QWidget()
        heading = self.heading()
        heading.setContentsMargins(0, 0, 0, 0)
        self._head.setLayout(heading)
        column.addWidget(self._head)
        column.addWidget(self.states, 1)
        self.stack = QStackedWidget()
        self.stack.addWidget(front)
        self.body().addWidget(self.stack)

    @cached_property
    def list(self) -> PlaylistView:
        """Made when the first playlist is: it costs more than the page."""
        from musicdesk.gui.pages.playlist_view import PlaylistView

        made = PlaylistView(self.shell, self._actions, self._covers)
        made.left.connect(self.home)
        self.stack.addWidget(made)
        return made

    @cached_property
    def picking(self) -> Picking:
        """Made when there is nothing to go by yet."""
        from musicdesk.gui.pages.picking import Picking

        made = Picking(self.shell, self._actions, self._covers)
        made.done.connect(lambda: self.show_draw(Draw()))
        layout = QVBoxLayout(self._pick_room)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(made)
        return made

    @property
    def picks(self) -> bool:
        return self.states.currentIndex() == self._at["pick"]

    def _home(self) -> QWidget:
        cards = QGridLayout()
        cards.setSpacing(SPACE["l"])
        for place, card in enumerate((self.for_you, self.similar, self.radio, *self.parts)):
            cards.addWidget(card, *divmod(place, COLUMNS))
        home = QWidget()
        column = QVBoxLayout(home)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE["l"])
        column.addLayout(cards)
        self._recent_title = label("Made before", "card-title")
        column.addWidget(self._recent_title)
        column.addWidget(self.recent, 4)
        column.addStretch(1)
        return home

    # what happens

    def refresh(self, changes: Changes) -> None:
        catalog = self.shell.desk.catalog
        heard, feedback = catalog.sound.heard(self.shell.desk.encoder), catalog.feedback.count()
        now = stage(catalog.tracks.count()["total"], heard, feedback)
        if now == "home" and self._picking_goes_on(feedback["like"]):
            now = "pick"
        self.states.setCurrentIndex(self._at[now])
        self._head.setVisible(now in ("home", "pick"))
        line = home_line(feedback, heard)
        self.subtitle.setText(PICK_LINE if now == "pick" else line)
        if now == "pick":
            self.picking.rated() if self.picking.begun else self.picking.suggest()
        if changes & (Changes.FEEDBACK | Changes.TRACKS) and "list" in self.__dict__:
            self.list.follow()
        self._tell_cards()
        self._tell_recent()

    def go(self, wish: Goto) -> None:
        if wish.what in KINDS and wish.track is not None:
            self.show_draw(Draw(KINDS[wish.what], wish.tracks or (wish.track,)))

    def show_draw(self, draw: Draw) -> None:
        if not self.shell.desk.catalog.sound.heard(self.shell.desk.encoder):
            settle = partial(self.shell.jobs.start, "settle", {"roots": []})
            self.shell.notice("Your music has not been heard yet.", "Listen to it", settle)
        elif self.list.draw(draw):
            self.stack.setCurrentIndex(1)
            self.list.table.setFocus()
            self._tell_recent()

    def home(self) -> None:
        self.stack.setCurrentIndex(0)
        self.refresh(Changes.PLAYLISTS)

    def search(self) -> None:
        if self.picks and self.stack.currentIndex() == 0:
            self.picking.words.setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            self.shell.went.emit(Goto("library", "search"))

    def primary(self) -> QWidget | None:
        if self.stack.currentIndex() == 1:
            return self.list.table
        return self.picking.words if self.picks else self.for_you.action

    def _picking_goes_on(self, liked: int) -> bool:
        """The first picks are not cut short by their own effect."""
        return self.picks and self.isVisible() and not self._recent_count() and liked > 0

    def _recent_count(self) -> int:
        return len(self.shell.desk.catalog.playlists.all())

    def _seed(self) -> Track | None:
        """What plays, else what was selected last, else the newest like."""
        wanted = self.shell.playing or self.shell.selected
        if wanted is None:
            events = self.shell.desk.catalog.feedback.events(limit=20)
            wanted = next((e.track for e in events if e.verdict is Verdict.LIKE and not e.undone), None)
        found = self.shell.desk.catalog.tracks.get_many([wanted]) if wanted is not None else []
        return found[0] if found else None

    def _from_track(self, what: str) -> None:
        seed = self._seed()
        if seed is not None:
            self.show_draw(Draw(KINDS[what], (seed.id,)))

    def _ladder(self) -> tuple[str, str]:
        """What recommends and what would lift it, once a list was made; before that, models are not even imported."""
        if self.shell.desk.has_vectors:
            from musicdesk.workflows.ladder import where_at_once

            if rung := where_at_once(self.shell.desk):
                return rung.sentence, rung.lift
        return "From everything you have liked and played.", ""

    def _tell_cards(self) -> None:
        catalog = self.shell.desk.catalog
        liked = [TrackId(int(i)) for i in catalog.browse.ids(Query(status="liked", order="added", descending=True))[:4]]
        text, lift = self._ladder()
        self.for_you.tell(text, True, catalog.tracks.get_many(liked), lift)
        seed = self._seed()
        if seed is None:
            hint = "Play or select a track first; S in any list does the same."
            self.similar.tell(hint, False, [])
            self.radio.tell(hint.replace("S in", "R in"), False, [])
            return
        self.similar.tell(f"Tracks that sound like “{plain(seed.tags.title)}”.", True, [seed])
        who = plain(seed.tags.artist or seed.tags.title)
        self.radio.tell(f"A mix that starts from {who}.", True, [seed])

    def _tell_recent(self) -> None:
        self.recent.clear()
        made = self.shell.desk.catalog.playlists.all()[:RECENT]
        for summary in made:
            parts = (plain(summary.name), words.count(summary.tracks, "track"), words.when(summary.made_at))
            text = " · ".join(parts)
            item = QListWidgetItem(text)
            item.setData(Qt.ItemDataRole.UserRole, int(summary.id))
            self.recent.addItem(item)
        for widget in (self._recent_title, self.recent):
            widget.setVisible(bool(made))
        if made:
            row = self.recent.sizeHintForRow(0)
            self.recent.setMaximumHeight(row * len(made) + 2 * SPACE["s"])

    def _open_recent(self, item: QListWidgetItem) -> None:
        if self.list.open(PlaylistId(int(item.data(Qt.ItemDataRole.UserRole)))):
            self.stack.setCurrentIndex(1)
            self.list.table.setFocus()
