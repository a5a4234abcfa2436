"""The first minute: an empty library and the two ways to fill it."""

from __future__ import annotations

import os
from pathlib import Path

from musicdesk.gui.empty import EmptyState
from musicdesk.gui.page import button
from musicdesk.gui.shell import Shell


class Welcome(EmptyState):
    def __init__(self, shell: Shell) -> None:
        self._home = shell
        self.choose = button(shell, "Choose a folder", "folder-plus", "primary")
        self.demo = button(shell, "Try the demo library", "music-notes")
        super().__init__(
            shell,
            "disc",
            "Welcome to musicdesk",
            "Choose the folder your music lies in. musicdesk listens to it on this computer, "
            "nothing leaves it, and your files are never changed.",
            self.choose,
            self.demo,
        )
        self.meanwhile(
            ("settle", "demo"),
            "Your music is on its way",
            "It appears here as it is found. Listening to it follows by itself, and you can play meanwhile.",
        )
        self.choose.clicked.connect(lambda: choose_folder(shell))
        self.demo.clicked.connect(lambda: shell.jobs.start("demo", {"tracks": 96}))


def choose_folder(shell: Shell) -> None:
    folder = shell.ask.folder("Choose a folder with music")
    if folder is not None:
        add_folders(shell, [folder])


def add_folders(shell: Shell, folders: list[Path]) -> None:
    """Scans, listens and maps, in a worker."""
    names = [os.path.abspath(folder) for folder in folders]
    shell.jobs.start("settle", {"roots": names})
    what = f"“{folders[0].name or names[0]}”" if len(folders) == 1 else f"{len(folders)} folders"
    shell.notice(f"Looking at {what}. Music appears here as it is found.")
