"""Pictures of records, kept in the profile's cache once they were read."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from musicdesk.core.files import replacing
from musicdesk.core.killable import Fate, Pool
from musicdesk.core.types import Track, TrackId
from musicdesk.library.cover import beside

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk

TARGET = "musicdesk.library.cover:served"
DEADLINE_S = 20.0
MEMORY = 2 << 30  # bytes of address space
_NONE = "none"  # ending of the mark that says: it was looked for in vain


def cover_pool() -> Pool:
    """A child for many pictures in a row: starting one for each takes longer than reading them."""
    return Pool(TARGET, 1, MEMORY)


def cover_file(desk: Desk, track: Track | TrackId, pool: Pool | None = None) -> Path | None:
    """The file of a track's picture, or None. Kept by track and the file's time, so a new picture is seen.

    May be called from any thread when given a `Track`; takes milliseconds when kept or beside the file, and
    the start of a child process when the picture must be got out of the file.
    """
    if not isinstance(track, Track):
        track = desk.catalog.tracks.get(track)
    try:
        mtime_ns = os.stat(track.path).st_mtime_ns
    except OSError:
        return None
    stem = f"{track.id}-{mtime_ns}"
    kept = next(desk.profile.covers.glob(f"{stem}.*"), None)
    if kept:
        return kept if kept.suffix != f".{_NONE}" else _keep(desk, track, stem, beside(track.path))
    picture = _extracted(track.path, pool) if track.tags.has_cover else beside(track.path)
    if picture is None and track.tags.has_cover:
        (desk.profile.covers / f"{stem}.{_NONE}").touch(mode=0o600)
    return _keep(desk, track, stem, picture)


def _extracted(path: bytes, given: Pool | None) -> bytes | None:
    with contextlib.ExitStack() as stack:
        pool = given or stack.enter_context(cover_pool())
        for _request, answer in pool.run([{"path": os.fsdecode(path)}], DEADLINE_S):
            if answer.fate is Fate.OK and answer.head.get("found"):
                return answer.arrays["bytes"].tobytes()
    return None


def _keep(desk: Desk, track: Track, stem: str, picture: bytes | None) -> Path | None:
    if picture is None:
        return None
    for old in desk.profile.covers.glob(f"{track.id}-*"):
        old.unlink(missing_ok=True)
    target = desk.profile.covers / f"{stem}.{_ending(picture)}"
    with replacing(target) as stream:
        stream.write(picture)
    return target


def _ending(picture: bytes) -> str:
    if picture.startswith(b"\xff\xd8"):
        return "jpg"
    if picture.startswith(b"\x89PNG"):
        return "png"
    return "webp" if picture.startswith(b"RIFF") else "img"
