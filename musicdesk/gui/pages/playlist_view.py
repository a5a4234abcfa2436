"""A playlist on the Discover page: play it, draw again, move it nearer or farther, export it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QSlider, QVBoxLayout, QWidget

from musicdesk.core.types import Playlist, PlaylistId, TrackId
from musicdesk.gui.actions import Actions
from musicdesk.gui.covers import Covers
from musicdesk.gui.labels import ElidedLabel
from musicdesk.gui.page import button, label, tool
from musicdesk.gui.pages.discover_state import EXACT, LENGTH, Draw, adventure_words, file_name, playlist_line
from musicdesk.gui.shell import Shell
from musicdesk.gui.style.tokens import SPACE
from musicdesk.gui.tables.columns import PLAYLIST
from musicdesk.gui.tables.view import TrackTable
from musicdesk.gui.verbs import Choice

DRAFT_MS = 120  # after the slider's last move
KEEP_MS = 1_200  # after that the draft is kept as a playlist
FORMATS = (("m3u8", "M3U8 playlist"), ("xspf", "XSPF playlist"), ("jspf", "JSPF playlist"), ("csv", "CSV table"))


class PlaylistView(QWidget):
    left = Signal()

    def __init__(self, shell: Shell, actions: Actions, covers: Covers) -> None:
        super().__init__()
        self._shell = shell
        self._actions = actions
        self._draw = Draw()
        self._playlist: Playlist | None = None
        self._live = True  # drawn now, and so drawn anew when the taste changes; not an old list that was opened
        self._taste: frozenset[tuple[TrackId, bool]] = frozenset()
        self.table = TrackTable(shell, PLAYLIST, covers)
        self.table.setAccessibleName("Playlist")
        self.table.acted.connect(self._act)
        self.title, self.line = ElidedLabel(), ElidedLabel()
        self.title.setProperty("kind", "title")
        self.line.setProperty("kind", "secondary")
        self.play = button(shell, "Play", "play-fill", "primary")
        self.play.clicked.connect(lambda: actions.perform("play", self._whole()))
        self.queue = button(shell, "Queue all", "queue")
        self.queue.clicked.connect(lambda: actions.perform("queue", self._whole()))
        self.again = button(shell, "New draw", "shuffle", tip_text="Another list by the same taste")
        self.again.clicked.connect(lambda: self._redraw(self._draw.again()))
        self.export = self._export_button()
        self.slider, self._meaning = self._adventure()
        self._draft_timer = self._timer(DRAFT_MS, self._show_draft)
        self._keep_timer = self._timer(KEEP_MS, self._keep)
        self._arrange()

    # what it shows

    def draw(self, draw: Draw) -> bool:
        """Makes a playlist and shows it; False when there is none, after the reason was told."""
        from musicdesk.workflows.recommend import recommend

        made = self._shell.attempt(lambda: recommend(self._shell.desk, _request(draw)))
        if made is None:
            return False
        self._draw = draw
        self._show(made)
        return True

    def open(self, number: PlaylistId) -> bool:
        """Shows a playlist that was made before."""
        found = self._shell.attempt(lambda: self._shell.desk.catalog.playlists.get(number))
        if found is None:
            return False
        self._draw = Draw(found.kind, seed=found.seed)
        self._show(found, live=False)
        return True

    def follow(self) -> None:
        """Something about the tracks has changed. A rating draws a live list anew; a play only its rows."""
        self.table.tracks.fetch_again()
        self._tell()
        if self._live and self._playlist is not None and self._verdicts() != self._taste:
            self._draft_timer.start()

    def _verdicts(self) -> frozenset[tuple[TrackId, bool]]:
        listener = self._shell.desk.catalog.feedback.listener()
        return frozenset([*((t, True) for t in listener.liked), *((t, False) for t in listener.disliked)])

    def _show(self, playlist: Playlist, live: bool = True) -> None:
        chosen = self.table.currentIndex().row()
        track = self.table.tracks.id_at(chosen) if 0 <= chosen < len(self.table.tracks.ids) else None
        self._playlist, self._live, self._taste = playlist, live, self._verdicts()
        self._draft_timer.stop()
        self._keep_timer.stop()
        self.table.tracks.reasons = {pick.track: pick.reasons for pick in playlist.picks}
        self.table.tracks.picks = {pick.track: pick.id for pick in playlist.picks if pick.id is not None}
        self.table.tracks.show([int(pick.track) for pick in playlist.picks])
        if playlist.picks:
            self.table.selectRow(max(self.table.tracks.row_of(track), 0) if track is not None else 0)
        for control in (self.again, self.slider, self._meaning):
            control.setVisible(live and playlist.kind not in EXACT)
        self.slider.blockSignals(True)
        self.slider.setValue(round(100 * self._draw.adventure))
        self.slider.blockSignals(False)
        self._meaning.setText(adventure_words(self._draw.adventure))
        self._tell()

    def _tell(self) -> None:
        if self._playlist is None:
            return
        catalog = self._shell.desk.catalog
        tracks = catalog.tracks.get_many([pick.track for pick in self._playlist.picks])
        self.title.setText(self._playlist.name)
        self.line.setText(playlist_line(tracks, self._playlist, catalog.feedback.count()))

    # what the controls do

    def _redraw(self, draw: Draw) -> None:
        self.draw(draw)

    def _slid(self, value: int) -> None:
        self._draw = self._draw.bolder(value / 100)
        self._meaning.setText(adventure_words(value / 100))
        self._keep_timer.stop()
        self._draft_timer.start()

    def _show_draft(self) -> None:
        from musicdesk.workflows.recommend import draft

        made = self._shell.attempt(lambda: draft(self._shell.desk, _request(self._draw)))
        if made is not None:
            self._show(made[0])
            self._keep_timer.start()

    def _keep(self) -> None:
        """The list that the slider rests on becomes a playlist like any other."""
        if self._playlist is not None and self._playlist.id is None:
            row = self.table.currentIndex().row()
            self.draw(self._draw)
            self.table.selectRow(max(row, 0))

    def _export(self, ending: str) -> None:
        self._keep()
        if self._playlist is None or self._playlist.id is None:
            return
        number = self._playlist.id
        name = f"{file_name(self._playlist.name)}.{ending}"
        path = self._shell.ask.save_as("Export the playlist", name, [pair for pair in FORMATS if pair[0] == ending])
        if path is None:
            return
        from musicdesk.workflows.playlists import export

        target = path if path.suffix else path.with_suffix(f".{ending}")
        if self._shell.attempt(lambda: export(self._shell.desk, number, target, ending)) is not None:
            self._shell.notice(f"Exported to {target}.")

    def _act(self, verb: str, choice: Choice) -> None:
        """A list that is acted on is kept first: what is played and said of a row belongs to its pick."""
        if self._playlist is not None and self._playlist.id is None:
            self._keep()
            choice = replace(choice, picks=dict(self.table.tracks.picks))
        self._actions.perform(verb, choice)

    def _whole(self) -> Choice:
        self._keep()
        ids = tuple(self.table.tracks.id_at(row) for row in range(len(self.table.tracks.ids)))
        return Choice(ids, picks=dict(self.table.tracks.picks))

    # layout

    def _timer(self, after_ms: int, doing: Callable[[], None]) -> QTimer:
        timer = QTimer(self, singleShot=True, interval=after_ms)
        timer.timeout.connect(doing)
        return timer

    def _export_button(self) -> QWidget:
        made = button(self._shell, "Export", "export")
        menu = QMenu(made)
        for ending, name in FORMATS:
            menu.addAction(f"{name} (.{ending})").triggered.connect(lambda _=False, e=ending: self._export(e))
        made.setMenu(menu)
        return made

    def _adventure(self) -> tuple[QSlider, QLabel]:
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setRange(0, 100)
        slider.setPageStep(20)
        slider.setFixedWidth(200)
        slider.setAccessibleName("Adventure: from close to what you know to far afield")
        slider.setToolTip("How far the list may go from what you know")
        slider.valueChanged.connect(self._slid)
        meaning = label("", "small")
        meaning.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        return slider, meaning

    def _arrange(self) -> None:
        back = tool(self._shell, "arrow-left", "Back to Discover (Esc)")
        back.clicked.connect(self.left)
        back.setShortcut("Esc")
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.title)
        words.addWidget(self.line)
        head = QHBoxLayout()
        head.setSpacing(SPACE["s"])
        head.addWidget(back, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        tools = QHBoxLayout()
        tools.setSpacing(SPACE["s"])
        for control in (self.play, self.queue, self.again, self.export):
            tools.addWidget(control)
        tools.addStretch()
        lever = QVBoxLayout()
        lever.setSpacing(0)
        lever.addWidget(self._meaning)
        lever.addWidget(self.slider)
        tools.addLayout(lever)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE["m"])
        layout.addLayout(head)
        layout.addLayout(tools)
        layout.addWidget(self.table, 1)


def _request(draw: Draw):  # type: ignore[no-untyped-def]
    from musicdesk.workflows.recommend import Request

    return Request(kind=draw.kind, n=LENGTH, seed_tracks=draw.seed_tracks, adventure=draw.adventure, seed=draw.seed)
