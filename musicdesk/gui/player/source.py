"""A file for QMediaPlayer: paths are bytes and need not be text."""

from __future__ import annotations

import os
from dataclasses import dataclass

from PySide6.QtCore import QFile, QIODevice, QUrl
from PySide6.QtMultimedia import QMediaPlayer

# A file that calls itself .mp3 may be a playlist; FFmpeg would follow its links into the network.
os.environ["QT_FFMPEG_PROTOCOL_WHITELIST"] = "file"


@dataclass(frozen=True)
class Unplayable(Exception):
    """The sentence says what is wrong with the file."""

    sentence: str

    def __str__(self) -> str:
        return self.sentence


def load(player: QMediaPlayer, path: bytes) -> QFile | None:
    """Gives the player its file; returns the open device to keep, when it needed one.

    raises: Unplayable when the file is missing, empty or unreadable
    """
    _check(path)
    try:
        text = path.decode("utf-8")
    except UnicodeDecodeError:
        return _by_descriptor(player, path)
    player.setSource(QUrl.fromLocalFile(text))
    return None


def _check(path: bytes) -> None:
    try:
        with open(path, "rb") as file:
            empty = not file.read(1)
    except FileNotFoundError:
        raise Unplayable("The file is not there any more.") from None
    except PermissionError:
        raise Unplayable("The file may not be read by this user.") from None
    except OSError as error:
        raise Unplayable(f"The file cannot be opened ({error.strerror}).") from None
    if empty:
        raise Unplayable("The file is empty.")


def _by_descriptor(player: QMediaPlayer, path: bytes) -> QFile:
    """Qt's URLs cannot carry bytes that are no text; an open descriptor does not need a name."""
    device = QFile()
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    opened = device.open(descriptor, QIODevice.OpenModeFlag.ReadOnly, QFile.FileHandleFlag.AutoCloseHandle)
    if not opened:
        os.close(descriptor)
        raise Unplayable("The file cannot be opened.")
    suffix = os.path.splitext(path)[1].decode("ascii", "ignore")
    player.setSourceDevice(device, QUrl(f"file:///track{suffix}"))
    return device
