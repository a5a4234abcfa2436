"""The keyboard's media keys while the window has the focus; the desktop's keys come by `mpris`."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QWindow

from .engine import PlayState
from .player import Player


class MediaKeys(QObject):
    """Listens to the windows that get the keyboard, until `close`.

    Keys come to a window first, and little else does. A filter of the whole application would be asked for every event
    of every part of it, in Python: half of what opening a page took.
    """

    def __init__(self, player: Player, parent: QObject | None = None) -> None:
        super().__init__(parent or player)
        self._player = player
        actions: dict[Qt.Key, Callable[[], None]] = {
            Qt.Key.Key_MediaPlay: self._resume,
            Qt.Key.Key_MediaPause: player.pause,
            Qt.Key.Key_MediaTogglePlayPause: player.toggle,
            Qt.Key.Key_MediaNext: player.next,
            Qt.Key.Key_MediaPrevious: player.previous,
            Qt.Key.Key_MediaStop: player.stop,
        }
        self._actions = {key.value: action for key, action in actions.items()}
        self._app = QGuiApplication.instance()
        if isinstance(self._app, QGuiApplication):
            self._app.focusWindowChanged.connect(self._follow)
            self._follow(self._app.focusWindow())

    def close(self) -> None:
        if isinstance(self._app, QGuiApplication):
            self._app.focusWindowChanged.disconnect(self._follow)
        self._app = None
        self._actions.clear()

    def _follow(self, window: QWindow | None) -> None:
        if window is not None:
            window.installEventFilter(self)  # one that is there already stays one

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        action = self._actions.get(event.key())
        if action is None or event.isAutoRepeat():
            return False
        action()
        return True

    def _resume(self) -> None:
        """Many keyboards send Play for the key that also pauses."""
        if self._player.state is not PlayState.PLAYING:
            self._player.toggle()
        else:
            self._player.pause()
