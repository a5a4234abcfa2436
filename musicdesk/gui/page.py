"""A page: a title, what it is interested in, built in turns, and reading again only while it is seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from time import monotonic
from typing import ClassVar

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QToolButton, QVBoxLayout, QWidget

from musicdesk.core.changes import Changes
from musicdesk.gui.labels import ElidedLabel, plain_label, tip
from musicdesk.gui.shell import Goto, Shell
from musicdesk.gui.style.tokens import SPACE
from musicdesk.gui.turns import Turns

TYPED_S = 3.0  # that a key waits for its page; later nobody thinks of it any more
EVERYWHERE = (" ", "?")  # keys of the window
AT_ONCE = 24  # widgets that get their style in one step


class Page(QWidget):
    """Subclasses build themselves in `parts`, what holds a part before the part, and read the catalog in `refresh`.

    Until all is there only the title is seen: building takes as long as several frames, so it goes in turns.
    """

    completed = Signal(str)  # its name, once it is whole

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
        self.built = False
        self._whole = False  # built, and shown
        self._wishes: list[Wish] = []
        self._room = QWidget(self)
        self._room.hide()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._room)
        self._meanwhile = label(self.TITLE, "title")  # where `heading` will put it
        self._meanwhile.setParent(self)
        self._meanwhile.move(SPACE["xl"], SPACE["l"])
        self._in_turns = True
        self._steps = self._build()
        self._building = Turns(self)
        shell.closing.connect(self._building.stop)
        shell.changed.connect(self._note)

    # building

    def parts(self) -> Iterator[None]:
        """Makes what is on the page, below `body`, and yields where the window may do something else."""
        yield from ()

    def build(self) -> None:
        """Begins; `completed` tells the end."""
        self._building.run(self._steps)

    @property
    def in_the_making(self) -> bool:
        """Whether steps are left, also of one whose building was broken off by a fault: it has none."""
        return self._building.busy

    def finish(self) -> None:
        """Builds what is left at once, for who cannot wait: the first page of a window."""
        self._building.stop()
        self._in_turns = False
        for _step in self._steps:
            pass

    def soon(self, *wishes: Wish) -> None:
        """Does it now, or once the page is whole."""
        self._wishes += wishes
        if self._whole:
            wanted, self._wishes = self._wishes, []
            for doing in wanted:
                doing(self)

    @property
    def takes_keys(self) -> bool:
        """Whether what gets the keyboard is there; or nothing that would is still to come."""
        return self._whole and (self.primary() is not None or self.settled)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What is typed too early waits for the page, as the keyboard does."""
        if self.takes_keys or event.text() in EVERYWHERE:
            super().keyPressEvent(event)
        else:
            again = QKeyEvent(event.type(), event.key(), event.modifiers(), event.text())
            self._wishes.append(partial(_type, again, monotonic()))

    def _build(self) -> Iterator[None]:
        yield from self.parts()
        if self._in_turns:
            yield from self._polish()
        self.built = True
        if self.isVisible():
            self._catch_up()
            yield
        self._meanwhile.hide()
        self._room.show()
        yield
        self._whole = True
        self.completed.emit(self.NAME)
        self.soon()

    def _polish(self) -> Iterator[None]:
        """Gives all their style; at once, as it is shown, that is the longest step of all."""
        widgets = self._room.findChildren(QWidget)
        for at in range(0, len(widgets), AT_ONCE):
            for widget in widgets[at : at + AT_ONCE]:
                widget.ensurePolished()
            yield

    # what pages do

    def refresh(self, changes: Changes) -> None:
        """Reads again what `changes` may have touched. Called while the page is visible."""

    def go(self, wish: Goto) -> None:
        """Shows what was asked for."""

    def search(self) -> None:
        """Ctrl+F."""

    @property
    def settled(self) -> bool:
        """Whether everything that was sent for is on show."""
        return self._whole

    def undo(self) -> bool:
        """Ctrl+Z: takes back what this page can; False when that is nothing."""
        return False

    def primary(self) -> QWidget | None:
        """What gets the keyboard when the page is opened."""
        return None

    def body(self) -> QVBoxLayout:
        layout = QVBoxLayout(self._room)
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

    def read_unseen(self) -> None:
        """Reads before it is opened, so that a click has only to show it."""
        if self.built and not self.isVisible():
            self._catch_up()

    def _catch_up(self) -> None:
        if not self.built:
            return
        stale, self._stale = self._stale, Changes.NOTHING
        if stale:
            self.refresh(stale)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._whole:
            self._meanwhile.adjustSize()
        self._catch_up()


Wish = Callable[[Page], object]


def _type(event: QKeyEvent, at: float, page: Page) -> None:
    """What was typed at a moment goes to what has the page's keyboard now; where that has gone elsewhere, nowhere."""
    held = page.window().focusWidget()
    if monotonic() - at > TYPED_S or held is None or not (held is page or page.isAncestorOf(held)):
        return
    if page.takes_keys:
        QCoreApplication.postEvent(held, event)
    else:
        page._wishes.append(partial(_type, event, at))


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


def scrolling() -> tuple[QScrollArea, QVBoxLayout]:
    """A room that scrolls, and the column for what stands in it."""
    scroll = QScrollArea()
    scroll.setWidgetResizable(True)
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    inside = QWidget()
    scroll.setWidget(inside)  # before there is anything in it: Qt gives what it holds its style twice otherwise
    column = QVBoxLayout(inside)
    column.setContentsMargins(0, 0, SPACE["s"], SPACE["l"])
    column.setSpacing(SPACE["m"])
    return scroll, column
