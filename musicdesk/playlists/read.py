"""Reading playlist files back: m3u8 and m3u, xspf, jspf. The same list comes out that `export.write` put in."""

from __future__ import annotations

import json
import os
import string
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

from musicdesk.core.errors import NotFound, Unusable
from musicdesk.playlists.export import XSPF
from musicdesk.playlists.rows import Row, clean, located, path_of

MOST_BYTES = 64 << 20
ENDINGS = (".m3u8", ".m3u", ".xspf", ".jspf")


@dataclass(frozen=True)
class ListFile:
    """name: the list's own, or ""; skipped: entries that are no local files (web radio and the like)"""

    name: str
    rows: tuple[Row, ...]
    skipped: int = 0


def read(source: Path, base: Path | None = None) -> ListFile:
    """Reads a playlist file; its ending tells the format.

    base: the folder that relative paths start from, else the file's own
    raises: NotFound, Unusable
    """
    form = source.suffix.lower()
    readers = dict(zip(ENDINGS, (_m3u8, _m3u8, _xspf, _jspf), strict=True))
    if form not in readers:
        raise Unusable(f"{source.name} is no playlist file that can be read; known are m3u8, m3u, xspf and jspf.")
    try:
        with source.open("rb") as stream:
            body = stream.read(MOST_BYTES + 1)
    except FileNotFoundError as error:
        raise NotFound(f"There is no playlist file {source}.") from error
    except OSError as error:
        raise Unusable(f"The playlist file {source} cannot be read ({error.strerror}).") from error
    if len(body) > MOST_BYTES:
        raise Unusable(f"{source} is too big for a playlist.")
    folder = os.fsencode(os.path.abspath(base if base is not None else source.parent))
    try:
        return readers[form](body, folder)
    except (ValueError, TypeError, AttributeError, RecursionError, ElementTree.ParseError) as error:
        raise Unusable(f"{source} is damaged: it is not a {form[1:]} file.") from error


def _m3u8(body: bytes, base: bytes) -> ListFile:
    name, about, rows, skipped = "", Row(b""), [], 0
    for raw in body.removeprefix(b"\xef\xbb\xbf").split(b"\n"):
        line = raw.removesuffix(b"\r")
        if line.startswith(b"#PLAYLIST:"):
            name = _words(line[10:])
        elif line.startswith(b"#EXTINF:"):
            about = _extinf(_words(line[8:]))
        elif line.strip() and not line.startswith(b"#"):
            path = _entry(line, base)
            skipped += path is None
            if path is not None:
                rows.append(Row(path, about.title, about.artist, duration_s=about.duration_s))
            about = Row(b"")
    return ListFile(name, tuple(rows), skipped)


def _entry(line: bytes, base: bytes) -> bytes | None:
    head, mark, _ = line.partition(b"://")
    if mark and head.isalnum():
        return path_of(quote(line, safe=string.punctuation + " "), base)  # bytes that are no ASCII become %XX
    return located(line, base)


def _extinf(text: str) -> Row:
    seconds, _, display = text.partition(",")
    artist, dash, title = display.partition(" - ")
    try:
        duration = float(seconds.split(" ")[0])
    except ValueError:
        duration = -1.0
    return Row(b"", title if dash else display, artist if dash else "", duration_s=duration if duration >= 0 else None)


def _words(raw: bytes) -> str:
    return clean(raw.decode("utf-8", "replace"))


def _xspf(body: bytes, base: bytes) -> ListFile:
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise ValueError("a playlist has no use for entities")
    root = ElementTree.fromstring(body)
    if root.tag != f"{{{XSPF}}}playlist":
        raise ValueError(root.tag)
    space = {"x": XSPF}
    tracks = [
        {child.tag.rpartition("}")[2]: (child.text or "").strip() for child in reversed(track)}
        for track in root.findall("x:trackList/x:track", space)
    ]
    return _collected(root.findtext("x:title", "", space), tracks, base)


def _jspf(body: bytes, base: bytes) -> ListFile:
    playlist = json.loads(body.decode("utf-8-sig"))["playlist"]
    tracks = []
    for track in playlist.get("track", []):
        locations = track.get("location") or [""]
        tracks.append({**track, "location": locations if isinstance(locations, str) else locations[0]})
    return _collected(playlist.get("title") or "", tracks, base)


def _collected(name: str, tracks: list[dict[str, Any]], base: bytes) -> ListFile:
    rows = []
    for track in tracks:
        location = track.get("location") or ""
        path = path_of(location, base) if location else None
        if path is None:
            continue
        duration = track.get("duration")
        seconds = float(duration) / 1_000 if duration not in (None, "") else None
        title, artist, album = (clean(str(track.get(key) or "")) for key in ("title", "creator", "album"))
        rows.append(Row(path, title, artist, album, seconds))
    return ListFile(clean(name), tuple(rows), len(tracks) - len(rows))
