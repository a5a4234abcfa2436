"""What else the map can show, each by a tick: names, the queue, the trail of plays, songs one does not own, two
playlists side by side, a preview under the pointer; and the picture as a file."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QByteArray, QObject, QTimer, Signal
from PySide6.QtGui import QAction, QImageWriter, QPainter
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from musicdesk.core.types import PlaylistId, TrackId
from musicdesk.gui.actions import Actions
from musicdesk.gui.page import tool
from musicdesk.gui.pages.map_ghosts import GhostLayer
from musicdesk.gui.pages.map_ink import paint_way
from musicdesk.gui.pages.map_parts import HoverCard
from musicdesk.gui.pages.map_reader import Reader
from musicdesk.gui.pages.map_state import Points
from musicdesk.gui.pages.map_trail import TrailBar
from musicdesk.gui.pages.map_twin import Twin
from musicdesk.gui.shell import Shell
from musicdesk.gui.style.tokens import Tokens

if TYPE_CHECKING:
    from musicdesk.gui.cloud import CloudView
    from musicdesk.workflows.desk import Desk
    from musicdesk.workflows.trail import Ghosts, Trail

NAMES, QUEUE, TRAIL, GHOSTS, PREVIEW = "names", "queue", "trail", "ghosts", "preview"
TICKS = (
    (NAMES, "Names of regions and songs"),
    (QUEUE, "Queue as a line"),
    (TRAIL, "Trail of what was played"),
    (GHOSTS, "Songs you do not own, from a crowd"),
    (PREVIEW, "Hear eight seconds under the pointer"),
)
AHEAD = 40  # tracks of the queue that are joined
OFFERED = 12  # playlists that can be compared
WAIT_MS = 450  # before a point is heard


class Shows(QObject):
    changed = Signal()  # something else is to be painted
    named = Signal()  # and to be named
    compared = Signal(object)  # ids of up to two playlists

    def __init__(
        self,
        shell: Shell,
        actions: Actions,
        reader: Reader,
        room: QWidget,
        card: HoverCard,
        twin: Twin,
        points: Callable[[], Points | None],
    ) -> None:
        super().__init__(room)
        self._shell, self._actions, self._reader, self._points = shell, actions, reader, points
        self.trail = TrailBar(shell, room)
        self.ghosts = GhostLayer(shell, card, points)
        self.ghosts.follow(twin)
        self._cloud: CloudView | None = None
        self.button: QToolButton = tool(shell, "eye", "What the map shows")
        self.menu = QMenu(self.button)
        self.button.setMenu(self.menu)
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.ticks = {name: self._tick(name, text) for name, text in TICKS}
        self.ticks[NAMES].setChecked(True)
        self.compare = self.menu.addMenu("Compare two playlists")
        self.compare.aboutToShow.connect(self._offer_lists)
        self._lists: list[PlaylistId] = []
        self.menu.addSeparator()
        self.menu.addAction("Save as a picture …").triggered.connect(self._save_picture)
        self._waiting = QTimer(self, singleShot=True, interval=WAIT_MS)
        self._waiting.timeout.connect(self._hear)
        self._over: TrackId | None = None
        self._sounds = False  # a preview was begun
        self.trail.moved.connect(self.changed)
        self.trail.closed.connect(lambda: self.ticks[TRAIL].setChecked(False))
        shell.queued.connect(self._queued)

    def watch(self, cloud: CloudView) -> None:
        self._cloud = cloud
        self.ghosts.watch(cloud)

    def _save_picture(self) -> None:
        """The view as it is, with names and rings."""
        if self._cloud is None:
            return
        target = self._shell.ask.save_as("Save the map as a picture", "map.png", (("png", "PNG picture"),))
        if target is not None and not QImageWriter(os.fspath(target), QByteArray(b"png")).write(self._cloud.picture()):
            self._shell.trouble(f"The picture cannot be written to {target}.")

    def on(self, name: str) -> bool:
        return self.ticks[name].isChecked()

    def _queued(self, _tracks: object) -> None:
        if self.on(QUEUE):
            self.changed.emit()

    def _tick(self, name: str, text: str) -> QAction:
        action = self.menu.addAction(text)
        action.setCheckable(True)
        action.toggled.connect(lambda on: self._ticked(name, on))
        return action

    def _ticked(self, name: str, on: bool) -> None:
        if name in (TRAIL, GHOSTS) and on:
            self.read()
        elif name == TRAIL:
            self.trail.drop()
        elif name == GHOSTS:
            self.ghosts.show(None)
            self.named.emit()
        elif name == PREVIEW and not on:
            self.hover(None)
        self.changed.emit()

    def read(self) -> None:
        """Asks again for what is ticked: the map or the history has changed."""
        from musicdesk.workflows import trail

        points = self._points()
        if points is None:
            return
        if self.on(TRAIL):
            self._reader.ask("trail", lambda desk, _stop: trail.trail(desk, points.ids), self._has_trail)
        if self.on(GHOSTS):
            self._reader.ask("ghosts", lambda desk, _stop: _ghosts(desk), self._has_ghosts)

    def forget(self) -> None:
        """The page is left: what was read is let go, the ticks stay."""
        self.trail.drop()
        self.ghosts.show(None)
        self.hover(None)

    def _has_trail(self, found: Trail) -> None:
        points = self._points()
        if points is None or not self.on(TRAIL):
            return
        if not len(found.rows):
            self._shell.notice("Nothing on the map has been played yet, so there is no trail.")
            self.ticks[TRAIL].setChecked(False)
            return
        self.trail.show_trail(found, points.ids)

    def _has_ghosts(self, found: Ghosts) -> None:
        if not self.on(GHOSTS):
            return
        if found.note:
            self._shell.notice(found.note)
            self.ticks[GHOSTS].setChecked(False)
            return
        self.ghosts.show(found)
        self.named.emit()
        self.changed.emit()

    def paint(self, painter: QPainter, cloud: CloudView, tokens: Tokens) -> None:
        self.trail.paint(painter, cloud, tokens)
        if self.on(QUEUE):
            paint_way(painter, cloud, self._ahead(), tokens.warning)
        self.ghosts.paint(painter, cloud, tokens)

    def _ahead(self) -> list[int]:
        queue, now = list(self._shell.queue), self._shell.playing
        begin = queue.index(now) if now in queue else 0
        return [int(track) for track in queue[begin : begin + AHEAD]]

    # two playlists

    def _offer_lists(self) -> None:
        self.compare.clear()
        lists = self._shell.desk.catalog.playlists.all()
        for summary in [one for one in lists if one.tracks][:OFFERED]:
            action = self.compare.addAction(summary.name.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(summary.id in self._lists)
            action.toggled.connect(lambda on, number=summary.id: self.compare_list(number, on))
        if self.compare.isEmpty():
            self.compare.addAction("There is no playlist yet").setEnabled(False)

    def compare_list(self, number: PlaylistId, on: bool) -> None:
        """One list more or less; a third takes the place of the first."""
        self._lists = [known for known in self._lists if known != number] + ([number] if on else [])
        self._lists = self._lists[-2:]
        self.compared.emit(tuple(self._lists))

    # hearing

    def hover(self, track: TrackId | None) -> None:
        """The pointer is over a track, or over none."""
        self._over = track
        self._waiting.stop()
        if self._sounds:
            self._sounds = False
            self._actions.preview(None)
        if track is not None and self.on(PREVIEW):
            self._waiting.start()

    def _hear(self) -> None:
        if self._over is not None:
            self._sounds = True
            self._actions.preview(self._over)


def _ghosts(desk: Desk) -> Ghosts:
    from musicdesk.workflows.trail import Ghosts, ghosts

    layout = desk.catalog.layouts.active()
    return ghosts(desk, layout) if layout is not None else Ghosts(np.empty((0, 3), np.float32), [])
