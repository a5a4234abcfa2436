"""What the map shows: colours, legend, filter, what a card says. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from musicdesk.core.genres import same_spelling
from musicdesk.core.types import Track
from musicdesk.gui import words
from musicdesk.space.palette import OTHER, Rgb, categories, scaled, seen_on

COLOURINGS = (("genre", "Genre"), ("artist", "Artist"), ("year", "Year"), ("plays", "Plays"), ("rating", "Rating"))
FADED = 30  # alpha of points that the filter leaves out
NAMED, LEAST_NAMED = 8, 3  # regions that get their name in space, and tracks they need for it
RATINGS = (("like", "Liked"), ("dislike", "Disliked"), ("never", "Never play"), ("", "Not rated"))
PLAYS = ((0, "Never played"), (1, "1 to 4 plays"), (5, "5 to 19 plays"), (20, "20 plays or more"))
UNKNOWN = "Unknown"


@dataclass(frozen=True)
class Entry:
    """One line of the legend; `label` is also what the filter goes by."""

    label: str
    colour: Rgb
    count: int
    shown: bool = True


@dataclass(frozen=True, eq=False)
class Points:
    """The layout with what is known of each point; meta values as catalog.browse.meta gives them."""

    ids: np.ndarray  # int64 (n,)
    xyz: np.ndarray  # float32 (n, 3)
    meta: dict[str, list[Any]]
    trustworthiness: float = 0.0

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, eq=False)
class Look:
    colours: np.ndarray  # uint8 (n, 4)
    sizes: np.ndarray  # float32 (n,)
    legend: list[Entry]
    labels: list[str]  # of each point


@dataclass(frozen=True)
class MapState:
    colouring: str = "genre"
    only: frozenset[str] = field(default_factory=frozenset)  # labels that stay lit; none = all

    def coloured(self, colouring: str) -> MapState:
        return MapState(colouring)

    def toggled(self, label: str) -> MapState:
        return replace(self, only=self.only ^ {label})

    def look(self, points: Points, dark: bool, rating_colours: dict[str, Rgb]) -> Look:
        labels, colours, order = self._labels(points, dark, rating_colours)
        number: dict[str, int] = {}
        codes = np.fromiter((number.setdefault(label, len(number)) for label in labels), np.int64, len(labels))
        names, counts = list(number), np.bincount(codes, minlength=len(number))
        firsts = np.unique(codes, return_index=True)[1]  # one point of each label, for its colour
        stays = np.array([not self.only or name in self.only for name in names], bool)
        lit = stays[codes]
        colours = colours.copy()
        legend = [
            Entry(name, _rgb(colours[firsts[at]]), int(counts[at]), bool(stays[at]))
            for name in order
            if (at := number.get(name, -1)) >= 0
        ]
        colours[~lit, 3] = FADED
        return Look(colours, np.where(lit, 1.0, 0.7).astype(np.float32), legend, labels)

    def _labels(
        self, points: Points, dark: bool, rating_colours: dict[str, Rgb]
    ) -> tuple[list[str], np.ndarray, list[str]]:
        """Label and colour of every point, and the labels in the legend's order."""
        if self.colouring in ("genre", "artist"):
            found = same_spelling([value or "" for value in points.meta[self.colouring]])
            colours, legend = categories(found, dark)
            known = {entry.label for entry in legend}
            return [name if name in known else "Other" for name in found], colours, [entry.label for entry in legend]
        if self.colouring == "year":
            years = np.array([value or np.nan for value in points.meta["year"]], float)
            labels = [UNKNOWN if np.isnan(year) else f"{int(year) // 10 * 10}s" for year in years]
            return labels, scaled(years, dark)[0], sorted(set(labels))
        if self.colouring == "plays":
            plays = np.array([value or 0 for value in points.meta["plays"]], float)
            labels = [_bucket(int(count)) for count in plays]
            return labels, scaled(np.log1p(plays), dark)[0], [label for _least, label in PLAYS]
        named = dict(RATINGS)
        tints = {"": seen_on(OTHER, dark), **rating_colours}
        verdicts = [value or "" for value in points.meta["verdict"]]
        colours = np.array([(*tints[verdict], 255) for verdict in verdicts], np.uint8).reshape(-1, 4)
        return [named[verdict] for verdict in verdicts], colours, [label for _verdict, label in RATINGS]


def _rgb(colour: np.ndarray) -> Rgb:
    return int(colour[0]), int(colour[1]), int(colour[2])


def _bucket(plays: int) -> str:
    return next(label for least, label in reversed(PLAYS) if plays >= least)


def regions(points: Points, look: Look, colouring: str) -> tuple[np.ndarray, list[str]]:
    """Where the largest genres lie: the medians of their points, float32 (m, 3), and their names."""
    if colouring != "genre":
        return np.empty((0, 3), np.float32), []
    least = max(LEAST_NAMED, len(points) // 100)
    named = [entry for entry in look.legend if entry.label != "Other" and entry.shown and entry.count >= least]
    names = [entry.label for entry in named][:NAMED]
    labels = np.array(look.labels, object)
    middles = [np.median(points.xyz[labels == name], axis=0) for name in names]
    return np.array(middles, np.float32).reshape(-1, 3), names


def heading(points: Points | None) -> str:
    if points is None:
        return ""
    told = f"{words.count(len(points), 'track')} · what lies close sounds alike"
    return f"{told} · trustworthiness {points.trustworthiness:.2f}" if points.trustworthiness else told


def card(track: Track, near: Sequence[Track]) -> tuple[str, str, str]:
    """Title, credit, and the nearest tracks, for the card at the pointer."""
    tags = track.tags
    facts = " · ".join(part for part in (tags.artist, tags.genre, str(tags.year or "")) if part)
    close = "Close to " + ", ".join(f"“{other.tags.title}”" for other in near[:3]) if near else ""
    return tags.title, facts, close
