"""The picture of a record: inside the file, or beside it in the folder. Serve `served` from a child."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

LIMIT = 20 << 20  # bytes of a picture
_NAMES = ("cover", "folder", "front", "album", "albumart", "artwork")
_ENDINGS = (".jpg", ".jpeg", ".png", ".webp")
_BESIDE = tuple(f"{name}{ending}".encode() for name in _NAMES for ending in _ENDINGS)
_FRONT = 3  # picture type in ID3, FLAC and ASF


def inside(path: bytes, size: int = LIMIT) -> bytes | None:
    """The embedded picture's file as it is (JPEG, PNG, ...), at most `size` bytes; None when there is none.

    The front cover first, then any other.
    """
    fitting = (picture for picture in _embedded(path) if 0 < len(picture) <= size and is_picture(picture))
    return next(fitting, None)


def served(request: dict[str, Any]) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Served: {"path": str} -> {"found": bool}, arrays {"bytes": uint8 (n,)}."""
    picture = inside(os.fsencode(request["path"])) or b""
    return {"found": bool(picture)}, {"bytes": np.frombuffer(picture, np.uint8)}


def is_picture(data: bytes) -> bool:
    """Whether it begins like one of the formats that windows show."""
    return data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF8", b"BM")) or (
        data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    )


def _embedded(path: bytes) -> Iterator[bytes]:
    import mutagen  # not at the window's start

    try:
        found = sorted(_pictures(mutagen.File(os.fsdecode(path))), key=lambda pair: pair[0] != _FRONT)
    except Exception:  # mutagen raises anything on hostile files, and a missing picture is not a fault
        return
    yield from (data for _kind, data in found)


def _pictures(opened: Any) -> Iterator[tuple[int, bytes]]:
    """(picture type, bytes) of what is embedded, by any format's way."""
    for picture in getattr(opened, "pictures", None) or ():
        yield picture.type, picture.data
    tags = getattr(opened, "tags", None)
    if tags is None:
        return
    if hasattr(tags, "getall"):
        for frame in tags.getall("APIC"):
            yield frame.type, frame.data
        return
    if isinstance(tags, list):  # Vorbis comments (a list of pairs), ASF
        for key, value in tags:
            yield from _listed(key.lower(), value)
        return
    for key in tags:
        if key == "covr":
            yield from ((_FRONT, bytes(data)) for data in tags[key])
        elif key.lower().startswith("cover art"):
            _name, _, data = bytes(tags[key].value).partition(b"\0")
            yield (_FRONT if "front" in key.lower() else 0), data


def _listed(key: str, value: Any) -> Iterator[tuple[int, bytes]]:
    if key == "metadata_block_picture":
        from mutagen.flac import Picture

        picture: Any = Picture(base64.b64decode(value))  # type: ignore[no-untyped-call]
        yield picture.type, picture.data
    elif key == "coverart":
        yield _FRONT, base64.b64decode(value)
    elif key == "wm/picture":
        yield _asf(bytes(value.value))


def _asf(block: bytes) -> tuple[int, bytes]:
    """WM/Picture: type (1 byte), length (4, little endian), two UTF-16 strings ended by NUL, the picture."""
    length = int.from_bytes(block[1:5], "little")
    return block[0], block[-length:] if 0 < length <= len(block) else b""


@dataclass(frozen=True)
class Beside:
    """A picture that lies in a folder; mtime_ns tells it from one that takes its place."""

    path: bytes
    mtime_ns: int

    def read(self) -> bytes | None:
        with suppress(OSError), open(self.path, "rb") as stream:
            return stream.read(LIMIT)
        return None


def is_beside(path: bytes) -> bool:
    """Whether a file has one of the names under which `beside` looks for a picture."""
    return os.path.basename(path).lower() in _BESIDE


def beside(path: bytes, size: int = LIMIT) -> Beside | None:
    """The picture that lies in the file's folder under one of the usual names, at most `size` bytes; or None.

    Of the picture only the beginning is read, so that it may be asked for often.
    """
    folder = os.path.dirname(path)
    with suppress(OSError):
        names = {name.lower(): name for name in sorted(os.listdir(folder))}
        for wanted in _BESIDE:
            if wanted not in names:
                continue
            with open(os.path.join(folder, names[wanted]), "rb") as stream:
                facts = os.fstat(stream.fileno())
                if facts.st_size <= size and is_picture(stream.read(16)):
                    return Beside(os.path.join(folder, names[wanted]), facts.st_mtime_ns)
    return None
