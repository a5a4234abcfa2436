"""The desktop's media keys and its player panel, by MPRIS over D-Bus. Without a session bus: nothing.

Specification: https://specifications.freedesktop.org/mpris-spec/2.2/
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6 import QtCore
from PySide6.QtCore import QMetaType, QObject, Signal, Slot
from PySide6.QtDBus import (
    QDBusAbstractAdaptor,
    QDBusArgument,
    QDBusConnection,
    QDBusMessage,
    QDBusObjectPath,
)

from musicdesk.core.types import TrackId

from .engine import PlayState
from .player import Player

# PySide6's stubs know neither the dictionary of ClassInfo nor Qt's type names in Property.
ClassInfo: Any = QtCore.ClassInfo
Property: Any = QtCore.Property
NAME = "org.mpris.MediaPlayer2.musicdesk"
PATH = "/org/mpris/MediaPlayer2"
ROOT, PLAYER = "org.mpris.MediaPlayer2", "org.mpris.MediaPlayer2.Player"
NO_TRACK = "/org/mpris/MediaPlayer2/TrackList/NoTrack"
STATUS = {PlayState.PLAYING: "Playing", PlayState.PAUSED: "Paused", PlayState.STOPPED: "Stopped"}


@dataclass(frozen=True)
class Shown:
    """What the desktop's panel shows of a track; `cover` is a file URL or empty."""

    title: str
    artist: str = ""
    album: str = ""
    cover: str = ""


Describe = Callable[[TrackId], Shown]


class Mpris(QObject):
    """Holds the name on the bus until `close`; `raise_wanted` when the desktop asks for the window."""

    raise_wanted = Signal()

    def __init__(self, player: Player, describe: Describe, parent: QObject | None = None) -> None:
        super().__init__(parent or player)
        self.player, self._describe = player, describe
        self._root, self._remote = _Root(self), _Remote(self)
        player.state_changed.connect(lambda _: self._tell("PlaybackStatus"))
        player.track_changed.connect(lambda _: self._tell("Metadata", "CanGoNext", "CanGoPrevious"))
        player.duration_changed.connect(lambda _: self._tell("Metadata"))
        player.queue_changed.connect(lambda: self._tell("CanGoNext", "CanGoPrevious"))
        player.engine.volume_changed.connect(lambda *_: self._tell("Volume"))
        self.connected = self._join()

    def close(self) -> None:
        if self.connected:
            bus = QDBusConnection.sessionBus()
            bus.unregisterObject(PATH)
            bus.unregisterService(NAME)
            self.connected = False

    def metadata(self) -> dict[str, Any]:
        track = self.player.track
        if track is None:
            return {"mpris:trackid": QDBusObjectPath(NO_TRACK)}
        shown = self._describe(track)
        told: dict[str, Any] = {
            "mpris:trackid": QDBusObjectPath(f"/org/musicdesk/track/{track}"),
            "mpris:length": self.player.engine.duration_ms * 1000,
            "xesam:title": shown.title,
            "xesam:album": shown.album,
        }
        if shown.artist:
            told["xesam:artist"] = [shown.artist]
        if shown.cover:
            told["mpris:artUrl"] = shown.cover
        return told

    def _join(self) -> bool:
        if not sys.platform.startswith("linux"):
            return False
        bus = QDBusConnection.sessionBus()
        if not bus.isConnected() or not bus.registerObject(PATH, self):
            return False
        if not bus.registerService(NAME):  # another musicdesk has it
            bus.unregisterObject(PATH)
            return False
        return True

    def _tell(self, *names: str) -> None:
        """Tells the bus that these properties of the player have new values."""
        if not self.connected:
            return
        none = QDBusArgument()
        none.beginArray(QMetaType(QMetaType.Type.QString.value))
        none.endArray()
        message = QDBusMessage.createSignal(PATH, "org.freedesktop.DBus.Properties", "PropertiesChanged")
        values = {name: getattr(self._remote, name) for name in names}
        message.setArguments([PLAYER, values, none])
        QDBusConnection.sessionBus().send(message)


@ClassInfo({"D-Bus Interface": ROOT})
class _Root(QDBusAbstractAdaptor):
    def __init__(self, mpris: Mpris) -> None:
        super().__init__(mpris)
        self._mpris = mpris

    CanQuit = Property(bool, lambda self: False)
    CanRaise = Property(bool, lambda self: True)
    HasTrackList = Property(bool, lambda self: False)
    Identity = Property(str, lambda self: "musicdesk")
    DesktopEntry = Property(str, lambda self: "musicdesk")
    SupportedUriSchemes = Property("QStringList", lambda self: [])
    SupportedMimeTypes = Property("QStringList", lambda self: [])

    @Slot()
    def Raise(self) -> None:
        self._mpris.raise_wanted.emit()

    @Slot()
    def Quit(self) -> None:
        """The window decides when to close; CanQuit says so."""


@ClassInfo({"D-Bus Interface": PLAYER})
class _Remote(QDBusAbstractAdaptor):
    def __init__(self, mpris: Mpris) -> None:
        super().__init__(mpris)
        self._mpris = mpris

    def _status(self) -> str:
        return STATUS[self._mpris.player.state]

    def _volume(self) -> float:
        return self._mpris.player.engine.volume

    def _set_volume(self, share: float) -> None:
        self._mpris.player.engine.set_volume(share)

    def _position(self) -> int:
        return self._mpris.player.engine.position_ms * 1000

    def _can_next(self) -> bool:
        return self._mpris.player.queue.peek(asked=True) is not None

    def _can_play(self) -> bool:
        return len(self._mpris.player.queue) > 0

    PlaybackStatus = Property(str, _status)
    Metadata = Property("QVariantMap", lambda self: self._mpris.metadata())
    Volume = Property("double", _volume, _set_volume)
    Position = Property("qlonglong", _position)
    Rate = Property("double", lambda self: 1.0)
    MinimumRate = Property("double", lambda self: 1.0)
    MaximumRate = Property("double", lambda self: 1.0)
    CanGoNext = Property(bool, _can_next)
    CanGoPrevious = Property(bool, _can_play)
    CanPlay = Property(bool, _can_play)
    CanPause = Property(bool, lambda self: True)
    CanSeek = Property(bool, lambda self: True)
    CanControl = Property(bool, lambda self: True)

    @Slot()
    def Next(self) -> None:
        self._mpris.player.next()

    @Slot()
    def Previous(self) -> None:
        self._mpris.player.previous()

    @Slot()
    def Pause(self) -> None:
        self._mpris.player.pause()

    @Slot()
    def PlayPause(self) -> None:
        self._mpris.player.toggle()

    @Slot()
    def Stop(self) -> None:
        self._mpris.player.stop()

    @Slot()
    def Play(self) -> None:
        if self._mpris.player.state is not PlayState.PLAYING:
            self._mpris.player.toggle()

    @Slot("qlonglong")
    def Seek(self, offset_us: int) -> None:
        self._mpris.player.seek_by(offset_us // 1000)

    @Slot(QDBusObjectPath, "qlonglong")
    def SetPosition(self, track: QDBusObjectPath, position_us: int) -> None:
        """Only for the track that plays now: the desktop may be late."""
        if track.path() == f"/org/musicdesk/track/{self._mpris.player.track}":
            self._mpris.player.seek(position_us // 1000)
