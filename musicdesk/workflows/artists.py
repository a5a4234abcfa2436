"""Artists of the library: which are alike, and the tastes that a listener's artists fall into, as daily mixes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from musicdesk.core.errors import NotFound, NotReady
from musicdesk.core.progress import Silent
from musicdesk.core.types import Listener, TrackId
from musicdesk.recommenders.artist import NAME, Artist, ArtistFitted
from musicdesk.recommenders.base import SEEDS
from musicdesk.recommenders.blend_fitted import BlendFitted
from musicdesk.workflows.desk import at_one_moment
from musicdesk.workflows.taste import standing

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk
    from musicdesk.workflows.request import Request

MIXES = 6
MIX_SEEDS = 40  # tracks that a mix starts from, the weightiest
NAMED = 3  # artists that name a mix


@dataclass(frozen=True)
class SimilarArtist:
    artist: str
    similarity: float  # cosine
    tracks: int  # that the library has
    by: str  # plays or sound: what likeness was told by


@dataclass(frozen=True)
class Mix:
    """number: from 1, the weightiest taste first; artists: the weightiest first; seeds: tracks to start from"""

    number: int
    artists: list[str]
    seeds: tuple[TrackId, ...]

    @property
    def name(self) -> str:
        return f"Daily mix {self.number}: {', '.join(self.artists[:NAMED])}"


@at_one_moment
def similar_artists(desk: Desk, artist: str, n: int = 10) -> list[SimilarArtist]:
    """The library's artists nearest to one of them. Raises NotFound, or NotReady before anything was listened to."""
    level = artist_level(desk)
    code = level.names.code(artist)
    if code is None:
        raise NotFound(f"There is no artist '{artist}' in this library.")
    counts = np.bincount(level.names.codes, minlength=len(level.names.names))
    by = "plays" if level.by_crowd else "sound"
    found = level.similar(code, n)
    if not found:
        raise NotReady(f"No track by '{artist}' has been listened to yet; run 'musicdesk analyze' first.")
    return [SimilarArtist(level.names.names[other], value, int(counts[other]), by) for other, value in found]


@at_one_moment
def mixes(desk: Desk, most: int = MIXES) -> list[Mix]:
    """A mix for each taste of the person at this desk: the artists that are liked and played, in groups that lie
    near each other. The same likes and plays give the same mixes. Raises NotReady when nothing is liked or played."""
    me = desk.catalog.feedback.listener()
    level = artist_level(desk)
    groups = level.tastes(me, most) if me.liked or me.plays else []
    if not groups:
        raise NotReady("Nothing is liked or played yet; like three tracks and there is something to go by.")
    weights = track_weights(me)
    made = []
    for number, group in enumerate(groups, 1):
        tracks = level.names.tracks[np.isin(level.names.codes, group)]
        tracks = desk.vectors().ids[desk.vectors().rows_of(tracks)]
        own = sorted((t for t in tracks.tolist() if t in weights), key=lambda t: (-weights[TrackId(t)], t))
        seeds = tuple(TrackId(track) for track in own[:MIX_SEEDS])
        made.append(Mix(number, [level.names.names[code] for code in group.tolist()], seeds))
    return [mix for mix in made if mix.seeds]


def track_weights(listener: Listener) -> dict[TrackId, float]:
    """What each liked or played track weighs in a mix: a like ten plays."""
    weights = dict(listener.heard)
    for track, weight in listener.liked.items():
        weights[track] = weights.get(track, 0.0) + 10.0 * weight
    return {track: weight for track, weight in weights.items() if weight > 0 and track not in listener.disliked}


def seeds_of(seeds: Sequence[TrackId], me: Listener) -> Listener:
    """Whoever likes just what a mix starts from: what scores its tracks."""
    weights = track_weights(me)
    told = {track: weights.get(track, 0.0) for track in seeds if track not in me.disliked}
    most = max(told.values(), default=0.0) or 1.0
    return Listener(SEEDS, {track: max(0.05, weight / most) for track, weight in told.items()}, me.disliked)


def mix_request(desk: Desk, request: Request) -> Request:
    """The request with what its mix starts from and is called, so that it stays that mix when tastes have moved on.

    Raises NotFound for a number that there is not, NotReady when nothing is liked or played.
    """
    made = mixes(desk)
    if not 1 <= request.mix <= len(made):
        are = "is only one" if len(made) == 1 else f"are {len(made)}"
        raise NotFound(f"There is no daily mix {request.mix}; there {are}.")
    mix = made[request.mix - 1]
    return replace(request, seed_tracks=mix.seeds, title=mix.name)


def artist_level(desk: Desk) -> ArtistFitted:
    """The artist level of the model in use, else a trained one, else one made of the library's sound."""
    fitted = standing(desk).fitted
    if isinstance(fitted, BlendFitted):
        fitted = fitted.parts.get("artists", fitted.parts["artist"])
    if not isinstance(fitted, ArtistFitted):
        fitted = standing(desk, NAME).fitted
    if isinstance(fitted, ArtistFitted):
        return fitted
    from musicdesk.workflows.training_data import training_data

    return Artist().fit(training_data(desk), 0, Silent())
