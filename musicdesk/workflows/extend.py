"""Playlists of other players as a start: which of their rows are owned, and which are not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from musicdesk.core.errors import NotFound
from musicdesk.core.types import TrackId
from musicdesk.core.wording import artist_key
from musicdesk.history.matching import Library, Song, joined, keys
from musicdesk.playlists.meant import words
from musicdesk.playlists.read import ENDINGS, read
from musicdesk.playlists.rows import Row, clean
from musicdesk.workflows.match import library_tracks
from musicdesk.workflows.request import Request

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk

MOST_SEEDS = 400  # tracks of a long playlist that a list starts from, spread evenly

__all__ = ["ENDINGS", "Brought", "brought", "goes_with", "request_for"]


@dataclass(frozen=True)
class Brought:
    """name: the list's own, or its file's; found: in its order, each once; owned: how many of its rows are one of these
    by_name: how many of these rows lay elsewhere; missing: what the list calls the rows that are not owned
    skipped: entries that name neither a file nor a song (web radio and the like)
    """

    name: str
    found: tuple[TrackId, ...]
    owned: int
    by_name: int
    missing: tuple[str, ...]
    skipped: int

    @property
    def rows(self) -> int:
        return self.owned + len(self.missing)

    @property
    def account(self) -> str:
        """'12 of 15 tracks of “Mix” are in your library, 2 of them found by their names; not found: …'."""
        told = f"{self.owned:,} of {self.rows:,} tracks of “{self.name}” are in your library"
        if self.by_name:
            told += f", {self.by_name:,} of them found by their names"
        if self.missing:
            few = ", ".join(self.missing[:3])
            told += f"; not found: {few}{' and others' if len(self.missing) > 3 else ''}"
        return told + "."


def brought(desk: Desk, path: Path) -> Brought:
    """Reads a playlist file and looks its rows up: by path, else by artist and title. Raises NotFound, Unusable."""
    listed = read(path)
    found: dict[int, TrackId] = {}
    for place, row in enumerate(listed.rows):
        if (track := _by_path(desk, row)) is not None:
            found[place] = track
    named = _by_name(desk, {place: row for place, row in enumerate(listed.rows) if place not in found})
    whole = {**found, **named}
    missing = tuple(_called(row) for place, row in enumerate(listed.rows) if place not in whole)
    tracks = tuple(dict.fromkeys(whole[place] for place in sorted(whole)))
    return Brought(listed.name or path.stem, tracks, len(whole), len(named), missing, listed.skipped)


def _by_path(desk: Desk, row: Row) -> TrackId | None:
    tracks = (desk.catalog.tracks.by_path(path) for path in (row.path, *row.others) if path)
    return next((track for track in tracks if track is not None), None)


def _by_name(desk: Desk, rows: dict[int, Row]) -> dict[int, TrackId]:
    songs = [Song(place, *keys(row.artist, row.title), row.album, row.duration_s) for place, row in rows.items()]
    songs = [song for song in songs if song.artist_key and song.title_key]
    wanted = {joined(song.artist_key) for song in songs}
    if not wanted:
        return {}
    owned = [row for row in desk.catalog.matches.tracks() if joined(artist_key(row[1])) in wanted]
    told = Library.of(library_tracks(owned)).match(songs)
    return {song.id: TrackId(found.track) for song, found in told if found.track is not None}


def _called(row: Row) -> str:
    if row.title:
        return f"{row.artist} – {row.title}" if row.artist else row.title
    return clean(words(row.path.rpartition(b"/")[2]))


def request_for(found: Brought, base: Request | None = None) -> Request:
    """What goes with such a playlist. Raises NotFound when none of it is owned."""
    if not found.found:
        raise NotFound(f"None of the tracks of “{found.name}” is in your library.")
    return goes_with(found.name, found.found, base)


def goes_with(name: str, tracks: tuple[TrackId, ...], base: Request | None = None) -> Request:
    """What goes with `tracks`, a list of that name, without them."""
    step = max(1, -(-len(tracks) // MOST_SEEDS))
    return replace(base or Request(), kind="extend", seed_tracks=tracks[::step], without=tracks, title=name)
