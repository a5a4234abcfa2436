"""Match review: songs whose track is not sure, and what each may be. Everything goes by keys alone."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from musicdesk.catalog.browse import Query
from musicdesk.core.changes import Changes
from musicdesk.core.types import TrackId
from musicdesk.gui import words
from musicdesk.gui.empty import EmptyState
from musicdesk.gui.labels import ElidedLabel, plain
from musicdesk.gui.page import button, label
from musicdesk.gui.pages.history_state import Candidate, Doubt, ReviewState, decided_line, review_line
from musicdesk.gui.shell import Shell
from musicdesk.gui.style.tokens import SPACE
from musicdesk.gui.tables.plain import PlainTable
from musicdesk.gui.verbs import Choice

FOUND = 40  # tracks that a search shows
MOST = 300  # songs in the list at once
TYPING_MS = 80
NARROW = 620  # pixels; below it columns give way and the search has a row of its own
KEYS = "Enter takes the marked track, 1 to 9 take one at once, N none of them, P plays it, Ctrl+Z takes back."


class Review(QWidget):
    acted = Signal(str, object)  # verb, Choice
    counted = Signal(int)  # songs left

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self._shell = shell
        self.state = ReviewState()
        self._candidates: Sequence[Candidate] = ()
        self._own = False  # the change that is told is our own decision
        self.line = label("", "secondary", wrap=True)
        self.songs = PlainTable(shell, ("Played", "Artist", ">Plays", "Perhaps", ">Likeness"), "Songs to decide")
        self.songs.widths(0, 150, 64, 0, 84)
        self.songs.gives_way(NARROW, 1, 3)
        self.songs.currentCellChanged.connect(lambda row, *_rest: self._go(row))
        self.song = ElidedLabel()
        self.song.setProperty("kind", "card-title")
        self.tracks = PlainTable(shell, (">", "Track", "Artist", "Album", ">Length", ">Likeness"), "Which track it is")
        self.tracks.widths(40, 0, 150, 150, 68, 84)
        self.tracks.gives_way(NARROW, 3, 4)
        self.tracks.doubleClicked.connect(lambda _index: self.accept())
        self.words = QLineEdit()
        self.words.setPlaceholderText("Another track: search your library (Ctrl+F)")
        self.words.setAccessibleName("Search your library for the right track")
        self.words.setClearButtonEnabled(True)
        self.words.setMaxLength(200)
        self._typing = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._typing.timeout.connect(self._search)
        self.words.textChanged.connect(lambda _text: self._typing.start())
        self.take = button(shell, "This is it", "check", "primary", "Enter")
        self.take.clicked.connect(self.accept)
        self.never = button(shell, "None of mine", "prohibit", "", "N; it will not be asked again")
        self.never.clicked.connect(self.refuse)
        self.back = button(shell, "Take back", "arrow-u-up-left", "", "Ctrl+Z")
        self.back.clicked.connect(self.undo)
        self.nothing = EmptyState(shell, "check-circle", "Nothing to decide", "")
        self._arrange()
        for widget in (self.songs, self.tracks, self.words):
            widget.installEventFilter(self)

    def _arrange(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE["s"])
        for made in (self.take, self.never, self.back):
            buttons.addWidget(made)
        buttons.addStretch()
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._row.setSpacing(SPACE["s"])
        self._row.addLayout(buttons)
        self._row.addWidget(self.words, 1)
        self.card = QFrame()
        self.card.setProperty("kind", "card")
        self.card.setAccessibleName("The song to decide")
        inner = QVBoxLayout(self.card)
        inner.setContentsMargins(SPACE["l"], SPACE["m"], SPACE["l"], SPACE["m"])
        inner.setSpacing(SPACE["s"])
        inner.addWidget(self.song)
        inner.addWidget(self.tracks, 1)
        inner.addLayout(self._row)
        inner.addWidget(label(KEYS, "small", wrap=True))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, SPACE["xs"], 0, SPACE["xs"])
        layout.setSpacing(SPACE["m"])
        layout.addWidget(self.line)
        layout.addWidget(self.songs, 5)
        layout.addWidget(self.card, 6)
        layout.addWidget(self.nothing, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() >= NARROW
        self._row.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)

    # what is shown

    def read(self) -> None:
        """Asks the catalog again, unless the change was our own decision."""
        if self._own:
            return
        from musicdesk.workflows.match import review

        before = self.state.current
        rows = review(self._shell.desk, MOST)
        self.state = self.state.show([Doubt.of(row) for row in rows])
        self._show_songs()
        self._renew_song(before)

    def focus(self) -> None:
        (self.songs if self.state.current else self.nothing).setFocus()

    def search(self) -> None:
        self.words.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.words.selectAll()

    def _show(self) -> None:
        self._show_songs()
        self._show_song()

    def _show_songs(self) -> None:
        state = self.state
        at = state.at if state.doubts else -1
        self.songs.blockSignals(True)
        self.songs.fill([_song_cells(doubt) for doubt in state.doubts])
        if self.songs.currentRow() != at:  # or the list would scroll back to it
            self.songs.setCurrentCell(at, 0)
        self.songs.blockSignals(False)
        left = len(state.doubts)
        for widget in (self.line, self.songs, self.card):
            widget.setVisible(bool(left))
        self.nothing.setVisible(not left)
        done = len(state.decided)
        self.line.setText(review_line(left, done))
        rest = f" You decided {words.count(done, 'song')}; Ctrl+Z takes the last back." if done else ""
        self.nothing.say("Nothing to decide", f"Every song of your history is matched, or surely not yours.{rest}")
        self.back.setEnabled(bool(done))
        self.counted.emit(left)

    def _renew_song(self, before: Doubt | None) -> None:
        """Words, tracks and mark of the same song stay: Enter must not take another track than the one marked."""
        now = self.state.current
        if now is None or before is None or now.song != before.song:
            self._show_song()
        elif now.candidates != before.candidates and not self.words.text().strip():
            marked = self._marked()
            self._offer(now.candidates)
            tracks = [candidate.track for candidate in now.candidates]
            if marked is not None and marked.track in tracks:
                self.tracks.setCurrentCell(tracks.index(marked.track), 0)

    def _show_song(self) -> None:
        doubt = self.state.current
        self.words.blockSignals(True)
        self.words.clear()
        self.words.blockSignals(False)
        if doubt is None:
            return
        self.song.setText(f"Which track is “{plain(doubt.title)}” by {plain(doubt.artist)}?")
        self._offer(doubt.candidates)

    def _offer(self, candidates: Sequence[Candidate]) -> None:
        self._candidates = candidates
        self.tracks.fill([_track_cells(at, candidate) for at, candidate in enumerate(candidates, 1)])
        if candidates:
            self.tracks.setCurrentCell(0, 0)
        self.take.setEnabled(bool(candidates))

    def _go(self, row: int) -> None:
        if row >= 0 and row != self.state.at:
            self.state = self.state.go(row)
            self._show_song()

    def _search(self) -> None:
        text = self.words.text().strip()
        doubt = self.state.current
        if not text:
            self._offer(doubt.candidates if doubt else ())
            return
        catalog = self._shell.desk.catalog
        ids = [TrackId(int(track)) for track in catalog.browse.ids(Query(words=text, order="title"))[:FOUND]]
        self._offer(
            [
                Candidate(int(t.id), t.tags.title, t.tags.artist, t.tags.album, t.tags.duration_s)
                for t in catalog.tracks.get_many(ids)
            ]
        )

    # decisions

    def _marked(self) -> Candidate | None:
        at = self.tracks.currentRow()
        return self._candidates[at] if 0 <= at < len(self._candidates) else None

    def accept(self) -> None:
        marked = self._marked()
        if marked is not None:
            self._decide(marked)

    def refuse(self) -> None:
        self._decide(None)

    def _decide(self, candidate: Candidate | None) -> None:
        from musicdesk.workflows.match import decide

        doubt = self.state.current
        if doubt is None:
            return
        track = TrackId(candidate.track) if candidate else None
        changes = self._shell.attempt(lambda: decide(self._shell.desk, doubt.song, track))
        if changes is None:
            return
        self.state = self.state.settled()
        self._tell(changes)
        self._shell.notice(decided_line(doubt.title, candidate.title if candidate else ""), "Take back", self.undo)

    def undo(self) -> bool:
        """Takes the newest decision back; its song is current again. False when there is none."""
        from musicdesk.workflows.match import undo

        song = self._shell.attempt(lambda: undo(self._shell.desk))
        if song is None:
            return False
        known = any(doubt.song == song for _at, doubt in self.state.decided)
        self.state = self.state.taken_back(song)
        if known:
            self._tell(Changes.LISTENS | Changes.FEEDBACK)
        else:  # decided in an earlier session
            self._shell.tell(Changes.LISTENS | Changes.FEEDBACK)
        self._shell.notice("Taken back.")
        return True

    def _tell(self, changes: Changes) -> None:
        self._show()
        self._own = True
        try:
            self._shell.tell(changes)
        finally:
            self._own = False
        if self.state.current is not None:
            self.songs.setFocus()

    def play(self) -> None:
        marked = self._marked()
        if marked is not None:
            self.acted.emit("play", Choice((TrackId(marked.track),)))

    # keys

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key(watched, event)
        return super().eventFilter(watched, event)

    def _key(self, watched: QObject, event: QKeyEvent) -> bool:
        key, typing = event.key(), watched is self.words
        if event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier):
            return False
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._typing.stop()
            if typing and self.words.text().strip() and not self._searched():
                self._search()
            self.accept()
        elif key == Qt.Key.Key_Escape and watched is not self.songs:
            self._show_song()
            self.songs.setFocus()
        elif typing and key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.tracks.setFocus()
        elif typing:
            return False
        elif key == Qt.Key.Key_Right and watched is self.songs:
            self.tracks.setFocus()
        elif key == Qt.Key.Key_Left and watched is self.tracks:
            self.songs.setFocus()
        elif key == Qt.Key.Key_N:
            self.refuse()
        elif key == Qt.Key.Key_P:
            self.play()
        elif Qt.Key.Key_1 <= key <= Qt.Key.Key_9 and key - Qt.Key.Key_1 < len(self._candidates):
            self._decide(self._candidates[key - Qt.Key.Key_1])
        else:
            return False
        return True

    def _searched(self) -> bool:
        """Whether what is shown was found by the words in the field."""
        return bool(self._candidates) and self._candidates[0].score is None


def _song_cells(doubt: Doubt) -> tuple[str, ...]:
    best = doubt.candidates[0] if doubt.candidates else None
    perhaps = f"{best.title} — {best.artist}" if best else "nothing that is here now"
    score = f"{best.score:.0f} %" if best and best.score is not None else ""
    return (doubt.title, doubt.artist, f"{doubt.plays:,}", perhaps, score)


def _track_cells(number: int, track: Candidate) -> tuple[str, ...]:
    score = "" if track.score is None else f"{track.score:.0f} %"
    place = str(number) if number < 10 else ""
    return (place, track.title, track.artist, track.album, words.length(track.length_s), score)
