"""The dialog that lists every key, made from the same tables the keys come from."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from musicdesk.gui.page import label
from musicdesk.gui.style.tokens import SPACE
from musicdesk.gui.verbs import VERBS, WINDOW_KEYS, keys_of


class Shortcuts(QDialog):
    """stars: whether figures give stars."""

    def __init__(self, parent: QWidget | None = None, stars: bool = False) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        columns = QHBoxLayout(self)
        columns.setContentsMargins(SPACE["xl"], SPACE["xl"], SPACE["xl"], SPACE["xl"])
        columns.setSpacing(48)
        lists = [(keys_of(verb.name, stars), verb.text) for verb in VERBS if verb.keys]
        lists += [("0 … 5", "Stars; none takes them back")] if stars else []
        columns.addLayout(_column("In every list", lists))
        columns.addLayout(_column("Everywhere", list(WINDOW_KEYS)))


def _column(title: str, rows: list[tuple[str, str]]) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(SPACE["m"])
    column.addWidget(label(title, "card-title"))
    grid = QGridLayout()
    grid.setHorizontalSpacing(SPACE["l"])
    grid.setVerticalSpacing(SPACE["s"])
    for at, (keys, text) in enumerate(rows):
        holder = QHBoxLayout()
        holder.addWidget(label(keys, "key"))
        holder.addStretch()
        grid.addLayout(holder, at, 0)
        grid.addWidget(label(text), at, 1)
    column.addLayout(grid)
    column.addStretch()
    return column
