"""A playlist's rows as files of other players carry them: names without control signs, paths as URIs."""

from __future__ import annotations

import os
import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes

from musicdesk.core.types import Pick, Track

ADDRESS = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]+://")  # two letters at least: one is a drive of Windows
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
    """The music's folder here, and as another machine sees it: "/music" and "/mnt/nas", "Z:\\Music" or "smb://nas"."""

    here: bytes
    there: bytes

    def of(self, path: bytes) -> bytes | None:
        """The path there, with that machine's separators; None for what lies elsewhere."""
        root = self.here.rstrip(b"/\\")
        if path != root and not path.startswith((root + b"/", root + b"\\")):
            return None
        rest = path[len(root) :]
        scheme = ADDRESS.match(self.there)
        begin = scheme.end() if scheme else 0
        target = self.there[:begin] + self.there[begin:].rstrip(b"/\\")
        rest = rest.replace(b"/", b"\\") if is_windows(self.there) else rest.replace(os.sep.encode(), b"/")
        return target + rest


def is_windows(path: bytes) -> bool:
    """Whether it is written as on Windows: with a drive's letter or backslashes at its beginning."""
    return (path[:1].isalpha() and path[1:2] == b":") or path.startswith(b"\\\\")


def is_address(path: bytes) -> bool:
    """Whether it begins as the URI of a network share does, `smb://nas`; no path of a file here does."""
    return ADDRESS.match(path) is not None


def uri_of(path: bytes) -> str:
    """file:// URI of an absolute path; whatever bytes it has, they come back by `named_by`.

    The place of a file on another machine may be a share, which has its host in the URI, an address already, which
    keeps its scheme, or a path seen from the playlist.
    """
    if (scheme := ADDRESS.match(path)) is not None:
        return scheme[0].decode() + quote(path[scheme.end() :], safe=SAFE + ":@[]")
    if is_windows(path):
        plain = path.replace(b"\\", b"/")
        return "file:" + quote(plain if plain.startswith(b"//") else b"///" + plain, safe=SAFE + ":")
    plain = path.replace(os.sep.encode(), b"/")
    return "file://" + quote(plain, safe=SAFE) if plain.startswith(b"/") else relative_uri(plain)


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
    found = unquote_to_bytes(local)
    if os.name == "nt":
        return found if host in ("", "localhost") else b"//" + unquote_to_bytes(host) + b"/" + found
    return b"/" + found if slash and host in ("", "localhost") else None


def located(path: bytes, base: bytes) -> bytes:
    return os.path.normpath(os.path.join(base, path))
