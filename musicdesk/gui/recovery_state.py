"""What a person is told when the library cannot be opened, and which ways there are. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from musicdesk.catalog.backup import Contents
from musicdesk.catalog.compare import Only
from musicdesk.core.errors import CatalogTooNew, LibraryDamaged, MusicdeskError
from musicdesk.gui import words
from musicdesk.workflows.recovery import Kept, Preview

NAMED = 3  # playlists told by name
KINDS = {
    "daily": "of the day",
    "weekly": "of the week",
    "monthly": "of the month",
    "before-schema": "from before an update",
}


@dataclass(frozen=True)
class Situation:
    title: str
    text: str  # what happened
    safe: str  # what is safe
    repair: bool = False  # the file can be put together again
    backups: bool = False  # an older state may be brought back
    anew: bool = False  # an empty library may take its place


def situation(error: MusicdeskError) -> Situation:
    if isinstance(error, LibraryDamaged):
        return Situation(
            "The library file is damaged",
            "It cannot be read as it is. This comes from a failing disk, a power cut or another program. "
            "Repairing keeps all that can be read and takes the rest from the newest backup.",
            "Your music files are not touched. The damaged file is set aside, never deleted.",
            repair=True,
            backups=True,
            anew=True,
        )
    if isinstance(error, CatalogTooNew):
        return Situation("This library is from a newer musicdesk", str(error), "The library file is as it was.")
    return Situation("musicdesk cannot open its folder", str(error), "Nothing was changed.")


def backup_line(entry: Kept) -> str:
    """'yesterday 9:05 · of the day · 3.4 MB'."""
    parts = (words.when(entry.at), KINDS.get(entry.kind, ""), words.size(entry.bytes))
    return " · ".join(part for part in parts if part)


def contents_line(found: Contents) -> str:
    """'48 tracks · 3 rated · 75 plays · 1 playlist'."""
    parts = [words.count(found.tracks, "track"), f"{found.rated:,} rated", words.count(found.plays, "play")]
    if found.listens:
        parts.append(f"{found.listens:,} imported")
    return " · ".join([*parts, words.count(found.playlists, "playlist")])


def preview_text(preview: Preview) -> str:
    """What bringing a backup back means, in two or three sentences."""
    text = f"The backup holds {contents_line(preview.then)}."
    if preview.now is None:
        return f"{text} What the library holds now cannot be told."
    text += f"\nThe library now holds {contents_line(preview.now)}."
    if preview.difference is not None:
        if lost := _parts(preview.difference.lost):
            text += f"\nGone would be what came since then: {lost}."
        if back := _parts(preview.difference.back):
            text += f"\nBack would come: {back}."
    return f"{text}\nThe library of now is set aside, not deleted."


def _parts(only: Only) -> str:
    """'2 ratings, 1 play, 2 playlists (Morning, Evening)'; '' for nothing."""
    counts = ((only.ratings, "rating"), (only.plays, "play"), (only.listens, "imported play"))
    parts = [words.count(number, name) for number, name in counts if number]
    if only.playlists:
        named = ", ".join(only.names[:NAMED]) + (", …" if len(only.names) > NAMED else "")
        parts.append(f"{words.count(only.playlists, 'playlist')} ({named})")
    return ", ".join(parts)


def outcome(result: dict[str, object]) -> str:
    """What became of it, for the notice in the window that opens then."""
    found = result.get("contents")
    if not isinstance(found, dict):
        return "The library was set aside; this is an empty one."
    held = contents_line(Contents(**found))
    if result.get("from_backup") or result.get("gaps"):
        return f"The library is repaired: {held}."
    return f"The library is back: {held}."
