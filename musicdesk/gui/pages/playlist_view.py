"""A playlist on the Discover page: play it, draw again, pin, move its levers, export it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from musicdesk.core.errors import Emptied, MusicdeskError
from musicdesk.core.types import PlaylistId, TrackId
from musicdesk.gui.actions import Actions
from musicdesk.gui.covers import Covers
from musicdesk.gui.labels import ElidedLabel
from musicdesk.gui.page import button, tool
from musicdesk.gui.pages.discover_state import playlist_line
from musicdesk.gui.pages.levers import Levers
from musicdesk.gui.pages.playlist_menus import Export, Options
from musicdesk.gui.pages.playlist_state import Lists, Shown, held, moves, notices_line
from musicdesk.gui.shell import Goto, Shell
from musicdesk.gui.style.tokens import SPACE
from musicdesk.gui.tables.columns import PLAYLIST
from musicdesk.gui.tables.view import TrackTable
from musicdesk.gui.verbs import Choice
from musicdesk.playlists.kinds import OWN
from musicdesk.workflows.kept import scope_of
from musicdesk.workflows.request import RELAXABLE, Request

RADIO = "artist-radio"  # the kind that plays without end
DRAFT_MS = 30  # between two drafts while a slider moves
FOLLOW_MS = 20  # after a rating
NOBODY = -1  # number of no track: its row is a skeleton
MOVED_MS = 6_000  # how long rows tell that they have moved
KEEP_MS = 1_200  # after that the draft is kept as a playlist


class PlaylistView(QWidget):
    left = Signal()

    def __init__(self, shell: Shell, actions: Actions, covers: Covers) -> None:
        super().__init__()
        self._shell, self._actions = shell, actions
        self.lists = Lists(lambda: shell.desk)
        self.shown: Shown | None = None
        self._wanted = Request()  # what the levers ask for and the next draft shows
        self._said, self._since = 0, 0.0  # the newest saying that the list knows; when it was drawn
        self.table = TrackTable(shell, PLAYLIST, covers)
        self.table.setAccessibleName("Playlist")
        self.table.acted.connect(self._act)
        self.title, self.line, self.notices = ElidedLabel(), ElidedLabel(), ElidedLabel()
        for label, kind in ((self.title, "title"), (self.line, "secondary"), (self.notices, "small")):
            label.setProperty("kind", kind)
        self.play = button(shell, "Play", "play-fill", "primary")
        self.play.clicked.connect(self._play)
        self.queue = tool(shell, "queue", "Add all to the queue", "text")
        self.queue.clicked.connect(lambda: actions.perform("queue", self._whole()))
        self.again = button(shell, "New draw", "shuffle", tip_text="Another list by the same taste; pinned tracks stay")
        self.again.clicked.connect(lambda: self.draw(self._wanted.again()))
        self.goes = button(shell, "What goes with these", "plus", tip_text="Another list, of what goes with this one")
        self.goes.clicked.connect(lambda: self.draw(self._wanted))
        self.options, self.export, self.levers = Options(shell), Export(shell), Levers()
        self.options.wanted.connect(self.draw)
        self.export.wanted.connect(self._export)
        self.export.to_spotify.connect(self._send)
        self.levers.moved.connect(self._moved)
        self._draft_timer = self._timer(DRAFT_MS, self._draft)
        self._follow_timer = self._timer(FOLLOW_MS, self._follow)
        self._keep_timer = self._timer(KEEP_MS, self.keep)
        self._moved_timer = self._timer(MOVED_MS, lambda: self.table.tracks.show_moves({}))
        self._arrange()

    # what it shows

    def draw(self, request: Request) -> bool:
        """Makes a playlist and shows it; False when there is none, after the reason was told."""
        self._since = time.time()
        return self._show(self._made(lambda: self.lists.make(request), request))

    def wait(self, request: Request) -> None:
        """Rows without words, until what the list is made from has been read."""
        self.shown = None
        self._controls.setEnabled(False)
        for timer in (self._draft_timer, self._follow_timer, self._keep_timer):
            timer.stop()
        self.title.setText("Reading your library …")
        self.line.setText("What the first list is made from is read once.")
        self.notices.hide()
        self.levers.hide()
        self.table.tracks.reasons, self.table.tracks.picks, self.table.mix = {}, {}, None
        self.table.tracks.show([NOBODY] * request.n)

    def _made(self, work: Callable[[], Shown], request: Request) -> Shown | None:
        """What was made; where a rule has left nothing, its sentence and the way around it."""
        try:
            return work()
        except Emptied as error:
            if error.rule in RELAXABLE:
                without = replace(request, relaxed=(*request.relaxed, error.rule))
                wish = Goto("discover", "list", request=without)
                self._shell.notice(str(error), "Relax this rule", lambda: self._shell.went.emit(wish))
            else:
                self._shell.trouble(error)
        except MusicdeskError as error:
            self._shell.trouble(error)
        return None

    def open(self, number: PlaylistId) -> bool:
        """Shows a playlist that was made before."""
        self._since = time.time()
        return self._show(self._shell.attempt(lambda: self.lists.open(number)))

    def follow(self) -> None:
        """Something about the tracks has changed. A rating draws a live list anew; a play only its rows."""
        self.table.tracks.fetch_again()
        self.lists.forget()
        self._leave_out()
        self._tell()
        if self.shown is not None and self.shown.live and self._newest() != self._said:
            self._follow_timer.start()

    def _leave_out(self) -> None:
        """Rows of tracks that have gone from the library go; a draft is drawn anew."""
        shown = self.shown
        if shown is None:
            return
        there = self._shell.desk.catalog.tracks.existing(pick.track for pick in shown.playlist.picks)
        left = tuple(pick for pick in shown.playlist.picks if pick.track in there)
        if len(left) == len(shown.playlist.picks):
            return
        self.shown = replace(shown, playlist=replace(shown.playlist, picks=left))
        self.table.show_again(np.array([int(pick.track) for pick in left], np.int64))
        if shown.playlist.id is None:
            self._follow_timer.start()

    def _newest(self) -> int:
        """Changes with everything that is said or taken back."""
        return self._shell.desk.catalog.feedback.stamp()[0]

    def _follow(self) -> None:
        """The list after a saying: its rows tell how they have moved, what was played or liked in it stays in place."""
        before = [pick.track for pick in self.shown.playlist.picks] if self.shown is not None else []
        self._draft()
        if self.shown is not None:
            self.table.tracks.show_moves(moves(before, [pick.track for pick in self.shown.playlist.picks]))
            self._moved_timer.start()

    def _show(self, shown: Shown | None) -> bool:
        if shown is None:
            return False
        self._controls.setEnabled(True)
        chosen = self.table.currentIndex().row()
        track = self.table.tracks.id_at(chosen) if 0 <= chosen < len(self.table.tracks.ids) else None
        top = self.table.verticalScrollBar().value()
        self.shown, self._wanted, self._said = shown, shown.request, self._newest()
        self._shell.listed = shown.request
        for timer in (self._draft_timer, self._follow_timer, self._keep_timer):
            timer.stop()
        picks = shown.playlist.picks
        self.table.tracks.reasons = {pick.track: pick.reasons for pick in picks}
        self._note_picks()
        self.table.mix = scope_of(shown.playlist.kind, shown.playlist.name)
        self.table.tracks.pinned = shown.pinned
        self.table.tracks.moves = {}
        self.table.tracks.show([int(pick.track) for pick in picks])
        if picks:
            row = self.table.tracks.row_of(track) if track is not None else 0
            self.table.selectRow(row if row >= 0 else min(chosen, len(picks) - 1))
            self.table.verticalScrollBar().setValue(top)
        self._show_controls(shown)
        self._tell()
        return True

    def _note_picks(self) -> None:
        picks = self.shown.playlist.picks if self.shown is not None else ()
        self.table.tracks.picks = {pick.track: pick.id for pick in picks if pick.id is not None}

    def _show_controls(self, shown: Shown) -> None:
        prepared = shown.prepared
        self.again.setVisible(shown.varies)
        self.goes.setVisible(shown.playlist.kind == OWN)
        self.options.button.setVisible(shown.varies)
        self.levers.setVisible(shown.varies and shown.live)
        if prepared is not None:
            self.levers.show_axes(self._shell.desk.catalog.axes.all())
            self.levers.show_request(shown.request, prepared.year, prepared.has_levers, prepared.tries)
        self.options.show_request(shown.request)

    def _tell(self) -> None:
        if self.shown is None:
            return
        catalog, playlist = self._shell.desk.catalog, self.shown.playlist
        tracks = catalog.tracks.get_many([pick.track for pick in playlist.picks])
        self.title.setText(playlist.name)
        self.line.setText(playlist_line(tracks, playlist, catalog.feedback.count()))
        self.notices.setText(notices_line(self.shown.notices))
        self.notices.setVisible(bool(self.shown.notices))

    # what the controls do

    def _act(self, verb: str, choice: Choice) -> None:
        """A list that is acted on is kept first: what is played and said of a row belongs to its pick."""
        if verb == "pin":
            self.pin(choice.tracks)
            return
        if self.shown is not None and self.shown.playlist.id is None:
            self.keep()
            choice = replace(choice, picks=dict(self.table.tracks.picks))
        self._actions.perform(verb, choice)

    def _play(self) -> None:
        if self.shown is not None and self.shown.playlist.kind == RADIO:
            self.play_radio()
        else:
            self._actions.perform("play", self._whole())

    def play_radio(self, first: TrackId | None = None) -> None:
        """Plays this list, from `first` on, and more of the same when it comes to its end."""
        whole = self._whole()
        if self.shown is not None and whole.tracks:
            tracks = tuple(track for track in whole.tracks if track != first)
            tracks = tracks if first is None else (first, *tracks)
            self._actions.radio(self.shown.request, self.shown.playlist.name, replace(whole, tracks=tracks))

    def pin(self, tracks: tuple[TrackId, ...]) -> None:
        """Pinned tracks keep their places in whatever is drawn next."""
        if self.shown is None or not self.shown.varies:
            return
        for track in tracks:
            self.shown = self.shown.pin(track)
        self._wanted = replace(self._wanted, pinned=self.shown.request.pinned)
        self.levers.take(self._wanted)
        self.table.tracks.pinned = self.shown.pinned
        self.table.tracks.fetch_again()

    def _moved(self, request: Request) -> None:
        self._wanted = request
        self._keep_timer.stop()
        if not self._draft_timer.isActive():
            self._draft_timer.start()

    def _draft(self) -> None:
        if self.shown is not None and self.table.mix is not None:
            held_now = held(self.shown, self._shell.desk, self._since, self._shell.playing, self.table.mix)
            self._wanted = replace(self._wanted, held=held_now)
        made = self._made(lambda: self.lists.draft(self._wanted), self._wanted)
        if self._show(made):
            self._keep_timer.start()

    def keep(self) -> None:
        """The list that the levers rest on becomes a playlist like any other."""
        if self._draft_timer.isActive() or self._follow_timer.isActive():
            self._draft()
        self._keep_timer.stop()
        shown = self.shown
        if shown is not None and shown.playlist.id is None:
            self.shown = self._shell.attempt(lambda: self.lists.keep(shown)) or shown
            self._note_picks()

    def _export(self, ending: str) -> None:
        self.keep()
        if self.shown is None or self.shown.playlist.id is None:
            return
        self.export.write(self.shown.playlist.id, self.shown.playlist.name, ending)

    def _send(self) -> None:
        from musicdesk.gui.pages.playlist_spotify import ToSpotify

        self.keep()
        if self.shown is not None and self.shown.playlist.id is not None:
            ToSpotify(self._shell, self).send(self.shown.playlist.id)

    def _whole(self) -> Choice:
        self.keep()
        ids = tuple(self.table.tracks.id_at(row) for row in range(len(self.table.tracks.ids)))
        return Choice(ids, picks=dict(self.table.tracks.picks))

    # layout

    def _timer(self, after_ms: int, doing: Callable[[], None]) -> QTimer:
        timer = QTimer(self, singleShot=True, interval=after_ms)
        timer.timeout.connect(doing)
        return timer

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
        head.addWidget(back)
        head.addLayout(words, 1)
        self._controls = QWidget()
        tools = QHBoxLayout(self._controls)
        tools.setContentsMargins(0, 0, 0, 0)
        tools.setSpacing(SPACE["s"])
        for control in (self.play, self.queue, self.again, self.goes, self.options.button, self.export.button):
            tools.addWidget(control)
        tools.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE["m"])
        layout.addLayout(head)
        layout.addWidget(self._controls)
        layout.addWidget(self.levers)
        layout.addWidget(self.notices)
        layout.addWidget(self.table, 1)
