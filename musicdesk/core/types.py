"""The values that travel between rooms. Frozen, with their units in the names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import NewType

import numpy as np

from musicdesk.core.rows import Places

TrackId = NewType("TrackId", int)
RootId = NewType("RootId", int)
RunId = NewType("RunId", int)
PickId = NewType("PickId", int)
PlaylistId = NewType("PlaylistId", int)


@dataclass(frozen=True, slots=True)
class MelSpec:
    """How sound becomes a picture (Lee et al. 2018, section 3.3)."""

    rate_hz: int = 22_050
    window: int = 1_024  # samples
    hop: int = 512  # samples
    bands: int = 128


@dataclass(frozen=True, slots=True)
class Tags:
    """What a file says about itself; every field may be empty."""

    title: str = ""
    artist: str = ""
    album: str = ""
    album_artist: str = ""
    genre: str = ""
    year: int | None = None
    track_no: int | None = None
    disc_no: int | None = None
    duration_s: float | None = None
    has_cover: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A music file seen on disk. Paths are bytes: file names need not be text."""

    path: bytes  # absolute
    size: int  # bytes
    mtime_ns: int


class Presence(StrEnum):
    PRESENT = "present"
    OFFLINE = "offline"  # its folder is not mounted; nothing is lost
    MISSING = "missing"  # its folder is there, the file is not


class Analysis(StrEnum):
    """Where a track stands on its way to an embedding."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Track:
    id: TrackId
    path: bytes
    tags: Tags
    presence: Presence = Presence.PRESENT
    analysis: Analysis = Analysis.WAITING
    excluded: str = ""  # the rule that keeps it out of playlists, or ""
    version_of: str = ""  # song key shared by other versions of the same song
    verdict: Verdict | None = None
    plays: int = 0
    added_at: float = 0.0  # epoch seconds
    last_played_at: float | None = None
    stars: int | None = None  # 1..5, where stars were given


class Verdict(StrEnum):
    """The four verbs of feedback, and their undoing."""

    LIKE = "like"
    DISLIKE = "dislike"
    NEVER = "never"
    CLEAR = "clear"


class PlayEnd(StrEnum):
    FINISHED = "finished"
    SKIPPED = "skipped"
    STOPPED = "stopped"


class Side(StrEnum):
    """The two models of a duel."""

    A = "a"
    B = "b"

    @property
    def other(self) -> Side:
        return Side.B if self is Side.A else Side.A


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a track was picked: `share` is the part of the score that `text` accounts for (0..1).

    points: the same in the score's own units, negative for what speaks against it; 0 where that is not known
    """

    text: str
    share: float = 1.0
    track: TrackId | None = None
    points: float = 0.0


@dataclass(frozen=True, slots=True)
class Pick:
    """`id` is known once the list is kept; what it is called makes no other pick of it.

    propensity: with what probability it was drawn, where that was left to chance
    """

    track: TrackId
    score: float
    reasons: tuple[Reason, ...] = ()
    id: PickId | None = field(default=None, compare=False)
    propensity: float | None = None


@dataclass(frozen=True, slots=True)
class Playlist:
    id: PlaylistId | None
    name: str
    kind: str
    picks: tuple[Pick, ...] = ()
    seed: int = 0
    model: str = ""


@dataclass(frozen=True, slots=True)
class Listener:
    """What is known of one listener's taste, over the tracks of the library.

    liked, disliked: weights > 0 by track
    plays:           counts by track, as they happened
    weights:         of the same tracks, what their plays say of taste now (they fade); empty where ages are not known
    """

    name: str = "me"
    liked: Mapping[TrackId, float] = field(default_factory=dict)
    disliked: Mapping[TrackId, float] = field(default_factory=dict)
    plays: dict[TrackId, int] = field(default_factory=dict)
    weights: dict[TrackId, float] = field(default_factory=dict)

    @property
    def heard(self) -> Mapping[TrackId, float]:
        """What each played track weighs, in plays."""
        return self.weights or self.plays


@dataclass(frozen=True, eq=False)
class Vectors:
    """Unit vectors of tracks: `ids` int64 (n,), `matrix` float32 (n, dim), rows of norm 1."""

    ids: np.ndarray
    matrix: np.ndarray
    encoder: str = ""

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def places(self) -> Places:
        """Row numbers of any tracks, -1 without a vector. `ids` is sorted ascending."""
        return Places(self.ids)

    def rows_of(self, tracks: list[TrackId] | np.ndarray) -> np.ndarray:
        """Row numbers of those `tracks` that have a vector."""
        wanted = np.asarray(tracks, dtype=np.int64)
        at = self.places.of(wanted)
        found: np.ndarray = at[at >= 0]
        return found


@dataclass(frozen=True, eq=False)
class Edges:
    """How a track sounds in its first and in its last seconds that can be heard.

    opening, ending: float32 (dim,), of norm 1; opening_db, ending_db: how loud beside the whole track, 0 for as loud
    """

    opening: np.ndarray
    ending: np.ndarray
    opening_db: float = 0.0
    ending_db: float = 0.0
