"""The Map: every track a point, what sounds alike lies close; with a list for those who do not see it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QMarginsF, QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from musicdesk.catalog.browse import Query
from musicdesk.core.changes import Changes
from musicdesk.core.types import Track, TrackId
from musicdesk.gui.actions import Actions
from musicdesk.gui.controls import DropDown
from musicdesk.gui.covers import Covers
from musicdesk.gui.empty import EmptyState
from musicdesk.gui.keys import verb_of
from musicdesk.gui.labels import ElidedLabel
from musicdesk.gui.page import Page, button, label, tool
from musicdesk.gui.pages.map_ink import cloud_colors, paint_lines, rgb
from musicdesk.gui.pages.map_parts import HoverCard, Legend
from musicdesk.gui.pages.map_state import COLOURINGS, Look, MapState, Points, heading, regions
from musicdesk.gui.shell import Goto, Shell
from musicdesk.gui.style.tokens import SPACE, Tokens
from musicdesk.gui.tables.view import TrackTable
from musicdesk.gui.verbs import Choice
from musicdesk.gui.welcome import Welcome

if TYPE_CHECKING:
    from musicdesk.gui.cloud import CloudView

SIDE = 296
NEAR, FOUND = 24, 200
LINES = 8  # true neighbours that are joined with the chosen point
TYPING_MS = 60
MARGIN = 64  # pixels from the edge within which a point is well in view


class MapPage(Page):
    NAME, TITLE = "map", "Map"
    INTERESTS = Changes.MAP | Changes.TRACKS | Changes.FEEDBACK | Changes.EMBEDDINGS | Changes.SETTINGS

    def __init__(self, shell: Shell, actions: Actions, covers: Covers) -> None:
        super().__init__(shell)
        self.state = MapState()
        self.points: Points | None = None
        self.cloud: CloudView | None = None
        self._look: Look | None = None
        self._lines: tuple[TrackId, list[TrackId]] | None = None
        self._actions = actions
        self._covers = covers
        self.words = self._search_field()
        self.colouring = DropDown(shell.theme)
        self.colouring.setAccessibleName("Colour by")
        for name, text in COLOURINGS:
            self.colouring.addItem(text, name)
        self.colouring.activated.connect(lambda _at: self._recolour(str(self.colouring.currentData())))
        self.legend = Legend(shell)
        self.legend.toggled.connect(self._toggle)
        self.list_title = ElidedLabel("Nearest in sound")
        self.list_title.setProperty("kind", "strong")
        self.table = TrackTable(shell, ("both", "rating"), covers)
        self.table.setAccessibleName("Tracks near the chosen one")
        self.table.setProperty("kind", "bare")
        self.table.horizontalHeader().hide()
        self.table.acted.connect(actions.perform)
        self.table.selectionModel().currentRowChanged.connect(lambda _now, _before: self._follow_list())
        self._typing = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._typing.timeout.connect(self._search)
        self._arrange(Welcome(shell))
        shell.current.connect(self._played)
        shell.theme.changed.connect(self._dress)

    # layout

    def _search_field(self) -> QLineEdit:
        field = QLineEdit()
        field.setPlaceholderText("Fly to a track")
        field.setAccessibleName("Search the map")
        field.setClearButtonEnabled(True)
        field.setFixedWidth(240)
        field.textChanged.connect(lambda _text: self._typing.start())
        field.returnPressed.connect(self._fly_to_first)
        return field

    def _arrange(self, welcome: Welcome) -> None:
        make = button(self.shell, "Make the map", "cube", "primary")
        make.clicked.connect(lambda: self.shell.jobs.start("project", {"method": self.shell.desk.settings.map_method}))
        listen = button(self.shell, "Listen to my music", "headphones", "primary")
        listen.clicked.connect(lambda: self.shell.jobs.start("settle", {"roots": []}))
        text = "musicdesk puts every track it has heard into space: what lies close sounds alike."
        self.stack = QStackedWidget()
        self._at = {
            "map": self.stack.addWidget(self._full()),
            "none": self.stack.addWidget(EmptyState(self.shell, "cube", "There is no map yet", text, make)),
            "unheard": self.stack.addWidget(EmptyState(self.shell, "cube", "There is no map yet", text, listen)),
            "welcome": self.stack.addWidget(welcome),
        }
        self.body().addWidget(self.stack)

    def _full(self) -> QWidget:
        reset = tool(self.shell, "house-line", "Show the whole map (Home)")
        reset.clicked.connect(lambda: self.cloud.reset_camera() if self.cloud else None)
        self.room = QFrame()
        self.room.setProperty("kind", "card")
        self.room_layout = QVBoxLayout(self.room)
        self.room_layout.setContentsMargins(1, 1, 1, 1)
        self.hover = HoverCard(self.shell, self._covers, self.room)
        full = QWidget()
        row = QHBoxLayout()
        row.setSpacing(SPACE["l"])
        row.addWidget(self.room, 1)
        row.addWidget(self._side())
        column = QVBoxLayout(full)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE["m"])
        column.addLayout(self.heading(self.words, reset))
        column.addLayout(row, 1)
        return full

    def _side(self) -> QWidget:
        side = QFrame()
        side.setProperty("kind", "card")
        side.setFixedWidth(SIDE)
        top = QHBoxLayout()
        top.addWidget(label("Colour by", "strong"))
        top.addStretch()
        top.addWidget(self.colouring)
        column = QVBoxLayout(side)
        column.setContentsMargins(SPACE["m"], SPACE["m"], SPACE["xs"], SPACE["s"])
        column.setSpacing(SPACE["s"])
        top.setContentsMargins(0, 0, SPACE["s"], 0)
        column.addLayout(top)
        column.addWidget(self.legend, 2)
        line = QFrame()
        line.setProperty("kind", "line")
        line.setFixedHeight(1)
        column.addWidget(line)
        column.addWidget(self.list_title)
        column.addWidget(self.table, 3)
        return side

    # reading

    def refresh(self, changes: Changes) -> None:
        total = self.shell.desk.catalog.tracks.count()["total"]
        if changes & (Changes.MAP | Changes.TRACKS | Changes.FEEDBACK | Changes.EMBEDDINGS) or self.points is None:
            self.points = self._read()
        shown = "map" if self.points is not None else "welcome" if not total else "none"
        if shown == "none" and not self.shell.desk.catalog.sound.heard(self.shell.desk.encoder):
            shown = "unheard"
        self.stack.setCurrentIndex(self._at[shown])
        self.subtitle.setText(heading(self.points))
        self.table.tracks.fetch_again()
        if self.points is not None:
            QTimer.singleShot(0, self, self._draw)

    def _read(self) -> Points | None:
        layout = self.shell.desk.catalog.layouts.active()
        if layout is None or not len(layout.ids):
            return None
        meta = self.shell.desk.catalog.browse.meta(layout.ids)
        return Points(layout.ids, layout.xyz, meta, layout.trustworthiness)

    def _draw(self) -> None:
        """Makes the cloud at first; after the first paint, since OpenGL costs a tenth of a second."""
        points = self.points
        if points is None:
            return
        tokens = self.shell.theme.tokens
        if self.cloud is None:
            self.cloud = self._make_cloud()
        ratings = {"like": rgb(tokens.like), "dislike": rgb(tokens.dislike), "never": rgb(tokens.warning)}
        look = self.state.look(points, tokens.dark, ratings)
        self._look = look
        self.cloud.set_reduced_motion(self.shell.desk.settings.reduced_motion)
        self.cloud.set_points(points.ids, points.xyz, look.colours, look.sizes)
        self.cloud.set_labels(*regions(points, look, self.state.colouring))
        self.cloud.set_playing(self.shell.playing)
        self.legend.tell(look.legend)
        if not len(self.table.tracks.ids):
            self._near(TrackId(int(points.ids[0])), choose=self.shell.selected is None)

    def _make_cloud(self) -> CloudView:
        from musicdesk.gui.cloud import CloudView

        cloud = CloudView(cloud_colors(self.shell.theme.tokens), self.room)
        cloud.hovered.connect(self._hovered)
        cloud.activated.connect(self._activated)
        cloud.selected.connect(lambda id_: self._near(TrackId(int(id_))) if int(id_) >= 0 else None)
        cloud.camera_moved.connect(self.hover.hide)
        cloud.set_overlay(self._paint_lines)
        self.room_layout.addWidget(cloud)
        return cloud

    # what happens

    def go(self, wish: Goto) -> None:
        if wish.track is None:
            return
        if self.points is None or int(wish.track) not in self.points.ids:
            self.shell.notice("This track is not on the map yet.")
            return
        if self.cloud is None:
            self._draw()
        # Later, when a cloud that was made just now has got its size.
        QTimer.singleShot(0, self, partial(self._show_point, wish.track))
        self._near(wish.track)

    def _show_point(self, track: TrackId) -> None:
        """Rings a point; the camera moves only when it is not well in view."""
        if self.cloud is None:
            return
        self.cloud.blockSignals(True)
        self.cloud.select(int(track))
        self.cloud.blockSignals(False)
        place = self.cloud.place_of(int(track))
        edge = QMarginsF(MARGIN, MARGIN, MARGIN, MARGIN)
        if place is None or not QRectF(self.cloud.rect()).marginsRemoved(edge).contains(place):
            self.cloud.fly_to(int(track), close=False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys of every list, for the chosen point."""
        verb = verb_of(event, self.shell.desk.settings.stars)
        chosen = self.cloud.selection() if self.cloud is not None and self.cloud.hasFocus() else -1
        if verb is None or (chosen < 0 and verb.name != "pause"):
            super().keyPressEvent(event)
        else:
            self._actions.perform(verb.name, Choice((TrackId(chosen),)) if chosen >= 0 else Choice(()))

    def search(self) -> None:
        self.words.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.words.selectAll()

    def primary(self) -> QWidget | None:
        return self.cloud

    def _tracks(self, ids: list[TrackId]) -> list[Track]:
        return self.shell.desk.catalog.tracks.get_many(ids)

    def _neighbours(self, track: TrackId, count: int) -> list[TrackId]:
        """The nearest in the space of sound, not on the picture; empty when the track has not been heard."""
        if not len(self.shell.desk.vectors().rows_of([track])):
            return []
        from musicdesk.workflows.recommend import similar

        found = self.shell.attempt(lambda: similar(self.shell.desk, str(int(track)), count))
        return [pick.track for pick in found or []]

    def _near(self, track: TrackId, choose: bool = True) -> None:
        """The list shows a track and what sounds most like it; lines join them on the map."""
        near = self._neighbours(track, NEAR)
        self._lines = (track, near[:LINES]) if choose else None
        found = self._tracks([track])
        self.list_title.setText(f"Sounds like {found[0].tags.title}" if found else "")
        self._fill_list([track, *near])

    def _fill_list(self, ids: list[TrackId]) -> None:
        model = self.table.selectionModel()
        model.blockSignals(True)
        self.table.tracks.show([int(i) for i in ids])
        model.blockSignals(False)
        if self.cloud is not None:
            self.cloud.update()

    def _follow_list(self) -> None:
        """The map follows the list: the chosen row's point is ringed and brought to the middle."""
        index = self.table.currentIndex()
        if self.cloud is None or not index.isValid():
            return
        self._show_point(self.table.tracks.id_at(index.row()))

    def _search(self) -> None:
        text = self.words.text().strip()
        if not text or self.points is None:
            return
        found = self.shell.desk.catalog.browse.ids(Query(words=text))
        there = found[np.isin(found, self.points.ids)][:FOUND]
        self.list_title.setText(f"{len(there):,} found" if len(there) else f"Nothing on the map matches “{text}”")
        self._lines = None
        self._fill_list([TrackId(int(i)) for i in there])

    def _fly_to_first(self) -> None:
        self._typing.stop()
        self._search()
        if len(self.table.tracks.ids) and self.cloud is not None:
            self.cloud.fly_to(int(self.table.tracks.id_at(0)), close=False)
            self._show_point(self.table.tracks.id_at(0))

    def _hovered(self, id_: int, place: QPointF) -> None:
        found = self._tracks([TrackId(int(id_))]) if int(id_) >= 0 else []
        if not found or self.cloud is None:
            self.hover.hide()
            return
        near = self._tracks(self._neighbours(found[0].id, 3))
        self.hover.tell(found[0], near, place)

    def _activated(self, id_: int) -> None:
        """A click plays the track, and after it what sounds like it."""
        track = TrackId(int(id_))
        self._actions.perform("play", Choice((track,), (track, *self._neighbours(track, NEAR))))

    def _recolour(self, name: str) -> None:
        self.state = self.state.coloured(name)
        self._draw()

    def _toggle(self, name: str) -> None:
        self.state = self.state.toggled(name)
        self._draw()

    def _played(self, track: TrackId | None) -> None:
        if self.cloud is not None:
            self.cloud.set_playing(track)

    def _dress(self, tokens: Tokens) -> None:
        if self.cloud is not None:
            self.cloud.set_colors(cloud_colors(tokens))
            self._draw()

    def _paint_lines(self, painter: QPainter) -> None:
        if self._lines is not None and self.cloud is not None:
            paint_lines(painter, self.cloud, self._lines, self.shell.theme.tokens.accent)
