"""Selected rows as numbers: what is selected in a list stays so when the list is read again and rows have moved."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QItemSelection, QItemSelectionModel, QItemSelectionRange

MOST_RUNS = 2_000  # rows that lie apart; Qt goes through all of them for every cell, and 50,000 take it 16 seconds


def selected_rows(selection: QItemSelectionModel) -> np.ndarray:
    """In order, each once. By ranges: Qt's own list of 100,000 indexes takes a good part of a second."""
    found = selection.selection()
    spans = [np.arange(found.at(n).top(), found.at(n).bottom() + 1) for n in range(found.size())]
    return np.unique(np.concatenate(spans)) if spans else np.empty(0, np.int64)


def select_rows(selection: QItemSelectionModel, rows: np.ndarray, current: int) -> None:
    """These rows, in order, and no others; `current` is the row that the keyboard goes on from, -1 for none.

    Of rows that are too scattered only the current one, or the first, is selected.
    """
    model = selection.model()
    breaks = np.flatnonzero(np.diff(rows) != 1) + 1
    if len(breaks) > MOST_RUNS:
        rows, breaks = np.array([current if current >= 0 else rows[0]]), breaks[:0]
    spans = QItemSelection()
    for run in np.split(rows, breaks) if len(rows) else ():
        spans.append(QItemSelectionRange(model.index(int(run[0]), 0), model.index(int(run[-1]), 0)))
    flag = QItemSelectionModel.SelectionFlag
    if current >= 0:
        selection.setCurrentIndex(model.index(current, 0), flag.NoUpdate)
    selection.select(spans, flag.ClearAndSelect | flag.Rows)
