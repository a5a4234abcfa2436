"""The column of pages at the left."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QPushButton, QVBoxLayout

from musicdesk.gui.labels import tip
from musicdesk.gui.page import Page, label
from musicdesk.gui.shell import Shell
from musicdesk.gui.style.tokens import SPACE

WIDTH = 184
LAST = "settings"  # stands at the bottom, apart from the pages about music


class Navigation(QFrame):
    chosen = Signal(str)  # page name

    def __init__(self, shell: Shell, pages: Sequence[type[Page]]) -> None:
        super().__init__()
        self.setProperty("kind", "side")
        self.setFixedWidth(WIDTH)
        self.setAccessibleName("Pages")
        self._buttons: dict[str, QPushButton] = {}
        self._group = QButtonGroup(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE["m"], SPACE["l"], SPACE["m"], SPACE["m"])
        layout.setSpacing(SPACE["xs"])
        brand = label("musicdesk", "brand")
        brand.setContentsMargins(SPACE["m"] + 2, 0, 0, 0)
        layout.addWidget(brand)
        layout.addSpacing(SPACE["m"])
        for at, page in enumerate(pages, start=1):
            if page.NAME == LAST:
                layout.addStretch()
            layout.addWidget(self._button(shell, page, at))

    def show_page(self, name: str) -> None:
        self._buttons[name].setChecked(True)

    def _button(self, shell: Shell, page: type[Page], number: int) -> QPushButton:
        made = QPushButton(f"  {page.TITLE}")
        made.setProperty("kind", "nav")
        made.setCheckable(True)
        made.setAccessibleName(page.TITLE)
        made.setToolTip(tip(f"{page.TITLE} (Ctrl+{number})"))
        shell.theme.dress(made, page.ICON, "secondary")
        made.clicked.connect(lambda: self.chosen.emit(page.NAME))
        self._group.addButton(made)
        self._buttons[page.NAME] = made
        return made
