"""Playlists as files: m3u8, xspf, jspf, csv. A file is written whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from xml.etree import ElementTree

from musicdesk.core.errors import NotFound, Unusable
from musicdesk.core.files import replacing
from musicdesk.core.paths import shown
from musicdesk.core.tables import Cell, as_csv
from musicdesk.playlists.rows import RootMap, Row, as_text, clean, is_address, relative_uri, uri_of

FORMATS = ("m3u8", "xspf", "jspf", "csv")
XSPF = "http://xspf.org/ns/0/"
COLUMNS = ("position", "path", "title", "artist", "album", "duration_s", "score")

__all__ = ["FORMATS", "RootMap", "Row", "Written", "write"]


@dataclass(frozen=True)
class Written:
    """notices: sentences about what could not be written as it was."""

    tracks: int
    notices: tuple[str, ...] = ()


def write(
    target: Path,
    form: str,
    name: str,
    rows: Sequence[Row],
    relative_to: Path | None = None,
    root_map: RootMap | None = None,
) -> Written:
    """Writes the list to `target`, replacing what was there.

    relative_to: paths are written relative to this folder (for m3u8, xspf, jspf), else absolute
    root_map:    paths are written as another machine sees them; what lies outside its root stays as it is
    raises:      NotFound for an unknown format, Unusable when `target` cannot be written
    """
    if form not in FORMATS:
        raise NotFound(f"There is no playlist format '{form}'; known are {', '.join(FORMATS)}.")
    base = os.fsencode(os.path.abspath(relative_to)) if relative_to is not None else None
    notices: list[str] = []
    if root_map is not None:
        rows = [_mapped(row, root_map, notices) for row in rows]
    body = {"m3u8": _m3u8, "xspf": _xspf, "jspf": _jspf, "csv": _csv}[form](clean(name), rows, base, notices)
    try:
        with replacing(target, mode=0o644) as stream:
            stream.write(body)
    except OSError as error:
        raise Unusable(f"The playlist could not be written to {target} ({error.strerror}).") from error
    return Written(len(rows), tuple(notices))


def _mapped(row: Row, root_map: RootMap, notices: list[str]) -> Row:
    path = root_map.of(row.path)
    if path is None:
        notices.append(f"{shown(row.path)} does not lie in {shown(root_map.here)}; its path is written as it is.")
        return row
    return replace(row, path=path)


def _relative(path: bytes, base: bytes | None, notices: list[str]) -> bytes | None:
    """The path seen from `base`; None when it is to be absolute, or has to be (another drive)."""
    if base is None:
        return None
    try:
        return _seen_from(base, path)
    except ValueError:
        notices.append(f"{shown(path)} lies on another drive; it is written as an absolute path.")
        return None


def _seen_from(base: bytes, path: bytes) -> bytes:
    """The relative path that leads there from behind a link as well: `..` goes up from where that leads."""
    plain = os.path.relpath(path, base)
    if not plain.startswith(os.pardir.encode()) or _real(os.path.join(base, plain)) == _real(path):
        return plain
    return os.path.relpath(_real(path), os.path.realpath(base))


def _real(path: bytes) -> bytes:
    """The path without links but for the file's own."""
    return os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))


def _m3u8(name: str, rows: Sequence[Row], base: bytes | None, notices: list[str]) -> bytes:
    lines = ["#EXTM3U"]
    if name:
        lines.append(f"#PLAYLIST:{name}")
    for row in rows:
        seconds = -1 if row.duration_s is None else round(row.duration_s)
        lines.append(f"#EXTINF:{seconds},{_display(row)}")
        lines.append(_line(row.path, base, notices))
    return ("\n".join(lines) + "\n").encode("utf-8")


def _display(row: Row) -> str:
    title, artist = clean(row.title), clean(row.artist)
    return f"{artist} - {title}" if artist and title else artist or title


def _line(path: bytes, base: bytes | None, notices: list[str]) -> str:
    """A path as a line. What a line cannot carry (line breaks, outer blanks, odd bytes) becomes a file:// URI."""
    if is_address(path):
        return uri_of(path)
    relative = _relative(path, base, notices)
    text = as_text(path if relative is None else relative)
    if text is None or text != text.strip() or len(text.splitlines()) > 1 or text.startswith("\ufeff"):
        notices.append(f"{shown(path)!r} does not fit on a line of this format; it is written as a file:// address.")
        return uri_of(path)
    if text.startswith("#") or (relative is not None and ":" in text.split("/")[0]):
        return "./" + text
    return text


def _location(path: bytes, base: bytes | None, notices: list[str]) -> str:
    relative = _relative(path, base, notices)
    return uri_of(path) if relative is None else relative_uri(relative)


def _xspf(name: str, rows: Sequence[Row], base: bytes | None, notices: list[str]) -> bytes:
    root = ElementTree.Element("playlist", {"version": "1", "xmlns": XSPF})
    _child(root, "title", name)
    _child(root, "creator", "musicdesk")
    tracks = ElementTree.SubElement(root, "trackList")
    for row in rows:
        track = ElementTree.SubElement(tracks, "track")
        for tag, text in _fields(row, base, notices).items():
            _child(track, tag, str(text))
    ElementTree.indent(root)
    body: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return body + b"\n"


def _child(parent: ElementTree.Element, tag: str, text: str) -> None:
    if text:
        ElementTree.SubElement(parent, tag).text = text


def _fields(row: Row, base: bytes | None, notices: list[str]) -> dict[str, str | int]:
    """A track's elements in the order of the XSPF schema, which JSPF shares; empty ones are left out."""
    fields: dict[str, str | int] = {
        "location": _location(row.path, base, notices),
        "title": clean(row.title),
        "creator": clean(row.artist),
        "album": clean(row.album),
    }
    if row.duration_s is not None:
        fields["duration"] = round(row.duration_s * 1_000)  # milliseconds
    return {tag: value for tag, value in fields.items() if value != ""}


def _jspf(name: str, rows: Sequence[Row], base: bytes | None, notices: list[str]) -> bytes:
    tracks = []
    for row in rows:
        fields: dict[str, object] = dict(_fields(row, base, notices))
        fields["location"] = [fields["location"]]
        tracks.append(fields)
    whole = {"playlist": {"title": name, "creator": "musicdesk", "track": tracks}}
    return (json.dumps(whole, indent=2, ensure_ascii=False) + "\n").encode("utf-8")


def _csv(name: str, rows: Sequence[Row], base: bytes | None, notices: list[str]) -> bytes:
    lines: list[list[Cell]] = []
    for position, row in enumerate(rows, start=1):
        named = as_text(row.path)
        if named is None or clean(named) != named:
            named = uri_of(row.path)
        numbers = [None if value is None else round(value, 6) for value in (row.duration_s, row.score)]
        lines.append([position, named, clean(row.title), clean(row.artist), clean(row.album), *numbers])
    return as_csv(COLUMNS, lines)
