"""The ledger: what you said of tracks, when, and what it moved; any of it can be taken back. Ctrl+L."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from musicdesk.core.changes import Changes
from musicdesk.core.types import TrackId
from musicdesk.gui import words
from musicdesk.gui.empty import EmptyState
from musicdesk.gui.page import button, label
from musicdesk.gui.rating import Rating
from musicdesk.gui.shell import Shell
from musicdesk.gui.style.tokens import SPACE
from musicdesk.gui.tables.plain import PlainTable
from musicdesk.gui.verbs import Choice
from musicdesk.workflows.sayings import Entry, entries

SIZE = (960, 560)
MOST = 300  # newest sayings that are shown
HEADS = ("When", "What you said", "Track", "Artist", "It moved", "")
NARROW = 720  # pixels under which the artist gives way


class LedgerDialog(QDialog):
    """Stays open beside the window and follows it."""

    acted = Signal(str, object)  # verb, Choice

    def __init__(self, shell: Shell, rating: Rating, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shell, self._rating = shell, rating
        self._entries: list[Entry] = []
        self.setWindowTitle("What you said of tracks")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(*SIZE)
        self.line = label("", "secondary", wrap=True)
        self.table = PlainTable(shell, HEADS, "What you said of tracks", stretch=2)
        self.table.widths(112, 152, 0, 170, 150, 92)
        self.table.gives_way(NARROW, 3)
        self.table.currentCellChanged.connect(lambda *_: self._offer())
        self.table.itemDoubleClicked.connect(lambda _item: self._play())
        self.table.installEventFilter(self)
        nothing = EmptyState(
            shell, "heart", "Nothing has been said yet", "Say what you think of a track in any list: 1 to 5."
        )
        self.stack = QStackedWidget()
        self.stack.addWidget(nothing)
        self.stack.addWidget(self.table)
        self.back = button(shell, "Take it back", "arrow-u-up-left", tip_text="As if this had never been said (Delete)")
        self.back.clicked.connect(self.take_back)
        close = button(shell, "Close")
        close.clicked.connect(self.close)
        foot = QHBoxLayout()
        foot.setSpacing(SPACE["s"])
        foot.addWidget(self.back)
        foot.addStretch()
        foot.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE["l"], SPACE["l"], SPACE["l"], SPACE["l"])
        layout.setSpacing(SPACE["m"])
        layout.addWidget(self.line)
        layout.addWidget(self.stack, 1)
        layout.addLayout(foot)
        QShortcut(QKeySequence("Ctrl+Z"), self).activated.connect(rating.undo)
        QShortcut(QKeySequence("Ctrl+L"), self).activated.connect(self.close)
        shell.changed.connect(self._note)
        shell.reopened.connect(self.close)
        self._fill()
        self.table.setFocus()
        if self._entries:
            self.table.selectRow(0)

    def take_back(self) -> None:
        """The chosen saying, whatever came after it."""
        entry = self._chosen()
        if entry is not None and not entry.event.undone:
            self._rating.take_back(entry.event.id)

    def _chosen(self) -> Entry | None:
        row = self.table.currentRow()
        return self._entries[row] if 0 <= row < len(self._entries) else None

    def _fill(self) -> None:
        chosen = self._chosen()
        self._entries = entries(self._shell.desk, MOST)
        ids = [entry.event.id for entry in self._entries]
        at = ids.index(chosen.event.id) if chosen is not None and chosen.event.id in ids else -1
        self.table.fill([_row(entry) for entry in self._entries], at)
        self.stack.setCurrentIndex(int(bool(self._entries)))
        self.line.setText(account(self._entries))
        self._offer()

    def _offer(self) -> None:
        entry = self._chosen()
        self.back.setEnabled(entry is not None and not entry.event.undone)

    def _note(self, changes: Changes) -> None:
        if changes & (Changes.FEEDBACK | Changes.TRACKS):
            self._fill()

    def _play(self) -> None:
        if (entry := self._chosen()) is not None:
            self.acted.emit("play", Choice((TrackId(entry.event.track),)))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Delete takes back, Enter plays."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            doing = {
                Qt.Key.Key_Delete: self.take_back,
                Qt.Key.Key_Return: self._play,
                Qt.Key.Key_Enter: self._play,
            }.get(Qt.Key(event.key()))
            if doing is not None:
                doing()
                return True
        return super().eventFilter(watched, event)


def _row(entry: Entry) -> tuple[str, ...]:
    state = "taken back" if entry.event.undone else ""
    return (words.when(entry.event.at), entry.words, entry.title, entry.artist, entry.moved, state)


def account(shown: list[Entry]) -> str:
    """'12 sayings, 3 of them taken back.'"""
    if not shown:
        return ""
    gone = sum(entry.event.undone for entry in shown)
    most = "The newest " if len(shown) == MOST else ""
    back = f", {gone:,} of them taken back" if gone else ""
    return f"{most}{words.count(len(shown), 'saying')}{back}. “Up” and “down” count the tracks of “For you” that moved."
