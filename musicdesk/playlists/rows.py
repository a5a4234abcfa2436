"""A playlist's rows as files of other players carry them: names without control signs, paths as URIs."""

from __future__ import annotations

import os
import unicodedata
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes

from musicdesk.core.types import Pick, Track

SAFE = "/~"  # besides letters, digits and -._ these stay as they are in a URI


@dataclass(frozen=True)
class Row:
    """path: absolute, b"" where a list names none; others: what else a foreign list may mean by it
    title, artist, album: one clean line each, see `clean`; duration_s, score: None unknown
    """

    path: bytes
    title: str = ""
    artist: str = ""
    album: str = ""
    duration_s: float | None = None
    score: float | None = None
    others: tuple[bytes, ...] = ()

    @classmethod
    def of(cls, track: Track, pick: Pick | None = None) -> Row:
        tags = track.tags
        names = (clean(tags.title), clean(tags.artist), clean(tags.album))
        return cls(track.path, *names, tags.duration_s, float(pick.score) if pick else None)


def clean(text: str) -> str:
    """One line that any format can carry: no control signs, line breaks, lone surrogates or non-characters."""
    kept = []
    for sign in text:
        kind = unicodedata.category(sign)
        if kind in ("Cc", "Zl", "Zp"):
            kept.append(" ")
        elif kind != "Cs" and ord(sign) & 0xFFFE != 0xFFFE:
            kept.append(sign)
    return " ".join("".join(kept).split())


def as_text(path: bytes) -> str | None:
    """The path as UTF-8 text, or None when its bytes are none."""
    text = os.fsdecode(path)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return None
    return text


@dataclass(frozen=True)
class RootMap:
    """The music's folder here, and as another machine sees it: "/music" and "/mnt/nas/music", or "Z:\\Music"."""

    here: bytes
    there: bytes

    def of(self, path: bytes) -> bytes | None:
        """The path there, with that machine's separators; None for what lies elsewhere."""
        root = self.here.rstrip(b"/\\")
        if path != root and not path.startswith((root + b"/", root + b"\\")):
            return None
        rest = path[len(root) :]
        target = self.there.rstrip(b"/\\") if len(self.there) > 1 else self.there
        rest = rest.replace(b"/", b"\\") if is_windows(self.there) else rest.replace(os.sep.encode(), b"/")
        return target + rest


def is_windows(path: bytes) -> bool:
    """Whether it is written as on Windows: with a drive's letter or backslashes at its beginning."""
    return (path[:1].isalpha() and path[1:2] == b":") or path.startswith(b"\\\\")


def uri_of(path: bytes) -> str:
    """file:// URI of an absolute path; whatever bytes it has, they come back by `named_by`."""
    if os.name == "nt" or is_windows(path):
        return "file:///" + quote(path.replace(b"\\", b"/").lstrip(b"/"), safe=SAFE + ":")
    return "file://" + quote(path, safe=SAFE)


def relative_uri(path: bytes) -> str:
    """URI reference of a path relative to the playlist."""
    return quote(path.replace(os.sep.encode(), b"/"), safe=SAFE)


def named_by(location: str) -> bytes | None:
    """The path in a URI, or the relative one in a URI reference, as it stands; None when it is no local file."""
    scheme, colon, rest = location.partition(":")
    if not colon or "/" in scheme or "%" in scheme:
        return unquote_to_bytes(location)
    if scheme.lower() != "file":
        return None
    host, slash, local = rest.removeprefix("//").partition("/") if rest.startswith("//") else ("", "/", rest[1:])
    if host not in ("", "localhost") or not slash:
        return None
    found = unquote_to_bytes(local)
    return found if os.name == "nt" else b"/" + found


def located(path: bytes, base: bytes) -> bytes:
    return os.path.normpath(os.path.join(base, path))
