"""The music: the player with its bar, queue, media keys, and what the rest of the window has to do with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QKeyEvent

from musicdesk.core.changes import Changes
from musicdesk.core.types import PickId, PlayEnd, Tags, Track, TrackId
from musicdesk.gui import words
from musicdesk.gui.covers import Covers
from musicdesk.gui.keys import verb_of
from musicdesk.gui.player.bar import Now, PlayerBar
from musicdesk.gui.player.colors import PlayerColors
from musicdesk.gui.player.engine import PlayState
from musicdesk.gui.player.media_keys import MediaKeys
from musicdesk.gui.player.player import Player
from musicdesk.gui.player.queue import Picks
from musicdesk.gui.player.queue_panel import QueuePanel, Words
from musicdesk.gui.player.snippets import Snippet, Snippets
from musicdesk.gui.radio import Radio
from musicdesk.gui.rating import Dropped, Signs, foretold
from musicdesk.gui.shell import Goto, Shell
from musicdesk.gui.style.tokens import Tokens
from musicdesk.gui.task import Outcome
from musicdesk.gui.verbs import Choice
from musicdesk.gui.welcome import choose_folder
from musicdesk.workflows.reach import absence, file_of
from musicdesk.workflows.request import Request

if TYPE_CHECKING:
    from musicdesk.gui.player.mpris import Mpris

VOLUME_STEP = 0.05


class Listen(QObject):
    """Makes and joins the parts; `actions` and the window use it as their player."""

    acted = Signal(str, object)  # verb, Choice: a key in the queue

    def __init__(self, shell: Shell, covers: Covers) -> None:
        super().__init__(shell)
        self._shell = shell
        self._covers = covers
        self.player = Player(self._locate, self)
        self.radio = Radio(shell, self.player)
        self.snippets = Snippets(self.player, self._locate, self)
        self.bar = PlayerBar()
        self.queue = QueuePanel(self._words)
        self._keys = MediaKeys(self.player)
        self._mpris: Mpris | None = None
        self._shown: TrackId | None = None  # what the bar shows: what plays, or would
        self._join()
        self.set_volume(shell.desk.settings.volume)
        shell.theme.on_change(self.bar, self._dress)
        shell.changed.connect(self._changed)
        shell.reopened.connect(self.player.clear)
        shell.jobs.ended.connect(self._job_ended)
        covers.arrived.connect(lambda: self._show_cover())

    # what actions ask for

    def play(self, tracks: Sequence[TrackId], picks: Picks | None = None) -> None:
        self.radio.stop()
        self.player.play(tracks, picks=picks)

    def play_without_end(
        self, request: Request, name: str, tracks: Sequence[TrackId], picks: Picks | None = None
    ) -> None:
        self.radio.start(request, name, tracks, picks)

    def hear(self, snippets: Sequence[Snippet]) -> None:
        """Pieces of tracks one after the other, in between what plays."""
        self.snippets.play(snippets)

    def play_next(self, tracks: Sequence[TrackId], picks: Picks | None = None) -> None:
        self.player.play_next(tracks, picks)

    def enqueue(self, tracks: Sequence[TrackId], picks: Picks | None = None) -> None:
        self.player.enqueue(tracks, picks)

    def heard_now(self, track: TrackId) -> tuple[PickId | None, int | None]:
        """Where the track is on: the pick it came from, and the milliseconds heard so far."""
        on = track == self.player.track
        return (self.player.engine.pick, self.player.engine.heard_ms) if on else (None, None)

    def drop(self, tracks: Sequence[TrackId]) -> Dropped:
        """Takes tracks that shall never play out of the queue; returns what `put_back` needs."""
        gone, queue = set(tracks), self.player.queue
        rows = [row for row, track in enumerate(queue.tracks) if track in gone]
        dropped = queue.stood(rows)
        if rows:
            self.player.remove(rows)
        return dropped

    def put_back(self, dropped: Dropped) -> None:
        if dropped:
            self.player.put_back(dropped)

    def toggle(self) -> None:
        self.player.toggle()

    def show_paused(self, track: TrackId | None) -> None:
        """The bar shows a track that does not sound: what pressing play would begin with."""
        self._show(track)
        if track is None:
            return
        self._show_waveform(track, ask=False)
        found = self._shell.desk.catalog.tracks.get_many([track])
        self.bar.set_duration(round(1000 * (found[0].tags.duration_s or 0.0)) if found else 0)

    def step_volume(self, up: bool) -> None:
        self.set_volume(self.player.engine.volume + (VOLUME_STEP if up else -VOLUME_STEP))

    def toggle_mute(self) -> None:
        self.player.engine.set_muted(not self.player.engine.muted)

    def set_volume(self, share: float) -> None:
        self.player.engine.set_volume(share)

    def join_desktop(self) -> None:
        """Media keys and sound menu of the desktop, where it has D-Bus. After the first paint."""
        from musicdesk.gui.player.mpris import Mpris, Shown

        def shown(track: TrackId) -> Shown:
            found = self._shell.desk.catalog.tracks.get_many([track])
            tags = found[0].tags if found else Tags()
            return Shown(tags.title, tags.artist, tags.album)

        self._mpris = Mpris(self.player, shown)
        self._mpris.raise_wanted.connect(lambda: self._shell.went.emit(Goto("")))

    def close(self) -> None:
        """Tells what was heard last, keeps the volume."""
        if self._mpris is not None:
            self._mpris.close()
        self._keys.close()
        self.radio.stop()
        self.snippets.close()
        self.player.close()
        if self.player.engine.volume != self._shell.desk.settings.volume:
            self._shell.keep_settings(volume=self.player.engine.volume)

    # inside

    def _join(self) -> None:
        player, bar, queue = self.player, self.bar, self.queue
        bar.toggle_wanted.connect(player.toggle)
        bar.next_wanted.connect(player.next)
        bar.previous_wanted.connect(player.previous)
        bar.seek_wanted.connect(player.seek)
        bar.volume_wanted.connect(player.engine.set_volume)
        bar.mute_wanted.connect(player.engine.set_muted)
        player.engine.volume_changed.connect(bar.set_volume)
        bar.weighed.connect(self._weigh)
        bar.track_clicked.connect(lambda track: self._shell.went.emit(Goto("library", "show", track)))
        player.track_changed.connect(self._track_changed)
        player.state_changed.connect(bar.set_state)
        player.position_changed.connect(bar.set_position)
        player.duration_changed.connect(bar.set_duration)
        player.failed.connect(self._failed)
        player.absent.connect(lambda tracks: self._shell.trouble(absence(self._shell.desk, tracks)))
        player.idle.connect(self._play_anything)
        player.heard.connect(self._heard)
        player.queue_changed.connect(lambda: queue.show_queue(player.queue))
        player.queue_changed.connect(lambda: self._shell.set_queue(player.queue.tracks))
        player.queue_changed.connect(self._show_first)
        queue.play_wanted.connect(player.jump)
        queue.remove_wanted.connect(player.remove)
        queue.move_wanted.connect(player.move)
        queue.shuffle_wanted.connect(lambda on: player.set_shuffled(on, len(player.queue)))
        queue.repeat_wanted.connect(player.set_repeat)
        queue.clear_wanted.connect(player.clear)
        queue.dropped.connect(self._dropped)
        queue.endless_stopped.connect(self.radio.stop)
        self.radio.changed.connect(queue.show_endless)
        self.snippets.began.connect(self._snippet_began)
        self.snippets.failed.connect(self._shell.trouble)
        player.state_changed.connect(lambda state: self.snippets.stop() if state is PlayState.PLAYING else None)
        queue.show_queue(player.queue)
        queue.list.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The queue knows the keys of every list; Enter and Delete are its own."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        verb = verb_of(event, self._shell.desk.settings.stars)
        if verb is None or verb.name == "play":
            return False
        tracks, picks, rows = self.player.queue.tracks, self.player.queue.picks, self.queue.selected_rows()
        known = {tracks[row]: pick for row in rows if (pick := picks[row]) is not None}
        self.acted.emit(verb.name, Choice(tuple(tracks[row] for row in rows), picks=known))
        return True

    def _locate(self, track: TrackId) -> bytes | None:
        return file_of(self._shell.desk, track)

    def _now(self, track: TrackId) -> Now:
        found = self._shell.desk.catalog.tracks.get_many([track])
        if not found:
            return Now(track, "A track that is gone")
        tags = found[0].tags
        return Now(track, tags.title, tags.artist, self._given(found[0]))

    def _given(self, track: Track) -> frozenset[str]:
        """What holds of a track, and of it in the list that it plays from."""
        desk, pick = self._shell.desk, self.heard_now(track.id)[0]
        mix = None
        if pick is not None:
            from musicdesk.workflows.sayings import not_in

            out = not_in(desk, pick)
            mix = out.scope if out is not None else None
        return Signs.read(desk, mix).of(track.id, track.verdict)

    def _weigh(self, track: TrackId, verb: str) -> None:
        pick = self.heard_now(track)[0]
        choice = Choice((track,), picks={track: pick} if pick is not None else {})
        self.bar.signs.foretell(verb, foretold(self._shell.desk, verb, choice))

    def _words(self, track: TrackId) -> Words:
        found = self._shell.desk.catalog.tracks.get_many([track])
        if not found:
            return Words("A track that is gone")
        tags = found[0].tags
        return Words(tags.title, tags.artist, words.length(tags.duration_s))

    def _track_changed(self, track: TrackId | None) -> None:
        self._show(track)
        self._shell.set_playing(track)
        if track is None:
            return
        self._show_waveform(track, ask=True)
        self.bar.set_duration(self.player.engine.duration_ms)

    def _show(self, track: TrackId | None) -> None:
        self._shown = track
        self.bar.show_track(None if track is None else self._now(track))
        self._show_cover()

    def _show_first(self) -> None:
        """While a queue waits in silence, the bar goes with it: what would begin may be another one now, or none."""
        silent = self.player.track is None and self._shown is not None
        if silent and self.player.queue.current != self._shown:
            self.show_paused(self.player.queue.current)

    def _show_cover(self) -> None:
        found = self._shell.desk.catalog.tracks.get_many([self._shown]) if self._shown is not None else []
        self.bar.set_cover(self._covers.picture(found[0]) if found else None)

    def _show_waveform(self, track: TrackId, ask: bool) -> None:
        """The sketch at once; the exact one is made by a job when the track is played for the first time."""
        known = self._shell.desk.catalog.sound.waveform(track)
        self.bar.set_waveform(known[0] if known else None)
        if ask and not (known and known[1]):
            self._shell.jobs.start("waveform", {"track": int(track)})

    def _job_ended(self, outcome: Outcome) -> None:
        if outcome.job == "waveform" and outcome.state == "finished":
            track = outcome.result.get("track")
            if track is not None and track == self.player.track:
                self._show_waveform(TrackId(track), ask=False)

    def _changed(self, changes: Changes) -> None:
        """Tracks of a folder that is forgotten leave the queue."""
        queued = self.player.queue.tracks
        if queued and changes & Changes.TRACKS:
            gone = set(queued) - self._shell.desk.catalog.tracks.existing(queued)
            if gone:
                self.drop(list(gone))
        self._read_signs()

    def _read_signs(self) -> None:
        if self._shown is not None:
            self.bar.signs.stars = self._shell.desk.settings.stars
            self.bar.signs.tell(self._now(self._shown).given)

    def _heard(self, track: TrackId, heard_ms: int, duration_ms: int, end: PlayEnd, pick: PickId | None) -> None:
        from musicdesk.workflows.rate import log_play

        if heard_ms > 0 and self._shell.desk.catalog.tracks.get_many([track]):
            done = self._shell.attempt(lambda: log_play(self._shell.desk, track, heard_ms, duration_ms, end, pick=pick))
            self._shell.tell(done)

    def _dropped(self, tracks: list[TrackId], picks: Picks, to: int) -> None:
        """Dragged from a list to a place in the queue."""
        end = len(self.player.queue)
        self.player.enqueue(tracks, picks)
        self.player.move(range(end, end + len(tracks)), to)

    def _play_anything(self) -> None:
        """Play was pressed and nothing is queued: the library, in random order."""
        from musicdesk.workflows.anything import anything

        if tracks := anything(self._shell.desk):
            self._shell.notice(f"Playing {words.count(len(tracks), 'track')} of your library in random order.")
            self.play(tracks)
        else:
            self._shell.notice("There is no music here yet.", "Choose a folder", lambda: choose_folder(self._shell))

    def _snippet_began(self, snippet: Snippet) -> None:
        now = self._now(snippet.track)
        seconds = snippet.start_ms // 1000
        self._shell.notice(f"“{now.title}” from {seconds // 60}:{seconds % 60:02}", "Stop", self.snippets.stop)

    def _failed(self, track: TrackId, sentence: str) -> None:
        self._shell.trouble(f"“{self._now(track).title}” cannot be played. {sentence}")

    def _dress(self, tokens: Tokens) -> None:
        names = ("surface", "text", "secondary", "disabled", "accent", "on_accent", "like", "dislike", "line")
        colors = PlayerColors(**{name: getattr(tokens, name) for name in names})
        self.bar.set_colors(colors)
        self.queue.set_colors(colors)
