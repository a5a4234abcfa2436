"""Which of a crowd's songs are in the library, and which the person at this desk has heard elsewhere.

Both are worked out once for a state of library, crowd, histories and decisions, and kept beside the crowd's plays.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np

from musicdesk.core.files import replacing
from musicdesk.core.wording import artist_key
from musicdesk.history.matching import RULES, Found, Library, Owned, Song
from musicdesk.recommenders.crowd import ArtistLinks
from musicdesk.workflows.match import library_tracks

if TYPE_CHECKING:
    from pathlib import Path

    from musicdesk.catalog.crowds import CrowdRow
    from musicdesk.workflows.desk import Desk

_NEVER = -1


def owned(desk: Desk, crowd: CrowdRow) -> np.ndarray:
    """int64 (songs,): the track that each song of the crowd is, -1 where the library has none.

    What a person has decided about a song of that name goes first, then matching as for histories: the exact
    key, then likeness within the artist; where that leaves a doubt, -1. Of several versions one that is present.
    """
    tracks = desk.catalog.matches.tracks()
    offline = set(desk.catalog.matches.offline())
    decided = desk.catalog.matches.decided()
    stamp = _stamp(desk, crowd, tracks, sorted(offline), sorted(decided.items()))

    def find() -> np.ndarray:
        found = np.full(crowd.songs, _NEVER, np.int64)
        songs = _songs(desk, crowd)
        for song, answer in Library.of(library_tracks(tracks)).match(songs):
            found[song.id] = _best(answer, offline)
        for song in songs if decided else ():
            name = (song.artist_key, song.title_key)
            if name in decided:
                found[song.id] = decided[name]
        return found

    return _kept(desk, crowd, "owned", stamp, find)


def elsewhere(desk: Desk, crowd: CrowdRow) -> np.ndarray:
    """float32 (songs,): counted plays by the person at this desk of the crowd's songs that are in no library.

    Plays of songs that the library has are plays of its tracks, and not told a second time here.
    """
    heard = desk.catalog.listens.heard_elsewhere()
    tracks = owned(desk, crowd)
    stamp = _stamp(desk, crowd, heard, [tracks.tobytes()])

    def find() -> np.ndarray:
        plays = np.zeros(crowd.songs, np.float32)
        songs = _songs(desk, crowd)
        known = Library.of(Owned(s.id, s.artist_key, s.title_key, s.album, s.length_s) for s in songs)
        asked = [Song(place, *row[:3], row[3] / 1000 if row[3] else None) for place, row in enumerate(heard)]
        listeners = _listeners(desk, crowd) if heard else plays
        for song, answer in known.match(asked):
            if answer.track is not None:
                code = max(_versions(answer), key=lambda code: (listeners[code], -code))
                plays[code] += heard[song.id][4]
        plays[tracks != _NEVER] = 0
        return plays

    return _kept(desk, crowd, "elsewhere", stamp, find)


def artists(desk: Desk, crowd: CrowdRow) -> tuple[np.ndarray, ArtistLinks]:
    """A number for the artist of each song of the crowd, int64 (songs,), -1 where the artist is not known; and which
    of these artists the library has, and the person at this desk has played elsewhere."""
    found = np.full(crowd.songs, _NEVER, np.int64)
    codes: dict[str, int] = {}
    for code, name in desk.catalog.crowds.artists(crowd.id):
        key = artist_key(name)
        if key:
            found[code] = codes.setdefault(key, len(codes))
    by_name: dict[str, int] = {}
    rows = []
    for track, name in sorted(desk.catalog.browse.artists().items()):
        if name not in by_name:
            by_name[name] = codes.get(artist_key(name), _NEVER)
        if by_name[name] != _NEVER:
            rows.append((track, by_name[name]))
    known = np.array(rows, np.int64).reshape(-1, 2)
    mine = np.zeros(len(codes), np.float32)
    for by, _title, _album, _ms, weight in desk.catalog.listens.heard_elsewhere():
        if by in codes:
            mine[codes[by]] += weight
    return found, ArtistLinks(known[:, 0], known[:, 1], mine)


def _songs(desk: Desk, crowd: CrowdRow) -> list[Song]:
    """The crowd's songs that have a title, by code."""
    titled = desk.catalog.crowds.titled(crowd.id)
    named = ((code, key.partition("|"), album, ms) for code, key, album, ms in titled)
    return [Song(code, by, title, album, ms / 1000 if ms else None) for code, (by, _, title), album, ms in named]


def _versions(found: Found) -> list[int]:
    """What a song surely is: the best, and others that are it to the same point."""
    assert found.track is not None
    return [found.track, *(other for other, score in found.candidates if score == found.score)]


def _best(found: Found, offline: set[int]) -> int:
    if found.track is None:
        return _NEVER
    versions = _versions(found)
    return next((track for track in versions if track not in offline), versions[0])


def _listeners(desk: Desk, crowd: CrowdRow) -> np.ndarray:
    """How many people of the crowd played each song, int64 (songs,)."""
    from musicdesk.workflows.import_crowd import matrix

    return np.bincount(matrix(desk, crowd).indices, minlength=crowd.songs)


def _stamp(desk: Desk, crowd: CrowdRow, *parts: Iterable[Any]) -> str:
    total = hashlib.sha256(f"{RULES} {crowd.digest} {desk.catalog.crowds.stamp(crowd.id)}".encode())
    for part in parts:
        for row in part:
            total.update(row if isinstance(row, bytes) else repr(row).encode("utf-8", "surrogatepass"))
        total.update(b"\0")
    return total.hexdigest()[:24]


def _kept(desk: Desk, crowd: CrowdRow, name: str, stamp: str, find: Callable[[], np.ndarray]) -> np.ndarray:
    """What `find` gives, from memory or from the file where that is of the same state."""
    memo = f"crowd {crowd.id} {name}"
    known = desk.memo.get(memo)
    if known is not None and known[0] == stamp:
        array: np.ndarray = known[1]
        return array
    folder = desk.profile.folder / "crowds" / crowd.folder if crowd.folder else None
    found = _read(folder, name, stamp, crowd.songs)
    if found is None:
        found = find()
        _write(folder, name, stamp, found)
    found.setflags(write=False)
    desk.memo[memo] = (stamp, found)
    return found


def _read(folder: Path | None, name: str, stamp: str, songs: int) -> np.ndarray | None:
    try:
        found: np.ndarray | None = np.load(folder / f"{name}-{stamp}.npy", allow_pickle=False) if folder else None
    except (OSError, ValueError):
        return None
    return found if found is not None and found.shape == (songs,) else None


def _write(folder: Path | None, name: str, stamp: str, found: np.ndarray) -> None:
    if folder is None or not folder.is_dir():
        return
    with suppress(OSError):  # a full disk costs time at the next start, not the answer
        for old in folder.glob(f"{name}-*.npy"):
            old.unlink(missing_ok=True)
        with replacing(folder / f"{name}-{stamp}.npy") as stream:
            np.save(stream, found, allow_pickle=False)
