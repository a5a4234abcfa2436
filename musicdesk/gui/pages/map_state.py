"""What the map shows: its points, what their colours and sizes mean, which are lit, what a card says. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from musicdesk.core.rows import places
from musicdesk.core.types import PlaylistId, Track, TrackId
from musicdesk.gui import words
from musicdesk.space.layers import Legend, Painted, Sized

MOVING = ("rating", "plays", "last-heard")  # layers that change with feedback, as scores do
FADED, SMALL = 34, 0.7  # alpha and size of points that are not lit


@dataclass(frozen=True, eq=False)
class Points:
    """A layout. ids: int64 (n,) ascending; xyz: float32 (n, 3); trust: float32 (n,), nan where not measured

    around: the track whose neighbourhood alone this is, with its title; None for the whole library
    """

    ids: np.ndarray
    xyz: np.ndarray
    trust: np.ndarray
    trustworthiness: float = 0.0
    around: TrackId | None = None
    title: str = ""

    def __len__(self) -> int:
        return len(self.ids)

    def rows_of(self, ids: Sequence[int] | np.ndarray) -> np.ndarray:
        """Rows of those of `ids` that are on the map, int64 (k,), in their order."""
        at = places(self.ids, np.asarray(ids, np.int64))
        return at[at >= 0]

    def among(self, known: np.ndarray) -> Points:
        """Those of tracks that are still there. known: int64 (m,), ascending"""
        there = places(known, self.ids) >= 0
        if there.all():
            return self
        return replace(self, ids=self.ids[there], xyz=self.xyz[there], trust=self.trust[there])

    def holds(self, track: TrackId) -> bool:
        return bool(len(self.rows_of([track])))

    def trust_of(self, track: TrackId) -> float:
        rows = self.rows_of([track])
        return float(self.trust[rows[0]]) if len(rows) else float("nan")


@dataclass(frozen=True)
class Choice:
    """Which layers are on show, and which entries of the legend stay lit: none means all.

    colour: '' is what tells most
    """

    colour: str = ""
    size: str = "none"
    only: frozenset[str] = field(default_factory=frozenset)
    lists: tuple[PlaylistId, ...] = ()  # playlists that are told apart instead of a layer

    def coloured(self, layer: str) -> Choice:
        return replace(self, colour=layer, only=frozenset(), lists=())

    def comparing(self, lists: tuple[PlaylistId, ...]) -> Choice:
        return replace(self, lists=lists, only=frozenset())

    def sized(self, layer: str) -> Choice:
        return replace(self, size=layer)

    def toggled(self, label: str) -> Choice:
        return replace(self, only=self.only ^ {label})


@dataclass(frozen=True, eq=False)
class Look:
    """What the layers `colour` and `size` say of every point."""

    painted: Painted
    sized: Sized
    colour: str = "genre"
    size: str = "none"

    @property
    def follows_feedback(self) -> bool:
        """Whether a rating or a play changes what is seen."""
        return any(layer in MOVING or layer.startswith("score") for layer in (self.colour, self.size))

    def lit(self, only: frozenset[str]) -> np.ndarray:
        """bool (n,): the points that the legend's filter leaves."""
        entries = self.painted.legend.entries
        stays = np.array([not only or entry.label in only for entry in entries], bool)
        found: np.ndarray = stays[self.painted.codes] if len(entries) else np.ones(len(self.painted.codes), bool)
        return found

    def drawn(self, lit: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Colours uint8 (n, 4) and sizes float32 (n,), where only the `lit` points stand out."""
        if lit.all():
            return self.painted.colours, self.sized.sizes
        colours, sizes = self.painted.colours.copy(), self.sized.sizes.copy()
        colours[~lit, 3] = FADED
        sizes[~lit] *= SMALL
        return colours, sizes


@dataclass(frozen=True)
class Entry:
    """One line of the legend as it is shown; `label` is also what the filter goes by."""

    label: str
    colour: tuple[int, int, int]
    count: int
    shown: bool = True


def lines(legend: Legend, only: frozenset[str]) -> list[Entry]:
    return [Entry(entry.label, entry.colour, entry.count, not only or entry.label in only) for entry in legend.entries]


def heading(points: Points | None) -> str:
    if points is None:
        return ""
    if points.around is not None:
        others = len(points) - points.holds(points.around)  # it may have gone from the library
        told = f"“{points.title}” and {words.count(others, 'track')} around it, drawn for themselves"
    else:
        told = f"{words.count(len(points), 'track')} · what lies close sounds alike"
    return f"{told} · trustworthiness {points.trustworthiness:.2f}" if points.trustworthiness else told


def card(track: Track, near: Sequence[Track]) -> tuple[str, str, str]:
    """Title, credit, and the nearest tracks, for the card at the pointer."""
    tags = track.tags
    facts = " · ".join(part for part in (tags.artist, tags.genre, str(tags.year or "")) if part)
    close = "Sounds like " + ", ".join(f"“{other.tags.title}”" for other in near[:3]) if near else ""
    return tags.title, facts, close


def ghost_card(artist: str, title: str, crowd: str, near: Sequence[Track]) -> tuple[str, str, str, str]:
    """Title, artist, why it lies there, and that it is not owned, for the card at the pointer."""
    why = "Played by those who play " + ", ".join(f"“{other.tags.title}”" for other in near) if near else ""
    return title, artist, why, f"Not in your library; known from the crowd “{crowd}”"


def standing(trust: float, joined: int) -> str:
    """How far a place can be believed, in words; '' where it was not measured."""
    if not np.isfinite(trust):
        return ""
    of_ten = round(10 * trust)
    if of_ten >= 7:
        return f"{of_ten} of its 10 nearest in sound lie near it here"
    return f"Only {of_ten} of its 10 nearest in sound lie near it here" + ("; lines lead to them" if joined else "")
