"""What files say of themselves in ways that mutagen does not know: the INFO of a WAV, and FFmpeg's word on other kinds.

Names of tags are those of Vorbis comments; both are for a child that can be killed.
"""

from __future__ import annotations

import os
from typing import BinaryIO

Comments = dict[str, list[str]]

_INFO = {
    b"INAM": "title",
    b"IART": "artist",
    b"IPRD": "album",
    b"IGNR": "genre",
    b"ICRD": "date",
    b"ITRK": "track",
    b"IPRT": "track",
}
MOST_CHUNKS, MOST_INFO = 1_000, 1 << 16  # bytes of a list that is looked at


def of_wav(path: bytes) -> Comments:
    """The texts of the first INFO list; empty where there is none."""
    with open(path, "rb") as stream:
        stream.seek(12)
        for _chunk in range(MOST_CHUNKS):
            head = stream.read(8)
            size = int.from_bytes(head[4:], "little")
            if len(head) < 8:
                break
            if head[:4] == b"LIST" and stream.read(4) == b"INFO":
                return _texts(stream, min(size - 4, MOST_INFO))
            stream.seek(size + size % 2 - (4 if head[:4] == b"LIST" else 0), os.SEEK_CUR)
    return {}


def _texts(stream: BinaryIO, size: int) -> Comments:
    found: Comments = {}
    end = stream.tell() + max(0, size)
    while stream.tell() + 8 <= end and len(head := stream.read(8)) == 8:
        length = int.from_bytes(head[4:], "little")
        raw = stream.read(min(length, MOST_INFO) + length % 2)[:length].partition(b"\0")[0]
        if name := _INFO.get(head[:4]):
            found.setdefault(name, []).append(_text(raw))
    return found


def _text(raw: bytes) -> str:
    """UTF-8 as programs write today, else what Windows wrote before."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def of_any(path: bytes) -> tuple[Comments, float | None] | None:
    """What FFmpeg finds, and the length in seconds where the file states it; None where there is no sound."""
    import av  # a tenth of a second, for files that few people have

    av.logging.set_level(av.logging.PANIC)
    try:
        with av.open("file:" + os.fsdecode(path), metadata_errors="replace") as container:
            if not container.streams.audio:
                return None
            texts: Comments = {}
            for told in (container.metadata, container.streams.audio[0].metadata):
                for name, text in told.items():
                    texts.setdefault(name.lower(), [text])
            return texts, container.duration / av.time_base if container.duration else None
    except (av.error.FFmpegError, ValueError, OverflowError):
        return None
