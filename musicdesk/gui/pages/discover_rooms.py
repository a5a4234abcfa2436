"""What opens behind the front of Discover beside lists: five questions, and the naming of an axis."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QStackedWidget

from musicdesk.gui.actions import Actions
from musicdesk.gui.covers import Covers
from musicdesk.gui.shell import Shell
from musicdesk.workflows.request import Request

if TYPE_CHECKING:
    from musicdesk.gui.pages.axis_page import AxisPage
    from musicdesk.gui.pages.teaching import Teaching


class Rooms(QObject):
    """Each is made when it is wanted, and put into the page's stack."""

    left = Signal()
    wanted = Signal(object)  # Request

    def __init__(self, shell: Shell, actions: Actions, covers: Covers, stack: QStackedWidget) -> None:
        super().__init__(stack)
        self._shell, self._actions, self._covers, self._stack = shell, actions, covers, stack

    @cached_property
    def teaching(self) -> Teaching:
        from musicdesk.gui.pages.teaching import Teaching

        made = Teaching(self._shell, self._actions, self._covers)
        made.left.connect(self.left)
        made.done.connect(lambda: self.wanted.emit(Request()))
        self._stack.addWidget(made)
        return made

    @cached_property
    def axis(self) -> AxisPage:
        from musicdesk.gui.pages.axis_page import AxisPage

        made = AxisPage(self._shell, self._actions, self._covers)
        made.left.connect(self.left)
        self._stack.addWidget(made)
        return made

    def teach(self) -> None:
        self._stack.setCurrentWidget(self.teaching)
        self.teaching.ask()

    def name_axis(self) -> None:
        self._stack.setCurrentWidget(self.axis)
        self.axis.begin()

    def rated(self) -> None:
        """Something was said of a track."""
        if "teaching" in self.__dict__:
            self.teaching.rated()
