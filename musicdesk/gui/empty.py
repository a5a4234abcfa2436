"""What a page shows while there is nothing to show: an icon, one sentence, and what to do next."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from musicdesk.gui.page import label
from musicdesk.gui.shell import Shell
from musicdesk.gui.style import icons
from musicdesk.gui.style.tokens import SPACE, Tokens

PICTURE, TEXT = 56, 400  # pixels


class EmptyState(QWidget):
    def __init__(self, shell: Shell, icon: str, title: str, text: str, *buttons: QPushButton) -> None:
        super().__init__()
        self._icon = icon
        self._jobs = shell.jobs
        self._buttons = buttons
        self._still = (title, text)
        self._meanwhile: tuple[tuple[str, ...], str, str] | None = None
        self._picture = QLabel()
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.title = label(title, "card-title")
        self.text = label(text, "secondary", wrap=True)
        for words in (self.title, self.text):
            words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.text.setFixedWidth(TEXT)
        middle = QHBoxLayout()
        middle.addStretch()
        middle.addWidget(self.text)
        middle.addStretch()
        row = QHBoxLayout()
        row.setSpacing(SPACE["s"])
        row.addStretch()
        for made in buttons:
            row.addWidget(made)
        row.addStretch()
        layout = QVBoxLayout(self)
        layout.setSpacing(SPACE["s"])
        layout.addStretch(2)
        layout.addWidget(self._picture)
        layout.addSpacing(SPACE["s"])
        layout.addWidget(self.title)
        layout.addLayout(middle)
        layout.addSpacing(SPACE["m"])
        layout.addLayout(row)
        layout.addStretch(3)
        shell.theme.on_change(self, self._tint)

    def meanwhile(self, jobs: tuple[str, ...], title: str, text: str) -> None:
        """What is said while one of `jobs` brings what is missing: nothing is left to press then."""
        self._meanwhile = (jobs, title, text)
        for signal in (self._jobs.began, self._jobs.progressed, self._jobs.ended):
            signal.connect(self._turn)
        self._turn()

    def _turn(self, *_told: object) -> None:
        if self._meanwhile is None:
            return
        jobs, *words = self._meanwhile
        busy = self._jobs.busy_with(*jobs)
        for made in self._buttons:
            made.setVisible(not busy)
        self.say(*(words if busy else self._still))

    def say(self, title: str, text: str) -> None:
        self.title.setText(title)
        self.text.setText(text)

    def _tint(self, tokens: Tokens) -> None:
        ratio = self.devicePixelRatioF()
        self._picture.setPixmap(icons.pixmap(self._icon, tokens.accent, PICTURE, ratio))
