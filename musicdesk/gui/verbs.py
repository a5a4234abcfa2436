"""What can be done with tracks, by which key: one table for lists, menus, tool tips and the shortcuts dialog."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from musicdesk.core.types import PickId, Reason, TrackId, Verdict


@dataclass(frozen=True)
class Verb:
    name: str
    text: str
    keys: tuple[str, ...]  # as QKeySequence writes them
    icon: str


VERBS = (
    Verb("play", "Play", ("Return", "Enter"), "play"),
    Verb("pause", "Pause or go on", ("Space",), "pause"),
    Verb("next", "Play next", ("Shift+Q",), "arrow-elbow-down-right"),
    Verb("queue", "Add to the queue", ("Q",), "queue"),
    Verb("radio", "Radio from here", ("R",), "radio"),
    Verb("similar", "What sounds like this", ("S",), "waves"),
    Verb("apart", "Sounds alike, worlds apart", ("A",), "planet"),
    Verb("path", "Path between these", ("P",), "path"),
    Verb("map", "Show on the map", ("M",), "cube"),
    Verb("like", "Like", ("4", "5"), "heart"),
    Verb("clear", "Take the rating back", ("3",), "eraser"),
    Verb("dislike", "Dislike", ("2",), "thumbs-down"),
    Verb("never", "Never play this", ("1",), "prohibit"),
    Verb("hear", "Hear why", ("H",), "ear"),
    Verb("pin", "Pin it here, or let it go", ("K",), "push-pin"),
    Verb("why", "Why?", ("W",), "question"),
    Verb("exclude", "Keep out of playlists", (), "eye-slash"),
    Verb("include", "Allow in playlists", (), "eye"),
    Verb("file", "Show the file", (), "folder-open"),
)
BY_NAME = {verb.name: verb for verb in VERBS}
BY_KEY = {key: verb for verb in VERBS for key in verb.keys}
RATINGS = {name: Verdict(name) for name in ("like", "dislike", "never", "clear")}
MENU = (
    ("play", "next", "queue"),
    ("radio", "similar", "apart", "path", "map"),
    ("like", "dislike", "never", "clear"),
    ("why", "hear", "pin", "exclude", "include", "file"),
)
WINDOW_KEYS = (
    ("Ctrl+F", "Search"),
    ("Ctrl+1 … Ctrl+7", "The pages, from Discover to Settings"),
    ("Ctrl+Z", "Take the last rating or match back"),
    ("Ctrl+U", "Show or hide the queue"),
    ("Ctrl+Up, Ctrl+Down, Ctrl+M", "Louder, softer, mute"),
    ("Ctrl+Left, Ctrl+Right", "Previous, next track"),
    ("Ctrl+O", "Add a folder"),
    ("F5", "Look for changes in the folders"),
    ("F1 or ?", "These shortcuts"),
)


@dataclass(frozen=True)
class Choice:
    """The tracks that a verb is about, and what plays after them."""

    tracks: tuple[TrackId, ...]
    following: tuple[TrackId, ...] = ()  # the list from the first chosen track on
    positions: dict[TrackId, int] = field(default_factory=dict)  # where a playlist showed them
    reasons: dict[TrackId, tuple[Reason, ...]] = field(default_factory=dict)
    picks: dict[TrackId, PickId] = field(default_factory=dict)  # of the same playlist, once it is kept


def keys_of(name: str) -> str:
    """The keys of a verb as a person reads them, e.g. "Enter" or "4 or 5"."""
    keys = [key for key in BY_NAME[name].keys if key != "Return"]
    return " or ".join(keys)


def with_keys(name: str) -> str:
    """Text for a tool tip: "Like (4 or 5)"."""
    keys = keys_of(name)
    return f"{BY_NAME[name].text} ({keys})" if keys else BY_NAME[name].text


def rating_after(now: Verdict | None, clicked: Verdict) -> Verdict:
    """A second click on the same sign takes the rating back."""
    return Verdict.CLEAR if now is clicked else clicked


def summary(verdict: Verdict, titles: Sequence[str], up: int, down: int) -> str:
    """What a rating did: 'Liked “Song”: 34 up, 212 down'."""
    what = f"“{titles[0]}”" if len(titles) == 1 else f"{len(titles):,} tracks"
    done = {
        Verdict.LIKE: f"Liked {what}",
        Verdict.DISLIKE: f"Disliked {what}",
        Verdict.NEVER: f"{what} will not be played again",
        Verdict.CLEAR: f"Rating of {what} taken back",
    }[verdict]
    moved = f" · {up:,} tracks up, {down:,} down" if up or down else ""
    return done + moved
