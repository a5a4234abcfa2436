"""A playlist to one's Spotify account: sent by a job where there is a connection, and told what came there."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices

from musicdesk.core.types import PlaylistId
from musicdesk.gui import words
from musicdesk.gui.labels import plain
from musicdesk.gui.shell import Goto, Shell
from musicdesk.gui.task import Outcome, Task

JOB = "spotify-playlist"
NOT_CONNECTED = (
    "musicdesk is not connected with Spotify; the History page can connect it, and then playlists can be sent."
)
OFFLINE = "musicdesk is offline by your choice, so nothing can be sent to Spotify; the settings can change that."


class ToSpotify(QObject):
    """For one sending."""

    def __init__(self, shell: Shell, parent: QObject) -> None:
        super().__init__(parent)
        self._shell = shell

    def why_not(self) -> tuple[str, str]:
        """(a sentence, the page that helps), or ('', '') when a list can be sent."""
        from musicdesk.workflows.spotify import state

        now = state(self._shell.desk)
        if now["offline"]:
            return OFFLINE, "settings"
        return ("", "") if now["connected"] else (NOT_CONNECTED, "history")

    def send(self, playlist: PlaylistId) -> Task | None:
        """Starts the sending; else says what is missing, with the way there."""
        sentence, page = self.why_not()
        if sentence:
            wish = Goto(page, "imports" if page == "history" else "")
            self._shell.notice(sentence, page.capitalize(), lambda: self._shell.went.emit(wish))
            self.deleteLater()
            return None
        task = self._shell.jobs.start(JOB, {"playlist": int(playlist), "name": ""})
        task.ended.connect(self._ended)
        self._shell.notice("The list is being made at Spotify.")
        return task

    def _ended(self, outcome: Outcome) -> None:
        self.deleteLater()
        if outcome.state != "finished":
            return  # the window tells what went wrong
        address = QUrl(str(outcome.result["address"]))
        safe = address.scheme() == "https"
        self._shell.notice(
            sent_line(outcome.result), "Open it" if safe else "", lambda: QDesktopServices.openUrl(address)
        )


def sent_line(result: dict[str, Any]) -> str:
    """'“For you” is at Spotify with 24 of 30 tracks; 6 were not found there.'"""
    missing = len(result["missing"])
    tracks = words.count(result["tracks"], "track")
    there = f"“{plain(result['name'])}” is at Spotify with {result['added']:,} of {tracks}"
    told = f"{there}; {missing:,} {'was' if missing == 1 else 'were'} not found there." if missing else f"{there}."
    return " ".join([told, *result["notes"][:1]])
