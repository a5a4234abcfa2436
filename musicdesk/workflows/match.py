"""Matching: which of the songs that histories know are in the library. Only what has changed is done again."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from musicdesk.catalog.matches import Match
from musicdesk.core.changes import Changes
from musicdesk.core.progress import Monitor
from musicdesk.core.types import TrackId
from musicdesk.core.wording import artist_key, plain_title
from musicdesk.history.matching import RULES, Found, Library, Owned, Song

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk

BATCH = 2_000


@dataclass(frozen=True)
class Matched:
    songs: int
    matched: int
    ambiguous: int
    not_owned: int
    by_method: dict[str, int]
    coverage_by_plays: float  # 0..1
    coverage_by_tracks: float
    looked_at: int  # songs that this run has matched anew
    changes: Changes = field(default=Changes.LISTENS | Changes.FEEDBACK)


def match(desk: Desk, monitor: Monitor) -> Matched:
    """Matches new songs, and those by artists whose tracks have changed. Raises Cancelled between batches."""
    matches = desk.catalog.matches
    tracks = library_tracks(matches.tracks())
    digests = _digests(tracks)
    known = matches.artists()
    changed = {key for key in digests.keys() | known.keys() if digests.get(key) != known.get(key)}
    new_rules = not all(digest.startswith(f"{RULES} ") for digest in known.values())
    rows = matches.open_songs(changed, unknown_too=bool(digests.keys() - known.keys()), all_too=new_rules)
    songs = [Song(i, artist, title, album, ms / 1000 if ms else None) for i, artist, title, album, ms in rows]
    for done, batch in _batches(Library.of(tracks), songs):
        monitor.check()
        matches.save(batch)
        monitor.report(done, len(songs), "Matching songs with your library")
    with desk.catalog.write():
        matches.save_artists(digests)
        if songs:
            desk.catalog.listens.settle()
    return summary(desk, len(songs))


def summary(desk: Desk, looked_at: int = 0) -> Matched:
    matches = desk.catalog.matches
    count = matches.count()
    by_plays, by_tracks = matches.coverage()
    return Matched(
        songs=sum(count.values()),
        matched=count["matched"],
        ambiguous=count["ambiguous"],
        not_owned=count["unmatched"] + count["never"],
        by_method=matches.by_method(),
        coverage_by_plays=by_plays,
        coverage_by_tracks=by_tracks,
        looked_at=looked_at,
    )


def review(desk: Desk, limit: int = 500) -> list[dict[str, Any]]:
    """The songs whose track is not sure, with the tracks that they may be."""
    found = desk.catalog.matches.review(limit)
    known = {
        t.id: t for t in desk.catalog.tracks.get_many([TrackId(c) for item in found for c, _score in item.candidates])
    }
    shown = []
    for item in found:
        candidates = [
            {
                "track": int(t.id),
                "artist": t.tags.artist,
                "title": t.tags.title,
                "album": t.tags.album,
                "length_s": t.tags.duration_s,
                "score": score,
            }
            for track, score in item.candidates
            if (t := known.get(TrackId(track)))
        ]
        row = {"song": item.song, "artist": item.artist, "title": item.title, "plays": item.plays}
        shown.append({**row, "candidates": candidates})
    return shown


def decide(desk: Desk, song: int, track: TrackId | None) -> Changes:
    """A person says which track a song is; None: none of them, ever. Raises NotFound."""
    if track is not None:
        desk.catalog.tracks.get(track)
    with desk.catalog.write():
        before = desk.catalog.matches.track_of(song)
        desk.catalog.matches.decide(song, track)
        _settle(desk, before, track)
    return Changes.LISTENS | Changes.FEEDBACK


def undo(desk: Desk) -> int | None:
    """Takes back the newest decision; returns its song, None when there is nothing left."""
    matches = desk.catalog.matches
    with desk.catalog.write():
        decided = matches.newest_decision()
        if decided is None:
            return None
        before = matches.track_of(decided)
        song = matches.undo()
        _settle(desk, before, matches.track_of(decided))
    return song


def _settle(desk: Desk, *tracks: int | None) -> None:
    """Counts anew what a decision touches: the track a song was, and the one it is now."""
    desk.catalog.listens.settle([track for track in tracks if track is not None])


def library_tracks(rows: Iterable[tuple[int, str, str, str, float | None]]) -> list[Owned]:
    """Tracks as matching sees them: (id, artist, title, album, seconds) with what they are matched by."""
    return [
        Owned(track, artist_key(artist), plain_title(title), album, length)
        for track, artist, title, album, length in rows
    ]


def _digests(tracks: list[Owned]) -> dict[str, str]:
    """What each artist's tracks look like, to tell later whether that has changed."""
    parts: dict[str, list[str]] = defaultdict(list)
    for track in tracks:
        if track.artist_key:
            parts[track.artist_key].append(f"{track.id}|{track.title_key}|{track.album}|{track.length_s}")
    return {
        key: f"{RULES} " + hashlib.sha256("\n".join(lines).encode("utf-8", "replace")).hexdigest()[:24]
        for key, lines in parts.items()
    }


def _batches(library: Library, songs: list[Song]) -> Iterator[tuple[int, list[Match]]]:
    for start in range(0, len(songs), BATCH):
        part = songs[start : start + BATCH]
        yield start + len(part), [_row(song, found) for song, found in library.match(part)]


def _row(song: Song, found: Found) -> Match:
    return Match(song.id, found.state, found.method, found.score, found.track, found.candidates)
