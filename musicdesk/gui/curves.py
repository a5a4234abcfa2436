"""Curves that grow: a small chart painted by hand, since it is drawn again with every point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QMetaObject, QObject, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from musicdesk.gui.shell import Shell
from musicdesk.gui.style.tokens import SMALL
from musicdesk.gui.task import Task

Points = Sequence[Sequence[float]]  # (step, value) each
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 28, 24  # pixels around the plot
GAP = 8  # pixels between a value and its line
PENS = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine, Qt.PenStyle.DashDotLine)
LINES = 4


class CurveView(QWidget):
    """Up to four curves over the same steps, told apart by the line's form as well as by its colour."""

    def __init__(self, shell: Shell, title: str = "Learning curves") -> None:
        super().__init__()
        self._theme = shell.theme
        self._curves: dict[str, list[tuple[float, float]]] = {}
        self._title = title
        self._figures: QMetaObject.Connection | None = None  # of the task that is followed
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(title)
        shell.theme.repaint(self)

    def sizeHint(self) -> QSize:
        return QSize(360, 208)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, 160)

    def show_curves(self, curves: Mapping[str, Points]) -> None:
        self._curves = {name: [(float(p[0]), float(p[1])) for p in points] for name, points in curves.items() if points}
        self.setAccessibleDescription(told(self._curves))
        self.update()

    def follow(self, task: Task | None) -> None:
        """What a task has told and goes on to tell; None: no more of it. Followed twice, a task would tell each point
        twice, and a step that comes again is a new start."""
        if self._figures is not None:
            QObject.disconnect(self._figures)
        self._figures = None
        if task is not None:
            self.show_curves(task.curves)
            self._figures = task.figured.connect(self.add)

    def add(self, name: str, step: float, value: float) -> None:
        points = self._curves.setdefault(name, [])
        if points and step <= points[-1][0]:
            points.clear()  # it learns once more
        points.append((step, value))
        self.show()  # some hide it while there is nothing to show
        self.setAccessibleDescription(told(self._curves))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._theme.font(SMALL))
        tokens = self._theme.tokens
        if not self._curves:
            painter.setPen(QColor(tokens.secondary))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "The first point comes with the first pass")
            return
        steps, values = _spans(self._curves)
        room = self._room(painter.fontMetrics(), values)
        self._paint_grid(painter, room, steps, values)
        colours = (tokens.accent, tokens.like, tokens.warning, tokens.dislike)
        at = room.left()
        for number, (name, points) in enumerate(list(self._curves.items())[: len(PENS)]):
            painter.setPen(QPen(QColor(colours[number]), 2, PENS[number]))
            placed = [_place(room, steps, values, point) for point in points]
            if len(placed) > 1:
                painter.drawPolyline(placed)
            painter.drawEllipse(placed[-1], 2.5, 2.5)
            at = self._paint_name(painter, at, name, points[-1][1], tokens.text)

    def _room(self, metrics: QFontMetrics, values: tuple[float, float]) -> QRectF:
        """Where the curves are drawn: beside their values, however many figures these have."""
        widest = max(metrics.horizontalAdvance(short(value)) for value in _marks(values))
        left = max(LEFT, widest + 2 * GAP)
        return QRectF(left, TOP, self.width() - left - RIGHT, self.height() - TOP - BOTTOM)

    def _paint_name(self, painter: QPainter, at: float, name: str, last: float, colour: str) -> float:
        painter.drawLine(QPointF(at, TOP - 14), QPointF(at + 20, TOP - 14))
        painter.setPen(QColor(colour))
        text = f"{name} {short(last)}"
        painter.drawText(QPointF(at + 26, TOP - 10), text)
        return at + 26 + painter.fontMetrics().horizontalAdvance(text) + 18

    def _paint_grid(
        self, painter: QPainter, room: QRectF, steps: tuple[float, float], values: tuple[float, float]
    ) -> None:
        tokens = self._theme.tokens
        for number, value in enumerate(_marks(values)):
            y = room.bottom() - room.height() * number / LINES
            painter.setPen(QColor(tokens.line))
            painter.drawLine(QPointF(room.left(), y), QPointF(room.right(), y))
            painter.setPen(QColor(tokens.secondary))
            box = QRectF(0, y - 8, room.left() - GAP, 16)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, short(value))
        foot = QRectF(room.left(), room.bottom() + 4, room.width(), 18)
        painter.drawText(foot, Qt.AlignmentFlag.AlignLeft, f"{steps[0]:g}")
        painter.drawText(foot, Qt.AlignmentFlag.AlignRight, f"pass {steps[1]:g}")


def told(curves: Mapping[str, Points]) -> str:
    """What the picture shows, in words."""
    return "; ".join(
        f"{name}: {short(points[0][1])} at first, {short(points[-1][1])} after {points[-1][0]:g} passes"
        for name, points in curves.items()
        if points
    )


def short(value: float) -> str:
    """Three figures that say something: '0.0312', '12.4', '1,204'."""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _spans(curves: Mapping[str, Points]) -> tuple[tuple[float, float], tuple[float, float]]:
    """Least and greatest step and value; the values with a little room."""
    steps = [point[0] for points in curves.values() for point in points]
    values = [point[1] for points in curves.values() for point in points]
    low, high = min(values), max(values)
    room = (high - low) * 0.05 or abs(high) * 0.1 or 1.0
    return (min(steps), max(max(steps), min(steps) + 1)), (low - room if low < 0 or low > room else 0.0, high + room)


def _marks(values: tuple[float, float]) -> list[float]:
    """What stands beside the lines, from below."""
    return [values[0] + (values[1] - values[0]) * number / LINES for number in range(LINES + 1)]


def _place(room: QRectF, steps: tuple[float, float], values: tuple[float, float], point: Sequence[float]) -> QPointF:
    x = (point[0] - steps[0]) / (steps[1] - steps[0])
    y = (point[1] - values[0]) / (values[1] - values[0])
    return QPointF(room.left() + x * room.width(), room.bottom() - y * room.height())
