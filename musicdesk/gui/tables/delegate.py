"""Painting of rows: text that elides, rating signs that can be clicked, covers, reason chips."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPainterPath, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from musicdesk.core.feedback import MOST_STARS
from musicdesk.core.types import Reason, Track, TrackId
from musicdesk.gui.labels import plain
from musicdesk.gui.style import icons
from musicdesk.gui.style.theme import Theme
from musicdesk.gui.style.tokens import BODY, COVER, DENSE_ROW, ROW, SMALL, Tokens
from musicdesk.gui.tables.columns import Column
from musicdesk.gui.tables.ground import paint_ground
from musicdesk.gui.tables.model import TrackModel, move_sign, told

SIGNS = (("not-now", "moon"), ("not-here", "minus-circle"), ("never", "prohibit"), ("like", "heart"))
BOLD = ("moon", "minus-circle", "prohibit")  # whose filled shape is hard to tell from the outline
SIGN, SLOT, STAR_SLOT = 16, 23, 18  # pixels
CHIP_PAD, CHIP_GAP, LEAST_CHIP = 20, 6, 110
PAD = 8
_MIDDLE = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
AT_LEFT, AT_RIGHT = int(Qt.AlignmentFlag.AlignLeft | _MIDDLE), int(Qt.AlignmentFlag.AlignRight | _MIDDLE)
Index = QModelIndex | QPersistentModelIndex
State = QStyle.StateFlag


def _signs(in_mix: bool) -> tuple[tuple[str, str] | None, ...]:
    """The signs of a row by their places. A list that is no mix has three, close together at the right."""
    return SIGNS if in_mix else (None, SIGNS[0], *SIGNS[2:])


class TrackDelegate(QStyledItemDelegate):
    """`cover(track)` gives a picture or None; without it rows are dense and have no picture."""

    def __init__(
        self,
        theme: Theme,
        said: Callable[[TrackId, str], None],
        cover: Callable[[Track], QPixmap | None] | None = None,
        pinned: Callable[[TrackId], None] = lambda _track: None,
    ) -> None:
        super().__init__()
        self._pinned = pinned
        self._theme = theme
        self._said = said
        self._cover = cover
        self.hovered_row = -1
        self.height = ROW if cover else DENSE_ROW

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(64, self.height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        if not isinstance(model, TrackModel):
            return
        tokens = self._theme.tokens
        # From the model itself: asked by way of Qt, each answer takes longer than painting a word.
        track = model.track_at(index.row())
        column = model.columns[index.column()]
        painter.save()
        self._ground(painter, option, index, tokens)
        if track is None:
            self._skeleton(painter, option.rect, tokens)
        elif column.name == "rating":
            self._rating(painter, option, track, model, index.row() == self.hovered_row, tokens)
        elif column.name in ("title", "both"):
            room = self._move(painter, option.rect, model, track, tokens)
            self._title(painter, room, model, track, column, tokens)
        elif column.name == "why":
            paint_chips(painter, option.rect, model.reasons.get(track.id, ()), self._theme, tokens)
        elif column.name == "pin":
            self._pin(painter, option, track.id in model.pinned, index.row() == self.hovered_row, tokens)
        else:
            colour = self._colour(column.name, track, index, tokens)
            text = model.text_of(track, column)
            self._words(painter, option.rect.adjusted(PAD, 0, -PAD, 0), text, colour, column.right)
        painter.restore()

    def sign_at(self, rect: QRect, place: QPoint, stars: bool = False, in_mix: bool = True) -> str | None:
        """The verb whose sign lies under a place of its cell."""
        if not rect.contains(place):
            return None
        at = (place.x() - rect.left() - PAD // 2) // (STAR_SLOT if stars else SLOT)
        if stars:
            return f"stars-{at + 1}" if 0 <= at < MOST_STARS else None
        signs = _signs(in_mix)
        sign = signs[at] if 0 <= at < len(signs) else None
        return sign[0] if sign else None

    def editorEvent(self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: Index) -> bool:
        if not isinstance(model, TrackModel) or model.columns[index.column()].name not in ("rating", "pin"):
            return False
        if not isinstance(event, QMouseEvent) or event.button() != Qt.MouseButton.LeftButton:
            return False
        if model.columns[index.column()].name == "pin":
            if event.type() == QEvent.Type.MouseButtonRelease:
                self._pinned(model.id_at(index.row()))
            return True
        verb = self.sign_at(option.rect, event.position().toPoint(), model.stars, model.in_mix)
        if verb is None or event.type() == QEvent.Type.MouseButtonDblClick:
            return verb is not None
        if event.type() == QEvent.Type.MouseButtonRelease:
            self._said(model.id_at(index.row()), verb)
        return True

    # the parts of a row

    def _ground(self, painter: QPainter, option: QStyleOptionViewItem, index: Index, tokens: Tokens) -> None:
        state: Any = option.state
        chosen, hovered = bool(state & State.State_Selected), index.row() == self.hovered_row
        focus = bool(state & State.State_HasFocus) and index.column() == 0
        paint_ground(painter, option.rect, tokens, chosen, hovered, focus)

    def _colour(self, name: str, track: Track, index: Index, tokens: Tokens) -> str:
        if track.presence != "present":
            return tokens.disabled if name != "status" else tokens.secondary
        if name == "reason" or (name == "status" and track.analysis == "failed"):
            return tokens.warning
        if name == "artist" and self._cover is None:
            return tokens.text
        return tokens.secondary

    def _title(
        self,
        painter: QPainter,
        cell: QRect,
        model: TrackModel,
        track: Track,
        column: Column,
        tokens: Tokens,
    ) -> None:
        rect = cell.adjusted(PAD + 4, 0, -PAD, 0)
        if self._cover is not None:
            box = QRect(rect.left(), rect.top() + (rect.height() - COVER) // 2, COVER, COVER)
            paint_cover(painter, box, self._cover(track), tokens)
            rect.setLeft(box.right() + 12)
        if column.name == "both":
            lower = QRect(rect.left(), rect.center().y() + 1, rect.width(), 16)
            rect = QRect(rect.left(), rect.center().y() - 17, rect.width(), 18)
            painter.setFont(self._theme.font(SMALL))
            self._words(painter, lower, plain(track.tags.artist), tokens.secondary)
            painter.setFont(self._theme.font(BODY))
        colour = tokens.text if track.presence == "present" else tokens.disabled
        if track.id == model.playing:
            colour = tokens.accent
            rect = self._sign_before(painter, rect, "speaker-high-fill", colour)
        elif track.excluded:
            rect = self._sign_before(painter, rect, "eye-slash", tokens.secondary)
        self._words(painter, rect, model.text_of(track, column), colour)

    def _move(self, painter: QPainter, cell: QRect, model: TrackModel, track: Track, tokens: Tokens) -> QRect:
        """At the end of the cell, how far the row has just moved; returns the room that is left."""
        if track.id not in model.moves:
            return cell
        text = move_sign(model.moves[track.id])
        painter.setFont(self._theme.font(SMALL))
        width = painter.fontMetrics().horizontalAdvance(text) + PAD
        self._words(painter, cell.adjusted(0, 0, -PAD, 0), text, tokens.accent, right=True)
        painter.setFont(self._theme.font(BODY))
        return cell.adjusted(0, 0, -width, 0)

    def _sign_before(self, painter: QPainter, rect: QRect, name: str, colour: str) -> QRect:
        """A small sign; returns the room that is left for the words."""
        sign = icons.pixmap(name, colour, 14, painter.device().devicePixelRatioF())
        painter.drawPixmap(rect.left(), rect.top() + (rect.height() - 14) // 2, sign)
        return rect.adjusted(20, 0, 0, 0)

    def _words(self, painter: QPainter, rect: QRect, text: str, colour: str, right: bool = False) -> None:
        painter.setPen(QColor(colour))
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, AT_RIGHT if right else AT_LEFT, shown)

    def _rating(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        track: Track,
        model: TrackModel,
        hovered: bool,
        tokens: Tokens,
    ) -> None:
        """Filled and coloured when given; outlines only where the pointer or the selection is."""
        state: Any = option.state
        offer = hovered or bool(state & State.State_Selected)
        if model.stars and (track.stars or track.verdict is None):
            self._stars(painter, option.rect, track.stars or 0, offer, tokens)
            return
        given = model.given(track)
        for at, sign in enumerate(_signs(model.in_mix)):
            if not sign:
                continue
            verb, name = sign
            if verb == "like" and "dislike" in given:
                self._sign(painter, option.rect, at * SLOT, "thumbs-down-fill", tokens.dislike)
            elif verb in given:
                picture = f"{name}-{'bold' if name in BOLD else 'fill'}"
                colour = tokens.like if verb == "like" else tokens.dislike if verb == "never" else tokens.warning
                self._sign(painter, option.rect, at * SLOT, picture, colour)
            elif offer:
                self._sign(painter, option.rect, at * SLOT, name, tokens.secondary)

    def _stars(self, painter: QPainter, cell: QRect, stars: int, offer: bool, tokens: Tokens) -> None:
        for at in range(MOST_STARS if offer else stars):
            given = at < stars
            colour = tokens.like if given and stars > 3 else tokens.warning if given else tokens.secondary
            self._sign(painter, cell, at * STAR_SLOT, "star-fill" if given else "star", colour, STAR_SLOT)

    def _sign(self, painter: QPainter, cell: QRect, at: int, name: str, colour: str, slot: int = SLOT) -> None:
        sign = icons.pixmap(name, colour, SIGN, painter.device().devicePixelRatioF())
        left = cell.left() + PAD // 2 + at + (slot - SIGN) // 2
        painter.drawPixmap(left, cell.top() + (cell.height() - SIGN) // 2, sign)

    def _pin(self, painter: QPainter, option: QStyleOptionViewItem, on: bool, hovered: bool, tokens: Tokens) -> None:
        """Filled where a track is pinned; an outline where the pointer or the selection is."""
        state: Any = option.state
        if on or hovered or state & State.State_Selected:
            colour = tokens.accent if on else tokens.secondary
            name = "push-pin-fill" if on else "push-pin"
            sign = icons.pixmap(name, colour, SIGN, painter.device().devicePixelRatioF())
            rect = option.rect
            left, top = rect.left() + (rect.width() - SIGN) // 2 + 2, rect.top() + (rect.height() - SIGN) // 2
            painter.drawPixmap(left, top, sign)

    def _skeleton(self, painter: QPainter, cell: QRect, tokens: Tokens) -> None:
        painter.fillRect(QRect(cell.left() + PAD, cell.center().y() - 4, cell.width() // 2, 8), QColor(tokens.line))


def paint_chips(painter: QPainter, cell: QRect, reasons: Sequence[Reason], theme: Theme, tokens: Tokens) -> None:
    """Reasons with their shares, as many as there is room for; the last one elided where it must be."""
    painter.setFont(theme.font(SMALL))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    metrics = painter.fontMetrics()
    left, end = cell.left() + PAD, cell.right() - PAD
    for at, reason in enumerate(reasons):
        text = told(reason)
        width = metrics.horizontalAdvance(text) + CHIP_PAD
        if left + width > end:
            if at and end - left < LEAST_CHIP:
                break
            text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, end - left - CHIP_PAD)
            width = min(end - left, metrics.horizontalAdvance(text) + CHIP_PAD)
        chip = QRectF(left, cell.center().y() - 11, width, 22)
        painter.setPen(QColor(tokens.line))
        painter.setBrush(QColor(tokens.raised))
        painter.drawRoundedRect(chip, 11, 11)
        painter.setPen(QColor(tokens.secondary))
        painter.drawText(chip, int(Qt.AlignmentFlag.AlignCenter), text)
        left += width + CHIP_GAP


def paint_cover(painter: QPainter, box: QRect, picture: QPixmap | None, tokens: Tokens, radius: int = 4) -> None:
    """The cover with round corners, or a note on the line colour."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    path = QPainterPath()
    path.addRoundedRect(QRectF(box), radius, radius)
    painter.setClipPath(path)
    if picture is None:
        painter.fillRect(box, QColor(tokens.line))
        size = box.width() // 2
        note = icons.pixmap("music-note", tokens.secondary, size, painter.device().devicePixelRatioF())
        painter.drawPixmap(box.left() + (box.width() - size) // 2, box.top() + (box.height() - size) // 2, note)
    else:
        painter.drawPixmap(box, picture)
    painter.restore()
