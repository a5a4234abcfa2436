"""One window per profile: a second start raises the first one's window and goes."""

from __future__ import annotations

import getpass
import hashlib
import os
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

ANSWER_MS = 500


def server_name(profile: Path) -> str:
    """The same for every start on this profile by this user."""
    key = f"{_user()}\0{profile.resolve()}".encode("utf-8", "surrogateescape")
    return f"musicdesk-{hashlib.sha256(key).hexdigest()[:20]}"


def _user() -> str:
    """The user's name, or number where the system knows no name for it, as in some containers."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # OSError from Python 3.13 on
        return str(os.getuid())


class OnlyOne(QObject):
    """`first` tells whether this start is the one that opens the window."""

    raised = Signal()  # another start wants to see the window

    def __init__(self, profile: Path) -> None:
        super().__init__()
        self._name = server_name(profile)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._asked)
        self.first = not self._call() and self._listen()

    def close(self) -> None:
        self._server.close()

    def _call(self) -> bool:
        """Asks a window that is there already to come to the front."""
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if not socket.waitForConnected(ANSWER_MS):
            return False
        socket.write(b"raise\n")
        socket.waitForBytesWritten(ANSWER_MS)
        # The answer may have come while the question was still being written.
        heard = socket.bytesAvailable() > 0 or socket.waitForReadyRead(ANSWER_MS * 10)
        socket.disconnectFromServer()
        return heard

    def _listen(self) -> bool:
        if self._server.listen(self._name):
            return True
        if self._call():  # another start was faster
            return False
        QLocalServer.removeServer(self._name)  # left behind by a program that was killed
        return self._server.listen(self._name)

    def _asked(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.disconnected.connect(socket.deleteLater)
            socket.write(b"here\n")
            socket.flush()
            self.raised.emit()
