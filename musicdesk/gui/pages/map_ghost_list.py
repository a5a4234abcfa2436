"""Songs that one does not own as a list, for eyes, keys and screen readers alike: name, artist, and that they are not
in the library. Nothing here plays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from musicdesk.gui.keys import verb_of
from musicdesk.gui.labels import plain, tip
from musicdesk.gui.shell import Shell
from musicdesk.gui.style.theme import Theme
from musicdesk.gui.style.tokens import BODY, COVER, ROW, SMALL
from musicdesk.gui.tables.ground import paint_ground

NOT_OWNED = "not in your library"
NO_PARENT = QModelIndex()
PAD, RING_PX = 12, 9.0
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole


class GhostModel(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.names: list[tuple[str, str]] = []  # artist, title

    def show(self, names: Sequence[tuple[str, str]]) -> None:
        self.beginResetModel()
        self.names = [(plain(artist), plain(title)) for artist, title in names]
        self.endResetModel()

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self.names)

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.names):
            return None
        artist, title = self.names[index.row()]
        if role == Role.DisplayRole:
            return title
        whole = ", ".join(part for part in (title, artist, NOT_OWNED) if part)
        if role == Role.AccessibleTextRole:
            return whole
        return tip(whole) if role == Role.ToolTipRole else None


class GhostDelegate(QStyledItemDelegate):
    """A hollow ring, as on the map, where rows of tracks have their cover; two lines beside it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(64, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model, tokens = index.model(), self._theme.tokens
        if not isinstance(model, GhostModel):
            return
        drawn: Any = option  # PySide's stubs know none of its fields
        rect, state = drawn.rect, drawn.state
        artist, title = model.names[index.row()]
        painter.save()
        flags = QStyle.StateFlag
        chosen, hovered = bool(state & flags.State_Selected), bool(state & flags.State_MouseOver)
        paint_ground(painter, rect, tokens, chosen, hovered, bool(state & flags.State_HasFocus))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(tokens.secondary), 1.4))
        middle = QPointF(rect.left() + PAD + COVER / 2, rect.center().y() + 0.5)
        painter.drawEllipse(middle, RING_PX, RING_PX)
        left = rect.left() + PAD + COVER + PAD
        room = QRect(left, rect.center().y() - 17, rect.right() - left - PAD, 18)
        self._line(painter, room, title, tokens.text, BODY)
        below = " · ".join(part for part in (artist, NOT_OWNED) if part)
        self._line(painter, QRect(left, rect.center().y() + 1, room.width(), 16), below, tokens.secondary, SMALL)
        painter.restore()

    def _line(self, painter: QPainter, room: QRect, text: str, colour: str, size: int) -> None:
        painter.setFont(self._theme.font(size))
        painter.setPen(QColor(colour))
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine), shown)


class GhostList(QListView):
    moved = Signal(int)  # the row that a person went to
    wanted = Signal(int)  # Enter or a double click: the map is to fly there
    left = Signal()  # the keyboard is elsewhere now

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self._shell = shell
        self.ghosts = GhostModel()
        self._delegate = GhostDelegate(shell.theme)
        self.setModel(self.ghosts)
        self.setItemDelegate(self._delegate)
        self.setProperty("kind", "bare")
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._silent = False
        self.selectionModel().currentChanged.connect(lambda _now, _before: self._row_changed())
        self.doubleClicked.connect(lambda index: self.wanted.emit(index.row()))
        shell.theme.repaint(self)

    def show_ghosts(self, title: str, names: Sequence[tuple[str, str]]) -> None:
        self.setAccessibleName(f"Map as a list: {title}")
        self._silent = True
        self.ghosts.show(names)
        self._silent = False

    def point_at(self, row: int) -> None:
        """Selects a row without telling anybody; -1 for none."""
        self._silent = True
        self.setCurrentIndex(self.ghosts.index(row) if row >= 0 else QModelIndex())
        self._silent = False

    def _row_changed(self) -> None:
        if not self._silent and self.currentIndex().isValid():
            self.moved.emit(self.currentIndex().row())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move, Enter flies there. Letters and the space bar mean what they mean elsewhere in the window."""
        if event.key() in ENTER and self.currentIndex().isValid():
            self.wanted.emit(self.currentIndex().row())
        elif event.key() in ENTER or verb_of(event, self._shell.desk.settings.stars) or event.text().strip():
            event.ignore()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if not self.currentIndex().isValid() and self.ghosts.rowCount():
            self.setCurrentIndex(self.ghosts.index(0))
        else:
            self._row_changed()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.left.emit()
