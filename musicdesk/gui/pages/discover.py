"""Discover: lists by your taste, by likeness, and by artist; the first likes when there are none."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from musicdesk.core.changes import Changes
from musicdesk.core.types import PlaylistId, TrackId
from musicdesk.gui.actions import Actions
from musicdesk.gui.covers import Covers
from musicdesk.gui.empty import EmptyState
from musicdesk.gui.page import Page, button, tool
from musicdesk.gui.pages.discover_home import DiscoverHome
from musicdesk.gui.pages.discover_rooms import Rooms
from musicdesk.gui.pages.discover_seeds import KINDS, Seeds
from musicdesk.gui.pages.discover_state import DUEL_LINE, LOST_LINE, PICK_LINE, home_line, plays, stage
from musicdesk.gui.shell import Goto, Shell
from musicdesk.gui.style.tokens import SPACE
from musicdesk.gui.task import Outcome
from musicdesk.gui.welcome import Welcome
from musicdesk.workflows.desk import Desk
from musicdesk.workflows.lanes import kept_lanes, stale
from musicdesk.workflows.request import Request

if TYPE_CHECKING:
    from musicdesk.catalog.duels import Duel
    from musicdesk.gui.pages.picking import Picking
    from musicdesk.gui.pages.playlist_view import PlaylistView

ASK_AGAIN_S = 600.0  # between two times that lanes are worked out
LISTS = (("m3u8 *.m3u *.xspf *.jspf", "Playlists"),)


class DiscoverPage(Page):
    NAME, TITLE = "discover", "Discover"
    INTERESTS = Changes.TRACKS | Changes.EMBEDDINGS | Changes.FEEDBACK | Changes.PLAYLISTS | Changes.RUNS

    def __init__(self, shell: Shell, actions: Actions, covers: Covers) -> None:
        super().__init__(shell)
        self._actions, self._covers = actions, covers
        self._wished: Request | None = None  # the list that was asked for last
        self._asked_at = -ASK_AGAIN_S

    # layout

    def parts(self) -> Iterator[None]:
        shell = self.shell
        self.stack, self.states = QStackedWidget(), QStackedWidget()
        self.body().addWidget(self.stack)
        self.stack.addWidget(self._front())
        yield
        self.home_cards = DiscoverHome(shell, self._covers)
        self._at = {"home": self.states.addWidget(self.home_cards)}
        yield from self.home_cards.fill()
        self._pick_room = QWidget()  # where `picking` goes once it is made
        self._at["pick"] = self.states.addWidget(self._pick_room)
        self._at["listen"] = self.states.addWidget(self._unheard())
        self._at["welcome"] = self.states.addWidget(Welcome(shell))
        yield
        self.seeds = Seeds(shell, self._covers, self, self.home_cards)
        self.rooms = Rooms(shell, self._actions, self._covers, self.stack)
        self._connect()

    def _connect(self) -> None:
        shell, cards = self.shell, self.home_cards
        cards.wanted.connect(self.show_draw)
        self.seeds.wanted.connect(self.show_draw)
        self.seeds.started.connect(self._show_kind)
        cards.extend.connect(self.choose_list)
        cards.opened.connect(self._open_recent)
        cards.teaching.connect(self.rooms.teach)
        cards.axis.connect(self.rooms.name_axis)
        self.rooms.left.connect(self.home)
        self.rooms.wanted.connect(self.show_draw)
        shell.current.connect(self._tell_seed)
        shell.chosen.connect(self._seed_chosen)
        shell.jobs.ended.connect(self._job_ended)

    def _unheard(self) -> EmptyState:
        listen = button(self.shell, "Listen to my music", "headphones", "primary")
        listen.clicked.connect(lambda: self.shell.jobs.start("settle", {"roots": []}))
        unheard = EmptyState(
            self.shell,
            "headphones",
            "Your music has not been heard yet",
            "musicdesk listens to every track once, on this computer. After that it can tell what sounds alike.",
            listen,
        )
        unheard.meanwhile(
            ("settle", "analyze", "demo"),
            "Your music is being heard",
            "This page opens as soon as some tracks have been heard. The rest follows by itself: "
            "you can play your library meanwhile, and leave whenever you like.",
        )
        return unheard

    def _front(self) -> QWidget:
        """The heading, and below it one of the states."""
        front = QWidget()
        column = QVBoxLayout(front)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE["l"])
        self._head = QWidget()
        said = tool(self.shell, "notebook", "What you said of tracks (Ctrl+L)")
        said.clicked.connect(lambda: self.shell.went.emit(Goto("ledger")))
        heading = self.heading(said)
        heading.setContentsMargins(0, 0, 0, 0)
        self._head.setLayout(heading)
        column.addWidget(self._head)
        column.addWidget(self.states, 1)
        return front

    @cached_property
    def list(self) -> PlaylistView:
        """Made when the first playlist is: it costs more than the page."""
        from musicdesk.gui.pages.playlist_view import PlaylistView

        made = PlaylistView(self.shell, self._actions, self._covers)
        made.left.connect(self.home)
        self.stack.addWidget(made)
        return made

    @cached_property
    def picking(self) -> Picking:
        """Made when there is nothing to go by yet."""
        from musicdesk.gui.pages.picking import Picking

        made = Picking(self.shell, self._actions, self._covers)
        made.done.connect(lambda: self.show_draw(Request()))
        layout = QVBoxLayout(self._pick_room)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(made)
        return made

    @property
    def picks(self) -> bool:
        return self.states.currentIndex() == self._at["pick"]

    # what happens

    def refresh(self, changes: Changes) -> None:
        catalog = self.shell.desk.catalog
        heard, feedback = catalog.sound.heard(self.shell.desk.encoder), catalog.feedback.count()
        now = stage(catalog.tracks.count()["total"], heard, feedback)
        if now == "home" and self._picking_goes_on(feedback["like"]):
            now = "pick"
        self.states.setCurrentIndex(self._at[now])
        self._head.setVisible(now in ("home", "pick"))
        line = home_line(feedback, heard)
        self.subtitle.setText(PICK_LINE if now == "pick" else line)
        if now == "pick":
            self.picking.rated() if self.picking.begun else self.picking.suggest()
        if changes & (Changes.FEEDBACK | Changes.TRACKS) and "list" in self.__dict__:
            self.list.follow()
        if changes & Changes.FEEDBACK:
            self.rooms.rated()
        if self.stack.currentIndex() == 0:  # else it is told when one comes back
            self.home_cards.tell_past(plays(feedback))
            self._tell_cards()
            self.home_cards.tell_recent()

    def go(self, wish: Goto) -> None:
        if wish.what == "for-you":
            self.show_draw(Request())
        elif wish.what in KINDS and wish.track is not None:
            self._show_kind(KINDS[wish.what], wish.tracks or (wish.track,))
        elif wish.what == "list" and wish.request is not None:
            self.show_draw(wish.request, lambda: wish.track is not None and self.list.table.select_track(wish.track))
        elif wish.what == "kept" and wish.playlist is not None:
            self._open_recent(wish.playlist)
        elif wish.what == "extend" and wish.path is not None:
            self.extend(wish.path)

    def _show_kind(self, kind: str, tracks: tuple[TrackId, ...]) -> None:
        """A list that starts from tracks; a radio plays at once, with the track it starts from."""

        def play() -> None:
            if kind == "artist-radio":
                self.list.play_radio(tracks[0])

        self.show_draw(Request(kind, tracks), play)

    def show_draw(self, draw: Request, then: Callable[[], object] = lambda: None) -> bool:
        """Shows the list, and then does more; False where there is none, or where it is still being read for."""
        drawn: list[bool] = []
        self._wished = draw
        if not self.shell.when_at_hand(lambda: drawn.append(draw is self._wished and self._draw(draw, then))):
            self.list.wait(draw)
            self.stack.setCurrentWidget(self.list)
        return drawn == [True]

    def _draw(self, draw: Request, then: Callable[[], object]) -> bool:
        if not self.shell.desk.catalog.sound.heard(self.shell.desk.encoder):
            settle = partial(self.shell.jobs.start, "settle", {"roots": []})
            self.shell.notice("Your music has not been heard yet.", "Listen to it", settle)
        elif self.list.draw(draw):
            self.stack.setCurrentWidget(self.list)
            self.list.table.setFocus()
            self.home_cards.tell_recent()
            then()
            return True
        if self.list.shown is None:
            self.stack.setCurrentIndex(0)
        return False

    def choose_list(self) -> None:
        """Asks for a playlist file, then shows what goes with it."""
        path = self.shell.ask.open_file("Choose a playlist", LISTS)
        if path is not None:
            self.extend(path)

    def extend(self, path: Path) -> None:
        from musicdesk.workflows.extend import brought, request_for

        found = self.shell.attempt(lambda: brought(self.shell.desk, path))
        request = self.shell.attempt(lambda: request_for(found)) if found is not None else None
        if request is not None:
            self.show_draw(request)
            self.shell.notice(found.account)

    def home(self) -> None:
        self._wished = None
        self.stack.setCurrentIndex(0)
        self.refresh(Changes.PLAYLISTS)

    def search(self) -> None:
        if self.picks and self.stack.currentIndex() == 0:
            self.picking.words.setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            self.shell.went.emit(Goto("library", "search"))

    def primary(self) -> QWidget | None:
        if self.stack.currentIndex():
            now = self.stack.currentWidget()
            return self.list.table if now is self.__dict__.get("list") else now
        return self.picking.words if self.picks else self.home_cards.for_you.action

    def _picking_goes_on(self, liked: int) -> bool:
        """The first picks are not cut short by their own effect."""
        return self.picks and self.isVisible() and not self._recent_count() and liked > 0

    def _recent_count(self) -> int:
        return len(self.shell.desk.catalog.playlists.all())

    def _ladder(self) -> tuple[str, str]:
        """What recommends and what would lift it, once a list was made; before that, models are not even imported."""
        if (duel := self.shell.desk.catalog.duels.running()) is not None:
            if gone := self._lost(duel):
                return f"{LOST_LINE}: {gone}.", "Evaluation, Duels, can stop the duel."
            return DUEL_LINE, f"{duel.a} against {duel.b}; Evaluation, Duels, tells how far it is and can stop it."
        if self.shell.desk.has_vectors:
            from musicdesk.workflows.ladder import where_at_once

            if rung := where_at_once(self.shell.desk):
                return rung.sentence, rung.lift
        return "From everything you have liked and played.", ""

    def _lost(self, duel: Duel) -> str:
        """Which side of a duel is lost, as far as that is known at once."""
        if not self.shell.desk.has_vectors:
            return ""
        from musicdesk.workflows.duel import lost

        return lost(self.shell.desk, duel, at_once=True)

    def _tell_cards(self) -> None:
        desk = self.shell.desk
        self.home_cards.tell(self._ladder(), self.seeds.now(), kept_lanes(desk))
        due = time.monotonic() - self._asked_at > ASK_AGAIN_S
        if due and self.isVisible() and self._heard(desk) and stale(desk):
            self._asked_at = time.monotonic()
            self.shell.jobs.start("lanes")

    def _heard(self, desk: Desk) -> bool:
        return desk.catalog.sound.heard(desk.encoder) > 0

    def _tell_seed(self, _track: object = None) -> None:
        self.home_cards.tell_seed(self.seeds.now())

    def _seed_chosen(self, _track: object) -> None:
        if self.isVisible():
            self._tell_seed()

    def _job_ended(self, outcome: Outcome) -> None:
        if (outcome.job, outcome.state) != ("lanes", "finished"):
            return
        if not self.isVisible():
            self._stale |= Changes.PLAYLISTS  # told when one comes back
        elif self.states.currentIndex() == self._at["home"]:
            self.home_cards.tell(self._ladder(), self.seeds.now(), kept_lanes(self.shell.desk))

    def _open_recent(self, number: int) -> None:
        if self.list.open(PlaylistId(number)):
            self.stack.setCurrentWidget(self.list)
            self.list.table.setFocus()
