"""What may go into a playlist: candidates with the facts that rules look at, and the rules' own account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from musicdesk.core.types import TrackId

HALF_LIFE_DAYS = 5.0  # after so many days a showing weighs half
ARTIST_WINDOW = 10  # an artist at most once in this many consecutive tracks
HARD = ("missing", "excluded", "refused", "left out")  # rules that hold even for what a person has pinned
NOBODY = -1  # code of an unknown artist or song: such tracks are each for themselves

# name -> (what it says of the tracks it keeps out, what the person can do about it)
RULES: dict[str, tuple[str, str]] = {
    "missing": ("have no file within reach", "plug the drive in or scan again"),
    "excluded": ("are kept out by the exclude rules", "change the rules in Settings, or allow single tracks"),
    "refused": ("are disliked or marked never", "take some of these verdicts back"),
    "resting": ("rest because you said 'not now'", "wait some days, or take that back"),
    "not here": ("are not wanted in this list", "take that back"),
    "genre": ("are of another genre", "choose another genre, or none"),
    "artist": ("are by another artist", "choose another artist, or none"),
    "unheard": ("have not been listened to yet", "run 'musicdesk analyze'"),
    "heard lately": ("were heard lately", "ask for a shorter rest"),
    "played": ("have been played before", "play less, or ask for another kind of list"),
    "not new": ("have been here for over a month", "add music, or ask for another kind of list"),
    "not loved and long unheard": (
        "are not liked or played often, or were played lately",
        "like more of what you know, or come back later",
    ),
    "far": ("sound too different, or are by the same artist", "start from another track"),
    "left out": ("are what you started from", "start from something else, or scan more music"),
    "version": ("repeat a song that is there already", "nothing: one version of a song is enough"),
}


_ONE = {"are": "is", "were": "was", "have": "has", "rest": "rests", "sound": "sounds", "repeat": "repeats"}


@dataclass(frozen=True, eq=False)
class Candidates:
    """Tracks that could be picked, with what the rules need to know. Build with `candidates`.

    ids:      int64 (n,), unique
    scores:   float32 (n,), finite, higher is better
    artists:  int64 (n,), codes, -1 where unknown
    albums:   int64 (n,), codes, -1 where unknown
    songs:    int64 (n,), codes shared by versions of one song, -1 where unknown
    vectors:  float32 (n, dim), unit rows, or (n, 0) where diversity is not wanted
    exposure: float32 (n,), see `exposure`
    fresh:    bool (n,), never played
    rest:     float32 (n,), 0..1, how strongly "not now" holds it back, see `playlists.rest`
    known:    float32 (n,), how much was said or heard of each, 0 for nothing, 1 for a verdict
    seconds:  float32 (n,), length, NaN where unknown
    years:    float32 (n,), NaN where unknown
    sound:    float32 (n,), likeness by sound alone, higher is more alike; None where it is not asked for
    axis:     float32 (n,), 0..1, place on an axis that the person has named; None where it is not asked for
    blocked:  rule name (see RULES) -> bool (n,), the rows it keeps out
    """

    ids: np.ndarray
    scores: np.ndarray
    artists: np.ndarray
    albums: np.ndarray
    songs: np.ndarray
    vectors: np.ndarray
    exposure: np.ndarray
    fresh: np.ndarray
    rest: np.ndarray
    seconds: np.ndarray
    years: np.ndarray
    sound: np.ndarray | None = None
    blocked: Mapping[str, np.ndarray] = field(default_factory=dict)
    known: np.ndarray = field(default_factory=lambda: np.empty(0, np.float32))
    axis: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.ids)


def candidates(
    ids: np.ndarray,
    scores: np.ndarray,
    *,
    artists: np.ndarray | None = None,
    albums: np.ndarray | None = None,
    songs: np.ndarray | None = None,
    vectors: np.ndarray | None = None,
    exposure: np.ndarray | None = None,
    fresh: np.ndarray | None = None,
    rest: np.ndarray | None = None,
    seconds: np.ndarray | None = None,
    years: np.ndarray | None = None,
    sound: np.ndarray | None = None,
    blocked: Mapping[str, np.ndarray] | None = None,
    known: np.ndarray | None = None,
) -> Candidates:
    """Candidates with neutral values for what is not given. Raises ValueError when lengths or rules are wrong."""
    n = len(ids)
    unknown = np.full(n, NOBODY, np.int64)
    nothing = np.full(n, np.nan, np.float32)
    made = Candidates(
        np.asarray(ids, np.int64),
        np.asarray(scores, np.float32),
        unknown if artists is None else np.asarray(artists, np.int64),
        unknown if albums is None else np.asarray(albums, np.int64),
        unknown if songs is None else np.asarray(songs, np.int64),
        np.empty((n, 0), np.float32) if vectors is None else vectors,
        np.zeros(n, np.float32) if exposure is None else np.asarray(exposure, np.float32),
        np.zeros(n, bool) if fresh is None else np.asarray(fresh, bool),
        np.zeros(n, np.float32) if rest is None else np.asarray(rest, np.float32),
        nothing if seconds is None else np.asarray(seconds, np.float32),
        nothing if years is None else np.asarray(years, np.float32),
        None if sound is None else np.asarray(sound, np.float32),
        dict(blocked or {}),
        np.zeros(n, np.float32) if known is None else np.asarray(known, np.float32),
    )
    arrays = [made.scores, made.artists, made.albums, made.songs, made.vectors, made.exposure, made.fresh, made.rest]
    arrays += [
        made.known,
        made.seconds,
        made.years,
        *made.blocked.values(),
        *([] if made.sound is None else [made.sound]),
    ]
    if any(len(array) != n for array in arrays):
        raise ValueError("all arrays of candidates must have one row per id")
    if unheard_of := set(made.blocked) - set(RULES):
        raise ValueError(f"no such rules: {sorted(unheard_of)}")
    if not np.isfinite(made.scores).all():
        raise ValueError("scores must be finite")
    return made


def codes(names: Iterable[str]) -> np.ndarray:
    """int64 (n,): the same number for the same name (letter case aside), -1 for the empty one."""
    seen: dict[str, int] = {"": NOBODY}
    spelt: dict[str, int] = {}  # a library has each name many times, and folding it is what takes long
    found = []
    for name in names:
        if (code := spelt.get(name)) is None:
            code = spelt[name] = seen.setdefault(name.casefold(), len(seen) - 1)
        found.append(code)
    return np.array(found, np.int64)


def exposure(
    shown: Mapping[TrackId, Sequence[float]], ids: np.ndarray, now: float, half_life_days: float = HALF_LIFE_DAYS
) -> np.ndarray:
    """float32 (n,): sum over showings of 2^(-days / half-life); 1 was shown just now, 0 never.

    shown: epoch seconds of each showing by track; `now` in epoch seconds. Times ahead of now count as now.
    half_life_days: 0 for no memory
    """
    total = np.zeros(len(ids), np.float32)
    if not shown or not half_life_days:
        return total
    order = np.argsort(ids, kind="stable")
    wanted = np.fromiter(shown, np.int64, len(shown))
    at = np.minimum(np.searchsorted(ids, wanted, sorter=order), len(ids) - 1) if len(ids) else wanted
    for track, row in zip(wanted.tolist(), order[at].tolist() if len(ids) else (), strict=False):
        if ids[row] == track:
            days = np.maximum(0.0, now - np.asarray(shown[TrackId(track)], np.float64)) / 86_400
            total[row] = np.exp2(-days / half_life_days).sum()
    return total


@dataclass(frozen=True, eq=False)
class Allowed:
    """rows: int64 (m,), rows of the candidates that pass; dropped: rule -> tracks it alone or first kept out."""

    rows: np.ndarray
    dropped: dict[str, int]
    emptied_by: str  # the rule after which nothing was left, or ""


def masks(choices: Candidates, leave_out: Sequence[TrackId] = (), relaxed: Sequence[str] = ()) -> dict[str, np.ndarray]:
    """Rule -> bool (n,), the rows it keeps out, in the order of RULES and without what is `relaxed`.
    Versions of what is left out go too."""
    out = np.zeros(len(choices), bool)
    if leave_out:
        out = np.isin(choices.ids, np.asarray(list(leave_out), np.int64))
    found = {**choices.blocked, "left out": out}
    songs = choices.songs[out & (choices.songs != NOBODY)]
    if len(songs):
        found["version"] = np.isin(choices.songs, songs) & ~out
    return {rule: found[rule] for rule in RULES if rule in found and rule not in relaxed}


def allowed(choices: Candidates, leave_out: Sequence[TrackId] = (), relaxed: Sequence[str] = ()) -> Allowed:
    """Applies the rules one after the other, in the order of RULES, but for those that are `relaxed`."""
    open_rows = np.ones(len(choices), bool)
    dropped: dict[str, int] = {}
    emptied_by = ""
    for rule, mask in masks(choices, leave_out, relaxed).items():
        hit = int((open_rows & mask).sum())
        open_rows &= ~mask
        if hit:
            dropped[rule] = hit
            if not emptied_by and not open_rows.any():
                emptied_by = rule
    return Allowed(np.flatnonzero(open_rows), dropped, emptied_by)


def account(dropped: Mapping[str, int]) -> str:
    """'1 is kept out by the exclude rules, 1,938 are of another genre': what each rule kept out."""
    texts = {rule: RULES[rule][0] if count != 1 else _of_one(RULES[rule][0]) for rule, count in dropped.items()}
    return ", ".join(f"{count:,} {texts[rule]}" for rule, count in dropped.items())


def of_one(rule: str) -> str:
    """'is disliked or marked never': what a rule says of one track that it keeps out."""
    return _of_one(RULES[rule][0])


def _of_one(text: str) -> str:
    return " ".join(_ONE.get(word, word) for word in text.split(" "))


def empty_sentence(total: int, result: Allowed) -> str:
    """Why nothing can be picked, naming the rule that emptied the list and what relaxes it."""
    if not total:
        return "There is no track to choose from yet; scan a folder with music and analyze it."
    tracks = "1 track" if total == 1 else f"{total:,} tracks"
    way_out = RULES[result.emptied_by][1]
    return f"Nothing is left to pick from {tracks}: {account(result.dropped)}. To get a list, {way_out}."
