"""Building blocks of the Settings page."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from musicdesk.catalog.roots import Root
from musicdesk.core.paths import shown
from musicdesk.gui.controls import DropDown
from musicdesk.gui.labels import ElidedLabel
from musicdesk.gui.page import label, tool
from musicdesk.gui.pages.settings_state import root_line
from musicdesk.gui.shell import Shell
from musicdesk.gui.style.tokens import SPACE

FIELD = 240  # width of a control


class Section(QFrame):
    """A titled card with rows: words at the left, a control at the right."""

    def __init__(self, title: str, text: str = "") -> None:
        super().__init__()
        self.setProperty("kind", "card")
        self.setAccessibleName(title)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(SPACE["l"], SPACE["l"], SPACE["l"], SPACE["l"])
        self.column.setSpacing(SPACE["m"])
        self.column.addWidget(label(title, "card-title"))
        if text:
            self.column.addWidget(label(text, "secondary", wrap=True))

    def row(self, name: str, control: QWidget, hint: str = "") -> None:
        words = QVBoxLayout()
        words.setSpacing(0)
        told = label(name)
        told.setBuddy(control)
        words.addWidget(told)
        if hint:
            words.addWidget(label(hint, "small", wrap=True))
        if not control.accessibleName():
            control.setAccessibleName(name)
        line = QHBoxLayout()
        line.setSpacing(SPACE["l"])
        line.addLayout(words, 1)
        line.addWidget(control, 0, Qt.AlignmentFlag.AlignVCenter)
        self.column.addLayout(line)

    def wide(self, name: str, control: QWidget, hint: str = "") -> None:
        """Words above, the control over the whole width."""
        told = label(name)
        told.setBuddy(control)
        self.column.addWidget(told)
        self.column.addWidget(control)
        if hint:
            self.column.addWidget(label(hint, "small", wrap=True))

    def buttons(self, *made: QWidget) -> None:
        line = QHBoxLayout()
        line.setSpacing(SPACE["s"])
        for widget in made:
            line.addWidget(widget)
        line.addStretch()
        self.column.addLayout(line)


class RootLine(QFrame):
    """One folder: where, in which state, and a way to let it go."""

    def __init__(self, shell: Shell, root: Root) -> None:
        super().__init__()
        where = ElidedLabel(shown(root.path), mode=Qt.TextElideMode.ElideMiddle)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(where)
        words.addWidget(label(root_line(root), "small"))
        self.remove = tool(shell, "trash", f"Forget the folder {shown(root.path)}")
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(SPACE["m"])
        line.addLayout(words, 1)
        line.addWidget(self.remove)


def choice(shell: Shell, pairs: Sequence[tuple[str, str]], now: str) -> DropDown:
    box = DropDown(shell.theme)
    for value, text in pairs:
        box.addItem(text, value)
    box.setCurrentIndex(max(0, box.findData(now)))
    box.setFixedWidth(FIELD)
    return box


def number(least: int, most: int, suffix: str, special: str = "") -> QSpinBox:
    box = QSpinBox()
    box.setRange(least, most)
    box.setSuffix(suffix)
    box.setSpecialValueText(special)
    box.setFixedWidth(128)
    box.lineEdit().setTextMargins(SPACE["xs"], 0, 0, 0)
    return box
