"""The cards of the Discover page: what it is, in one sentence, with a button."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from musicdesk.core.types import Track
from musicdesk.gui.covers import Covers
from musicdesk.gui.labels import tip
from musicdesk.gui.page import button, label
from musicdesk.gui.shell import Shell
from musicdesk.gui.style import icons
from musicdesk.gui.style.tokens import SPACE
from musicdesk.gui.tables.delegate import paint_cover

TILE, GAP, MOST = 44, 6, 4


class Tiles(QWidget):
    """Up to four covers side by side; an icon when there is nothing to show."""

    def __init__(self, shell: Shell, covers: Covers, icon: str) -> None:
        super().__init__()
        self._shell, self._covers, self._icon = shell, covers, icon
        self._tracks: list[Track] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        covers.arrived.connect(self.update)
        shell.theme.repaint(self)

    def show_tracks(self, tracks: Sequence[Track]) -> None:
        self._tracks = list(tracks[:MOST])
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(TILE, TILE)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        tokens = self._shell.theme.tokens
        if not self._tracks:
            picture = icons.pixmap(self._icon, tokens.accent, 32, self.devicePixelRatioF())
            painter.drawPixmap(0, (TILE - 32) // 2, picture)
            return
        for at, track in enumerate(self._tracks):
            box = QRect(at * (TILE + GAP), 0, TILE, TILE)
            if box.right() <= self.width():
                paint_cover(painter, box, self._covers.picture(track), tokens, 6)


class Card(QFrame):
    wanted = Signal()

    def __init__(self, shell: Shell, covers: Covers, title: str, icon: str, action: str, primary: bool) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        self.setAccessibleName(title)
        self.tiles = Tiles(shell, covers, icon)
        self.text = label("", "secondary", wrap=True)
        self.action = button(shell, action, icon, "primary" if primary else "")
        self.action.clicked.connect(self.wanted)
        self.action.setAccessibleName(f"{title}: {action}")
        row = QHBoxLayout()
        row.addWidget(self.action)
        row.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE["l"], SPACE["l"], SPACE["l"], SPACE["l"])
        layout.setSpacing(SPACE["s"])
        layout.addWidget(self.tiles)
        layout.addSpacing(SPACE["xs"])
        layout.addWidget(label(title, "card-title", wrap=True))
        layout.addWidget(self.text)
        layout.addStretch()
        layout.addLayout(row)
        self.setMinimumHeight(196)

    def tell(self, text: str, usable: bool, tracks: Sequence[Track], more: str = "") -> None:
        """`more` is what could be done about it: for those who point at the text, and for screen readers."""
        self.text.setText(text)
        self.text.setToolTip(tip(more))
        self.text.setAccessibleDescription(more)
        self.action.setEnabled(usable)
        self.tiles.show_tracks(tracks)
