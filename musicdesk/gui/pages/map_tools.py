"""Floats over the map: the tools at its left, and a bar for the tracks that were chosen by one of them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QLayout, QToolButton, QVBoxLayout, QWidget

from musicdesk.gui.labels import ElidedLabel
from musicdesk.gui.page import button, label, tool
from musicdesk.gui.pages.map_pointer import Tool
from musicdesk.gui.shell import Shell
from musicdesk.gui.style.tokens import SPACE

OFFERED = (
    (Tool.LOOK, "hand-pointing", "Turn the map and play tracks (V)", "V"),
    (Tool.LASSO, "scribble-loop", "Choose tracks by a line around them (L)", "L"),
    (Tool.BOX, "selection", "Choose tracks by a box (B)", "B"),
    (Tool.SPHERE, "globe-simple", "Choose all tracks around one, by a sphere (O)", "O"),
    (Tool.PATH, "path", "Path from one track to another (G)", "G"),
    (Tool.MIX, "plus-minus", "More of this, less of that (X)", "X"),
)
KEYS = {key: each for each, _icon, _name, key in OFFERED}
BAR_WIDTH = 520
SHORT, SHORTEST = 300, 200  # widths below which the bar's button has no word, and the bar no words


class Tools(QFrame):
    """One tool is taken at a time."""

    taken = Signal(object)  # Tool

    def __init__(self, shell: Shell, room: QWidget) -> None:
        super().__init__(room)
        self.setProperty("kind", "float")
        self.setAccessibleName("Tools of the map")
        self._group = QButtonGroup(self)
        self._buttons: dict[Tool, QToolButton] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(SPACE["xs"], SPACE["xs"], SPACE["xs"], SPACE["xs"])
        self._column.setSpacing(SPACE["xs"])
        for each, icon, name, _key in OFFERED:
            made = tool(shell, icon, name)
            made.setCheckable(True)
            made.clicked.connect(lambda _on=False, each=each: self.taken.emit(each))
            self._group.addButton(made)
            self._buttons[each] = made
            self._column.addWidget(made)
        self._buttons[Tool.LOOK].setChecked(True)
        self._column.setSizeConstraint(QLayout.SizeConstraint.SetFixedSize)
        self.move(SPACE["m"], SPACE["m"])

    def add(self, made: QToolButton) -> None:
        """A button that is no tool, below them."""
        self._column.addWidget(made)

    def show_tool(self, taken: Tool) -> None:
        self._buttons[taken].setChecked(True)


class Bar(QFrame):
    """What was chosen, and what can be done with it. Stands at the foot of the view; also tells what a tool needs."""

    play_wanted, queue_wanted, keep_wanted, closed = Signal(), Signal(), Signal(), Signal()

    def __init__(self, shell: Shell, room: QWidget) -> None:
        super().__init__(room)
        self.setProperty("kind", "float")
        self._room = room
        self.words = ElidedLabel()
        self.words.setProperty("kind", "strong")
        self.hint = label("", "small", wrap=True)
        self.play = button(shell, "Play", "play-fill", "primary")
        self.queue = tool(shell, "queue", "Add all to the queue", "text")
        self.keep = tool(shell, "list-plus", "Keep as a playlist", "text")
        self.close_ = tool(shell, "x", "Let them go (Esc)")
        for made, signal in (
            (self.play, self.play_wanted),
            (self.queue, self.queue_wanted),
            (self.keep, self.keep_wanted),
            (self.close_, self.closed),
        ):
            made.clicked.connect(signal)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE["l"], SPACE["s"], SPACE["s"], SPACE["s"])
        row.setSpacing(SPACE["xs"])
        row.addWidget(self.words, 1)
        row.addWidget(self.hint, 1)
        for made in (self.play, self.queue, self.keep, self.close_):
            row.addWidget(made)
        room.installEventFilter(self)
        self.tell("", 0)

    def tell(self, text: str, count: int, hint: str = "") -> None:
        """`count` tracks are on the bar, called `text`; or only a hint is shown; or nothing at all."""
        self.words.setText(text)
        self.hint.setText(hint)
        self.words.setVisible(bool(text))
        self.hint.setVisible(bool(hint) and not text)
        for made in (self.play, self.queue, self.keep):
            made.setVisible(count > 0)
        self.setVisible(bool(text or hint))
        self.setAccessibleName(text or hint)
        self.place()

    def place(self) -> None:
        width = min(BAR_WIDTH, self._room.width() - 2 * SPACE["m"])
        self.setFixedWidth(max(width, 120))
        self.play.setText(" Play" if width >= SHORT else "")  # its name stays for screen readers
        self.words.setVisible(bool(self.words.whole_text()) and width >= SHORTEST)
        self.adjustSize()
        self.move((self._room.width() - self.width()) // 2, self._room.height() - self.height() - SPACE["m"])
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self._room:
            self.place()
        return False
