"""What can be done with tracks on the map: choose some, join two by a path, mix, keep, play, draw around one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QMenu, QWidget

from musicdesk.core.rows import places
from musicdesk.core.types import TrackId
from musicdesk.gui import words
from musicdesk.gui.actions import Actions
from musicdesk.gui.pages import map_reading
from musicdesk.gui.pages.map_ink import paint_way
from musicdesk.gui.pages.map_pointer import Pointer, Tool
from musicdesk.gui.pages.map_reader import Reader
from musicdesk.gui.pages.map_sphere import KEYS as SIZES
from musicdesk.gui.pages.map_state import Points
from musicdesk.gui.pages.map_tools import KEYS, Bar, Tools
from musicdesk.gui.pages.map_twin import CHOSEN, Twin
from musicdesk.gui.shell import Shell
from musicdesk.gui.style import icons
from musicdesk.gui.style.tokens import Tokens
from musicdesk.gui.task import Outcome
from musicdesk.gui.verbs import BY_NAME, MENU, Choice, keys_of
from musicdesk.workflows.request import Request

if TYPE_CHECKING:
    from musicdesk.gui.cloud import CloudView

PATH, MIXED = 12, 24  # tracks of a path and of a mixture
OUT = ("map", "pin", "hear", "path")  # verbs that mean nothing here


@dataclass(frozen=True, eq=False)
class Chosen:
    """Tracks that were chosen on the map. named: what so many of them are called; reason: why each is here;
    way: whether their order is a way that is drawn"""

    named: Callable[[int], str]
    ids: np.ndarray
    reason: str
    way: bool = False

    @property
    def title(self) -> str:
        return self.named(len(self.ids))


class Doing(QObject):
    changed = Signal()  # other tracks are chosen
    centred = Signal(object)  # Points: a neighbourhood that was drawn for itself

    def __init__(
        self,
        shell: Shell,
        actions: Actions,
        reader: Reader,
        room: QWidget,
        twin: Twin,
        points: Callable[[], Points | None],
        shown: Callable[[], np.ndarray | None],
    ) -> None:
        """shown: bool (n,), which of the points the legend's filter leaves; None for all"""
        super().__init__(room)
        self._shell, self._actions, self._reader = shell, actions, reader
        self._twin, self._points, self._shown = twin, points, shown
        self.chosen: Chosen | None = None
        self._under = np.empty(0, np.int64)  # what the last enclosed tracks came to
        self.pointer = Pointer(self)
        self.tools, self.bar = Tools(shell, room), Bar(shell, room)
        self.tools.taken.connect(self.take)
        self.pointer.changed.connect(self.tools.show_tool)
        self.pointer.enclosed.connect(self._enclosed)
        self.pointer.resized.connect(self._choose_with)
        self.pointer.counted.connect(lambda count: self.bar.tell(words.count(count, "track"), 0))
        self.pointer.joined.connect(self._joined)
        self.pointer.mixed.connect(self._mixed)
        self.bar.play_wanted.connect(lambda: self._perform("play"))
        self.bar.queue_wanted.connect(lambda: self._perform("queue"))
        self.bar.keep_wanted.connect(self._keep)
        self.bar.closed.connect(self.clear)
        shell.jobs.ended.connect(self._job_ended)

    def watch(self, cloud: CloudView) -> None:
        self.pointer.watch(cloud)
        for part in (self.tools, self.bar):
            part.raise_()

    def key(self, event: QKeyEvent, there: bool) -> bool:
        """Esc lets everything go; `there`, on the map itself, letters take tools."""
        if event.key() == Qt.Key.Key_Escape and (self.chosen or self.pointer.tool is not Tool.LOOK):
            self.clear()
            return True
        if there and (factor := SIZES.get(Qt.Key(event.key()))) is not None and self.pointer.resize(factor):
            return True
        if there and not event.modifiers() and (tool := KEYS.get(event.text().upper())) is not None:
            self.take(tool)
            return True
        return False

    def take(self, tool: Tool) -> None:
        self.pointer.take(tool)
        self._tell()

    def clear(self) -> None:
        """Lets the chosen tracks go, and the tool."""
        self.pointer.take(Tool.LOOK)
        self.choose(None)

    def leave_out(self, known: np.ndarray) -> None:
        """Tracks that have gone from the library leave the choice. known: int64 (n,), all that are there, ascending"""
        chosen = self.chosen
        there = places(known, chosen.ids) >= 0 if chosen is not None else np.ones(0, bool)
        if chosen is None or there.all():
            return
        self.pointer.take(self.pointer.tool)  # a sphere around what is gone has no other size
        self.choose(replace(chosen, ids=chosen.ids[there]) if there.any() else None, turn=False)

    def choose(self, chosen: Chosen | None, turn: bool = True) -> None:
        """turn: whether the list shows them"""
        self.chosen = chosen
        self._twin.fill(CHOSEN, chosen.title if chosen else "", chosen.ids if chosen else [])
        if chosen is not None and turn:
            self._twin.turn(CHOSEN)
        self._tell()
        self.changed.emit()

    def lit(self, points: Points) -> np.ndarray | None:
        """bool (n,): the chosen points, or None where nothing is chosen."""
        if self.chosen is None:
            return None
        found = np.zeros(len(points), bool)
        found[points.rows_of(self.chosen.ids)] = True
        return found

    def paint(self, painter: QPainter, cloud: CloudView, tokens: Tokens) -> None:
        if self.chosen is not None and self.chosen.way:
            paint_way(painter, cloud, [int(track) for track in self.chosen.ids], tokens.accent)
        self.pointer.paint(painter, cloud, tokens)

    # around one track

    def around(self, track: TrackId) -> None:
        """A job draws the neighbourhood of one track for itself; the map shows it when it is done."""
        self._shell.jobs.start("around", {"track": int(track)})

    def _job_ended(self, outcome: Outcome) -> None:
        if (outcome.job, outcome.state) != ("around", "finished") or "xyz" not in outcome.result:
            return
        found: dict[str, Any] = outcome.result
        track = TrackId(int(found["track"]))
        named = self._shell.desk.catalog.tracks.get_many([track])
        xyz = np.array(found["xyz"], np.float32).reshape(-1, 3)
        trust = np.array(found["trust"], np.float32)
        title = named[0].tags.title if named else ""
        ids = np.array(found["ids"], np.int64)
        self.centred.emit(Points(ids, xyz, trust, float(found["trustworthiness"]), track, title))

    def menu(self, track: TrackId, place: QPoint, parent: QWidget) -> QMenu:
        """What can be done with a point, as in every list, and on the map alone."""
        menu, tokens = QMenu(parent), self._shell.theme.tokens
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for group in MENU:
            for name in group:
                if name not in OUT:
                    verb = BY_NAME[name]
                    action = menu.addAction(icons.icon(verb.icon, tokens.secondary), f"{verb.text}\t{keys_of(name)}")
                    action.triggered.connect(partial(self._actions.perform, name, Choice((track,))))
            menu.addSeparator()
        for text, icon, run in (
            ("Draw the map around this", "crosshair", lambda: self.around(track)),
            ("Choose what lies around this", "globe-simple", lambda: self._begin(Tool.SPHERE, track)),
            ("Path from here", "path", lambda: self._begin(Tool.PATH, track)),
            ("More of this, less of that", "plus-minus", lambda: self._begin(Tool.MIX, track)),
        ):
            menu.addAction(icons.icon(icon, tokens.secondary), text).triggered.connect(run)
        menu.popup(place)
        return menu

    def _begin(self, tool: Tool, track: TrackId) -> None:
        self.take(tool)
        self.pointer.point(track)

    # what the tools gave

    def _enclosed(self, ids: np.ndarray, more: bool) -> None:
        """`more`: they come to what is chosen already."""
        self._under = self.chosen.ids if more and self.chosen is not None else np.empty(0, np.int64)
        self._choose_with(ids)

    def _choose_with(self, ids: np.ndarray) -> None:
        """Chooses those of the enclosed tracks that the legend's filter shows, and what was chosen before them."""
        points, shown = self._points(), self._shown()
        if points is not None and shown is not None:
            ids = ids[shown[points.rows_of(ids)]]
        ids = np.concatenate([self._under, ids[~np.isin(ids, self._under)]])
        if not len(ids):
            self.choose(None)
            return
        self.choose(Chosen(lambda count: f"{words.count(count, 'track')} chosen", ids, "Chosen on the map"))

    def _joined(self, start: TrackId, end: TrackId) -> None:
        request = Request("path", (start,), to=end, n=PATH)
        self.bar.tell("Looking for the way …", 0)
        self._reader.ask("list", lambda desk, _stop: map_reading.listed(desk, request), self._has_path, self._tell)

    def _has_path(self, found: map_reading.Listed) -> None:
        if self.pointer.tool is not Tool.PATH:
            return  # another tool was taken meanwhile, or all was let go
        ids, reason = np.array(found.tracks, np.int64), "On the path between two tracks"
        path = Chosen(lambda count: f"Path of {words.count(count, 'track')}", ids, reason, way=True)
        self.choose(path if found.tracks else None)

    def _mixed(self, plus: tuple[TrackId, ...], minus: tuple[TrackId, ...]) -> None:
        if not plus:
            self.choose(None)
            return
        request = Request("add-subtract", plus, minus=minus, n=MIXED)
        self._reader.ask("list", lambda desk, _stop: map_reading.listed(desk, request), self._has_mix)

    def _has_mix(self, found: map_reading.Listed) -> None:
        if self.pointer.tool is Tool.MIX and found.tracks:
            ids = np.array(found.tracks, np.int64)
            self.choose(Chosen(lambda _count: found.name.partition(": ")[2] or found.name, ids, found.name))

    def _perform(self, verb: str) -> None:
        if self.chosen is not None:
            self._actions.perform(verb, Choice(tuple(TrackId(int(track)) for track in self.chosen.ids)))

    def _keep(self) -> None:
        from musicdesk.workflows.own_list import keep_list

        chosen = self.chosen
        if chosen is None:
            return
        name = self._shell.ask.text("Keep as a playlist", "What is it called?", chosen.title)
        if not name or not name.strip():
            return
        tracks = [TrackId(int(track)) for track in chosen.ids]
        kept = self._shell.attempt(lambda: keep_list(self._shell.desk, name.strip(), tracks, chosen.reason))
        if kept is not None:
            self._shell.tell(kept[1])
            count = words.count(len(kept[0].picks), "track")
            self._shell.notice(f"“{name.strip()}” is kept with {count}; Discover shows it.")

    def _tell(self) -> None:
        chosen = self.chosen
        self.bar.tell(chosen.title if chosen else "", len(chosen.ids) if chosen else 0, self.pointer.tool.hint)
