"""What can be done with tracks, by which key: one table for lists, menus, tool tips and the shortcuts dialog."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field

from musicdesk.core.feedback import MOST_STARS
from musicdesk.core.types import PickId, Reason, TrackId


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
    Verb("not-now", "Not now", ("1",), "moon"),
    Verb("not-here", "Not in this mix", ("2",), "minus-circle"),
    Verb("never", "Never", ("3",), "prohibit"),
    Verb("like", "More like this", ("4",), "heart"),
    Verb("dislike", "Less like this", ("5",), "thumbs-down"),
    Verb("clear", "Take back what I said of it", ("0",), "eraser"),
    Verb("hear", "Hear why", ("H",), "ear"),
    Verb("pin", "Pin it here, or let it go", ("K",), "push-pin"),
    Verb("why", "Why?", ("W",), "question"),
    Verb("exclude", "Keep out of playlists", (), "eye-slash"),
    Verb("include", "Allow in playlists", (), "eye"),
    Verb("again", "Try to read it again", (), "arrow-clockwise"),
    Verb("artist", "All of this artist", ("Shift+A",), "user"),
    Verb("album", "The whole album", ("Shift+L",), "disc"),
    Verb("file", "Show the file", (), "folder-open"),
)
FOUR = ("not-now", "not-here", "never", "like")  # what a row and the player offer as signs
STARS = tuple(
    Verb(f"stars-{n}", "No stars" if not n else "1 star" if n == 1 else f"{n} stars", (str(n),), "star")
    for n in range(MOST_STARS + 1)
)
SAYS = (*FOUR, "dislike", "clear")  # verbs that say what one thinks of a track
BACK = {"like": "clear", "dislike": "clear", "never": "clear", "not-now": "now", "not-here": "here"}
BY_NAME = {verb.name: verb for verb in (*VERBS, *STARS)}
BY_KEY = {key: verb for verb in VERBS for key in verb.keys}
BY_KEY_WITH_STARS = {
    **BY_KEY,
    **{key: verb for verb in STARS for key in verb.keys},
    **{f"Alt+{key}": BY_NAME[name] for name in SAYS for key in BY_NAME[name].keys},
}
MENU = (
    ("play", "next", "queue"),
    ("radio", "similar", "apart", "path", "map"),
    ("artist", "album"),
    SAYS,
    ("why", "hear", "pin", "exclude", "include", "again", "file"),
)
WINDOW_KEYS = (
    ("Ctrl+F", "Search"),
    ("Ctrl+1 … Ctrl+7", "The pages, in their order"),
    ("Ctrl+Z", "Take back what was said last"),
    ("Ctrl+L", "What you said of tracks"),
    ("Ctrl+U", "Show or hide the queue"),
    ("Ctrl+Up, Down, M", "Louder, softer, mute"),
    ("Ctrl+Left, Right", "Previous, next track"),
    ("Ctrl+O", "Add a folder"),
    ("F5", "Look for changes in the folders"),
    ("F1 or ?", "Keys and help"),
)


@dataclass(frozen=True)
class Choice:
    """The tracks that a verb is about, and what plays after them."""

    tracks: tuple[TrackId, ...]
    following: tuple[TrackId, ...] = ()  # the list from the first chosen track on
    positions: dict[TrackId, int] = field(default_factory=dict)  # where a playlist showed them
    reasons: dict[TrackId, tuple[Reason, ...]] = field(default_factory=dict)
    picks: dict[TrackId, PickId] = field(default_factory=dict)  # of the same playlist, once it is kept


def keys_of(name: str, stars: bool = False) -> str:
    """The keys of a verb as a person reads them, e.g. "Enter"; stars: whether figures give stars."""
    keys = [key for key in BY_NAME[name].keys if key != "Return"]
    if stars and name in SAYS:
        keys = [f"Alt+{key}" for key in keys]
    return " or ".join(keys)


def with_keys(name: str, stars: bool = False) -> str:
    """Text for a tool tip: "More like this (4)"."""
    keys = keys_of(name, stars)
    return f"{BY_NAME[name].text} ({keys})" if keys else BY_NAME[name].text


def verb_after(given: Set[str], clicked: str) -> str:
    """A second click on the same sign takes it back. given: the verbs that hold of the track"""
    return BACK.get(clicked, clicked) if clicked in given else clicked
