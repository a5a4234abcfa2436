"""What the Library page shows and says. No Qt."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from musicdesk.catalog.browse import Query
from musicdesk.core.types import Tags
from musicdesk.gui import words
from musicdesk.gui.tables.columns import COLUMNS, FAILED, chosen

STATUSES = (
    ("", "Everything"),
    ("liked", "Liked"),
    ("present", "Here now"),
    ("offline", "Offline"),
    ("waiting", "Not heard yet"),
    ("failed", "Could not be read"),
    ("excluded", "Not in playlists"),
    ("missing", "Missing files"),
)
MOST_NAMED = 40  # tags in a sentence
_SOUNDS = re.compile(r'(?<!\S)sounds?:\s?(?:"([^"]*)"?|(\S*))', re.IGNORECASE)


@dataclass(frozen=True)
class LibraryState:
    query: Query = field(default_factory=Query)
    wanted: tuple[str, ...] = ()  # columns the person chose; none = all
    sounds: tuple[str, ...] = ()  # tags that tracks shall sound like
    ranked: bool = False  # the likeliest first, until the person sorts by a column

    def search(self, text: str) -> LibraryState:
        """Words of titles and names, and tags: 'blue sounds:piano sounds:"no voice"'."""
        words, sounds = parted(text)
        ranked = bool(sounds) and (self.ranked or sounds != self.sounds)
        return replace(self, query=replace(self.query, words=words), sounds=sounds, ranked=ranked)

    def filter(self, name: str, value: str) -> LibraryState:
        """`name`: genre, artist or status; "" takes the filter away."""
        changed = replace(self.query, **{name: value})  # type: ignore[arg-type]
        return replace(self, query=changed)

    def sort(self, column: str, descending: bool) -> LibraryState:
        order = COLUMNS[column].order
        if not order:
            return self
        return replace(self, query=replace(self.query, order=order, descending=descending), ranked=False)

    def all_of(self, what: str, tags: Tags) -> LibraryState:
        """`what`: artist or album of a track, and nothing else, in the order of the records.

        Albums are told apart by their artist where the tags name one: there are many "Greatest Hits".
        """
        if what == "album":
            return LibraryState(Query(order="album", album=tags.album, album_artist=tags.album_artist), self.wanted)
        return LibraryState(Query(artist=tags.artist), self.wanted)

    def cleared(self) -> LibraryState:
        """Without words and filters, in the same order."""
        return LibraryState(Query(order=self.query.order, descending=self.query.descending), self.wanted)

    @property
    def filtered(self) -> bool:
        q = self.query
        return bool(q.words.strip() or self.sounds or q.genre or q.artist or q.album or q.status or q.year)

    @property
    def columns(self) -> tuple[str, ...]:
        return FAILED if self.query.status == "failed" else chosen(self.wanted)

    @property
    def sorted_column(self) -> str:
        """'' while the likeliest come first."""
        if self.ranked:
            return ""
        return next((c.name for c in COLUMNS.values() if c.order == self.query.order), "")


def parted(text: str) -> tuple[str, tuple[str, ...]]:
    """What was typed, as words to search for and tags: 'blue sounds:piano' has one of each."""
    sounds = tuple(quoted or plain for quoted, plain in _SOUNDS.findall(text) if (quoted or plain).strip())
    return _SOUNDS.sub(" ", text) if _SOUNDS.search(text) else text, sounds


def sounding(text: str, tag: str) -> str:
    """What was typed, with this tag as the only one; '' takes the tags away."""
    words = " ".join(parted(text)[0].split())
    told = f'sounds:"{tag}"' if " " in tag else f"sounds:{tag}"
    return f"{words} {told}".strip() if tag else words


def counts_line(shown: int, total: int, filtered: bool, album: str = "", ranked: bool = False) -> str:
    """'1,204 tracks', '12 of 1,204 tracks' or '12 of 1,204 tracks · album “Blue”'."""
    if not filtered:
        return words.count(total, "track")
    besides = [f"album “{album}”" if album else "", "the likeliest first" if ranked and shown else ""]
    return " · ".join([f"{shown:,} of {words.count(total, 'track')}", *filter(None, besides)])


def column_line(title: str, squeezed: bool) -> str:
    """What the menu of columns says of one."""
    return f"{title} (needs a wider window)" if squeezed else title


def failed_line(failed: int) -> str:
    """The link beside the counts: '3 could not be read', or nothing."""
    return f"{failed:,} could not be read" if failed else ""


def nothing_sounds(sounds: Sequence[str], unknown: Sequence[str], names: Sequence[str]) -> tuple[str, str]:
    """Title and sentence when no track sounds like that. unknown: those of `sounds` that are no tag of `names`"""
    if not names:
        return "Nothing is told of how tracks sound", "What hears your music now does not tell tags such as “piano”."
    if unknown:
        more = f", and {len(names) - MOST_NAMED:,} more in the list above" if len(names) > MOST_NAMED else ""
        return f"No sound is called “{unknown[0]}”", f"You can ask for {', '.join(names[:MOST_NAMED])}{more}."
    wanted = " and ".join(f"“{word}”" for word in sounds)
    return f"No track clearly sounds like {wanted}", "Only tracks are listed of which it is likely enough."


def nothing_found(query: Query) -> tuple[str, str]:
    """Title and sentence when the filters leave nothing."""
    if query.words.strip():
        return f"Nothing matches “{query.words.strip()}”", "Every word must begin a word of a title, artist or album."
    status = dict(STATUSES)[query.status]
    if query.status and not (query.genre or query.artist):
        return "No tracks here", f"There are no tracks under “{status}”."
    return "Nothing matches these filters", "Take a filter away to see more."
