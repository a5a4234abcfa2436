"""The card that follows the pointer over the map: cover, title, why it is there."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from musicdesk.core.types import Track
from musicdesk.gui.covers import Covers
from musicdesk.gui.labels import ElidedLabel, plain
from musicdesk.gui.page import label
from musicdesk.gui.pages.map_state import card
from musicdesk.gui.shell import Shell
from musicdesk.gui.style.tokens import SPACE
from musicdesk.gui.tables.delegate import paint_cover

PICTURE = 64
CARD_WIDTH = 320


class CoverLabel(QLabel):
    """A square cover that arrives when it is read."""

    def __init__(self, shell: Shell, covers: Covers, side: int = PICTURE) -> None:
        super().__init__()
        self._shell, self._covers, self._side = shell, covers, side
        self._track: Track | None = None
        self.setFixedSize(side, side)
        covers.arrived.connect(self.update)

    def show_track(self, track: Track | None) -> None:
        self._track = track
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        picture = self._covers.picture(self._track) if self._track is not None else None
        box = QRect(0, 0, self._side, self._side)
        paint_cover(QPainter(self), box, picture, self._shell.theme.tokens, 6)


class HoverCard(QFrame):
    """Cover, title, artist and neighbours of the point under the pointer."""

    def __init__(self, shell: Shell, covers: Covers, parent: QWidget) -> None:
        super().__init__(parent)
        self._home = parent
        self.setProperty("kind", "float")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFixedWidth(CARD_WIDTH)
        self.cover = CoverLabel(shell, covers)
        self.title, self.facts = ElidedLabel(), ElidedLabel()
        self.title.setProperty("kind", "strong")
        self.facts.setProperty("kind", "small")
        self.near, self.trust = label("", "small", wrap=True), label("", "small", wrap=True)
        column = QVBoxLayout()
        column.setSpacing(2)
        for words in (self.title, self.facts, self.near, self.trust):
            column.addWidget(words)
        column.addStretch()
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(SPACE["m"], SPACE["m"], SPACE["m"], SPACE["m"])
        row.setSpacing(SPACE["m"])
        row.addWidget(self.cover, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(column, 1)
        self.hide()

    def tell(self, track: Track, near: Sequence[Track], place: QPointF, trust: str = "") -> None:
        """`near` may come later, by another call; `trust` is a sentence on how far the place can be believed."""
        self.say((*card(track, near), trust), place, track)

    def say(self, said: tuple[str, str, str, str], place: QPointF, track: Track | None = None) -> None:
        """`said`: title, facts, what is near, and how far that can be believed; without a track there is no cover."""
        title, facts, close, trust = said
        self.cover.show_track(track)
        self.title.setText(title)
        self.facts.setText(facts)
        for words, text in ((self.near, close), (self.trust, trust)):
            words.setText(plain(text))
            words.setVisible(bool(text))
        self._row.activate()  # `adjustSize` knows nothing of lines that are broken by the width
        self.resize(CARD_WIDTH, self._row.totalHeightForWidth(CARD_WIDTH))
        self.move(self._beside(place.toPoint()))
        self.show()
        self.raise_()

    def _beside(self, place: QPoint) -> QPoint:
        """Right of the point and below it, or on the other side where the room ends."""
        home, gap = self._home, SPACE["l"]
        x = place.x() + gap if place.x() + gap + self.width() < home.width() else place.x() - gap - self.width()
        y = place.y() + gap if place.y() + gap + self.height() < home.height() else place.y() - gap - self.height()
        return QPoint(max(4, x), max(4, y))
