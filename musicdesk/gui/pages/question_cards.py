"""Ten questions as cards: a cover, what it is, and whether you like it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from musicdesk.core.types import Track, TrackId, Verdict
from musicdesk.gui.covers import Covers
from musicdesk.gui.labels import ElidedLabel, plain
from musicdesk.gui.page import tool
from musicdesk.gui.pages.discover_state import stands_for
from musicdesk.gui.shell import Shell
from musicdesk.gui.style.tokens import SPACE
from musicdesk.gui.tables.delegate import paint_cover

COLUMNS = 5
COVER = 96  # pixels
ASKED = (
    ("like", "More like this", "heart", Verdict.LIKE),
    ("dislike", "Less like this", "thumbs-down", Verdict.DISLIKE),
)


class QuestionCards(QWidget):
    """Emits what was answered: the verb (like, dislike, clear, play) and the track."""

    answered = Signal(str, object)

    def __init__(self, shell: Shell, covers: Covers, says: Callable[[float], str] = stands_for) -> None:
        super().__init__()
        self._shell, self._covers, self._says = shell, covers, says
        self.cards: list[QuestionCard] = []
        self._grid = QGridLayout()
        self._grid.setSpacing(SPACE["m"])
        for column in range(COLUMNS):
            self._grid.setColumnStretch(column, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(self._grid)
        layout.addStretch(1)

    def ask(self, tracks: Sequence[Track], shares: Sequence[float]) -> None:
        """Asks about `tracks`; `shares`, 0..1, is what is said of each: how much of the library it stands for."""
        while len(self.cards) > len(tracks):
            card = self.cards.pop()
            self._grid.removeWidget(card)
            card.deleteLater()
        while len(self.cards) < len(tracks):
            card = QuestionCard(self._shell, self._covers, self._says)
            card.answered.connect(self.answered)
            self._grid.addWidget(card, *divmod(len(self.cards), COLUMNS))
            self.cards.append(card)
        for card, track, share in zip(self.cards, tracks, shares, strict=True):
            card.show_question(track, share)

    @property
    def asked(self) -> list[TrackId]:
        return [card.track.id for card in self.cards if card.track is not None]

    @property
    def answers(self) -> int:
        """How many of them have a verdict."""
        return sum(card.verdict is not None for card in self.cards)

    def rated(self, tracks: Sequence[Track]) -> None:
        """Shows the verdicts as they are now."""
        known = {track.id: track for track in tracks}
        for card in self.cards:
            if card.track is not None and card.track.id in known:
                card.tell(known[card.track.id].verdict)


class QuestionCard(QFrame):
    answered = Signal(str, object)

    def __init__(self, shell: Shell, covers: Covers, says: Callable[[float], str] = stands_for) -> None:
        super().__init__()
        self._says = says
        self.setProperty("kind", "card")
        self.track: Track | None = None
        self.verdict: Verdict | None = None
        self._shell = shell
        self.cover = _Cover(shell, covers)
        self.name, self.artist, self.share = ElidedLabel(), ElidedLabel(), ElidedLabel()
        for label, kind in ((self.name, "card-title"), (self.artist, "secondary"), (self.share, "secondary")):
            label.setProperty("kind", kind)
        self.play = tool(shell, "play", "Play")
        self.play.clicked.connect(lambda: self._say("play"))
        self.buttons = {}
        row = QHBoxLayout()
        row.setSpacing(SPACE["xs"])
        row.addWidget(self.play)
        row.addStretch()
        for verb, text, icon, _meant in ASKED:
            made = tool(shell, icon, text)
            made.setCheckable(True)
            made.clicked.connect(lambda checked, verb=verb: self._say(verb if checked else "clear"))
            self.buttons[verb] = made
            row.addWidget(made)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE["m"], SPACE["m"], SPACE["m"], SPACE["s"])
        layout.setSpacing(SPACE["xs"])
        layout.addWidget(self.cover)
        layout.addSpacing(SPACE["xs"])
        for label in (self.name, self.artist, self.share):
            layout.addWidget(label)
        layout.addLayout(row)

    def show_question(self, track: Track, share: float) -> None:
        self.track = track
        title, artist = plain(track.tags.title), plain(track.tags.artist)
        self.cover.show_track(track)
        self.name.setText(title or "Untitled")
        self.artist.setText(artist or "Unknown artist")
        self.share.setText(self._says(share).partition(" of your ")[0])
        who = f"“{title}”" + (f" by {artist}" if artist else "")
        self.setAccessibleName(f"{who}, {self._says(share)}")
        self.play.setAccessibleName(f"Play {who}")
        self.tell(track.verdict)

    def tell(self, verdict: Verdict | None) -> None:
        """Shows what the person said: by the icon's shape and colour, and to screen readers as checked."""
        self.verdict = verdict
        for verb, text, icon, meant in ASKED:
            button = self.buttons[verb]
            chosen = verdict is meant
            button.setChecked(chosen)
            self._shell.theme.dress(button, f"{icon}-fill" if chosen else icon, verb if chosen else "secondary")
            button.setAccessibleName(f"{text} {self.name.whole_text()}")

    def _say(self, verb: str) -> None:
        if self.track is not None:
            self.tell(self.verdict)  # until the catalog says so
            self.answered.emit(verb, self.track.id)


class _Cover(QWidget):
    """The track's cover in the middle of the card."""

    def __init__(self, shell: Shell, covers: Covers) -> None:
        super().__init__()
        self._shell, self._covers = shell, covers
        self._track: Track | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        covers.arrived.connect(self.update)
        shell.theme.repaint(self)

    def show_track(self, track: Track) -> None:
        self._track = track
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(COVER, COVER)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._track is not None:
            box = QRect(0, 0, COVER, COVER)
            paint_cover(QPainter(self), box, self._covers.picture(self._track), self._shell.theme.tokens, 6)
