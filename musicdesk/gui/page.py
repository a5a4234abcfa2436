"""A page: a title, what it is interested in, and reading again only while it is seen."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from musicdesk.core.changes import Changes
from musicdesk.gui.labels import ElidedLabel, plain_label, tip
from musicdesk.gui.shell import Goto, Shell
from musicdesk.gui.style.tokens import SPACE


class Page(QWidget):
    """Subclasses build themselves in __init__ and read the catalog in `refresh`."""

    NAME: ClassVar[str] = ""
    TITLE: ClassVar[str] = ""
    INTERESTS: ClassVar[Changes] = Changes.EVERYTHING
    listener = "me"  # whose history is brought in when one is dropped here

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self.shell = shell
        self._stale = Changes.EVERYTHING
        self.title = plain_label(self.TITLE)
        self.title.setProperty("kind", "title")
        self.subtitle = ElidedLabel()
        self.subtitle.setProperty("kind", "secondary")
        self.setAccessibleName(self.TITLE)
        shell.changed.connect(self._note)

    def refresh(self, changes: Changes) -> None:
        """Reads again what `changes` may have touched. Called while the page is visible."""

    def go(self, wish: Goto) -> None:
        """Shows what was asked for."""

    def search(self) -> None:
        """Ctrl+F."""

    @property
    def settled(self) -> bool:
        """Whether everything that was sent for is on show."""
        return True

    def undo(self) -> bool:
        """Ctrl+Z: takes back what this page can; False when that is nothing."""
        return False

    def primary(self) -> QWidget | None:
        """What gets the keyboard when the page is opened."""
        return None

    def body(self) -> QVBoxLayout:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE["xl"], SPACE["l"], SPACE["xl"], SPACE["l"])
        layout.setSpacing(SPACE["m"])
        return layout

    def heading(self, *right: QWidget) -> QHBoxLayout:
        """Title and subtitle at the left, controls at the right."""
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.title)
        words.addWidget(self.subtitle)
        row = QHBoxLayout()
        row.setSpacing(SPACE["s"])
        row.addLayout(words, 1)
        for widget in right:
            row.addWidget(widget, 0, Qt.AlignmentFlag.AlignTop)
        return row

    def _note(self, changes: Changes) -> None:
        mine = changes & self.INTERESTS
        if not mine:
            return
        self._stale |= mine
        if self.isVisible():
            self._catch_up()

    def _catch_up(self) -> None:
        stale, self._stale = self._stale, Changes.NOTHING
        if stale:
            self.refresh(stale)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._catch_up()


def button(shell: Shell, text: str, icon: str = "", kind: str = "", tip_text: str = "") -> QPushButton:
    """A push button; `kind` is primary, danger, link or nothing."""
    made = QPushButton((f" {text}" if icon else text).replace("&", "&&"))
    if kind:
        made.setProperty("kind", kind)
    if icon:
        role = {"primary": "on_accent", "danger": "dislike", "link": "accent"}.get(kind, "text")
        shell.theme.dress(made, icon, role)
    made.setToolTip(tip(tip_text))
    made.setAccessibleName(text)
    return made


def tool(shell: Shell, icon: str, name: str, role: str = "secondary") -> QToolButton:
    """A button that is only an icon; its name is in the tool tip and for screen readers."""
    made = QToolButton()
    shell.theme.dress(made, icon, role)
    made.setToolTip(tip(name))
    made.setAccessibleName(name)
    return made


def label(text: str, kind: str = "", wrap: bool = False) -> QLabel:
    made = plain_label(text)
    if kind:
        made.setProperty("kind", kind)
    made.setWordWrap(wrap)
    return made
