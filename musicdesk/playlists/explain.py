"""Why a row is in a list, and why a track is not: from the list's own account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from musicdesk.core.types import Reason, TrackId
from musicdesk.playlists.assemble import Assembled
from musicdesk.playlists.rules import NOBODY, RULES, Candidates

_AGAINST = "held back"  # how every reason begins that spoke against the row
_FAR = "far from"
_WORDS = {
    "quality": ("it fits", f"{_AGAINST}: it fits less than half of your library"),
    "sound": ("it sounds like it", f"{_AGAINST}: it sounds less like it than half of your library"),
    "era": ("it is of that time", ""),
    "fresh": ("you have never played it", ""),
    "exposure": ("", f"{_AGAINST}: it was in your latest lists"),
    "rest": ("", f"{_AGAINST}: you said 'not now' to something like it"),
    "hub": ("", f"{_AGAINST}: it sounds a little like everything"),
    "chance": ("the luck of this draw", f"{_AGAINST} by the luck of this draw"),
}
SMALLER = "and smaller reasons"
LEAST_NET = 0.2  # under which what speaks for and against cancel out, and only their sizes can be told


def reasons(
    voices: Mapping[str, Sequence[Reason]], parts: Mapping[str, float], least: float = 0.05
) -> tuple[Reason, ...]:
    """What speaks for a row first, then what the list added, then what spoke against it, sums last.

    voices: what a part consists of, e.g. the model's reasons of `quality`
    parts:  of `Assembled.parts`
    returns: reasons whose points sum to the parts' sum, and whose shares (of all points, by size) sum to 1; what is
             under `least` goes into one of its own
    """
    found = [reason for name, value in parts.items() if value for reason in _of_part(name, value, voices)]
    total = sum(abs(reason.points) for reason in found)
    if total <= 0:
        said = [reason for name in parts for reason in voices.get(name, ())]
        whole = sum(reason.share for reason in said) or 1.0
        return tuple(replace(reason, share=reason.share / whole) for reason in said) or (Reason("it may be here"),)
    kept = [reason for reason in found if abs(reason.points) >= least * total] or found
    small = [reason for reason in found if reason not in kept]
    if small:
        kept.append(Reason(SMALLER, sum(abs(r.points) for r in small) / total, points=sum(r.points for r in small)))
    own = {reason.text for name in voices for reason in voices[name]}
    ranked = sorted(kept, key=lambda reason: (_after(reason, own), -abs(reason.points)))
    sizes = [reason.share if reason.text == SMALLER else abs(reason.points) / total for reason in ranked]
    return tuple(replace(reason, share=size) for reason, size in zip(ranked, sizes, strict=True))


def _of_part(name: str, value: float, voices: Mapping[str, Sequence[Reason]]) -> list[Reason]:
    """The reasons of one part; their points sum to its value."""
    said = [reason for reason in voices.get(name, ()) if reason.share > 0]
    if value < 0 or not said:
        return [Reason(_WORDS[name][0 if value > 0 else 1], points=value)]
    signs = [-1.0 if reason.text.startswith((_AGAINST, _FAR)) else 1.0 for reason in said]
    net = sum(sign * reason.share for sign, reason in zip(signs, said, strict=True))
    whole = sum(reason.share for reason in said)
    if net < LEAST_NET * whole:
        return [replace(reason, points=value * reason.share / whole) for reason in said]
    return [replace(reason, points=value * sign * reason.share / net) for sign, reason in zip(signs, said, strict=True)]


def _after(reason: Reason, own: set[str]) -> int:
    """Where a reason stands, however large: what is near first, the list's own, what spoke against it, sums."""
    if reason.text.startswith("and "):
        return 3
    if reason.text.startswith(_AGAINST):
        return 2
    return 0 if reason.text in own else 1


def why_not(choices: Candidates, made: Assembled, track: TrackId, leave_out: Sequence[TrackId] = ()) -> str:
    """One sentence: why `track` is not in the list that was made of `choices`."""
    row = np.flatnonzero(choices.ids == track)
    if not len(row):
        return "It has not been listened to yet; run 'musicdesk analyze'."
    at = int(row[0])
    if at in made.rows:
        return "It is in the list."
    for rule, mask in choices.blocked.items():
        if mask[at]:
            return f"It is one of the tracks that {RULES[rule][0]}; to change that, {RULES[rule][1]}."
    if track in leave_out:
        return "The list starts from it, so it is left out."
    if choices.songs[at] != NOBODY and choices.songs[at] in choices.songs[made.rows]:
        return "Another version of the same song is in the list."
    better = int((choices.scores > choices.scores[at]).sum())
    lowest = float(made.scores.min()) if len(made.scores) else 0.0
    if choices.scores[at] > lowest:
        same = choices.artists[at] != NOBODY and (choices.artists[made.rows] == choices.artists[at]).any()
        cause = (
            "its artist already has a place" if same else "it sounds too much like others in it, or was shown lately"
        )
        return f"It fits well (place {better + 1}), but {cause}."
    return f"{better} tracks fit better; the list ends before it."
