"""Ranked lists of the History page: artists, songs, wishes; each with its plays, its share, and whether it is owned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QContextMenuEvent, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListView,
    QMenu,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
)

from musicdesk.core.types import TrackId
from musicdesk.gui import words
from musicdesk.gui.keys import verb_of
from musicdesk.gui.labels import plain, tip
from musicdesk.gui.page import button, label
from musicdesk.gui.shell import Shell
from musicdesk.gui.style import icons
from musicdesk.gui.style.theme import Theme
from musicdesk.gui.style.tokens import BODY, ROW, SMALL, SPACE
from musicdesk.gui.tables.ground import paint_ground
from musicdesk.gui.verbs import BY_NAME, MENU, Choice, keys_of
from musicdesk.workflows.listening import OWNED, UNSURE, Ranked

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
RANKED_ROLE = Role.UserRole + 1
SHORT = 10  # rows at first
NUMBER, PLAYS, BAR = 30, 72, 3  # pixels: of the rank, of the plays, of the bar's height
STATES = {OWNED: "in your library", UNSURE: "perhaps in your library", 0: "not in your library"}


class RankModel(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.rows: Sequence[Ranked] = ()

    def show_rows(self, rows: Sequence[Ranked]) -> None:
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        if role == RANKED_ROLE:
            return row
        if role in (Role.DisplayRole, Role.AccessibleTextRole):
            return f"{index.row() + 1}. {told(row)}"
        if role == Role.ToolTipRole:
            return tip(f"{told(row)}\n{'Enter or a click plays it' if row.track is not None else ''}".strip())
        return None


def told(row: Ranked) -> str:
    """'Song by Artist, 312 plays, 4 %, in your library'"""
    by = f" by {plain(row.artist)}" if row.artist else ""
    percent = f"{100 * row.share:.1f} %"
    return f"{plain(row.name)}{by}, {words.count(row.plays, 'play')}, {percent}, {STATES[row.owned]}"


class RankDelegate(QStyledItemDelegate):
    def __init__(self, theme: Theme, tells_state: bool) -> None:
        super().__init__()
        self._theme = theme
        self.tells_state = tells_state  # whether each row says if it is owned
        self.most = 0.0  # the greatest share in the list: its bar takes the whole room

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(120, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: Ranked = index.data(RANKED_ROLE)
        tokens, rect, state = self._theme.tokens, option.rect, option.state
        painter.save()
        flags = QStyle.StateFlag
        chosen, hovered = bool(state & flags.State_Selected), bool(state & flags.State_MouseOver)
        paint_ground(painter, rect, tokens, chosen, hovered, bool(state & flags.State_HasFocus))
        painter.setFont(self._theme.font(SMALL))
        rank = QRect(rect.left(), rect.top(), NUMBER, rect.height())
        self._words(painter, rank, f"{index.row() + 1}", tokens.secondary, right=True)
        room = QRect(rect.left() + NUMBER + SPACE["m"], rect.top(), 0, rect.height())
        room.setRight(rect.right() - PLAYS - SPACE["m"])
        self._name(painter, room, row)
        side = QRect(room.right() + SPACE["xs"], rect.top() + 6, PLAYS, 18)
        painter.setFont(self._theme.font(BODY))
        self._words(painter, side, f"{row.plays:,}", tokens.text, right=True)
        painter.setFont(self._theme.font(SMALL))
        self._words(painter, side.translated(0, 17), f"{100 * row.share:.1f} %", tokens.secondary, right=True)
        painter.restore()

    def _name(self, painter: QPainter, room: QRect, row: Ranked) -> None:
        tokens = self._theme.tokens
        painter.setFont(self._theme.font(BODY))
        top = QRect(room.left(), room.top() + 5, room.width(), 18)
        owned = row.owned == OWNED
        if owned:
            sign = icons.pixmap("music-note", tokens.accent, 13, painter.device().devicePixelRatioF())
            painter.drawPixmap(top.left(), top.top() + 2, sign)
            top.setLeft(top.left() + 18)
        self._words(painter, top, plain(row.name), tokens.text)
        lower = plain(row.artist)
        if self.tells_state and (not owned or not lower):
            lower = f"{lower} · {STATES[row.owned]}" if lower else STATES[row.owned]
        if lower:
            painter.setFont(self._theme.font(SMALL))
            self._words(painter, QRect(room.left(), room.top() + 21, room.width(), 16), lower, tokens.secondary)
        most = max(row.share, self.most) or 1
        bar = QRectF(room.left(), room.bottom() - BAR - 1, room.width() * row.share / most, BAR)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.accent if owned else tokens.disabled))
        painter.drawRoundedRect(bar, BAR / 2, BAR / 2)

    def _words(self, painter: QPainter, rect: QRect, text: str, colour: str, right: bool = False) -> None:
        painter.setPen(QColor(colour))
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        flags = side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        painter.drawText(rect, int(flags), shown)


class RankList(QListView):
    acted = Signal(str, object)  # verb, Choice

    def __init__(self, shell: Shell, name: str, tells_state: bool = True) -> None:
        super().__init__()
        self._shell = shell
        self.ranks = RankModel()
        self._delegate = RankDelegate(shell.theme, tells_state)
        self.setModel(self.ranks)
        self.setItemDelegate(self._delegate)
        self.setProperty("kind", "bare")
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName(name)
        self.clicked.connect(lambda _index: self.act("play"))
        shell.theme.repaint(self)

    def show_rows(self, rows: Sequence[Ranked]) -> None:
        """The chosen artist or song stays chosen, whatever its rank is now."""
        chosen = self.chosen()
        self._delegate.most = max((row.share for row in rows), default=0.0)
        self.ranks.show_rows(rows)
        if chosen is not None:
            names = [(row.name, row.artist) for row in rows]
            named = (chosen.name, chosen.artist)
            self.setCurrentIndex(self.ranks.index(names.index(named) if named in names else -1))

    def chosen(self) -> Ranked | None:
        row = self.currentIndex().row()
        return self.ranks.rows[row] if 0 <= row < len(self.ranks.rows) else None

    def act(self, verb: str) -> None:
        """Does it with the track of the chosen row; an artist plays what of them is here."""
        if verb == "pause":  # is about no track, so that a row without one does not swallow it
            self.acted.emit(verb, Choice(()))
            return
        row = self.chosen()
        if row is None or row.track is None:
            return
        track = TrackId(row.track)
        tracks: tuple[TrackId, ...] = (track,)
        if not row.artist and verb in ("play", "next", "queue"):
            catalog = self._shell.desk.catalog
            found = catalog.tracks.get_many([track])
            tracks = tuple(catalog.browse.by_artist(found[0].tags.artist, 100)) if found else ()
        if tracks:
            self.acted.emit(verb, Choice(tracks))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        verb = verb_of(event, self._shell.desk.settings.stars)
        if verb is not None:
            self.act(verb.name)
        elif event.text().strip() and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        row = self.chosen()
        if row is None or row.track is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        tokens = self._shell.theme.tokens
        for name in (*MENU[0], *MENU[1]):
            verb = BY_NAME[name]
            action = menu.addAction(icons.icon(verb.icon, tokens.secondary), f"{verb.text}\t{keys_of(name)}")
            action.triggered.connect(lambda _on=False, name=name: self.act(name))
        menu.popup(event.globalPos() if event.globalPos() != QPoint() else self.mapToGlobal(QPoint(40, 40)))


class RankCard(QFrame):
    """A ranked list on a card; short at first, whole when asked for."""

    def __init__(self, shell: Shell, title: str, what: str, short: int = SHORT, tells_state: bool = True) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        self.setAccessibleName(title)
        self._what = what
        self._short = short
        self.list = RankList(shell, title, tells_state)
        self.more = button(shell, "Show more", kind="link")
        self.more.clicked.connect(self._toggle)
        self.nothing = label("Nothing here in this time.", "secondary")
        self._whole = False
        self._beside: list[QPushButton] = []
        self.rows: Sequence[Ranked] = ()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE["s"], SPACE["m"], SPACE["s"], SPACE["s"])
        layout.setSpacing(SPACE["xs"])
        head = label(title, "card-title")
        head.setContentsMargins(SPACE["s"], 0, 0, 0)
        self._top = QHBoxLayout()
        self._top.addWidget(head, 1)
        layout.addLayout(self._top)
        layout.addWidget(self.list)
        layout.addWidget(self.nothing)
        layout.addWidget(self.more)
        layout.addStretch()

    def show_rows(self, rows: Sequence[Ranked]) -> None:
        self.rows = rows
        self._fit()

    def put_beside_title(self, made: QPushButton) -> None:
        """A button for what can be done with the list; hidden while there is nothing in it."""
        self._beside.append(made)
        self._top.addWidget(made)
        self._fit()

    def _toggle(self) -> None:
        self._whole = not self._whole
        self._fit()

    def _fit(self) -> None:
        count = len(self.rows)
        shown = self.rows if self._whole else self.rows[: self._short]
        self.list.show_rows(shown)
        self.list.setFixedHeight(len(shown) * ROW + 2)
        self.list.setVisible(bool(count))
        self.nothing.setVisible(not count)
        for made in self._beside:
            made.setVisible(bool(count))
        self.more.setVisible(count > self._short)
        self.more.setText("Show fewer" if self._whole else f"Show {count:,} {self._what}")
