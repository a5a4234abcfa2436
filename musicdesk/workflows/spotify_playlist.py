"""A playlist of the library, made at Spotify: every track is found there, or told as missing with the reason."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from musicdesk.core.changes import Changes
from musicdesk.core.errors import Cancelled, MusicdeskError, Unusable
from musicdesk.core.progress import Monitor
from musicdesk.core.types import PlaylistId, Track, TrackId
from musicdesk.integrations.choose import Wanted, best, queries, same_length, uri_of
from musicdesk.integrations.faults import Unsupported
from musicdesk.integrations.patience import USUAL, Patience
from musicdesk.integrations.spotify import Spotify
from musicdesk.workflows.spotify import spotify_of

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk

TEXT = "Made by musicdesk."
NAME_LENGTH = 100  # characters that Spotify takes
GONE = "no longer in the library"
NAMELESS = "has no artist or title"
UNKNOWN = "not found at Spotify"
UNASKED = "the search is not given"


@dataclass(frozen=True)
class Sent:
    """tracks = found + len(missing); found = added + doubles when everything could be added."""

    playlist: int
    name: str
    address: str  # of the playlist, for a browser
    tracks: int
    found: int
    added: int
    doubles: int  # the same recording as one before
    by_method: dict[str, int]  # history, isrc, search
    missing: list[dict[str, Any]]  # position, track, artist, title, reason
    notes: list[str]
    seconds: float
    changes: Changes = field(default=Changes.NOTHING)


def send(desk: Desk, playlist: PlaylistId, monitor: Monitor, name: str = "", patience: Patience = USUAL) -> Sent:
    """Makes a private playlist at Spotify. Nothing is made when no track is found there.

    raises: NotFound, NotReady, Unusable, Offline, Unreachable, Crowded, Unsupported, Cancelled
    """
    begun = time.monotonic()
    kept = desk.catalog.playlists.get(playlist)
    title = (name.strip() or kept.name)[:NAME_LENGTH]
    with spotify_of(desk, monitor, patience) as (authorisation, spotify):
        authorisation.client()
        look = _Look(desk, spotify, monitor)
        look.find([pick.track for pick in kept.picks])
        uris = list(dict.fromkeys(look.uris))
        if not uris:
            why = f" {look.notes[0]}" if look.notes else ""
            raise Unusable(f"None of the {len(kept.picks):,} tracks was found at Spotify, so nothing was made.{why}")
        number, address = spotify.create(title, TEXT)
        added = _add(spotify, number, uris, look.notes, monitor)
    return Sent(
        playlist=int(playlist),
        name=title,
        address=address,
        tracks=len(kept.picks),
        found=len(look.uris),
        added=added,
        doubles=len(look.uris) - len(uris),
        by_method=look.by_method,
        missing=look.missing,
        notes=look.notes,
        seconds=time.monotonic() - begun,
    )


def _add(spotify: Spotify, number: str, uris: list[str], notes: list[str], monitor: Monitor) -> int:
    """How many were added. What stops it after the playlist is there is a note."""
    added = 0
    try:
        for added in spotify.add(number, uris):
            monitor.report(added, len(uris), "Filling the playlist at Spotify")
    except Cancelled:
        raise
    except MusicdeskError as fault:
        notes.append(f"The playlist holds {added:,} of the {len(uris):,} tracks that were found. {fault}")
    return added


class _Look:
    """Finds tracks at Spotify: by what histories know, by their ISRC, by searching."""

    def __init__(self, desk: Desk, spotify: Spotify, monitor: Monitor) -> None:
        self._desk = desk
        self._spotify = spotify
        self._monitor = monitor
        self._searching = True
        self.uris: list[str] = []
        self.by_method = {"history": 0, "isrc": 0, "search": 0}
        self.missing: list[dict[str, Any]] = []
        self.notes: list[str] = []

    def find(self, wanted: list[TrackId]) -> None:
        from musicdesk.library.reader import isrcs

        tracks = {track.id: track for track in self._desk.catalog.tracks.get_many(wanted)}
        known = self._desk.catalog.matches.uris(wanted)
        files = [tracks[one].path for one in dict.fromkeys(wanted) if one in tracks and one not in known]
        codes = isrcs(files, self._monitor) if files else {}
        for position, number in enumerate(wanted, 1):
            self._monitor.check()
            self._monitor.report(position - 1, len(wanted), "Looking for the tracks at Spotify")
            track = tracks.get(number)
            if track is None:
                self._miss(position, number, None, GONE)
            elif number in known:
                self._found("history", known[number])
            else:
                self._ask(position, track, codes.get(track.path, ""))

    def _ask(self, position: int, track: Track, code: str) -> None:
        tags = track.tags
        wanted = Wanted(tags.artist or tags.album_artist, tags.title, tags.duration_s)
        if not (wanted.artist and wanted.title):
            return self._miss(position, track.id, track, NAMELESS)
        if code:
            rows = [row for row in self._search(f"isrc:{code}") if same_length(wanted, row)]
            if uri := next((uri for row in rows if (uri := uri_of(row))), ""):
                return self._found("isrc", uri)
        for query in queries(wanted):
            if uri := best(wanted, self._search(query)):
                return self._found("search", uri)
        self._miss(position, track.id, track, UNKNOWN if self._searching else UNASKED)

    def _search(self, query: str) -> list[dict[str, Any]]:
        if not self._searching:
            return []
        try:
            return self._spotify.search(query)
        except Unsupported as fault:
            if fault.status == 400:  # a query that Spotify makes nothing of
                return []
            self._searching = False
            self.notes.append(str(fault))
            return []

    def _found(self, method: str, uri: str) -> None:
        self.by_method[method] += 1
        self.uris.append(uri)

    def _miss(self, position: int, number: TrackId, track: Track | None, reason: str) -> None:
        tags = track.tags if track else None
        row = {"position": position, "track": int(number), "reason": reason}
        self.missing.append({**row, "artist": tags.artist if tags else "", "title": tags.title if tags else ""})
