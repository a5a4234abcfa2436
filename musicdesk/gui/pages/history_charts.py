"""A chart on a card: a picture that is drawn in a thread, its values under the pointer, by keys, and as a table."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QFontInfo, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QStackedWidget, QToolTip, QVBoxLayout, QWidget

from musicdesk.gui.background import Background
from musicdesk.gui.labels import tip
from musicdesk.gui.page import label, tool
from musicdesk.gui.pages.history_draw import Drawn, Ink, Picture, draw
from musicdesk.gui.shell import Shell
from musicdesk.gui.style.tokens import SPACE
from musicdesk.gui.tables.plain import PlainTable

REDRAW_MS = 60  # after the last change of size
MARGIN = 3


class Drawing(QWidget):
    """Shows the picture; the old one, scaled, until the new one is there. Arrow keys go through its values."""

    def __init__(self, shell: Shell, background: Background, name: str, height: int) -> None:
        super().__init__()
        self._shell, self._background, self._name = shell, background, name
        self._what: Picture | None = None
        self._values: Sequence[str] = ()
        self._image: QImage | None = None
        self._spots: list[tuple[float, float, float, float]] = []
        self._at = -1
        self._later = QTimer(self, singleShot=True, interval=REDRAW_MS)
        self._later.timeout.connect(self._ask)
        self.setFixedHeight(height)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName(name)
        shell.theme.changed.connect(self._ask)

    def show_picture(self, what: Picture, values: Sequence[str], told: str) -> None:
        """`values`: what each spot of the picture stands for; `told`: the whole in a sentence."""
        self._what, self._values, self._at = what, values, -1
        self.setAccessibleDescription(told)
        self._ask()

    @property
    def drawn(self) -> bool:
        return self._image is not None

    def _ask(self, _tokens: object = None) -> None:
        what = self._what
        if what is None or not self.isVisible() or self.width() < 40:
            return
        tokens = self._shell.theme.tokens
        family = QFontInfo(self.font()).family()
        ink = Ink(tokens.surface, tokens.text, tokens.secondary, tokens.line, tokens.accent, family)
        size, ratio = (self.width(), self.height()), self.devicePixelRatioF()
        self._background.ask(self._name, lambda _stop: draw(what, size, ratio, ink), self._take)

    def _take(self, drawn: Drawn) -> None:
        height, width = drawn.rgba.shape[:2]
        image = QImage(drawn.rgba.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()
        image.setDevicePixelRatio(self.devicePixelRatioF())
        self._image, self._spots = image, drawn.spots
        self.update()

    # Qt's calls

    def sizeHint(self) -> QSize:
        return QSize(320, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._later.start()

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        self._later.start(0)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._later.start()
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        tokens = self._shell.theme.tokens
        if self._image is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(QRectF(self.rect()), self._image)
        if 0 <= self._at < len(self._spots):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(tokens.text), 1.5))
            left, top, width, height = self._spots[self._at]
            painter.drawRoundedRect(QRectF(left, top, width, height).adjusted(-1, -1, 1, 1), 3, 3)
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(tokens.accent), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = event.position()
        at = next((n for n, spot in enumerate(self._spots) if _inside(spot, place.x(), place.y())), -1)
        self._choose(at, event.globalPosition().toPoint())

    def leaveEvent(self, event: object) -> None:
        super().leaveEvent(event)  # type: ignore[arg-type]
        self._choose(-1, QPoint())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Home: -(10**9), Qt.Key.Key_End: 10**9}
        step = steps.get(Qt.Key(event.key()))
        if step is None or not self._spots:
            super().keyPressEvent(event)
            return
        at = min(max(self._at + step, 0), len(self._spots) - 1)
        left, top, _width, _height = self._spots[at]
        self._choose(at, self.mapToGlobal(QPoint(round(left), round(top))))

    def _choose(self, at: int, place: QPoint) -> None:
        if at == self._at:
            return
        self._at = at
        if 0 <= at < len(self._values):
            QToolTip.showText(place, tip(self._values[at]), self)
            if self.hasFocus():
                self.setAccessibleName(f"{self._name}: {self._values[at]}")
        else:
            QToolTip.hideText()
            self.setAccessibleName(self._name)
        self.update()


def _inside(spot: tuple[float, float, float, float], x: float, y: float) -> bool:
    left, top, width, height = spot
    return left <= x < left + width and top - MARGIN <= y < top + height + MARGIN


class Chart(QFrame):
    """A card with a title, a sentence, the drawing, and a button that shows its values as a table."""

    def __init__(self, shell: Shell, background: Background, title: str, height: int, heads: tuple[str, ...]) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        self.setAccessibleName(title)
        self.title = label(title, "card-title")
        self.told = label("", "small", wrap=True)
        self.drawing = Drawing(shell, background, title, height)
        self.stack = QStackedWidget()
        self.table = PlainTable(shell, heads, f"{title}, as a table", stretch=0)
        self.table.setFixedHeight(height)
        self.as_table = tool(shell, "table", f"{title}: show as a table")
        self.as_table.setCheckable(True)
        self.as_table.toggled.connect(self._flip)
        self.stack.addWidget(self.drawing)
        self.stack.addWidget(self.table)
        self.stack.setFixedHeight(height)
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.as_table)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE["l"], SPACE["m"], SPACE["m"], SPACE["m"])
        layout.setSpacing(SPACE["xs"])
        layout.addLayout(head)
        layout.addWidget(self.told)
        layout.addWidget(self.stack)
        layout.addStretch()

    def _flip(self, table: bool) -> None:
        self.stack.setCurrentIndex(int(table))

    def show_picture(self, what: Picture, rows: Sequence[tuple[str, ...]], told: str) -> None:
        """`rows`: the values as text, one row for each spot of the picture, in their order."""
        self.told.setText(told)
        self.table.fill(rows)
        self.drawing.show_picture(what, [" · ".join(row) for row in rows], told)
