"""Settings: folders, listening, what stays out of playlists, appearance, and your data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from musicdesk.catalog.roots import Root
from musicdesk.core.changes import Changes
from musicdesk.gui.actions import Actions
from musicdesk.gui.controls import Switch
from musicdesk.gui.covers import Covers
from musicdesk.gui.page import Page, button, label, scrolling
from musicdesk.gui.pages.settings_data import DataSection
from musicdesk.gui.pages.settings_parts import RootLine, Section, choice, number
from musicdesk.gui.pages.settings_privacy import PrivacySection
from musicdesk.gui.pages.settings_state import DEVICES, METHODS, THEMES, Rules, removal_text
from musicdesk.gui.shell import Goto, Shell
from musicdesk.gui.style.tokens import SPACE
from musicdesk.gui.welcome import choose_folder

WIDTH = 760


class SettingsPage(Page):
    NAME, TITLE = "settings", "Settings"
    INTERESTS = Changes.SETTINGS | Changes.TRACKS

    def __init__(self, shell: Shell, actions: Actions, covers: Covers) -> None:
        super().__init__(shell)

    def parts(self) -> Iterator[None]:
        scroll, outer = scrolling()
        body = self.body()
        body.addLayout(self.heading())
        body.addWidget(scroll, 1)
        self.subtitle.setText("Everything stays on this computer, unless you connect it.")
        outer.setContentsMargins(0, 0, 0, 0)
        narrow, middle = QWidget(), QHBoxLayout()
        outer.addLayout(middle)
        narrow.setMaximumWidth(WIDTH)
        middle.addWidget(narrow, 1)
        middle.addStretch()
        column = QVBoxLayout(narrow)
        column.setContentsMargins(0, 0, SPACE["s"], SPACE["l"])
        column.setSpacing(SPACE["l"])
        for section in (self._folders, self._listening, self._rules, self._looks):
            column.addWidget(section())
            yield
        self.privacy = PrivacySection(self.shell)
        column.addWidget(self.privacy)
        yield
        self.data = DataSection(self.shell)
        column.addWidget(self.data)
        column.addStretch()

    # the sections

    def _folders(self) -> Section:
        section = Section("Music folders", "musicdesk only reads them. Nothing in them is ever changed.")
        self.roots = QVBoxLayout()
        self.roots.setSpacing(SPACE["s"])
        section.column.addLayout(self.roots)
        self.add = button(self.shell, "Add a folder", "folder-plus", "primary")
        self.add.clicked.connect(lambda: choose_folder(self.shell))
        self.rescan = button(self.shell, "Look for changes", "arrows-clockwise", tip_text="Reads what is new (F5)")
        self.rescan.clicked.connect(lambda: self.shell.jobs.start("settle", {"roots": []}))
        section.buttons(self.add, self.rescan)
        self.watch = self._check("watch_folders", "Watch the folders")
        section.row("Watch the folders", self.watch, "New and changed files are noticed while the window is open.")
        return section

    def _listening(self) -> Section:
        settings = self.shell.desk.settings
        section = Section("Listening")
        self.hears = button(self.shell, "Choose or teach", "brain")
        self.hears.clicked.connect(lambda: self.shell.went.emit(Goto("models", "encoder")))
        section.row("What hears your music", self.hears, "Ours, one of your own, or one that your library has taught.")
        self.device = choice(self.shell, DEVICES, settings.device)
        self.device.activated.connect(lambda _at: self._choose_device())
        section.row("Runs on", self.device, "The processor always works.")
        self.processes = number(0, 64, "", "One per core")
        self.processes.setValue(settings.processes)
        self.processes.editingFinished.connect(lambda: self._set("processes", self.processes.value()))
        section.row("Files read at once", self.processes, "Fewer leave more of the computer to other programs.")
        self.windows = number(0, 500_000, " MB", "None")
        self.windows.setValue(settings.windows_mb)
        self.windows.editingFinished.connect(lambda: self._set("windows_mb", self.windows.value()))
        hint = "A few seconds of each track, as pictures, for models that learn from sound. 1,000 tracks take 133 MB."
        section.row("Room for sound to learn from", self.windows, hint)
        self.method = choice(self.shell, METHODS, settings.map_method)
        self.method.activated.connect(lambda _at: self._remap())
        section.row("The map is made by", self.method)
        return section

    def _rules(self) -> Section:
        section = Section(
            "Kept out of playlists",
            "These tracks stay in the library and can be played; they are never picked by themselves.",
        )
        rules = Rules.of(self.shell.desk.settings)
        self.exclude_words = QLineEdit(rules.words)
        self.exclude_words.setCursorPosition(0)
        self.exclude_words.setAccessibleName("Words, separated by commas")
        self.shorter = number(0, 600, " s", "Any length")
        self.shorter.setValue(rules.shorter_s)
        self.longer = number(0, 600, " min", "Any length")
        self.longer.setValue(rules.longer_min)
        section.wide("With one of these words", self.exclude_words, "In title, album, genre or folder.")
        section.row("Shorter than", self.shorter)
        section.row("Longer than", self.longer)
        self.apply = button(self.shell, "Apply to the library", "check")
        self.apply.clicked.connect(self._apply_rules)
        section.buttons(self.apply)
        return section

    def _looks(self) -> Section:
        section = Section("Appearance")
        self.theme = choice(self.shell, THEMES, self.shell.desk.settings.theme)
        self.theme.activated.connect(lambda _at: self._choose_theme())
        section.row("Colours", self.theme)
        self.stars = self._check("stars", "Stars")
        hint = "The keys 0 to 5 give stars; the four verbs then go with Alt."
        section.row("Stars instead of verbs", self.stars, hint)
        self.motion = self._check("reduced_motion", "Less motion")
        section.row("Less motion", self.motion, "The map jumps instead of flying.")
        return section

    def _check(self, name: str, text: str) -> Switch:
        box = Switch(self.shell.theme)
        box.setAccessibleName(text)
        box.setChecked(bool(getattr(self.shell.desk.settings, name)))
        box.toggled.connect(lambda on: self._set(name, on))
        return box

    # what happens

    def refresh(self, changes: Changes) -> None:
        self.privacy.refresh()
        self.data.refresh()
        while (item := self.roots.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        roots = self.shell.desk.catalog.roots.all()
        for root in roots:
            line = RootLine(self.shell, root)
            line.remove.clicked.connect(lambda _=False, root=root: self._forget(root))
            self.roots.addWidget(line)
        if not roots:
            self.roots.addWidget(label("No folder yet.", "secondary"))
        self.rescan.setEnabled(bool(roots))

    def primary(self) -> QWidget | None:
        return self.add

    def _set(self, name: str, value: Any) -> None:
        if getattr(self.shell.desk.settings, name) != value:
            self.shell.change_settings(**{name: value})

    def _choose_theme(self) -> None:
        self._set("theme", self.theme.currentData())
        self.shell.theme.choose(self.theme.currentData())

    def _choose_device(self) -> None:
        self._set("device", self.device.currentData())
        self.shell.jobs.device = None  # the settings speak from now on

    def _remap(self) -> None:
        self._set("map_method", self.method.currentData())
        if self.shell.desk.catalog.layouts.active() is not None:
            self.shell.jobs.start("project", {"method": self.method.currentData()})

    def _apply_rules(self) -> None:
        rules = Rules(self.exclude_words.text(), self.shorter.value(), self.longer.value())
        if rules == Rules.of(self.shell.desk.settings):
            self.shell.notice("These rules are in use already.")
            return
        self.shell.change_settings(**rules.values())
        self.shell.jobs.start("scan", {"roots": []})

    def _forget(self, root: Root) -> None:
        text = removal_text(root, *self.shell.desk.catalog.roots.parting(root.id))
        if self.shell.ask.sure("Forget this folder?", text, "Forget it", danger=True):
            self.shell.desk.catalog.roots.remove(root.id)
            self.shell.tell(Changes.TRACKS | Changes.MAP | Changes.EMBEDDINGS | Changes.FEEDBACK | Changes.PLAYLISTS)
