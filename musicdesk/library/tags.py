"""Reading tags, by mutagen. Files may be hostile: serve `read_many` from a child that can be killed."""

from __future__ import annotations

import math
import os
import re
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from types import FrameType
from typing import Any

import mutagen
import numpy as np
from mutagen.aiff import AIFF
from mutagen.apev2 import APEv2
from mutagen.asf import ASFTags
from mutagen.flac import FLAC
from mutagen.id3 import ID3, TCON
from mutagen.mp3 import MP3
from mutagen.mp4 import MP4, MP4Tags
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis
from mutagen.wave import WAVE

from musicdesk.core.errors import Unusable
from musicdesk.core.reading import why_closed
from musicdesk.core.types import Tags
from musicdesk.library import other_tags

CUT = 4096  # bytes of text kept of one tag
FILE_CPU_S = 2.0  # processor time that one file's tags may take; ordinary ones take a millisecond
LONGEST_S = 30 * 86_400.0  # a duration above this is a lying header

# field -> its names in ID3, Vorbis comments, MP4, APE, ASF, the first one that is set wins
_NAMES: dict[str, tuple[tuple[str, ...], ...]] = {
    "title": (("TIT2",), ("title",), ("\xa9nam",), ("Title",), ("Title",)),
    "artist": (("TPE1",), ("artist",), ("\xa9ART",), ("Artist",), ("Author",)),
    "album": (("TALB",), ("album",), ("\xa9alb",), ("Album",), ("WM/AlbumTitle",)),
    "album_artist": (
        ("TPE2",),
        ("albumartist", "album artist", "album_artist"),
        ("aART",),
        ("Album Artist", "AlbumArtist"),
        ("WM/AlbumArtist",),
    ),
    "genre": (("TCON",), ("genre",), ("\xa9gen",), ("Genre",), ("WM/Genre",)),
    "year": (
        ("TDRC", "TDOR", "TDRL", "TYER", "TORY"),
        ("date", "year", "originaldate", "originalyear"),
        ("\xa9day",),
        ("Year", "Date"),
        ("WM/Year", "WM/OriginalReleaseYear"),
    ),
    "track_no": (("TRCK",), ("tracknumber", "track"), ("trkn",), ("Track",), ("WM/TrackNumber", "WM/Track")),
    "disc_no": (("TPOS",), ("discnumber", "disc"), ("disk",), ("Disc",), ("WM/PartOfSet",)),
}
_CODE = ("TSRC", "isrc", "----:com.apple.iTunes:ISRC", "ISRC", "WM/ISRC")  # in the same order
_LISTED = ("artist", "album_artist", "genre")  # fields where several values are all kept
_UNWANTED = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff]")
_YEAR = re.compile(r"(?<!\d)([12]\d{3})(?!\d{1,3}(?!\d))", re.ASCII)
_NUMBER = re.compile(r"\s*(\d{1,4})(?!\d)", re.ASCII)
_ISRC = re.compile(r"(?<![A-Z0-9])[A-Z]{2}[A-Z0-9]{3}\d{7}(?![A-Z0-9])", re.ASCII)
_NUMERIC_GENRE = re.compile(r"\(?\d{1,3}\)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Source:
    """One file's tag block: which column of `_NAMES` it uses, and how its values are had."""

    column: int
    values: Callable[[str], list[str]]
    has_cover: bool


def read(path: bytes) -> Tags:
    """What a file says about itself. Raises Unusable when that cannot be read, and whatever mutagen raises."""
    source, duration = _told_by(path)
    if source is None:
        return Tags(duration_s=duration)
    texts = {name: _first(source, name, columns[source.column]) for name, columns in _NAMES.items()}
    year, track, disc = texts.pop("year"), texts.pop("track_no"), texts.pop("disc_no")
    return Tags(
        **texts,
        year=int(found[1]) if (found := _YEAR.search(year)) else None,
        track_no=_number(track),
        disc_no=_number(disc),
        duration_s=duration,
        has_cover=source.has_cover,
    )


def _told_by(path: bytes) -> tuple[_Source | None, float | None]:
    """Where the tags are, if there are any, and the length in seconds. Raises as `read` does."""
    opened = _open(path)
    if opened is None:
        known = other_tags.read(path)
        if known is None:
            raise Unusable("The tag reader does not know this kind of file.")
        return _comments(known[0]), _sensible(known[1])
    source = _source(opened)
    if source is None and isinstance(opened, WAVE) and (told := other_tags.read(path)):
        source = _comments(told[0])
    return source, _duration(getattr(opened, "info", None))


def _comments(texts: other_tags.Comments, has_cover: bool = False) -> _Source:
    return _Source(1, lambda name: texts.get(name, []), has_cover)


def isrc(path: bytes) -> str:
    """The recording's ISRC (ISO 3901) as the file has it, '' when there is none. Raises as `read` does."""
    opened = _open(path)
    source = _source(opened) if opened is not None else None
    for value in source.values(_CODE[source.column])[:5] if source else ():
        found = _ISRC.search(re.sub(r"[\s\-]", "", clean(value).upper()))
        if found:
            return found[0]
    return ""


def clean(text: str) -> str:
    """`text` without NUL, control characters and lone surrogates, trimmed, at most 4 kB of UTF-8."""
    if not text.isprintable():
        text = _UNWANTED.sub("", text)
    text = " ".join(text.split())
    if len(text) * 4 > CUT:
        text = text.encode("utf-8", "ignore")[:CUT].decode("utf-8", "ignore")
    return text


def _open(path: bytes) -> Any:
    """mutagen's file. The usual kinds are told by their first bytes, which spares asking all 24 readers."""
    with open(path, "rb") as stream:
        kind = _kind(stream.read(64), path)
        if kind is not None:
            stream.seek(0)
            try:
                return kind(stream)
            except mutagen.MutagenError:
                stream.seek(0)
        return mutagen.File(os.fsdecode(path))


def _kind(head: bytes, path: bytes) -> Any:
    ending = path[-5:].lower()
    if head[:4] == b"fLaC":
        return FLAC
    if head[:4] == b"OggS":
        return OggVorbis if b"\x01vorbis" in head else OggOpus if b"OpusHead" in head else None
    if ending.endswith(b".mp3") and (head[:3] == b"ID3" or (head[:1] == b"\xff" and head[1:2] >= b"\xe0")):
        return MP3
    if head[4:8] == b"ftyp":
        return MP4
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return WAVE
    return AIFF if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC") else None


def _duration(info: Any) -> float | None:
    try:
        return _sensible(float(getattr(info, "length", None) or 0.0))
    except (TypeError, ValueError):
        return None


def _sensible(seconds: float | None) -> float | None:
    if seconds is None:
        return None
    return seconds if math.isfinite(seconds) and 0.0 < seconds < LONGEST_S else None


def _source(opened: Any) -> _Source | None:
    tags: Any = opened.tags
    pictures = bool(getattr(opened, "pictures", None))
    if tags is None:
        return _Source(1, lambda name: [], pictures) if pictures else None
    if isinstance(tags, ID3):
        return _Source(0, lambda name: _id3(tags, name), any(key.startswith("APIC") for key in tags))
    if isinstance(tags, MP4Tags):
        return _Source(2, lambda name: _mp4(tags, name), "covr" in tags)
    if isinstance(tags, APEv2):
        cover = any(key.lower().startswith("cover art") for key in tags)
        return _Source(3, lambda name: _ape(tags, name), cover)
    if isinstance(tags, ASFTags):
        return _Source(4, lambda name: _asf(tags, name), "WM/Picture" in tags)
    if isinstance(tags, list):
        comments: dict[str, list[str]] = {}
        for key, value in tags:
            comments.setdefault(key.lower(), []).append(value)
        drawn = pictures or "metadata_block_picture" in comments or "coverart" in comments
        return _comments(comments, drawn)
    return None


def _id3(tags: Any, name: str) -> list[str]:
    frame = tags.get(name)
    if frame is None:
        return []
    return list(frame.genres) if name == "TCON" else [str(value) for value in getattr(frame, "text", ())]


def _mp4(tags: Any, name: str) -> list[str]:
    return [_mp4_text(value) for value in tags.get(name, ())]


def _mp4_text(value: Any) -> str:
    if isinstance(value, bytes):  # a freeform atom
        return value.decode("utf-8", "replace")
    return str(value[0]) if isinstance(value, tuple) else str(value)


def _ape(tags: Any, name: str) -> list[str]:
    value = tags.get(name)
    return str(value).split("\0") if value is not None and getattr(value, "kind", 1) == 0 else []


def _asf(tags: Any, name: str) -> list[str]:
    return [str(value) for value in tags.get(name, ())]


def _first(source: _Source, field: str, names: tuple[str, ...]) -> str:
    """The value of a field, cleaned; several values of a listed field are joined by '; '."""
    for name in names:
        texts = [text for value in source.values(name)[:50] if (text := clean(value))]
        if not texts:
            continue
        if field == "genre":
            texts = [_genre(text) for text in texts]
        return clean("; ".join(dict.fromkeys(texts))) if field in _LISTED else texts[0]
    return ""


def _genre(text: str) -> str:
    """ID3's numbers, also where other formats have copied them, by name."""
    if not _NUMERIC_GENRE.fullmatch(text):
        return text
    named = TCON(encoding=3, text=[text]).genres  # type: ignore[no-untyped-call]
    return clean(named[0]) if named else text


def _number(text: str) -> int | None:
    found = _NUMBER.match(text)
    return int(found[1]) or None if found else None


# in the child


class _TooLong(BaseException):
    """Not an Exception, so that no reader can swallow it."""


def read_many(request: dict[str, Any]) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Served: {"paths": [str]} -> {"read": [[tag fields ..., reason]]}, one list per path, in order.

    `reason` is "" or a sentence; the fields are then empty. Paths are as `os.fsdecode` gives them.
    """
    rows: list[list[Any]] = []
    with _stopwatch() as restart:
        for path in request["paths"]:
            restart()
            rows.append(_row(os.fsencode(path)))
    return {"read": rows}, {}


def codes_many(request: dict[str, Any]) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Served: {"paths": [str]} -> {"codes": [str]}, one ISRC per path, '' where none can be read."""
    codes: list[str] = []
    with _stopwatch() as restart:
        for path in request["paths"]:
            restart()
            try:
                codes.append(isrc(os.fsencode(path)))
            except (Exception, _TooLong):  # mutagen raises anything on hostile files; they have no code then
                codes.append("")
    return {"codes": codes}, {}


def _row(path: bytes) -> list[Any]:
    try:
        return [*astuple(read(path)), ""]
    except Unusable as error:
        reason = str(error)
    except _TooLong:
        reason = f"Reading the tags took longer than {FILE_CPU_S:.0f} s and was stopped."
    except OSError as error:
        reason = why_closed(path) or f"The file could not be opened ({error.strerror or error})."
    except MemoryError:
        reason = "The tags ask for more memory than a file may use."
    except Exception as error:  # mutagen raises anything on hostile files; the text is kept as the reason
        reason = _told(path, error)
    return [*astuple(Tags()), reason]


def _told(path: bytes, error: Exception) -> str:
    """What mutagen says of a file, where that says anything to a person."""
    if os.path.isfile(path) and not os.path.getsize(path):
        return "The file is empty."
    told = clean(str(error).replace(os.fsdecode(path), "").removeprefix("'': ").replace("'' is", "it is"))[:300]
    return f"The tags could not be read ({told})." if told not in ("", "error") else "The tags could not be read."


@contextmanager
def _stopwatch() -> Iterator[Callable[[], None]]:
    """Interrupts pure-Python endless loops by processor time, where the system can; slow disks do not count."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield lambda: None
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise _TooLong

    before = signal.signal(signal.SIGPROF, stop)
    try:
        yield lambda: _arm(FILE_CPU_S)
    finally:
        _arm(0.0)
        signal.signal(signal.SIGPROF, before)


def _arm(seconds: float) -> None:
    signal.setitimer(signal.ITIMER_PROF, seconds, 1.0 if seconds else 0.0)
