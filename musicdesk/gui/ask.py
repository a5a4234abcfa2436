"""Questions to the person, behind a protocol: tests script the answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QDir, Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFileDialog, QLineEdit, QVBoxLayout, QWidget

from musicdesk.gui.labels import plain_label


class Ask(Protocol):
    def folder(self, title: str) -> Path | None: ...

    def save_as(self, title: str, name: str, endings: Sequence[tuple[str, str]]) -> Path | None:
        """`endings`: ("m3u8", "M3U8 playlist") and so on."""
        ...

    def open_file(self, title: str, endings: Sequence[tuple[str, str]]) -> Path | None: ...

    def text(self, title: str, text: str, value: str = "") -> str | None:
        """A name or the like; None when the person does not want to."""
        ...

    def sure(self, title: str, text: str, yes: str, danger: bool = False) -> bool: ...

    def tell(self, title: str, text: str) -> None: ...


class Dialogs:
    """The real thing: windows over the main window."""

    def __init__(self) -> None:
        self.parent: QWidget | None = None

    def folder(self, title: str) -> Path | None:
        found = QFileDialog.getExistingDirectory(self.parent, title, QDir.homePath())
        return Path(found) if found else None

    def save_as(self, title: str, name: str, endings: Sequence[tuple[str, str]]) -> Path | None:
        found, _kind = QFileDialog.getSaveFileName(self.parent, title, f"{QDir.homePath()}/{name}", _filters(endings))
        return Path(found) if found else None

    def open_file(self, title: str, endings: Sequence[tuple[str, str]]) -> Path | None:
        found, _kind = QFileDialog.getOpenFileName(self.parent, title, QDir.homePath(), _filters(endings))
        return Path(found) if found else None

    def text(self, title: str, text: str, value: str = "") -> str | None:
        question = Question(title, text, "Go on", "Cancel", parent=self.parent)
        field = question.add_field(title, value)
        given = question.exec() == QDialog.DialogCode.Accepted
        return (field.text().strip() or None) if given else None

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
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(24, 24, 24, 16)
        self._layout.setSpacing(12)
        for widget in (head, body):
            self._layout.addWidget(widget)
        self._layout.addSpacing(8)
        self._layout.addWidget(buttons)

    def add_field(self, name: str, value: str) -> QLineEdit:
        """A line to write into, under the words."""
        field = QLineEdit(value)
        field.setAccessibleName(name)
        field.setMaxLength(80)
        field.selectAll()
        self._layout.insertWidget(2, field)
        field.setFocus()
        return field
