"""What the Discover page decides and says. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from musicdesk.core.types import Playlist, Track
from musicdesk.gui import words
from musicdesk.workflows.request import Request

FIRST_PICKS = 3  # enough to begin
PICK_LINE = "Ten tracks that stand for your library: say what you think of them, or search for what you love."
EXACT = ("similar", "path")  # kinds that are a plain ranking: nothing to draw again or to vary


Draw = Request  # what a playlist view asks for


def stage(tracks: int, vectors: int, feedback: Mapping[str, int]) -> str:
    """What the page shows: welcome, listen, pick or home."""
    if not tracks:
        return "welcome"
    if not vectors:
        return "listen"
    return "home" if feedback["like"] or plays(feedback) or feedback.get("imported_likes") else "pick"


def plays(feedback: Mapping[str, int]) -> int:
    """Here and elsewhere."""
    return feedback["plays"] + feedback.get("imported_plays", 0)


def home_line(feedback: Mapping[str, int], vectors: int) -> str:
    """'24 tracks heard · 12 liked · 312 plays'."""
    parts = [f"{words.count(vectors, 'track')} heard", f"{feedback['like']:,} liked"]
    return " · ".join([*parts, words.count(plays(feedback), "play")])


def playlist_line(tracks: Sequence[Track], playlist: Playlist, feedback: Mapping[str, int]) -> str:
    """'30 tracks · 2 h 51 min · because of 12 likes and 312 plays'."""
    length = sum(track.tags.duration_s or 0 for track in tracks)
    parts = [words.count(len(tracks), "track"), words.long_length(length)]
    if playlist.kind == "for-you":
        known = []
        if feedback["like"]:
            known.append(words.count(feedback["like"], "like"))
        if plays(feedback):
            known.append(words.count(plays(feedback), "play"))
        parts.append("because of " + " and ".join(known))
    return " · ".join(parts)


def adventure_words(share: float) -> str:
    """What the slider's place means."""
    steps = ("Close to what you know", "Mostly familiar", "Half and half", "Mostly new", "Far afield")
    return steps[min(int(share * len(steps)), len(steps) - 1)]


def stands_for(share: float) -> str:
    """'stands for 12 % of your music'."""
    return f"stands for {max(1, round(100 * share))} % of your music"


def picks_line(liked: int) -> str:
    if liked >= FIRST_PICKS:
        return "That is enough to begin."
    left = FIRST_PICKS - liked
    return f"{liked} of {FIRST_PICKS} picked · {left} more to go"


def file_name(name: str) -> str:
    """A playlist's name as a file name."""
    kept = "".join(char if char.isalnum() or char in " -_" else " " for char in name)
    return " ".join(kept.split())[:80] or "playlist"
