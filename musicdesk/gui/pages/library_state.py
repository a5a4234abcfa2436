"""What the Library page shows and says. No Qt."""

from __future__ import annotations

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


@dataclass(frozen=True)
class LibraryState:
    query: Query = field(default_factory=Query)
    wanted: tuple[str, ...] = ()  # columns the person chose; none = all

    def search(self, text: str) -> LibraryState:
        return replace(self, query=replace(self.query, words=text))

    def filter(self, name: str, value: str) -> LibraryState:
        """`name`: genre, artist or status; "" takes the filter away."""
        changed = replace(self.query, **{name: value})  # type: ignore[arg-type]
        return replace(self, query=changed)

    def sort(self, column: str, descending: bool) -> LibraryState:
        order = COLUMNS[column].order
        return replace(self, query=replace(self.query, order=order, descending=descending)) if order else self

    def all_of(self, what: str, tags: Tags) -> LibraryState:
        """`what`: artist or album of a track, and nothing else, in the order of the records.

        Albums are told apart by their artist where the tags name one: there are many "Greatest Hits".
        """
        if what == "album":
            return replace(self, query=Query(order="album", album=tags.album, album_artist=tags.album_artist))
        return replace(self, query=Query(artist=tags.artist))

    def cleared(self) -> LibraryState:
        """Without words and filters, in the same order."""
        return replace(self, query=Query(order=self.query.order, descending=self.query.descending))

    @property
    def filtered(self) -> bool:
        q = self.query
        return bool(q.words.strip() or q.genre or q.artist or q.album or q.status or q.year)

    @property
    def columns(self) -> tuple[str, ...]:
        return FAILED if self.query.status == "failed" else chosen(self.wanted)

    @property
    def sorted_column(self) -> str:
        return next((c.name for c in COLUMNS.values() if c.order == self.query.order), "")


def counts_line(shown: int, total: int, filtered: bool, album: str = "") -> str:
    """'1,204 tracks', '12 of 1,204 tracks' or '12 of 1,204 tracks · album “Blue”'."""
    if not filtered:
        return words.count(total, "track")
    return f"{shown:,} of {words.count(total, 'track')}" + (f" · album “{album}”" if album else "")


def column_line(title: str, squeezed: bool) -> str:
    """What the menu of columns says of one."""
    return f"{title} (needs a wider window)" if squeezed else title


def failed_line(failed: int) -> str:
    """The link beside the counts: '3 could not be read', or nothing."""
    return f"{failed:,} could not be read" if failed else ""


def nothing_found(query: Query) -> tuple[str, str]:
    """Title and sentence when the filters leave nothing."""
    if query.words.strip():
        return f"Nothing matches “{query.words.strip()}”", "Every word must begin a word of a title, artist or album."
    status = dict(STATUSES)[query.status]
    if query.status and not (query.genre or query.artist):
        return "No tracks here", f"There are no tracks under “{status}”."
    return "Nothing matches these filters", "Take a filter away to see more."
