"""Questions to the person, behind a protocol: tests script the answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFileDialog, QVBoxLayout, QWidget

from musicdesk.gui.labels import plain_label


class Ask(Protocol):
    def folder(self, title: str) -> Path | None: ...

    def save_as(self, title: str, name: str, endings: Sequence[tuple[str, str]]) -> Path | None:
        """`endings`: ("m3u8", "M3U8 playlist") and so on."""
        ...

    def open_file(self, title: str, endings: Sequence[tuple[str, str]]) -> Path | None: ...

    def sure(self, title: str, text: str, yes: str, danger: bool = False) -> bool: ...

    def tell(self, title: str, text: str) -> None: ...


class Dialogs:
    """The real thing: windows over the main window."""

    def __init__(self) -> None:
        self.parent: QWidget | None = None

    def folder(self, title: str) -> Path | None:
        found = QFileDialog.getExistingDirectory(self.parent, title, str(Path.home()))
        return Path(found) if found else None

    def save_as(self, title: str, name: str, endings: Sequence[tuple[str, str]]) -> Path | None:
        found, _kind = QFileDialog.getSaveFileName(self.parent, title, str(Path.home() / name), _filters(endings))
        return Path(found) if found else None

    def open_file(self, title: str, endings: Sequence[tuple[str, str]]) -> Path | None:
        found, _kind = QFileDialog.getOpenFileName(self.parent, title, str(Path.home()), _filters(endings))
        return Path(found) if found else None

    def sure(self, title: str, text: str, yes: str, danger: bool = False) -> bool:
        return Question(title, text, yes, "Cancel", danger, self.parent).exec() == QDialog.DialogCode.Accepted

    def tell(self, title: str, text: str) -> None:
        Question(title, text, "Close", "", False, self.parent).exec()


def _filters(endings: Sequence[tuple[str, str]]) -> str:
    return ";;".join(f"{name} (*.{ending})" for ending, name in endings)


class Question(QDialog):
    """A sentence and one or two buttons; text is shown as it is."""

    def __init__(
        self, title: str, text: str, yes: str, no: str, danger: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        head, body = plain_label(title), plain_label(text)
        head.setProperty("kind", "card-title")
        body.setWordWrap(True)
        body.setMinimumWidth(400)
        body.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        buttons = QDialogButtonBox()
        accept = buttons.addButton(yes, QDialogButtonBox.ButtonRole.AcceptRole)
        accept.setProperty("kind", "danger" if danger else "primary")
        if no:
            refuse = buttons.addButton(no, QDialogButtonBox.ButtonRole.RejectRole)
            refuse.setDefault(danger)
        accept.setDefault(not danger)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(12)
        for widget in (head, body):
            layout.addWidget(widget)
        layout.addSpacing(8)
        layout.addWidget(buttons)
