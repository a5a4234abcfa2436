"""The kinds of playlist: what each needs to start from and how freely it may be put together."""

from __future__ import annotations

from dataclasses import dataclass

from musicdesk.core.registry import Registry


@dataclass(frozen=True)
class Kind:
    """needs: '', 'track' (seed tracks), or 'artist' (an artist or seed tracks)
    ordered: whether variety, diversity and the artist rule apply, or the plain ranking is shown
    seeds_stay: whether what it starts from may be in the list
    model: the model that it is about, unless another is asked for; '' for the one in use
    """

    name: str
    title: str
    needs: str
    ordered: bool
    seeds_stay: bool
    ask: str = ""
    model: str = ""  # what to say when the start is missing


def kinds() -> Registry[Kind]:
    registry: Registry[Kind] = Registry("kind of playlist")
    radio = "A radio starts from an artist or a track; name one with --artist or --seed-track."
    for kind in (
        Kind("for-you", "For you", "", ordered=True, seeds_stay=True),
        Kind(
            *("similar", "Sounds like", "track"),
            ordered=False,
            seeds_stay=False,
            ask="Which track should it sound like? Name it with --seed-track.",
            model="content",
        ),
        Kind("artist-radio", "Artist radio", "artist", ordered=True, seeds_stay=True, ask=radio),
    ):
        registry.add(kind.name, kind)
    return registry
