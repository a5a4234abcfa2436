"""What may go into a playlist: candidates with the facts that rules look at, and the rules' own account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from musicdesk.core.types import TrackId

EXPOSURE_DAYS = 7.0
ARTIST_WINDOW = 10  # an artist at most once in this many consecutive tracks
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
    "played": ("have been played before", "play less, or ask for another kind of list"),
    "not new": ("have been here for over a month", "add music, or ask for another kind of list"),
    "not loved and long unheard": (
        "are not liked or played often, or were played lately",
        "like more of what you know, or come back later",
    ),
    "far": ("sound too different, or are by the same artist", "start from another track"),
    "left out": ("are what you started from", "start from something else, or scan more music"),
    "version": ("are other versions of songs already there", "nothing: one version of a song is enough"),
}


@dataclass(frozen=True, eq=False)
class Candidates:
    """Tracks that could be picked, with what the rules need to know. Build with `candidates`.

    ids:      int64 (n,), unique
    scores:   float32 (n,), finite, higher is better
    artists:  int64 (n,), codes, -1 where unknown
    songs:    int64 (n,), codes shared by versions of one song, -1 where unknown
    vectors:  float32 (n, dim), unit rows, or (n, 0) where diversity is not wanted
    exposure: float32 (n,), see `exposure`
    fresh:    bool (n,), never played
    rest:     float32 (n,), 0..1, how strongly "not now" holds it back, see `playlists.rest`
    blocked:  rule name (see RULES) -> bool (n,), the rows it keeps out
    """

    ids: np.ndarray
    scores: np.ndarray
    artists: np.ndarray
    songs: np.ndarray
    vectors: np.ndarray
    exposure: np.ndarray
    fresh: np.ndarray
    rest: np.ndarray
    blocked: Mapping[str, np.ndarray] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ids)


def candidates(
    ids: np.ndarray,
    scores: np.ndarray,
    *,
    artists: np.ndarray | None = None,
    songs: np.ndarray | None = None,
    vectors: np.ndarray | None = None,
    exposure: np.ndarray | None = None,
    fresh: np.ndarray | None = None,
    rest: np.ndarray | None = None,
    blocked: Mapping[str, np.ndarray] | None = None,
) -> Candidates:
    """Candidates with neutral values for what is not given. Raises ValueError when lengths or rules are wrong."""
    n = len(ids)
    unknown = np.full(n, NOBODY, np.int64)
    made = Candidates(
        np.asarray(ids, np.int64),
        np.asarray(scores, np.float32),
        unknown if artists is None else np.asarray(artists, np.int64),
        unknown if songs is None else np.asarray(songs, np.int64),
        np.empty((n, 0), np.float32) if vectors is None else vectors,
        np.zeros(n, np.float32) if exposure is None else np.asarray(exposure, np.float32),
        np.zeros(n, bool) if fresh is None else np.asarray(fresh, bool),
        np.zeros(n, np.float32) if rest is None else np.asarray(rest, np.float32),
        dict(blocked or {}),
    )
    arrays = (
        made.scores,
        made.artists,
        made.songs,
        made.vectors,
        made.exposure,
        made.fresh,
        made.rest,
        *made.blocked.values(),
    )
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
    return np.fromiter((seen.setdefault(name.casefold(), len(seen) - 1) for name in names), np.int64)


def exposure(shown: Mapping[TrackId, Sequence[float]], ids: np.ndarray, now: float) -> np.ndarray:
    """float32 (n,): sum over showings of exp(-days / 7); 1 was shown just now, 0 never.

    shown: epoch seconds of each showing by track; `now` in epoch seconds. Times ahead of now count as now.
    """
    total = np.zeros(len(ids), np.float32)
    if not shown:
        return total
    row_of = {int(track): row for row, track in enumerate(ids)}
    for track, times in shown.items():
        row = row_of.get(int(track))
        if row is not None:
            days = np.maximum(0.0, now - np.asarray(times, np.float64)) / 86_400
            total[row] = np.exp(-days / EXPOSURE_DAYS).sum()
    return total


@dataclass(frozen=True, eq=False)
class Allowed:
    """rows: int64 (m,), rows of the candidates that pass; dropped: rule -> tracks it alone or first kept out."""

    rows: np.ndarray
    dropped: dict[str, int]
    emptied_by: str  # the rule after which nothing was left, or ""


def allowed(choices: Candidates, leave_out: Sequence[TrackId] = ()) -> Allowed:
    """Applies the rules one after the other, in the order of RULES. Versions of what is left out go too."""
    out = np.isin(choices.ids, np.asarray(list(leave_out), np.int64))
    songs = choices.songs[out & (choices.songs != NOBODY)]
    masks = {**choices.blocked, "left out": out, "version": np.isin(choices.songs, songs) & ~out}
    open_rows = np.ones(len(choices), bool)
    dropped: dict[str, int] = {}
    emptied_by = ""
    for rule in RULES:
        mask = masks.get(rule)
        if mask is None:
            continue
        hit = int((open_rows & mask).sum())
        open_rows &= ~mask
        if hit:
            dropped[rule] = hit
            if not emptied_by and not open_rows.any():
                emptied_by = rule
    return Allowed(np.flatnonzero(open_rows), dropped, emptied_by)


def empty_sentence(total: int, result: Allowed) -> str:
    """Why nothing can be picked, naming the rule that emptied the list and what relaxes it."""
    if not total:
        return "There is no track to choose from yet; scan a folder with music and analyze it."
    account = ", ".join(f"{count} {RULES[rule][0]}" for rule, count in result.dropped.items())
    tracks = "1 track" if total == 1 else f"{total} tracks"
    return f"Nothing is left to pick from {tracks}: {account}. To get a list, {RULES[result.emptied_by][1]}."
