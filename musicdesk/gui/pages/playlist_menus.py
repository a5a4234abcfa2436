"""The two menus of the playlist page: how long it is and what it leaves out, and where it is exported to."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QPushButton, QToolButton

from musicdesk.core.types import PlaylistId
from musicdesk.gui.page import button, tool
from musicdesk.gui.pages.discover_state import file_name
from musicdesk.gui.pages.playlist_state import LENGTHS, RESTS
from musicdesk.gui.shell import Shell
from musicdesk.workflows.request import SEQUENCING, Request

FORMATS = (("m3u8", "M3U8 playlist"), ("xspf", "XSPF playlist"), ("jspf", "JSPF playlist"), ("csv", "CSV table"))


class Options(QMenu):
    """What the list shall be like, beside the sliders. The actions are exclusive in their groups."""

    wanted = Signal(object)  # Request

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self._request = Request()
        self.button = tool(shell, "sliders-horizontal", "Options: length, rest and rules of this list", "text")
        self.button.setMenu(self)
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._groups: list[QActionGroup] = []
        self._lengths = self._group("Length", [(text, (n, minutes)) for text, n, minutes in LENGTHS])
        self._rests = self._group("Not heard for", RESTS)
        self._ways = self._group("Vary by", (("Unlike what is there already", "mmr"), ("The set as a whole", "dpp")))
        self._rules = self.addMenu("Rules of this list")
        self._checks = {
            SEQUENCING[0]: self._check("An artist at most once in ten tracks", SEQUENCING[0]),
            SEQUENCING[1]: self._check("At most two tracks of an album", SEQUENCING[1]),
            "memory": self._check("Step back what was shown lately", "memory"),
            "smooth": self._check("The end of each track leads into the next", "smooth"),
        }

    def show_request(self, request: Request) -> None:
        self._request = request
        for actions, value in (
            (self._lengths, (30 if request.minutes else request.n, request.minutes)),
            (self._rests, request.rest_days),
            (self._ways, request.varied_by),
        ):
            for action in actions:
                action.setChecked(action.data() == value)
        for rule, action in self._checks.items():
            on = {"memory": request.memory_days > 0, "smooth": request.smooth}
            action.setChecked(on.get(rule, rule not in request.relaxed))

    def _group(self, title: str, values: object) -> list[QAction]:
        menu, group = self.addMenu(title), QActionGroup(self)
        group.setExclusionPolicy(QActionGroup.ExclusionPolicy.ExclusiveOptional)
        self._groups.append(group)
        made = []
        for text, value in values:  # type: ignore[attr-defined]
            action = menu.addAction(text)
            action.setCheckable(True)
            action.setData(value)
            group.addAction(action)
            made.append(action)
        group.triggered.connect(self._chosen)
        return made

    def _check(self, text: str, rule: str) -> QAction:
        action = self._rules.addAction(text)
        action.setCheckable(True)
        action.triggered.connect(lambda on, rule=rule: self._switched(rule, on))
        return action

    def _chosen(self, action: QAction) -> None:
        value = action.data()
        if action in self._lengths:
            made = replace(self._request, n=value[0], minutes=value[1])
        elif action in self._rests:
            made = replace(self._request, rest_days=value)
        else:
            made = replace(self._request, varied_by=value)
        self.wanted.emit(made)

    def _switched(self, rule: str, on: bool) -> None:
        if rule == "memory":
            self.wanted.emit(replace(self._request, memory_days=Request.memory_days if on else 0.0))
            return
        if rule == "smooth":
            self.wanted.emit(replace(self._request, smooth=on))
            return
        rest = tuple(each for each in self._request.relaxed if each != rule)
        self.wanted.emit(replace(self._request, relaxed=rest if on else (*rest, rule)))


class Export(QMenu):
    wanted = Signal(str)  # format; how paths are written: `relative`, else `there`
    to_spotify = Signal()

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self._shell = shell
        self.button: QPushButton = button(shell, "Export", "export", tip_text="A file for other players")
        self.button.setMenu(self)
        self.relative = QAction("Paths relative to the file", self)
        self.relative.setCheckable(True)
        self.relative.setToolTip("Then the list may be moved together with its music")
        for ending, name in FORMATS:
            self.addAction(f"{name} (.{ending})").triggered.connect(
                lambda _on=False, ending=ending: self.wanted.emit(ending)
            )
        self.addSeparator()
        self.addAction(self.relative)
        self.there = ""  # the music's folder as another machine sees it
        self.elsewhere = QAction("Paths of another machine …", self)
        self.elsewhere.setCheckable(True)
        self.addAction(self.elsewhere)
        self.addSeparator()
        self.spotify = self.addAction("A playlist at Spotify")
        self.spotify.setToolTip("In your account there, from what is found of these tracks; it stays private")
        self.spotify.triggered.connect(lambda _on=False: self.to_spotify.emit())
        self.relative.triggered.connect(lambda on: self.elsewhere.setChecked(self.elsewhere.isChecked() and not on))
        self.elsewhere.triggered.connect(self._ask)

    def _ask(self, on: bool) -> None:
        from musicdesk.workflows.playlists import common_root

        here = common_root(self._shell.desk)
        text = f"Your music lies in {here} here. What is this folder called where the list will be played?"
        self.there = (self._shell.ask.text("Paths of another machine", text, self.there or here) or "") if on else ""
        self.elsewhere.setChecked(bool(self.there))
        self.relative.setChecked(self.relative.isChecked() and not self.there)

    def write(self, number: PlaylistId, name: str, ending: str) -> None:
        """Asks where to, writes the kept playlist there, and tells that."""
        path = self._shell.ask.save_as(
            "Export the playlist", f"{file_name(name)}.{ending}", [pair for pair in FORMATS if pair[0] == ending]
        )
        if path is None:
            return
        from musicdesk.workflows.playlists import export

        target = path if path.suffix else path.with_suffix(f".{ending}")
        folder = target.absolute().parent if self.relative.isChecked() else None
        roots = self.roots
        done = self._shell.attempt(lambda: export(self._shell.desk, number, target, ending, folder, roots))
        if done is not None:
            self._shell.notice(" ".join([f"Exported to {target}.", *done.notices[:1]]))

    @property
    def roots(self) -> tuple[str, str] | None:
        from musicdesk.workflows.playlists import common_root

        return (common_root(self._shell.desk), self.there) if self.elsewhere.isChecked() else None
