"""What the demo library will hold, decided before a note is played: who plays what, called what, where."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from musicdesk.demo.names import Names, safe
from musicdesk.demo.recipes import Recipes, recipes
from musicdesk.demo.world import AXES, DIMS, World, WorldSpec, grow

VERSION = 1  # raise it when songs, sounds or tags change: files made before are then made anew
TRACKS_PER_ARTIST = 4
_SCALE = 1.6  # how far apart the styles lie in the taste space


@dataclass(frozen=True)
class TrackPlan:
    """One file to be made. It travels to a child process as JSON, so it holds plain values only."""

    index: int  # of the track in the world
    file: str  # relative to the library's folder, with forward slashes
    style: str  # the recipe's file name
    title: str
    artist: str
    album: str
    genre: str
    year: int
    track_no: int
    track_total: int
    tags: tuple[str, ...]
    seed: int
    artist_seed: int
    album_seed: int
    seconds: float  # wanted
    lean: dict[str, float]

    def request(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def of(request: dict[str, Any]) -> TrackPlan:
        return TrackPlan(**{**request, "tags": tuple(request["tags"])})


def demo_world(tracks: int, seed: int, listeners: int = 200) -> World:
    """The world behind a demo library of `tracks`: one genre per style, about four tracks per artist."""
    styles = recipes().styles
    genres = min(len(styles), tracks)
    artists = min(tracks, max(genres, round(tracks / TRACKS_PER_ARTIST)))
    spec = WorldSpec(genres=genres, artists=artists, tracks=tracks, listeners=listeners, tags=2 * len(AXES), seed=seed)
    both_ways = np.eye(len(AXES), DIMS)
    return grow(spec, centres(recipes())[:genres], np.vstack([both_ways, -both_ways]))


def centres(found: Recipes) -> np.ndarray:
    """Where the styles lie, float64 (styles, 16): the named axes from the recipes, pace from the tempo range,
    the hidden ones from each style's own corner of the remaining space."""
    rows = np.zeros((len(found.styles), DIMS))
    tempos = np.log([style.tempo[0] * style.tempo[1] for style in found.styles])
    pace = (tempos - tempos.mean()) / tempos.std()
    for number, style in enumerate(found.styles):
        rows[number, 0] = 0.6 * pace[number]
        rows[number, 1 : len(AXES)] = [style.axes.get(axis, 0.0) for axis in AXES[1:]]
        rows[number, len(AXES) + number % (DIMS - len(AXES))] = 1.0
    return rows * _SCALE


def plan_library(world: World, seed: int) -> tuple[TrackPlan, ...]:
    """A plan per track of the world, in the world's order; the same for the same world and seed."""
    found = recipes()
    names = Names(found.words, seed)
    lean = world.lean()
    plans: list[TrackPlan] = []
    for artist in range(world.spec.artists):
        style = found.styles[world.artists.genre[artist]]
        name = names.make("artists", style.file)
        draw = np.random.default_rng([seed, 71, artist])
        own = np.flatnonzero(world.tracks.artist == artist)
        year = int(draw.integers(1978, 2022))
        for number, album_tracks in enumerate(_albums(own)):
            album = names.make("albums", style.file, avoid=name)
            for place, index in enumerate(album_tracks, start=1):
                title = names.make("titles", style.file)
                # One file in four is Ogg, at another place with every artist.
                ending = "ogg" if index % 4 == index // 4 % 4 else "flac"
                plans.append(
                    TrackPlan(
                        index=int(index),
                        file=f"{safe(name)}/{safe(album)} ({year})/{place:02d} - {safe(title)}.{ending}",
                        style=style.file,
                        title=title,
                        artist=name,
                        album=album,
                        genre=style.name,
                        year=year,
                        track_no=place,
                        track_total=len(album_tracks),
                        tags=tuple(found.words["moods"][tag] for tag in np.flatnonzero(world.tracks.tags[index])),
                        seed=int(np.random.default_rng([seed, 72, int(index)]).integers(2**31)),
                        artist_seed=int(np.random.default_rng([seed, 73, artist]).integers(2**31)),
                        album_seed=int(np.random.default_rng([seed, 74, artist, number]).integers(2**31)),
                        seconds=float(draw.uniform(22.5, 26.0)),
                        lean={axis: round(float(v), 6) for axis, v in zip(AXES, lean[index], strict=True)},
                    )
                )
            year += int(draw.integers(1, 4))
    return tuple(sorted(plans, key=lambda plan: plan.index))


def _albums(own: np.ndarray) -> list[np.ndarray]:
    """An artist's tracks on two albums; a single one when there are fewer than three."""
    return [own] if len(own) < 3 else np.array_split(own, 2)
