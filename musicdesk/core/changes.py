"""What a mutation changed. Every mutating workflow returns it; one signal carries it to every page."""

from __future__ import annotations

from enum import Flag, auto


class Changes(Flag):
    NOTHING = 0
    TRACKS = auto()  # rows of the library: tags, presence, exclusion
    EMBEDDINGS = auto()  # vectors, descriptors
    MAP = auto()  # coordinates
    FEEDBACK = auto()  # ratings and plays
    PLAYLISTS = auto()
    RUNS = auto()  # trained models and which is in use
    LISTENS = auto()  # imported history
    SETTINGS = auto()
    FAILURES = auto()
    REPORTS = auto()  # of studies and evaluations
    EVERYTHING = TRACKS | EMBEDDINGS | MAP | FEEDBACK | PLAYLISTS | RUNS | LISTENS | SETTINGS | FAILURES | REPORTS


def to_names(changes: Changes) -> list[str]:
    """Names for the worker protocol, e.g. `["TRACKS", "FAILURES"]`."""
    return [flag.name for flag in changes if flag.name]


def from_names(names: list[str]) -> Changes:
    changes = Changes.NOTHING
    for name in names:
        changes |= Changes[name]
    return changes
