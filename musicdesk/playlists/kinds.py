"""The kinds of playlist: what each needs to start from and how freely it may be put together."""

from __future__ import annotations

from dataclasses import dataclass

from musicdesk.core.registry import Registry

OWN = "own"  # of a list that somebody put together by hand: no kind that could be drawn


@dataclass(frozen=True)
class Kind:
    """by_sound: scored by sound alone, not by a model
    only: the rule that leaves a part of the library to choose from, '' for all of it
    needs: '', 'track' (seed tracks), 'artist' (an artist or seed tracks), 'genre' (one, or the strongest), or 'taste'
        (one of the listener's tastes)
    ordered: whether variety, diversity and the artist rule apply, or the plain ranking is shown
    seeds_stay: whether what it starts from may be in the list
    best_first: whether the best one opens the list, even where the artist rule would rather begin with another
    tries: whether some of its rows may be tried out
    model: the model that it is about, unless another is asked for; '' for the one in use
    """

    name: str
    title: str
    needs: str
    ordered: bool
    seeds_stay: bool
    by_sound: bool = False
    only: str = ""
    ask: str = ""  # what to say when the start is missing
    model: str = ""
    best_first: bool = False
    tries: bool = False


def kinds() -> Registry[Kind]:
    registry: Registry[Kind] = Registry("kind of playlist")
    radio = "A radio starts from an artist or a track; name one with --artist or --seed-track."
    for kind in (
        Kind("for-you", "For you", "", ordered=True, seeds_stay=True, tries=True),
        Kind(
            *("similar", "Sounds like", "track"),
            ordered=False,
            seeds_stay=False,
            ask="Which track should it sound like? Name it with --seed-track.",
            model="content",
        ),
        Kind("rediscover", "Forgotten favourites", "", True, True, only="not loved and long unheard"),
        Kind("unplayed", "Never played, but it fits", "", True, True, only="played"),
        Kind("new-arrivals", "New arrivals that fit", "", True, True, only="not new"),
        Kind(
            *("path", "Path", "track"),
            ordered=False,
            seeds_stay=True,
            by_sound=True,
            ask="A path needs a track to start from and one to end with: --seed-track A --to B.",
        ),
        Kind(
            *("far-alike", "Sounds alike, worlds apart", "track"),
            ordered=True,
            seeds_stay=False,
            by_sound=True,
            ask="Which track should it be like in sound alone? Name it with --seed-track.",
            best_first=True,
        ),
        Kind(
            *("add-subtract", "More of this, less of that", "track"),
            ordered=True,
            seeds_stay=False,
            by_sound=True,
            ask="Name what it should sound like with --seed-track, and what to take away with --minus.",
        ),
        Kind("artist-radio", "Artist radio", "artist", ordered=True, seeds_stay=True, ask=radio, tries=True),
        Kind(
            *("extend", "Goes with", "track"),
            ordered=True,
            seeds_stay=False,
            ask="Which playlist shall be extended? Name its file with --extend.",
        ),
        Kind("genre", "Genre", "genre", ordered=True, seeds_stay=True),
        Kind("daily-mix", "Daily mix", "taste", ordered=True, seeds_stay=True),
    ):
        registry.add(kind.name, kind)
    return registry
