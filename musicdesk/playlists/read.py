"""Reading playlist files back: m3u8 and m3u, xspf, jspf. The same list comes out that `export.write` put in."""

from __future__ import annotations

import json
import os
import string
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

from musicdesk.core.errors import NotFound, Unusable
from musicdesk.playlists.export import XSPF
from musicdesk.playlists.meant import lines, meant, words
from musicdesk.playlists.rows import Row, clean, named_by

MOST_BYTES = 64 << 20
ENDINGS = (".m3u8", ".m3u", ".xspf", ".jspf")
Bases = tuple[bytes, ...]  # folders that relative paths start from


@dataclass(frozen=True)
class ListFile:
    """name: the list's own, or ""; skipped: entries that name no local file and no song (web radio and so on)"""

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
    bases = (folder, os.path.realpath(folder))  # players differ in what `..` means behind a symbolic link
    try:
        return readers[form](body, bases)
    except (ValueError, TypeError, AttributeError, RecursionError, ElementTree.ParseError) as error:
        raise Unusable(f"{source} is damaged: it is not a {form[1:]} file.") from error


def _m3u8(body: bytes, bases: Bases) -> ListFile:
    name, about, rows, skipped = "", Row(b""), [], 0
    for line in lines(body):
        if line.startswith(b"#PLAYLIST:"):
            name = clean(words(line[10:]))
        elif line.startswith(b"#EXTINF:"):
            about = _extinf(clean(words(line[8:])))
        elif line.strip() and not line.startswith(b"#"):
            row = _placed(about, _entry(line), bases)
            skipped += row is None
            if row is not None:
                rows.append(row)
            about = Row(b"")
    return ListFile(name, tuple(rows), skipped)


def _placed(about: Row, named: bytes | None, bases: Bases) -> Row | None:
    """The row with the paths that it may mean; None for one that names neither a local file nor a song."""
    if named is not None:
        path, *others = meant(named, bases)
        return replace(about, path=path, others=tuple(others))
    return about if about.title and about.artist else None


def _entry(line: bytes) -> bytes | None:
    head, mark, _ = line.partition(b"://")
    if mark and head.strip().isalnum():
        line = line.strip()
        return named_by(quote(line, safe=string.punctuation + " "))  # bytes that are no ASCII become %XX
    return line


def _extinf(text: str) -> Row:
    seconds, _, display = text.partition(",")
    artist, dash, title = display.partition(" - ")
    try:
        duration = float(seconds.split(" ")[0])
    except ValueError:
        duration = -1.0
    return Row(b"", title if dash else display, artist if dash else "", duration_s=duration if duration >= 0 else None)


def _xspf(body: bytes, bases: Bases) -> ListFile:
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
    return _collected(root.findtext("x:title", "", space), tracks, bases)


def _jspf(body: bytes, bases: Bases) -> ListFile:
    playlist = json.loads(body.decode("utf-8-sig"))["playlist"]
    tracks = []
    for track in playlist.get("track", []):
        locations = track.get("location") or [""]
        tracks.append({**track, "location": locations if isinstance(locations, str) else locations[0]})
    return _collected(playlist.get("title") or "", tracks, bases)


def _collected(name: str, tracks: list[dict[str, Any]], bases: Bases) -> ListFile:
    rows = []
    for track in tracks:
        duration = track.get("duration")
        seconds = float(duration) / 1_000 if duration not in (None, "") else None
        title, artist, album = (clean(str(track.get(key) or "")) for key in ("title", "creator", "album"))
        location = track.get("location") or ""
        row = _placed(Row(b"", title, artist, album, seconds), named_by(location) if location else None, bases)
        if row is not None:
            rows.append(row)
    return ListFile(clean(name), tuple(rows), len(tracks) - len(rows))
