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
    """The file of a track's picture, or None. Kept by track and the times of file and picture, so a new one is seen.

    May be called from any thread when given a `Track`; takes milliseconds when kept or beside the file, and
    the start of a child process when the picture must be got out of the file.
    """
    if not isinstance(track, Track):
        track = desk.catalog.tracks.get(track)
    try:
        stem = f"{track.id}-{os.stat(track.path).st_mtime_ns}"
    except OSError:
        return None
    kept = {path.stem: path for path in desk.profile.covers.glob(f"{track.id}-*")}
    if track.tags.has_cover:
        if stem not in kept:
            kept = {stem: _keep(desk, stem, _extracted(track.path, pool), kept)}
        if kept[stem].suffix != f".{_NONE}":
            return kept[stem]
    return _beside(desk, track, stem, kept)


def _beside(desk: Desk, track: Track, stem: str, kept: dict[str, Path]) -> Path | None:
    found = beside(track.path)
    if found is None:
        return None
    name = f"{stem}-{found.mtime_ns}"
    if name in kept:
        return kept[name]
    # The mark stays that nothing is in the file, which is not looked into again.
    old = {other: path for other, path in kept.items() if other != stem or not track.tags.has_cover}
    picture = found.read()
    return _keep(desk, name, picture, old) if picture else None


def _extracted(path: bytes, given: Pool | None) -> bytes | None:
    with contextlib.ExitStack() as stack:
        pool = given or stack.enter_context(cover_pool())
        for _request, answer in pool.run([{"path": os.fsdecode(path)}], DEADLINE_S):
            if answer.fate is Fate.OK and answer.head.get("found"):
                return answer.arrays["bytes"].tobytes()
    return None


def _keep(desk: Desk, stem: str, picture: bytes | None, old: dict[str, Path]) -> Path:
    """Keeps a picture, or the mark that there is none, in the place of the old ones."""
    for path in old.values():
        path.unlink(missing_ok=True)
    target = desk.profile.covers / f"{stem}.{_ending(picture) if picture else _NONE}"
    with replacing(target) as stream:
        stream.write(picture or b"")
    return target


def _ending(picture: bytes) -> str:
    if picture.startswith(b"\xff\xd8"):
        return "jpg"
    if picture.startswith(b"\x89PNG"):
        return "png"
    return "webp" if picture.startswith(b"RIFF") else "img"
