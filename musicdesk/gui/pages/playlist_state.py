"""What the playlist page decides: which list is shown, what is pinned, what its levers mean. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from musicdesk.core.feedback import Scope
from musicdesk.core.types import Playlist, PlaylistId, TrackId
from musicdesk.gui.pages.discover_state import EXACT
from musicdesk.gui.rating import Signs
from musicdesk.playlists.trial import slots
from musicdesk.workflows.request import Request, request_of

if TYPE_CHECKING:
    from musicdesk.workflows.contest import Contest
    from musicdesk.workflows.desk import Desk
    from musicdesk.workflows.prepared import Prepared

LENGTHS = (  # text, tracks, minutes
    ("15 tracks", 15, 0.0),
    ("30 tracks", 30, 0.0),
    ("50 tracks", 50, 0.0),
    ("One hour", 30, 60.0),
    ("Two hours", 30, 120.0),
)
RESTS = (("Any time", 0.0), ("A day", 1.0), ("A week", 7.0), ("A month", 30.0), ("A year", 365.0))  # text, days


@dataclass(frozen=True)
class Shown:
    """A list on show. prepared: what it was drawn from, and what is so drawn anew when the taste changes; None for
    an old list that was opened."""

    request: Request
    playlist: Playlist
    notices: tuple[str, ...] = ()
    prepared: Prepared | Contest | None = None

    @property
    def live(self) -> bool:
        return self.prepared is not None

    @property
    def varies(self) -> bool:
        """Whether another draw and levers make sense."""
        return self.playlist.kind not in EXACT

    @property
    def pinned(self) -> set[TrackId]:
        return {track for _place, track in self.request.pinned}

    def pin(self, track: TrackId) -> Shown:
        """The track stays where it is in every further draw; a second time it is let go."""
        kept = tuple(pair for pair in self.request.pinned if pair[1] != track)
        if len(kept) == len(self.request.pinned):
            places = [place for place, pick in enumerate(self.playlist.picks) if pick.track == track]
            kept = (*kept, *((place, track) for place in places[:1]))
        return replace(self, request=replace(self.request, pinned=tuple(sorted(kept))))


def held(
    shown: Shown, desk: Desk, since: float, playing: TrackId | None, mix: Scope
) -> tuple[tuple[int, TrackId], ...]:
    """(place, track) that stays when a rating draws the list anew: what was played or liked in it since it was drawn
    (epoch seconds), unless the person does not want it there."""
    met = desk.catalog.feedback.met_since(since) | ({playing} if playing is not None else set())
    places = {pick.track: place for place, pick in enumerate(shown.playlist.picks) if pick.track in met}
    signs = Signs.read(desk, mix)
    verdicts = {track.id: track.verdict for track in desk.catalog.tracks.get_many(list(places))}
    unwanted = {"not-now", "not-here", "never", "dislike"}
    return tuple(sorted((place, t) for t, place in places.items() if not signs.of(t, verdicts.get(t)) & unwanted))


def moves(before: Sequence[TrackId], after: Sequence[TrackId]) -> dict[TrackId, int | None]:
    """How many places each track has gone up (below 0: down), None for those that are new; nothing for the rest."""
    was = {track: place for place, track in enumerate(before)}
    gone = {track: was[track] - place if track in was else None for place, track in enumerate(after)}
    return {track: step for track, step in gone.items() if step != 0}


class Lists:
    """Makes lists for the page; the library is scored once for all that levers ask of it."""

    def __init__(self, desk: Callable[[], Desk]) -> None:
        self._desk = desk
        self._prepared: Prepared | Contest | None = None
        self._heard = (0, "")  # what of the library's sound it was prepared from

    def forget(self) -> None:
        """Something about the tracks or the taste has changed."""
        self._prepared = None

    def draft(self, request: Request) -> Shown:
        """The list without keeping it. Raises what `recommend` does."""
        from musicdesk.workflows.recommend import prepare

        desk = self._desk()
        with desk.catalog.store.still():
            known = self._known(desk, request) or prepare(desk, request)
            self._prepared, self._heard = known, _sound_of(desk)
            playlist, made = known.compose(request)
        return Shown(request, playlist, made.notices, known)

    def _known(self, desk: Desk, request: Request) -> Prepared | Contest | None:
        """What was prepared, where it is for this request and for the vectors there are now: another process may have
        heard tracks meanwhile, and rows of the one reading are no rows of the other."""
        known = self._prepared
        if known is None or known.subject != replace(request.subject(), seed=known.subject.seed):
            return None
        return known if self._heard == _sound_of(desk) else None

    def make(self, request: Request) -> Shown:
        """A list anew, kept. Raises what `recommend` does."""
        self.forget()
        return self.keep(self.draft(request))

    def keep(self, shown: Shown) -> Shown:
        if shown.playlist.id is not None or shown.prepared is None:
            return shown
        return replace(shown, playlist=shown.prepared.keep(shown.playlist, shown.request))

    def open(self, number: PlaylistId) -> Shown:
        """A list that was made before. Raises NotFound."""
        catalog = self._desk().catalog
        return Shown(request_of(catalog.playlists.request(number)), catalog.playlists.get(number))


def _sound_of(desk: Desk) -> tuple[int, str]:
    return desk.catalog.sound.stamp(), desk.encoder


def taste_words(share: float) -> str:
    """What the slider between sound and taste means where it stands."""
    steps = ("By sound alone", "Mostly by sound", "Half sound, half taste", "Mostly by taste", "By your taste")
    return steps[min(int(share * len(steps)), len(steps) - 1)]


def surprise_words(share: float, n: int) -> str:
    """How many rows are tried out where the slider stands."""
    rows = slots(n, share)
    return f"Surprise me: {rows} of {n}" if rows else "No surprises"


def era_words(share: float, year: float | None) -> str:
    """What the slider of the era means."""
    if share <= 0:
        return "Of any time"
    when = "that time" if year is None else f"{year:.0f}"
    return f"{'Rather' if share < 0.35 else 'Near' if share < 0.75 else 'Close to'} {when}"


def notices_line(notices: tuple[str, ...]) -> str:
    return " ".join(notices)
