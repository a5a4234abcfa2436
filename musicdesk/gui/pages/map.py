"""The Map: every track a point, what sounds alike lies close; with a list for those who do not see it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QHideEvent, QKeyEvent, QPainter
from PySide6.QtWidgets import QWidget

from musicdesk.core.changes import Changes
from musicdesk.core.types import TrackId
from musicdesk.gui import verbs
from musicdesk.gui.actions import Actions
from musicdesk.gui.covers import Covers
from musicdesk.gui.keys import verb_of
from musicdesk.gui.page import Page
from musicdesk.gui.pages import map_reading
from musicdesk.gui.pages.map_doing import Doing
from musicdesk.gui.pages.map_frame import Frame
from musicdesk.gui.pages.map_hover import Hover
from musicdesk.gui.pages.map_ink import cloud_colors, paint_rim
from musicdesk.gui.pages.map_labels import Labels
from musicdesk.gui.pages.map_pointer import Tool
from musicdesk.gui.pages.map_reader import Reader
from musicdesk.gui.pages.map_reading import Names, Reading
from musicdesk.gui.pages.map_search import Search
from musicdesk.gui.pages.map_shows import NAMES, Shows
from musicdesk.gui.pages.map_star import Star
from musicdesk.gui.pages.map_state import Choice, Look, Points, heading
from musicdesk.gui.pages.map_view import Following
from musicdesk.gui.shell import Goto, Shell
from musicdesk.gui.style.tokens import Tokens
from musicdesk.gui.turns import Turns

if TYPE_CHECKING:
    from musicdesk.gui.cloud import CloudView

PLACES = Changes.MAP | Changes.TRACKS | Changes.EMBEDDINGS | Changes.RUNS


class MapPage(Page):
    NAME, TITLE = "map", "Map"
    INTERESTS = PLACES | Changes.FEEDBACK | Changes.SETTINGS

    def __init__(self, shell: Shell, actions: Actions, covers: Covers) -> None:
        super().__init__(shell)
        self.choice = Choice()
        self.reading = Reading(None)
        self.cloud: CloudView | None = None
        self.reader = Reader(shell, self)
        self.labels = Labels(shell)
        self._actions, self._covers = actions, covers
        self._showing = Turns(self)
        self._due: Points | None = None  # a neighbourhood that is not on show yet
        self._around: TrackId | None = None  # whose neighbourhood the camera stands before

    def parts(self) -> Iterator[None]:
        shell, actions, reader = self.shell, self._actions, self.reader
        self.frame = frame = Frame(shell, self._covers)
        self.body().addWidget(frame)
        yield
        yield from frame.fill(self.heading(frame.back, frame.words, frame.reset))
        self.side, self.twin, self.words = frame.side, frame.twin, frame.words
        self.hover = Hover(shell, self._covers, frame.room, reader, lambda: self.points)
        self.doing = Doing(shell, actions, reader, frame.room, self.twin, lambda: self.points, self._filtered)
        yield
        self.star = Star(shell, reader, self.twin, self)
        self.following = Following(shell, self.star, self.twin, self)
        self.finding = Search(shell, self.words, self.doing, lambda: self.points)
        self.shows = Shows(shell, actions, reader, frame.room, self.hover.card, self.twin, lambda: self.points)
        self.doing.tools.add(self.shows.button)
        self._connect()

    def _connect(self) -> None:
        shell, side, twin = self.shell, self.side, self.twin
        self.star.changed.connect(self._redraw)
        self.finding.flown.connect(self.following.fly)
        self.frame.reset_wanted.connect(lambda: self.cloud.reset_camera() if self.cloud else None)
        side.coloured.connect(lambda layer: self._choose(self.choice.coloured(layer)))
        side.sized.connect(lambda layer: self._choose(self.choice.sized(layer)))
        side.toggled.connect(lambda label: self._filter(self.choice.toggled(label)))
        twin.table.acted.connect(self._actions.perform)
        twin.moved.connect(self.following.list_moved)
        twin.turned.connect(lambda _name: self.following.tell_view())
        self.hover.joined.connect(self.star.show)
        self.doing.changed.connect(self._draw)
        self.doing.centred.connect(self._centre)
        self.doing.pointer.menu_wanted.connect(self._menu)
        self.shows.changed.connect(self._redraw)
        self.shows.named.connect(self.labels.place_anew)
        self.shows.compared.connect(lambda lists: self._choose(self.choice.comparing(lists)))
        self.hover.moved.connect(self.shows.hover)
        self.frame.back.clicked.connect(lambda: self._centre(None))
        shell.current.connect(self._played)
        shell.theme.changed.connect(self._dress)

    # reading

    def refresh(self, changes: Changes) -> None:
        self.twin.table.tracks.fetch_again()
        if changes & PLACES or self.reading.points is None:
            held = self._due or self.points
            self._read(held if held is not None and held.around is not None else None)
        elif changes & Changes.FEEDBACK and self.reading.look is not None and self.reading.look.follows_feedback:
            self._choose(self.choice)

    def _read(self, held: Points | None) -> None:
        """The map in use; or only the layers of places that are `held`."""
        choice, dark = self.choice, self.shell.theme.tokens.dark
        self.reader.ask(
            "read", lambda desk, _stop: map_reading.read(desk, choice, dark, held), partial(self._has_read, choice)
        )

    def _centre(self, points: Points | None) -> None:
        """Shows one track's neighbourhood, drawn for itself, as soon as the page is seen; or the whole map again."""
        self.doing.choose(None)
        self._due = points
        if self.isVisible():
            self._read(points)

    @property
    def points(self) -> Points | None:
        return self.reading.points

    @property
    def settled(self) -> bool:
        return super().settled and not self.reader.busy and not self._showing.busy

    def _has_read(self, choice: Choice, reading: Reading) -> None:
        if not self.isVisible():
            self._stale = Changes.EVERYTHING  # left meanwhile: nothing is kept for a page that nobody sees
            return
        points, due, self._due = reading.points, self._due, None
        self.doing.leave_out(reading.known)
        self.star.leave_out(reading.known)
        self.reading = reading
        self.frame.turn(reading.instead or "map")
        self.subtitle.setText(heading(points))
        if points is None or reading.look is None:
            return
        self.frame.back.setVisible(points.around is not None)
        turns, self._around = due is not None or points.around != self._around, points.around
        if choice != self.choice:
            self._choose(self.choice)
        if self.cloud is None:
            self._showing.run(self._show_first())
        else:
            self._showing.at_once(self._show(turns))  # what is there is not to be seen half changed

    def _show_first(self) -> Iterator[None]:
        """After the first paint, since OpenGL costs a tenth of a second. The view has its size before its points."""
        from musicdesk.gui.cloud.probe import graphics_card

        yield
        graphics_card()  # a driver's start is not ours to divide, so it has a turn alone
        yield
        self.cloud = self._make_cloud()
        if self.window().focusWidget() is self:
            self.cloud.setFocus()  # the page has kept the keyboard for it
            self.soon()  # and what was typed
        yield
        self.cloud.prepare(self.reading.cloud)
        yield
        yield from self._show(False)

    def _show(self, anew: bool) -> Iterator[None]:
        """anew: these are other places, so that the camera stands where all are seen"""
        if (points := self.points) is None or (ready := self.reading.cloud) is None or self.cloud is None:
            return
        self.cloud.set_reduced_motion(self.shell.desk.settings.reduced_motion)
        self.cloud.set_cloud(points.ids, ready, keep_camera=not anew)
        self.labels.tell(self.reading.names)
        self.cloud.set_playing(self.shell.playing)
        yield
        self.shows.read()
        self._draw()
        self.following.tell_view()
        yield
        if anew and points.around is not None:
            self.following.show_point(points.around)
            self.star.list_near(points.around)
        self.star.begin(points)

    def _draw(self) -> None:
        points, look = self.points, self.reading.look
        if points is None or look is None or self.cloud is None:
            return
        lit, chosen = look.lit(self.choice.only), self.doing.lit(points)
        self.cloud.set_look(*look.drawn(lit if chosen is None else lit & chosen))
        self.side.tell(self.choice, self.reading.offers, look)

    def _make_cloud(self) -> CloudView:
        from musicdesk.gui.cloud import CloudView

        cloud = CloudView(cloud_colors(self.shell.theme.tokens), self.frame.room)
        self.hover.watch(cloud)
        cloud.activated.connect(self._activated)
        self.following.watch(cloud)
        cloud.set_overlay(self._paint_over)
        self.frame.room_layout.addWidget(cloud)
        self.shows.watch(cloud)
        self.doing.watch(cloud)
        self.labels.taken, self.labels.ghosts = self.doing.tools, self.shows.ghosts
        cloud.covered = self.doing.tools.sizeHint().width() + self.doing.tools.x()
        return cloud

    def hideEvent(self, event: QHideEvent) -> None:
        """A page that is left keeps nothing of the map but where one looked from; it is read again."""
        super().hideEvent(event)
        if event.spontaneous() or not self.built:
            return
        self._showing.stop()
        self.hover.hide()
        self.reading = Reading(None)
        self.labels.tell(Names())
        self.shows.forget()
        self._stale = Changes.EVERYTHING
        if self.cloud is not None:
            self.cloud.set_points([], np.empty((0, 3)))

    def _choose(self, choice: Choice) -> None:
        """Other layers: they are read in the thread, the map keeps its colours until then."""
        self.choice = choice
        points, dark = self.points, self.shell.theme.tokens.dark
        if points is not None:
            self.reader.ask(
                "look",
                lambda desk, _stop: map_reading.read_look(desk, points, choice, dark),
                partial(self._has_look, points),
            )

    def _has_look(self, points: Points, look: Look) -> None:
        if points is self.points:
            self.reading = self.reading.with_look(look)
            self._draw()

    def _filtered(self) -> np.ndarray | None:
        """bool (n,), the points that the legend's filter leaves; None before they are read."""
        return self.reading.look.lit(self.choice.only) if self.reading.look is not None else None

    def _filter(self, choice: Choice) -> None:
        self.choice = choice
        self._draw()

    def _dress(self, tokens: Tokens) -> None:
        if self.cloud is not None:
            self.cloud.set_colors(cloud_colors(tokens))
            self._choose(self.choice)

    # what happens

    def go(self, wish: Goto) -> None:
        if wish.track is not None:
            if self._due is not None and not self._due.holds(wish.track):
                self._centre(None)
            self.reader.ask("go", lambda _desk, _stop: None, lambda _none: self._go(TrackId(int(wish.track or 0))))

    def _go(self, track: TrackId) -> None:
        if self.points is None or not self.points.holds(track):
            self.shell.notice("This track is not on the map yet.")
            return
        # Later, when a cloud that was made just now has got its size.
        QTimer.singleShot(0, self, partial(self.following.show_point, track))
        self.star.list_near(track)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys of every list, for the chosen point; letters that are no verbs take tools."""
        if not self.takes_keys:
            super().keyPressEvent(event)
            return
        verb = verb_of(event, self.shell.desk.settings.stars)
        there = self.cloud is not None and self.cloud.hasFocus()
        chosen = self.cloud.selection() if there and self.cloud is not None else -1
        if self.doing.key(event, there):
            return
        if event.key() == Qt.Key.Key_Menu and chosen >= 0 and self.cloud is not None:
            place = self.cloud.place_of(chosen) or QPointF()
            self._menu(TrackId(chosen), self.cloud.mapToGlobal(place.toPoint()))
        elif verb is None or (chosen < 0 and verb.name != "pause"):
            super().keyPressEvent(event)
        else:
            picked = verbs.Choice((TrackId(chosen),)) if chosen >= 0 else verbs.Choice(())
            self._actions.perform(verb.name, picked)

    def _menu(self, track: TrackId, place: QPoint) -> None:
        if self.cloud is not None:
            self.hover.hide()
            self.doing.menu(track, place, self.cloud)

    def search(self) -> None:
        self.words.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.words.selectAll()

    def primary(self) -> QWidget | None:
        return self.cloud

    def _activated(self, id_: int) -> None:
        """A click plays the track, and after it what sounds like it; Enter gives it to the tool that is taken."""
        track = TrackId(int(id_))
        if self.doing.pointer.tool in (Tool.SPHERE, Tool.PATH, Tool.MIX):
            self.doing.pointer.point(track)
            return

        def play(near: list[TrackId]) -> None:
            self._actions.perform("play", verbs.Choice((track,), (track, *near)))

        self.reader.ask("play", lambda desk, _stop: map_reading.near(desk, track), play)

    def _played(self, track: TrackId | None) -> None:
        if self.cloud is not None:
            self.cloud.set_playing(track)

    def _redraw(self) -> None:
        if self.cloud is not None:
            self.cloud.redraw()

    def _paint_over(self, painter: QPainter) -> None:
        if self.cloud is None:
            return
        tokens = self.shell.theme.tokens
        self.star.paint(painter, self.cloud, tokens.accent)
        self.shows.paint(painter, self.cloud, tokens)
        if self.shows.on(NAMES):
            self.labels.paint(painter, self.cloud, tokens, self.font(), self.cloud.selection())
        self.doing.paint(painter, self.cloud, tokens)
        paint_rim(painter, self.cloud, tokens)
