"""The dialog that lists every key, made from the same tables the keys come from; and what program this is."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

import musicdesk
from musicdesk.gui.page import label
from musicdesk.gui.style.tokens import SPACE
from musicdesk.gui.verbs import SAYS, VERBS, WINDOW_KEYS, Verb, keys_of

ABOUT = (*SAYS, "hear", "pin", "why")  # verbs that are about what one thinks of a track
HINT = "A right click on a track shows all that can be done with it. Whatever the pointer rests on tells what it does."


class Shortcuts(QDialog):
    """stars: whether figures give stars; folder: where this profile lies."""

    def __init__(self, parent: QWidget | None = None, stars: bool = False, folder: Path | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys and help")
        columns = QHBoxLayout()
        columns.setSpacing(SPACE["xl"])
        does = [verb for verb in VERBS if verb.keys and verb.name not in ABOUT]
        thinks = [verb for verb in VERBS if verb.keys and verb.name in ABOUT]
        more = [("0 … 5", "Stars; none takes them back")] if stars else []
        columns.addLayout(_column("In every list", _rows(does, stars)))
        columns.addLayout(_column("What you think of it", _rows(thinks, stars) + more))
        columns.addLayout(_column("Everywhere", list(WINDOW_KEYS)))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(SPACE["xl"], SPACE["xl"], SPACE["xl"], SPACE["xl"])
        whole.setSpacing(SPACE["l"])
        whole.addLayout(columns)
        whole.addWidget(label(HINT, "secondary"))
        kept = f" · what it knows lies in {os.fspath(folder)}" if folder is not None else ""
        whole.addWidget(label(f"musicdesk {musicdesk.__version__}{kept}", "secondary"))


def _rows(verbs: list[Verb], stars: bool) -> list[tuple[str, str]]:
    return [(keys_of(verb.name, stars), verb.text) for verb in verbs]


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
