"""Privacy in the Settings: the offline switch, and the person's own client id at Spotify."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit

from musicdesk.gui.controls import Switch
from musicdesk.gui.pages.settings_parts import FIELD, Section
from musicdesk.gui.shell import Shell


class PrivacySection(Section):
    def __init__(self, shell: Shell) -> None:
        super().__init__(
            "Privacy", "musicdesk needs no network. The one thing it can be connected with is your Spotify account."
        )
        self._shell = shell
        self.offline = Switch(shell.theme)
        self.offline.toggled.connect(self._switch)
        self.row("Offline", self.offline, "No connection is made, whatever is asked for.")
        self.client = QLineEdit()
        self.client.setMaxLength(128)
        self.client.setFixedWidth(FIELD)
        self.client.editingFinished.connect(self._keep)
        self.row(
            "Spotify client id", self.client, "Your own, from Spotify's dashboard for developers. Empty: no connection."
        )
        self.refresh()

    def refresh(self) -> None:
        settings = self._shell.desk.settings
        self.offline.setChecked(settings.offline)
        if not self.client.hasFocus():
            self.client.setText(settings.spotify_client_id)

    def _switch(self, on: bool) -> None:
        if self._shell.desk.settings.offline != on:
            self._shell.change_settings(offline=on)

    def _keep(self) -> None:
        from musicdesk.workflows.spotify import choose_client

        changes = self._shell.attempt(lambda: choose_client(self._shell.desk, self.client.text()))
        if changes is None:
            self.client.setText(self._shell.desk.settings.spotify_client_id)
        else:
            self._shell.tell(changes)
