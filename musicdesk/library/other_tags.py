"""What FFmpeg reads of files that mutagen does not know, and of a WAV's INFO, which it does not read.

Names of tags are those of Vorbis comments. For a child that can be killed.
"""

from __future__ import annotations

import os

Comments = dict[str, list[str]]

OPTIONS = {"probesize": "65536"}  # bytes; the default reads 5 MB of a wav in search of DTS


def read(path: bytes) -> tuple[Comments, float | None] | None:
    """What FFmpeg finds, and the length in seconds where the file states it; None where there is no sound."""
    import av  # a tenth of a second, for files that few people have

    av.logging.set_level(av.logging.PANIC)
    try:
        name = "file:" + os.fsdecode(path)
        with av.open(name, metadata_errors="surrogateescape", options=OPTIONS) as container:
            if not container.streams.audio:
                return None
            texts: Comments = {}
            for told in (container.metadata, container.streams.audio[0].metadata):
                for key, text in told.items():
                    texts.setdefault(_text(key).lower(), [_text(text)])
            return texts, container.duration / av.time_base if container.duration else None
    except (av.error.FFmpegError, ValueError, OverflowError):
        return None


def _text(told: str) -> str:
    """As it stands in UTF-8; else as Windows wrote before."""
    raw = told.encode("utf-8", "surrogateescape")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")
