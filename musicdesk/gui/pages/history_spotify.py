"""The Spotify card of the History page: connecting, fetching, and ending it. The worker waits for the browser."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from musicdesk.core.changes import Changes
from musicdesk.gui.page import button, label
from musicdesk.gui.pages.history_spotify_state import Face, face
from musicdesk.gui.shell import Goto, Shell
from musicdesk.gui.style.tokens import SPACE
from musicdesk.gui.task import Outcome, Task

DASHBOARD = "https://developer.spotify.com/dashboard"
OURS = ("spotify-connect", "spotify-fetch")


class SpotifyCard(QFrame):
    """`listener` is whose history a fetch belongs to."""

    INTERESTS = Changes.SETTINGS | Changes.LISTENS

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self.listener = "me"
        self.face: Face | None = None
        self._shell = shell
        self._task: Task | None = None
        self._page = ""  # where consent is given, while it is waited for
        self._renaming = False  # another client id is wanted
        self.setProperty("kind", "card")
        self.setAccessibleName("Spotify")
        self.text = label("", "secondary", wrap=True)
        self.field = QLineEdit()
        self.field.setAccessibleName("Spotify client id")
        self.field.setPlaceholderText("Client id")
        self.field.setMaxLength(128)
        self.field.returnPressed.connect(self._keep)
        self.trouble = label("", wrap=True)
        self.account = label("", "small", wrap=True)
        self._controls = self._make_controls()
        self._lay_out()
        shell.changed.connect(self._note)
        shell.jobs.began.connect(self._show)
        shell.reopened.connect(self.refresh)

    def _make_controls(self) -> dict[str, QWidget]:
        made = {
            "field": self.field,
            "keep": button(self._shell, "Use this client id", "check", "primary"),
            "dashboard": button(self._shell, "Open the dashboard", "arrow-square-out"),
            "connect": button(self._shell, "Connect with Spotify", "link", "primary"),
            "other": button(self._shell, "Another client id", "pencil-simple"),
            "again": button(self._shell, "Open the page again", "arrow-square-out"),
            "fetch": button(self._shell, "Fetch now", "download-simple", "primary"),
            "disconnect": button(self._shell, "Disconnect", "link-break"),
            "settings": button(self._shell, "Open Settings", "gear"),
            "cancel": button(self._shell, "Cancel", "x"),
        }
        doings = {
            "keep": self._keep,
            "dashboard": lambda: QDesktopServices.openUrl(QUrl(DASHBOARD)),
            "connect": self._connect,
            "other": self._other,
            "again": self._open,
            "fetch": self._fetch,
            "disconnect": self._disconnect,
            "settings": lambda: self._shell.went.emit(Goto("settings")),
            "cancel": self._cancel,
        }
        for name, doing in doings.items():
            made[name].clicked.connect(doing)  # type: ignore[attr-defined]
        return made

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(SPACE["s"])
        for name, control in self._controls.items():
            if name != "field":
                row.addWidget(control)
        row.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE["l"], SPACE["l"], SPACE["l"], SPACE["l"])
        column.setSpacing(SPACE["m"])
        for widget in (label("Spotify", "card-title"), self.text, self.field, self.trouble, self.account):
            column.addWidget(widget)
        column.addLayout(row)
        column.addStretch()

    # what is shown

    def refresh(self) -> None:
        """Reads again where the connection stands."""
        from musicdesk.workflows.spotify import state

        self._state: dict[str, Any] = state(self._shell.desk)
        self._show()

    def _show(self, _task: object = None) -> None:
        if not hasattr(self, "_state"):
            return
        shown = dict(self._state, client_id=self._state["client_id"] and not self._renaming)
        task = self._task
        running = task is not None and task in self._shell.jobs.running()
        self.face = face(shown, task.request.job if task is not None else "", running)
        self.text.setText(self.face.text)
        self.account.setText("\n".join(self.face.lines))
        self.account.setVisible(bool(self.face.lines))
        self.trouble.setVisible(bool(self.trouble.text()))
        for name, control in self._controls.items():
            control.setVisible(name in self.face.controls)
        self._controls["again"].setEnabled(bool(self._page))

    def _say(self, trouble: str) -> None:
        self.trouble.setText(trouble)
        self._show()

    def _note(self, changes: Changes) -> None:
        if changes & self.INTERESTS and self.isVisible():
            self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    # what happens

    def _keep(self) -> None:
        from musicdesk.core.errors import MusicdeskError
        from musicdesk.workflows.spotify import choose_client

        if not self.field.text().strip():
            self._say("Copy the client id from the dashboard to this field.")
            return
        try:
            changes = choose_client(self._shell.desk, self.field.text())
        except MusicdeskError as error:
            self._say(str(error))
            return
        self._renaming = False
        self._say("")
        self._shell.tell(changes)
        self.refresh()

    def _other(self) -> None:
        self._renaming = True
        self.field.setText(self._shell.desk.settings.spotify_client_id)
        self._say("")
        self.field.setFocus()
        self.field.selectAll()

    def _connect(self) -> None:
        self._start("spotify-connect", {})

    def _fetch(self) -> None:
        self._start("spotify-fetch", {"listener": self.listener})

    def _start(self, job: str, request: dict[str, Any]) -> None:
        self._page = ""
        self._task = task = self._shell.jobs.start(job, request)
        task.linked.connect(self._linked)
        task.ended.connect(self._ended)
        self._say("")

    def _linked(self, url: str) -> None:
        """Only a page of the accounts service is opened, whatever a worker says."""
        if url.startswith(self._shell.desk.settings.spotify_accounts.rstrip("/") + "/"):
            self._page = url
            self._open()
            self._show()

    def _open(self) -> None:
        QDesktopServices.openUrl(QUrl(self._page, QUrl.ParsingMode.StrictMode))

    def _cancel(self) -> None:
        if self._task is not None:
            self._shell.jobs.cancel(self._task)

    def _ended(self, outcome: Outcome) -> None:
        self._task = None
        self._page = ""
        notes = outcome.result.get("notes", []) if outcome.job == "spotify-connect" else []
        self.trouble.setText(outcome.text if outcome.state == "failed" else " ".join(map(str, notes)))
        self.refresh()

    def _disconnect(self) -> None:
        from musicdesk.workflows.spotify import disconnect

        text = "What was fetched stays. In your Spotify account, under Manage apps, you can take the access back too."
        if self._shell.ask.sure("Forget the connection with Spotify?", text, "Forget it"):
            self._shell.tell(disconnect(self._shell.desk).changes)
            self._say("")
            self.refresh()
