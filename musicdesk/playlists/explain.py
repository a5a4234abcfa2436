"""Why a row is in a list: from the list's own account. Why a track is not: `why_not`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from musicdesk.core.types import Reason

_AGAINST = "held back"  # how every reason begins that spoke against the row
_FAR = "far from"
_WORDS = {
    "quality": ("it fits what you like", f"{_AGAINST}: it fits less than nearly all of your library"),
    "sound": ("it sounds like it", f"{_AGAINST}: it sounds less like it than nearly all of your library"),
    "era": ("it is of that time", ""),
    "axis": ("it is at that end of your axis", ""),
    "fresh": ("you have never played it", ""),
    "exposure": ("", f"{_AGAINST}: it was in your latest lists"),
    "rest": ("", f"{_AGAINST}: you said 'not now' to something like it"),
    "trial": ("tried out, to learn whether you like it", "tried out, to learn whether you like it"),
    "chance": ("the luck of this draw", f"{_AGAINST} by the luck of this draw"),
}
_OWN = {words[0] for name, words in _WORDS.items() if name in ("fresh", "chance", "trial")}
SMALLER = "and smaller reasons"
LEAST_NET = 0.2  # of all that is said: under it a row is here because others fit still less


def reasons(
    voices: Mapping[str, Sequence[Reason]],
    parts: Mapping[str, float],
    least: float = 0.05,
    still: str = "it fits better than what is left",
) -> tuple[Reason, ...]:
    """What speaks for a row first, then what the list added, then what spoke against it, sums last.

    voices: what a part consists of, e.g. the model's reasons of `quality`
    parts:  of `Assembled.parts`
    still:  what to say of a row that has a place although its own reasons speak against it
    returns: reasons whose points sum to the parts' sum, and whose shares (of all points, by size) sum to 1; what is
             under `least` goes into one of its own
    """
    found = [reason for name, value in parts.items() if value for reason in _of_part(name, value, voices, still)]
    total = sum(abs(reason.points) for reason in found)
    if total <= 0:
        said = [reason for name in parts for reason in voices.get(name, ())]
        whole = sum(reason.share for reason in said) or 1.0
        return tuple(replace(reason, share=reason.share / whole) for reason in said) or (Reason("it may be here"),)
    kept = [reason for reason in found if abs(reason.points) >= least * total and not _is_rest(reason)] or found
    small = [reason for reason in found if reason not in kept]
    if small:
        kept.append(Reason(SMALLER, sum(abs(r.points) for r in small) / total, points=sum(r.points for r in small)))
    own = {reason.text for name in voices for reason in voices[name]}
    ranked = sorted(kept, key=lambda reason: (_after(reason, own), -abs(reason.points)))
    sizes = [reason.share if reason.text == SMALLER else abs(reason.points) / total for reason in ranked]
    return tuple(replace(reason, share=size) for reason, size in zip(ranked, sizes, strict=True))


def _of_part(name: str, value: float, voices: Mapping[str, Sequence[Reason]], still: str) -> list[Reason]:
    """The reasons of one part; their points sum to its value."""
    said = [reason for reason in voices.get(name, ()) if reason.share > 0]
    if value < 0 or not said:
        return [Reason(_WORDS[name][0 if value > 0 else 1], points=value)]
    signs = [-1.0 if reason.text.startswith((_AGAINST, _FAR)) else 1.0 for reason in said]
    net = sum(sign * reason.share for sign, reason in zip(signs, said, strict=True))
    whole = sum(reason.share for reason in said)
    if net < LEAST_NET * whole:
        own = [
            replace(reason, points=value * sign * reason.share / whole)
            for sign, reason in zip(signs, said, strict=True)
        ]
        return [*own, Reason(still, points=value * (1.0 - net / whole))]
    return [replace(reason, points=value * sign * reason.share / net) for sign, reason in zip(signs, said, strict=True)]


def _is_rest(reason: Reason) -> bool:
    """What a model sums up without a number goes with what the list does: two such rows say nothing apart."""
    return reason.text.startswith(SMALLER)


def _after(reason: Reason, own: set[str]) -> int:
    """Where a reason stands, however large: what is near first, the list's own, what spoke against it, sums."""
    if reason.text.startswith("and "):
        return 3
    if reason.text.startswith(_AGAINST):
        return 2
    return 0 if reason.text in own else 1


def speaks_for(reason: Reason) -> bool:
    """Whether it is a reason of the row's own that a person would call one: not against it, not luck, not a sum."""
    return not reason.text.startswith((_AGAINST, _FAR, "and ", "it fits better")) and reason.text not in _OWN
