"""The front of Discover: cards in four groups, and the lists that were made before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from musicdesk.core.types import Track
from musicdesk.gui import words
from musicdesk.gui.covers import Covers
from musicdesk.gui.labels import plain
from musicdesk.gui.page import label
from musicdesk.gui.pages.cards import MOST, Card
from musicdesk.gui.pages.discover_state import FROM_SEED, PARTS, Offer, Seeded, genre_offers, mix_offers, past_offers
from musicdesk.gui.shell import Shell
from musicdesk.gui.style.tokens import SPACE
from musicdesk.playlists.kinds import kinds
from musicdesk.workflows.lanes import Lanes
from musicdesk.workflows.request import Request

RECENT = 50
COLUMNS = 3  # of cards, where there is room
NARROWEST = 196  # pixels of a card
MIXES = 3  # cards of daily mixes; the others are in the first one's menu


class DiscoverHome(QScrollArea):
    wanted = Signal(object)  # Request
    seeded = Signal(str)  # what to make of the track that plays or was selected: a key of FROM_SEED
    extend = Signal()
    teaching = Signal()
    axis = Signal()
    opened = Signal(object)  # PlaylistId

    def __init__(self, shell: Shell, covers: Covers) -> None:
        super().__init__()
        self._shell, self._covers = shell, covers
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._grids: list[tuple[QGridLayout, Sequence[Card]]] = []
        self._blanks: list[tuple[int, QWidget]] = []  # (column, what keeps it as wide as in full rows)
        self._columns = 0
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName("What Discover offers")
        self._mix_offers: list[Offer] = []
        self._genre_offers: list[Offer] = []
        self._titles: dict[str, QWidget] = {}
        self._inside = QWidget()
        self.setWidget(self._inside)

    def fill(self) -> Iterator[None]:
        """Makes the cards and puts them where they stand, one group in each step."""
        column = QVBoxLayout(self._inside)
        column.setContentsMargins(0, 0, SPACE["s"], 0)
        column.setSpacing(SPACE["m"])
        self.parts = [self._part(*part) for part in PARTS]
        self.for_you = self._card("For you", "sparkle", "Make a playlist", lambda: self.wanted.emit(Request()), True)
        self._group(column, "you", "", [self.for_you, *self.parts[:2]])
        yield
        self.mixes = [
            self._card(f"Daily mix {n}", "sun", "Make this mix", self._mix(n - 1)) for n in range(1, MIXES + 1)
        ]
        self._group(column, "mixes", "Daily mixes", self.mixes)
        yield
        self._taste_cards()
        self._group(column, "taste", "Your taste", [self.teach, self.past, self.axis_card])
        yield
        self.seeds = {what: self._seed_card(what, seeded) for what, seeded in FROM_SEED.items()}
        self._group(column, "seed", "From what plays or is selected", [*self.seeds.values()])
        yield
        self.genres = self._card("Genre lanes", "tag", "Choose a genre", self._choose_genre)
        self.brought = self._card("Extend a playlist", "file-plus", "Open a file", self.extend.emit)
        self.brought.tell("An M3U8, XSPF or JSPF file of another player: more that goes with it.", True, [])
        self._group(column, "library", "From your library", [*self.parts[2:], self.genres, self.brought])
        self._titles["recent"] = label("Made before", "card-title")
        self.recent = QListWidget()
        self.recent.setAccessibleName("Playlists made before")
        self.recent.itemActivated.connect(self._open_recent)
        column.addWidget(self._titles["recent"])
        column.addWidget(self.recent)
        column.addStretch(1)
        yield

    def _taste_cards(self) -> None:
        self.teach = self._card("Five questions that teach most", "graduation-cap", "Answer them", self.teaching.emit)
        self.teach.tell("The five tracks whose verdict would change your list most, whichever it is.", True, [])
        self.past = self._card("Back in time", "hourglass-medium", "Choose a month", self._choose_month)
        self.axis_card = self._card("Axes that you name", "arrows-out-line-horizontal", "Name one", self.axis.emit)
        self.axis_card.tell("Calm to wild, or what you like: a lever of every list, a colour of the map.", True, [])

    # what it shows

    def tell(self, ladder: tuple[str, str], seed: Track | None, lanes: Lanes) -> None:
        catalog = self._shell.desk.catalog
        liked = catalog.tracks.get_many(catalog.feedback.newest_likes(MOST))
        self.for_you.tell(ladder[0], True, liked, ladder[1])
        self._mix_offers, self._genre_offers = mix_offers(lanes.mixes), genre_offers(lanes.genres)
        for at, card in enumerate(self.mixes):
            card.setVisible(at < len(self._mix_offers))
            if at < len(self._mix_offers):
                offer = self._mix_offers[at]
                card.tell(plain(offer.text), True, catalog.tracks.get_many(list(offer.tracks)))
        best = self._genre_offers[0] if self._genre_offers else None
        text = (
            f"Lists under one genre, for example {plain(best.name)}."
            if best
            else "No genre of your music is known yet."
        )
        self.genres.tell(text, best is not None, catalog.tracks.get_many(list(best.tracks)) if best else [])
        self._titles["mixes"].setVisible(bool(self._mix_offers))
        self.tell_seed(seed)

    def tell_past(self, plays: int) -> None:
        """Whether there is a past to look back on."""
        text = "What you would have got on a day in the past, by what was known then, and what came of it."
        missing = "Import your listening history, or play something here, and there is a past to go back to."
        self.past.tell(text if plays else missing, plays > 0, [])

    def tell_seed(self, seed: Track | None) -> None:
        """The cards that start from what plays or was selected last."""
        for what, card in self.seeds.items():
            seeded = FROM_SEED[what]
            card.tell(plain(seeded.sentence(seed)), seed is not None, [seed] if seed is not None else [])

    def tell_recent(self) -> None:
        self.recent.clear()
        made = self._shell.desk.catalog.playlists.all()[:RECENT]
        for summary in made:
            parts = (plain(summary.name), words.count(summary.tracks, "track"), words.when(summary.made_at))
            item = QListWidgetItem(" · ".join(parts))
            item.setData(Qt.ItemDataRole.UserRole, int(summary.id))
            self.recent.addItem(item)
        for widget in (self._titles["recent"], self.recent):
            widget.setVisible(bool(made))
        if made:
            row = self.recent.sizeHintForRow(0)
            self.recent.setFixedHeight(min(row * len(made), 8 * row) + 2 * SPACE["s"])

    # what is chosen

    def _mix(self, at: int) -> Callable[[], None]:
        return lambda: self.wanted.emit(self._mix_offers[at].request)

    def _choose_genre(self) -> None:
        self.choose(self.genres, self._genre_offers)

    def _choose_month(self) -> None:
        """A menu of years, the newest first, with their months."""
        menu = QMenu(self.past)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for year, offers in past_offers(self._shell.desk.catalog.listens.span()):
            months = menu.addMenu(str(year))
            for offer in offers:
                action = months.addAction(offer.text)
                action.triggered.connect(lambda _on=False, request=offer.request: self.wanted.emit(request))
        menu.popup(self.past.action.mapToGlobal(QPoint(0, self.past.action.height())))

    def choose(self, card: Card, offers: Sequence[Offer]) -> None:
        """A menu under the card's button."""
        menu = QMenu(card)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for offer in offers:
            action = menu.addAction(plain(offer.text).replace("&", "&&"))
            action.triggered.connect(lambda _on=False, request=offer.request: self.wanted.emit(request))
        menu.popup(card.action.mapToGlobal(QPoint(0, card.action.height())))

    def _open_recent(self, item: QListWidgetItem) -> None:
        self.opened.emit(int(item.data(Qt.ItemDataRole.UserRole)))

    # layout

    def _card(self, title: str, icon: str, action: str, doing: Callable[[], object], primary: bool = False) -> Card:
        card = Card(self._shell, self._covers, title, icon, action, primary)
        card.wanted.connect(doing)
        return card

    def _seed_card(self, what: str, seeded: Seeded) -> Card:
        return self._card(seeded.title, seeded.icon, seeded.action, lambda: self.seeded.emit(what))

    def _part(self, kind: str, icon: str, text: str) -> Card:
        card = self._card(kinds()[kind].title, icon, "Make a playlist", lambda: self.wanted.emit(Request(kind)))
        card.tell(text, True, [])
        return card

    def _group(self, column: QVBoxLayout, name: str, title: str, cards: Sequence[Card]) -> None:
        """A titled grid; the title is a label of its own so that screen readers find it."""
        heading = label(title, "card-title")
        grid = QGridLayout()
        grid.setSpacing(SPACE["l"])
        self._grids.append((grid, cards))
        for place in range(len(cards), COLUMNS):  # columns as wide as those of the other groups
            self._blanks.append((place, QWidget()))
            grid.addWidget(self._blanks[-1][1], 0, place)
        column.addWidget(heading)
        heading.setVisible(bool(title))  # below the column: by itself it would be a window
        column.addLayout(grid)
        column.addSpacing(SPACE["s"])
        self._titles[name] = heading

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place(max(1, min(COLUMNS, self.viewport().width() // NARROWEST)))

    def _place(self, columns: int) -> None:
        """As many cards side by side as there is room for."""
        if columns == self._columns:
            return
        self._columns = columns
        for place, blank in self._blanks:
            blank.setVisible(place < columns)
        for grid, cards in self._grids:
            for at in range(COLUMNS):
                grid.setColumnStretch(at, 1 if at < columns else 0)
            for card in cards:
                grid.removeWidget(card)
            for place, card in enumerate(cards):
                grid.addWidget(card, *divmod(place, columns))
