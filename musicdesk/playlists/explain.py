"""Why a row is in a list, and why a track is not: from the list's own account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from musicdesk.core.types import Reason, TrackId
from musicdesk.playlists.assemble import Assembled
from musicdesk.playlists.rules import NOBODY, RULES, Candidates

_AGAINST = "held back"  # how every reason begins that spoke against the row
_WORDS = {
    "fresh": ("you have never played it", ""),
    "exposure": ("", f"{_AGAINST}: it was in your latest lists"),
    "rest": ("", f"{_AGAINST}: you said 'not now' to something like it"),
    "chance": ("the luck of this draw", f"{_AGAINST} by the luck of this draw"),
}


def reasons(of_model: Sequence[Reason], parts: Mapping[str, float], least: float = 0.05) -> tuple[Reason, ...]:
    """The model's reasons and what the list added, what speaks for it first, sums last; shares sum to 1.

    parts: of `Assembled.parts`; quality stands for the model's reasons. What is under `least` is left out.
    """
    found = [
        Reason(_WORDS[name][0 if value > 0 else 1], abs(value))
        for name, value in parts.items()
        if name in _WORDS and value
    ]
    quality = abs(parts.get("quality", 0.0)) or 1e-9
    found += [replace(reason, share=reason.share * quality) for reason in of_model]
    total = sum(reason.share for reason in found)
    if total <= 0:
        return tuple(of_model)
    kept = [reason for reason in found if reason.share >= least * total] or found
    whole = sum(reason.share for reason in kept)
    ranked = sorted(kept, key=lambda reason: (_after(reason, of_model), -reason.share))
    return tuple(replace(reason, share=reason.share / whole) for reason in ranked)


def _after(reason: Reason, of_model: Sequence[Reason]) -> int:
    """Where a reason stands, however large: what is near first, the list's own, what spoke against it, sums."""
    if reason.text.startswith(_AGAINST):
        return 2
    if reason.text not in [each.text for each in of_model]:
        return 1
    return 3 if reason.text.startswith("and ") else 0


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
