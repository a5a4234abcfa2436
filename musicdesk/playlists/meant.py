"""What other players mean by the words and paths of their playlists, whose bytes do not say how they are written."""

from __future__ import annotations

import codecs
import os
import unicodedata
from collections.abc import Iterator

from musicdesk.playlists.rows import located

UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def lines(body: bytes) -> list[bytes]:
    """The lines of a list, in UTF-8 where its first bytes tell what it is written in, else as they stand."""
    if body.startswith(UTF16):
        body = body.decode("utf-16", "replace").encode("utf-8", "replace")
    body = body.removeprefix(codecs.BOM_UTF8)
    if b"\n" not in body:
        return body.split(b"\r")  # as old Macs ended lines
    return [line.removesuffix(b"\r") for line in body.split(b"\n")]


def words(raw: bytes) -> str:
    """A line as text. Told by the line, not by the file: names were put together from tags of many origins."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def meant(named: bytes, bases: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """The paths that `named` may mean, seen from each of the folders, the likeliest first.

    As its bytes stand; in UTF-8; with accents as one sign or, as on a Mac, as two; with slashes for backslashes.
    """
    return tuple(dict.fromkeys(located(way, base) for way in _ways(named) for base in bases))


def _ways(named: bytes) -> Iterator[bytes]:
    bare = named.strip()
    unix = bare.replace(b"\\", os.sep.encode()) if b"/" not in bare else bare
    for way in dict.fromkeys((named, bare, unix)):
        yield way
        if not way.isascii():
            text = words(way)
            yield from (form.encode("utf-8") for form in (text, *_composed(text)))


def _composed(text: str) -> tuple[str, str]:
    return unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)
