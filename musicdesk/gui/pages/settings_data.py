"""Your data in the Settings: where it lies, the backups there are, bringing one back, deleting it all."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from musicdesk.gui import words
from musicdesk.gui.background import Background, Stop
from musicdesk.gui.labels import ElidedLabel
from musicdesk.gui.page import button, label
from musicdesk.gui.pages.settings_parts import Section
from musicdesk.gui.pages.settings_state import default_backup_name
from musicdesk.gui.recovery_state import backup_line, outcome, preview_text
from musicdesk.gui.shell import Shell
from musicdesk.gui.style.tokens import SPACE
from musicdesk.workflows.jobs import as_json
from musicdesk.workflows.recovery import Kept, Preview, exchange, kept, preview, ready, undo

BACKUP = (("sqlite", "musicdesk backup"),)
SHOWN = 7  # backups in the list


class DataSection(Section):
    def __init__(self, shell: Shell) -> None:
        super().__init__("Your data", "The library file holds ratings, plays, playlists and what was heard.")
        self.shell = shell
        self._behind = Background(shell, self)
        folder = ElidedLabel(str(shell.desk.profile.folder), mode=Qt.TextElideMode.ElideMiddle)
        folder.setProperty("kind", "secondary")
        show = button(shell, "Open the folder", "folder-open")
        show.clicked.connect(self._open_profile)
        line = QHBoxLayout()
        line.setSpacing(SPACE["l"])
        line.addWidget(label("Kept in"))
        line.addWidget(folder, 1)
        line.addWidget(show)
        self.column.addLayout(line)
        self.column.addWidget(label("Backups", "card-title"))
        hint = "One is made on every day on which something changes: seven days, four weeks and six months are kept."
        self.column.addWidget(label(hint, "secondary", wrap=True))
        self.lines = QVBoxLayout()
        self.lines.setSpacing(SPACE["s"])
        self.column.addLayout(self.lines)
        self.backup = button(shell, "Back up to a file", "floppy-disk")
        self.backup.clicked.connect(self._back_up)
        self.restore = button(shell, "Bring one back from a file", "clock-counter-clockwise")
        self.restore.clicked.connect(self._choose)
        self.delete = button(shell, "Delete all my data", "trash", "danger")
        self.delete.clicked.connect(self._delete)
        self.buttons(self.backup, self.restore, self.delete)

    def refresh(self) -> None:
        while (item := self.lines.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        found = kept(self.shell.desk.profile)[:SHOWN]
        for entry in found:
            self.lines.addWidget(BackupLine(self, entry))
        if not found:
            self.lines.addWidget(label("None yet. The first is made after the first scan.", "secondary"))

    def bring(self, path: Path) -> None:
        """Shows what a backup holds beside what is now, and brings it back if that is wanted."""
        profile = self.shell.desk.profile

        def look(_stop: Stop) -> Preview:
            return preview(profile, path)

        self._behind.ask("look", look, partial(self._sure, path))

    def _sure(self, path: Path, found: Preview) -> None:
        if not self.shell.ask.sure("Bring this backup back?", preview_text(found), "Bring it back"):
            return
        profile = self.shell.desk.profile
        self.shell.notice("Checking the backup and copying it …")
        self._behind.ask("ready", lambda _stop: ready(profile, path), partial(_exchange, self.shell, path))

    def _open_profile(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(os.fspath(self.shell.desk.profile.folder)))

    def _back_up(self) -> None:
        path = self.shell.ask.save_as("Back up the library", default_backup_name(), BACKUP)
        if path is None:
            return
        from musicdesk.workflows.backups import backup

        made = self.shell.attempt(lambda: backup(self.shell.desk, path))
        if made is not None:
            self.shell.notice(f"Backed up to {made.file} ({words.size(made.bytes)}).")

    def _choose(self) -> None:
        path = self.shell.ask.open_file("Bring a backup back", BACKUP)
        if path is not None:
            self.bring(path)

    def _delete(self) -> None:
        text = (
            "Ratings, plays, playlists, embeddings, backups and settings are deleted from this computer and cannot "
            "be brought back. Your music files are not touched."
        )
        if not self.shell.ask.sure("Delete all your data?", text, "Delete everything", danger=True):
            return
        from musicdesk.workflows.backups import delete_all

        done = self.shell.with_desk_closed(delete_all)
        if done is not None:
            self.shell.notice("All your data is deleted. musicdesk starts afresh.")


def _exchange(shell: Shell, path: Path, fresh: Path) -> None:
    done = shell.with_desk_closed(lambda profile: exchange(profile, fresh, path))
    if done is not None:
        shell.notice(outcome(as_json(done)), "Undo", partial(_undo, shell, Path(done.set_aside)))


def _undo(shell: Shell, aside: Path) -> None:
    done = shell.with_desk_closed(lambda profile: undo(profile, aside))
    if done is not None:
        shell.notice(outcome(as_json(done)), "Undo", partial(_undo, shell, Path(done.set_aside)))


class BackupLine(QWidget):
    """One backup: when, of what, how large, and a way to look into it."""

    def __init__(self, section: DataSection, entry: Kept) -> None:
        super().__init__()
        self.look = button(section.shell, "Look into it", "magnifying-glass", "link")
        self.look.setAccessibleName(f"Look into the backup of {backup_line(entry)}")
        self.look.clicked.connect(lambda _=False: section.bring(Path(entry.file)))
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(label(backup_line(entry)), 1)
        line.addWidget(self.look)
