"""A table over a list of track ids: only rows that come into sight are fetched, 200 at a time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence, Set
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QMimeData, QModelIndex, QPersistentModelIndex, Qt

from musicdesk.core.types import PickId, Reason, Track, TrackId
from musicdesk.gui.dragging import TRACKS_MIME, packed
from musicdesk.gui.labels import plain, tip
from musicdesk.gui.rating import Signs
from musicdesk.gui.tables.columns import COLUMNS, Column
from musicdesk.gui.verbs import BY_NAME, FOUR, with_keys

BLOCK = 64  # rows fetched together: a screen of them, and some
BLOCKS = 24  # kept
# Qt asks for them at every cell that is painted.
OF_A_ROW = (
    Qt.ItemFlag.ItemIsSelectable
    | Qt.ItemFlag.ItemIsEnabled
    | Qt.ItemFlag.ItemNeverHasChildren
    | Qt.ItemFlag.ItemIsDragEnabled
)

Index = QModelIndex | QPersistentModelIndex
Fetch = Callable[[Sequence[TrackId]], list[Track]]
Role = Qt.ItemDataRole
NO_PARENT = QModelIndex()


class TrackModel(QAbstractTableModel):
    def __init__(self, fetch: Fetch, columns: Sequence[str]) -> None:
        super().__init__()
        self._fetch = fetch
        self._ids: np.ndarray = np.empty(0, dtype=np.int64)
        self._blocks: OrderedDict[int, dict[int, Track]] = OrderedDict()
        self._columns = [COLUMNS[name] for name in columns]
        self.playing: TrackId | None = None
        self.reasons: Mapping[TrackId, tuple[Reason, ...]] = {}
        self.picks: Mapping[TrackId, PickId] = {}
        self.pinned: Set[TrackId] = frozenset()
        self.moves: Mapping[TrackId, int | None] = {}  # places gone up in what was drawn just now, None: new
        self.signs = Signs()
        self.in_mix = False  # whether the list is one that "not in this mix" can be about
        self.stars = False  # whether ratings are told in stars
        self.failures: Mapping[TrackId, str] = {}

    # what is shown

    @property
    def columns(self) -> list[Column]:
        return self._columns

    @property
    def ids(self) -> np.ndarray:
        return self._ids

    def show(self, ids: Sequence[int] | np.ndarray) -> None:
        self.beginResetModel()
        self._ids = np.asarray(ids, dtype=np.int64)
        self._blocks.clear()
        self.endResetModel()

    def show_columns(self, names: Sequence[str]) -> None:
        self.beginResetModel()
        self._columns = [COLUMNS[name] for name in names]
        self.endResetModel()

    def fetch_again(self) -> None:
        """The rows are the same, what they say may not be."""
        self._blocks.clear()
        if len(self._ids):
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._ids) - 1, len(self._columns) - 1))

    def show_moves(self, moves: Mapping[TrackId, int | None]) -> None:
        self.moves = moves
        if len(self._ids):
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._ids) - 1, 0))

    def set_playing(self, track: TrackId | None) -> None:
        before, self.playing = self.playing, track
        for changed in (before, track):
            row = self.row_of(changed) if changed is not None else -1
            if row >= 0:
                self.dataChanged.emit(self.index(row, 0), self.index(row, len(self._columns) - 1))

    def id_at(self, row: int) -> TrackId:
        return TrackId(int(self._ids[row]))

    def row_of(self, track: TrackId) -> int:
        """The first row of a track, or -1."""
        found = np.flatnonzero(self._ids == int(track))
        return int(found[0]) if len(found) else -1

    def track_at(self, row: int) -> Track | None:
        """None when the track has gone from the catalog since, or there is no such row any more."""
        if row >= len(self._ids):
            return None
        block = row // BLOCK
        if block not in self._blocks:
            part = [TrackId(int(i)) for i in self._ids[block * BLOCK : (block + 1) * BLOCK]]
            self._blocks[block] = {int(track.id): track for track in self._fetch(part)}
            while len(self._blocks) > BLOCKS:
                self._blocks.popitem(last=False)
        else:
            self._blocks.move_to_end(block)
        return self._blocks[block].get(int(self._ids[row]))

    # Qt's questions

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._ids)

    def columnCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._columns)

    def flags(self, index: Index) -> Qt.ItemFlag:
        return OF_A_ROW if index.isValid() else Qt.ItemFlag.NoItemFlags

    def mimeTypes(self) -> list[str]:
        return [TRACKS_MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        return packed([self.id_at(row) for row in sorted({index.row() for index in indexes})], self.picks)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal or section >= len(self._columns):
            return None
        column = self._columns[section]
        if role == Role.DisplayRole:
            return column.title
        if role == Role.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Role.ToolTipRole and column.order:
            return f"Sort by {column.title.lower()}"
        return None

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        track = self.track_at(index.row()) if index.isValid() else None
        if track is None:
            return None
        column = self._columns[index.column()]
        if role in (Role.DisplayRole, Role.AccessibleTextRole):
            return self.text_of(track, column)
        if role == Role.AccessibleDescriptionRole:
            return move_words(self.moves[track.id]) if track.id in self.moves else ""
        if role == Role.ToolTipRole:
            return tip(self._tip(track, column))
        if role == Role.TextAlignmentRole and column.right:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def text_of(self, track: Track, column: Column) -> str:
        """What a cell says."""
        if column.name == "reason":
            return self.failures.get(track.id, "")
        if column.name == "why":
            return " · ".join(told(reason) for reason in self.reasons.get(track.id, ()))
        if column.name == "pin":
            return "pinned" if track.id in self.pinned else "not pinned"
        if column.name == "rating":
            return self._rating(track, column)
        return plain(column.text(track))

    def given(self, track: Track) -> frozenset[str]:
        """The verbs that hold of a track of this list."""
        return self.signs.of(track.id, track.verdict)

    def _rating(self, track: Track, column: Column) -> str:
        """The verdict or stars, and what else is said of the track."""
        besides = [BY_NAME[name].text.lower() for name in ("not-now", "not-here") if name in self.given(track)]
        said = [] if besides and track.verdict is None and not track.stars else [column.text(track)]
        return ", ".join([*said, *besides])

    def _tip(self, track: Track, column: Column) -> str:
        if column.name == "why":
            reasons = self.reasons.get(track.id, ())
            return "\n".join(told(reason) for reason in reasons)
        if column.name == "status":
            failure = self.failures.get(track.id, "")
            excluded = f"Kept out of playlists: {track.excluded}" if track.excluded else ""
            return failure or excluded or self.text_of(track, column)
        if column.name == "pin":
            return "Pinned: it stays here in every new draw (K)" if track.id in self.pinned else "Pin it here (K)"
        if column.name == "rating":
            return " · ".join(with_keys(name, self.stars) for name in (*FOUR, "clear"))
        return self.text_of(track, column)


def move_words(step: int | None) -> str:
    """For a screen reader: 'up by 3'."""
    return "new here" if step is None else f"up by {step}" if step > 0 else f"down by {-step}"


def move_sign(step: int | None) -> str:
    return "new" if step is None else f"▲ {step}" if step > 0 else f"▼ {-step}"


def told(reason: Reason) -> str:
    """'62% near X': the share first, where it has one."""
    return f"{reason.share:.0%} {plain(reason.text)}" if reason.share else plain(reason.text)
