"""The column of pages at the left."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton, QVBoxLayout

from musicdesk.gui.labels import tip
from musicdesk.gui.page import label, tool
from musicdesk.gui.pages import Place
from musicdesk.gui.shell import Shell
from musicdesk.gui.style.tokens import SPACE

WIDTH = 184
LAST = "settings"  # stands at the bottom, apart from the pages about music


class Navigation(QFrame):
    chosen = Signal(str)  # page name
    help_wanted = Signal()

    def __init__(self, shell: Shell, pages: Sequence[Place]) -> None:
        super().__init__()
        self.setProperty("kind", "side")
        self.setFixedWidth(WIDTH)
        self.setAccessibleName("Pages")
        self._buttons: dict[str, QPushButton] = {}
        self._group = QButtonGroup(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE["m"], SPACE["s"], SPACE["m"], SPACE["m"])
        layout.setSpacing(SPACE["xs"])
        brand = label("musicdesk", "brand")
        brand.setContentsMargins(SPACE["m"] + 2, 0, 0, 0)
        self.help = tool(shell, "question", "Keys and help (F1)")
        self.help.clicked.connect(self.help_wanted)
        head = QHBoxLayout()
        head.addWidget(brand, 1)
        head.addWidget(self.help)
        layout.addLayout(head)
        layout.addSpacing(SPACE["xs"])
        for at, page in enumerate(pages, start=1):
            if page.name == LAST:
                layout.addStretch()
            layout.addWidget(self._button(shell, page, at))

    def show_page(self, name: str) -> None:
        self._buttons[name].setChecked(True)

    def _button(self, shell: Shell, page: Place, number: int) -> QPushButton:
        made = QPushButton(f"  {page.title}")
        made.setProperty("kind", "nav")
        made.setCheckable(True)
        made.setAccessibleName(page.title)
        made.setToolTip(tip(f"{page.title} (Ctrl+{number})"))
        shell.theme.dress(made, page.icon, "secondary")
        made.clicked.connect(lambda: self.chosen.emit(page.name))
        self._group.addButton(made)
        self._buttons[page.name] = made
        return made
