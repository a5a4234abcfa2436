"""The first part of the History page: a period in numbers, charts and ranked lists."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from musicdesk.core.dates import DAYS
from musicdesk.gui.background import Background
from musicdesk.gui.page import label
from musicdesk.gui.pages.history_charts import Chart
from musicdesk.gui.pages.history_draw import Bars, Clock, Parts, named
from musicdesk.gui.pages.history_rank import RankCard
from musicdesk.gui.pages.history_state import bars_words, clock_words, parts_words, tiles
from musicdesk.gui.shell import Shell
from musicdesk.gui.style.tokens import SPACE
from musicdesk.workflows.listening import Lookback

WIDE = 680  # pixels from which two cards stand side by side
BARS, CLOCK, PARTS = 184, 190, 160  # heights of the charts


class Tile(QWidget):
    """A number, and under it what it counts."""

    def __init__(self) -> None:
        super().__init__()
        self.number, self.what = label("", "title"), label("", "small")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.number)
        layout.addWidget(self.what)

    def tell(self, number: str, what: str) -> None:
        self.number.setText(number)
        self.what.setText(what)
        self.setAccessibleName(f"{number} {what}")


class Overview(QScrollArea):
    acted = Signal(str, object)  # verb, Choice

    def __init__(self, shell: Shell, background: Background) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("What was played")
        self._shell, self._background = shell, background
        self._pairs: list[QBoxLayout] = []
        holder = QWidget()
        self.setWidget(holder)
        self._column = QVBoxLayout(holder)
        self._column.setContentsMargins(0, SPACE["xs"], SPACE["s"], SPACE["l"])
        self._column.setSpacing(SPACE["l"])

    def fill(self) -> Iterator[None]:
        """Puts the cards where they stand, in steps."""
        shell, background, column = self._shell, self._background, self._column
        self.tiles = [Tile() for _ in range(5)]
        numbers = QHBoxLayout()
        numbers.setSpacing(SPACE["xl"])
        for tile in self.tiles:
            numbers.addWidget(tile)
        numbers.addStretch()
        column.addLayout(numbers)
        self.bars = Chart(shell, background, "Plays over time", BARS, ("When", ">Plays"))
        column.addWidget(self.bars)
        yield
        self.artists = RankCard(shell, "Top artists", "artists")
        self.songs = RankCard(shell, "Top songs", "songs")
        for card in (self.artists, self.songs):
            card.list.acted.connect(self.acted)
        lists = _pair(self.artists, self.songs, 1, 1)
        column.addLayout(lists)
        yield
        self.clock = Chart(shell, background, "When you listen", CLOCK, ("Day and hour", ">Plays"))
        self.parts = Chart(shell, background, "What of it you own", PARTS, ("Part", ">Number"))
        charts = _pair(self.clock, self.parts, 3, 2)
        column.addLayout(charts)
        self.untimed = label("", "small", wrap=True)
        column.addWidget(self.untimed)
        column.addStretch()
        self._pairs = [charts, lists]
        yield

    def tell(self, back: Lookback) -> None:
        for tile, (number, what) in zip(self.tiles, tiles(back), strict=True):
            tile.tell(number, what)
        rows = [(named(back.unit, b.start), f"{b.plays:,}") for b in back.bins]
        self.bars.title.setText(f"Plays by {back.unit}")
        self.bars.show_picture(Bars(back.unit, back.bins), rows, bars_words(back))
        hours = [
            (f"{DAYS[day]} {hour}:00", f"{int(back.clock[day, hour]):,}") for day in range(7) for hour in range(24)
        ]
        self.clock.show_picture(Clock(back.clock), hours, clock_words(back.clock))
        whole = tuple((owned, unsure, absent) for absent, unsure, owned in (back.by_plays, back.by_songs))
        cut = Parts(("Plays", "Songs"), whole)
        parts = [
            (f"{name}: {part}", f"{count:,}")
            for name, counts in zip(cut.names, whole, strict=True)
            for part, count in zip(cut.parts, counts, strict=True)
        ]
        self.parts.show_picture(cut, parts, parts_words(back))
        self.artists.show_rows(back.top_artists)
        self.songs.show_rows(back.top_songs)
        self.untimed.setText(
            f"{back.untimed:,} of the plays come from sources that tell no times; the charts over time leave them out."
        )
        self.untimed.setVisible(bool(back.untimed))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Side by side or one below the other, before the room is given out."""
        wide = self.viewport().width() >= WIDE
        side = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        for pair in self._pairs:
            pair.setDirection(side)
        self._column.activate()
        super().resizeEvent(event)


def _pair(one: QWidget, other: QWidget, first: int, second: int) -> QBoxLayout:
    """Two cards that stand side by side where there is room."""
    layout = QBoxLayout(QBoxLayout.Direction.LeftToRight)
    layout.setSpacing(SPACE["l"])
    layout.addWidget(one, first)
    layout.addWidget(other, second)
    return layout
