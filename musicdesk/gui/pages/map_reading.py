"""What the Map reads, as work for its thread: places, layers, names of regions, neighbours. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from musicdesk.core.types import PlaylistId, TrackId
from musicdesk.gui.pages.map_state import Choice, Look, Points
from musicdesk.space.layers import Painted, by_choice
from musicdesk.space.palette import HUES
from musicdesk.space.points import Cloud, clean
from musicdesk.space.regions import Region, regions
from musicdesk.workflows.layers import PLAIN, layers, measure, paint, telling
from musicdesk.workflows.request import Request

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk

BOTH, DIM = "In both", 70  # what two playlists share; alpha of points that are in none
NEAR = 24  # tracks that sound most like one
MOST_NAMED = 300  # artists that are looked at for a region of their own


@dataclass(frozen=True)
class Offer:
    """A layer that can be chosen; numbers can also be a size."""

    name: str
    title: str
    is_number: bool


@dataclass(frozen=True, eq=False)
class Names:
    """Regions that are worth a name: genres, and artists whose tracks lie close together."""

    genres: tuple[Region, ...] = ()
    artists: tuple[Region, ...] = ()


@dataclass(frozen=True, eq=False)
class Reading:
    """A map as the page shows it. points: None where there is none; `instead` then says what is missing:
    'welcome' (tracks), 'unheard' (their sound) or 'none' (the map)

    known: int64, all tracks of the library, ascending
    """

    points: Points | None
    look: Look | None = None
    cloud: Cloud | None = None  # the points, ready to be drawn
    offers: tuple[Offer, ...] = ()
    names: Names = Names()
    instead: str = ""
    known: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))

    def with_look(self, look: Look) -> Reading:
        return replace(self, look=look)


def read(desk: Desk, choice: Choice, dark: bool, held: Points | None = None) -> Reading:
    """The map in use with its layers; or what is left of `held`, places that are on show already."""
    known = desk.catalog.browse.everything()
    points = (held and held.among(known)) or _points(desk)
    if points is None:
        heard = desk.catalog.sound.heard(desk.encoder)
        instead = "none" if heard else "unheard" if desk.catalog.tracks.count()["total"] else "welcome"
        return Reading(None, instead=instead, known=known)
    look = read_look(desk, points, choice, dark)
    cloud = clean(points.xyz, look.painted.colours, look.sized.sizes)
    return Reading(points, look, cloud, offered(desk), read_names(desk, points), known=known)


def _points(desk: Desk) -> Points | None:
    layout = desk.catalog.layouts.active()
    if layout is None or not len(layout.ids):
        return None
    return Points(layout.ids, layout.xyz, layout.trust, layout.trustworthiness)


def offered(desk: Desk) -> tuple[Offer, ...]:
    return tuple(Offer(name, layer.title, layer.is_number) for name, layer in layers(desk).items())


def read_look(desk: Desk, points: Points, choice: Choice, dark: bool) -> Look:
    """A layer that is there no more, as when a model was forgotten, is as good as the first one."""
    known = layers(desk)
    size = choice.size if choice.size in known else PLAIN
    trust = points.trust if points.around is not None else None
    if choice.lists:
        return Look(_compared(desk, points, choice.lists, dark), measure(desk, size, points.ids), "", size)
    colour = choice.colour if choice.colour in known else telling(desk, points.ids)
    return Look(paint(desk, colour, points.ids, dark, trust), measure(desk, size, points.ids), colour, size)


def _compared(desk: Desk, points: Points, lists: tuple[PlaylistId, ...], dark: bool) -> Painted:
    """One or two playlists in their own colours, what both have in a third, and all other points dim."""
    named, member = [], []
    for number in lists:
        playlist = desk.catalog.playlists.get(number)
        found = np.zeros(len(points), np.int64)
        found[points.rows_of([int(pick.track) for pick in playlist.picks])] = 1
        named.append(playlist.name)
        member.append(found)
    if len(named) > 1 and named[0] == named[1]:
        named[1] += " (2)"
    codes = sum((2**at) * found for at, found in enumerate(member))
    labels = np.array(["", *named[:1], *named[1:], BOTH][: 2 ** len(lists)], object)[codes]
    choices = [(name, hue) for name, hue in zip((*named, BOTH), (HUES[0], HUES[1], HUES[6]), strict=False)]
    painted = by_choice(labels.tolist(), choices, "Playlists", dark, "In neither" if len(lists) > 1 else "Not in it")
    painted.colours[codes == 0, 3] = DIM
    return painted


def read_names(desk: Desk, points: Points) -> Names:
    genres, artists = (
        [value or "" for value in desk.catalog.browse.column(name, points.ids)] for name in ("genre", "artist")
    )
    return Names(
        tuple(regions(points.xyz, genres, most=24)), tuple(regions(points.xyz, artists, most=MOST_NAMED, close=True))
    )


def near(desk: Desk, track: TrackId, count: int = NEAR) -> list[TrackId]:
    """The nearest in sound, not on the picture; none when the track has not been heard."""
    from musicdesk.workflows.recommend import similar

    if not len(desk.vectors().rows_of([track])):
        return []
    return [pick.track for pick in similar(desk, str(int(track)), count)]


@dataclass(frozen=True)
class Listed:
    """A list that was worked out but not kept."""

    name: str
    tracks: tuple[TrackId, ...]


def listed(desk: Desk, request: Request) -> Listed:
    """Raises what `recommend` does, with one sentence."""
    from musicdesk.workflows.recommend import draft

    found, _account = draft(desk, request)
    return Listed(found.name, tuple(pick.track for pick in found.picks))
