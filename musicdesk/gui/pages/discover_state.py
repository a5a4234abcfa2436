"""What the Discover page decides and says. No Qt."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from musicdesk.core.dates import MONTHS
from musicdesk.core.types import Playlist, Track, TrackId
from musicdesk.gui import words
from musicdesk.playlists.kinds import OWN
from musicdesk.workflows.request import AS_OF, Request, moment_of

FIRST_PICKS = 3  # enough to begin
PICK_LINE = "Ten tracks that stand for your library: say what you think of them, or search for what you love."
DUEL_LINE = "Two models make it together while their duel goes on."
LOST_LINE = "One model makes it alone again"  # before why
EXACT = ("similar", "path", OWN)  # kinds that are a plain ranking, or a choice: nothing to draw again or to vary


Draw = Request  # what a playlist view asks for

LONGEST = 40  # letters of a name in a card's sentence
PARTS = (  # lists that take a part of the library: kind, icon, what it says
    ("rediscover", "clock-counter-clockwise", "What you loved and have not heard for two months."),
    ("unplayed", "ear", "What you own and have never played, by your taste."),
    ("new-arrivals", "package", "What came into the library this month and fits your taste."),
)


@dataclass(frozen=True)
class Seeded:
    """A card that starts from the track that plays or was selected. `says` has a place for the track's name."""

    title: str
    icon: str
    action: str
    says: str
    key: str = ""

    def sentence(self, seed: Track | None) -> str:
        if seed is None:
            hint = f"; {self.key} in any list does the same." if self.key else "."
            return f"Play or select a track first{hint}"
        name = seed.tags.artist or seed.tags.title if "{artist}" in self.says else seed.tags.title
        short = name if len(name) <= LONGEST else name[: LONGEST - 1].rstrip() + "…"
        return self.says.format(artist=short, title=short).replace("….", "…")


FROM_SEED = {
    "similar": Seeded("Sounds like", "waves", "Find more like it", "Tracks that sound like “{title}”.", "S"),
    "radio": Seeded("Artist radio", "radio", "Start the radio", "A mix without end that starts from {artist}.", "R"),
    "apart": Seeded(
        "Sounds alike, worlds apart", "planet", "Find its doubles", "Like “{title}” in sound, and in nothing else.", "A"
    ),
    "path": Seeded("Path between two songs", "path", "Choose the end", "From “{title}” to another, step by step.", "P"),
    "minus": Seeded(
        "More of this, less of that", "plus-minus", "Choose the other", "Like “{title}”, but less like another."
    ),
    "artists": Seeded("Similar artists", "users-three", "Show them", "Artists of your library that are like {artist}."),
}


@dataclass(frozen=True)
class Offer:
    """A list that can be asked for: what it is called, what a menu or card says, and tracks that stand for it."""

    name: str
    text: str
    request: Request
    tracks: tuple[TrackId, ...] = ()


def mix_offers(mixes: Sequence[Mapping[str, Any]]) -> list[Offer]:
    """Each makes what its card shows, also when by now the mixes would be others."""
    return [
        Offer(
            mix["name"],
            ", ".join(mix["artists"]),
            Request("daily-mix", _ids(mix["seeds"]), mix=mix["number"], title=mix["name"]),
            _ids(mix["tracks"]),
        )
        for mix in mixes
    ]


def genre_offers(genres: Sequence[Mapping[str, Any]]) -> list[Offer]:
    """'Jazz · 31 % of what you play · 90 % sure'."""
    offers = []
    for lane in genres:
        parts = [str(lane["genre"])]
        if lane["share"]:
            parts.append(f"{lane['share']:.0%} of what you play")
        parts.append("by its tags" if lane["confidence"] >= 1 else f"{lane['confidence']:.0%} sure")
        offers.append(Offer(parts[0], " · ".join(parts), Request("genre", genre=lane["genre"]), _ids(lane["tracks"])))
    return offers


def past_offers(span: tuple[float, float] | None) -> list[tuple[int, list[Offer]]]:
    """(year, its months) from the first to the last play (epoch seconds), the newest first; a list goes by all that was
    known at the end of its month. Plays of a clock that ran ahead are in no month that one could go back to."""
    if span is None:
        return []
    first, last = (datetime.fromtimestamp(min(at, time.time())) for at in span)
    found: dict[int, list[Offer]] = {}
    for month in range(last.year * 12 + last.month - 1, first.year * 12 + first.month - 2, -1):
        name = f"{month // 12}-{month % 12 + 1:02}"
        text = f"{MONTHS[month % 12]} {month // 12}"
        found.setdefault(month // 12, []).append(Offer(name, text, Request(as_of=moment_of(name))))
    return list(found.items())


def artist_offers(artists: Sequence[Any]) -> list[Offer]:
    """'Nina · 83 % alike · 12 tracks'."""
    return [
        Offer(
            other.artist,
            f"{other.artist} · {other.similarity:.0%} alike · {words.count(other.tracks, 'track')}",
            Request("artist-radio", artist=other.artist),
        )
        for other in artists
    ]


def _ids(tracks: Sequence[Any]) -> tuple[TrackId, ...]:
    return tuple(TrackId(int(track)) for track in tracks)


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
    if playlist.kind == "for-you" and AS_OF not in playlist.name:
        known = []
        if feedback["like"]:
            known.append(words.count(feedback["like"], "like"))
        if plays(feedback):
            known.append(words.count(plays(feedback), "play"))
        parts += ["because of " + " and ".join(known)] if known else []
    return " · ".join(parts)


def adventure_words(share: float) -> str:
    """What the slider's place means."""
    steps = ("Close to what you know", "Mostly familiar", "Half and half", "Mostly new", "Far afield")
    return steps[min(int(share * len(steps)), len(steps) - 1)]


def axis_words(lean: float, low: str, high: str) -> str:
    """What the slider of an axis means where it stands."""
    if not lean:
        return f"{low} – {high}"
    how = "Rather" if abs(lean) < 0.5 else "Very"
    return f"{how} {high if lean > 0 else low}"


def stands_for(share: float) -> str:
    """'stands for 12 % of your music'."""
    return f"stands for {max(1, round(100 * share))} % of your music"


def changes_list(share: float) -> str:
    """'changes 34 % of your list'."""
    return f"changes {max(1, round(100 * share))} % of your list"


def answered_line(answered: int, asked: int) -> str:
    if not asked:
        return "There is nothing left to ask about."
    if answered < asked:
        return f"Whatever you say of these changes more than any other answer would. {answered} of {asked} answered."
    return "All answered: your lists go by it from now on. Five others will be asked by what is known now."


def picks_line(liked: int) -> str:
    if liked >= FIRST_PICKS:
        return "That is enough to begin."
    left = FIRST_PICKS - liked
    return f"{liked} of {FIRST_PICKS} picked · {left} more to go"


def file_name(name: str) -> str:
    """A playlist's name as a file name."""
    kept = "".join(char if char.isalnum() or char in " -_" else " " for char in name)
    return " ".join(kept.split())[:80] or "playlist"
