"""When the library file is damaged, or an older state is wanted: what there is, what it holds, and bringing it back."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from musicdesk.catalog import backup as copies
from musicdesk.catalog.backup import Contents
from musicdesk.catalog.compare import Difference, compare
from musicdesk.core.changes import Changes
from musicdesk.core.errors import CatalogDamaged, CatalogTooNew, LibraryDamaged, MusicdeskError, NotFound
from musicdesk.core.files import temp_beside
from musicdesk.core.paths import Profile
from musicdesk.core.progress import Monitor
from musicdesk.workflows.backups import alone

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk

_NAME = re.compile(r"(daily|weekly|monthly|before-schema|before-repair)-")


@dataclass(frozen=True)
class Kept:
    """A backup of the profile, as its name and the file system tell."""

    file: str
    kind: str  # daily, weekly, monthly, before-schema, or "" for one that somebody put there
    at: float  # epoch seconds
    bytes: int


@dataclass(frozen=True)
class Preview:
    file: str
    then: Contents
    now: Contents | None  # of the library in use; None when that cannot be read
    difference: Difference | None  # what the one has and the other has not; None with `now`


@dataclass(frozen=True)
class Recovered:
    file: str  # the backup that was brought back or helped; "" for none
    set_aside: str  # where the library from before lies now, or ""
    contents: Contents | None
    from_backup: int = 0  # rows that the damaged file had no more
    gaps: int = 0  # places where it could not be read
    changes: Changes = Changes.EVERYTHING


def kept(profile: Profile) -> list[Kept]:
    """The backups of a profile, newest first; one with several names is told once."""
    found: dict[tuple[int, int], Kept] = {}
    for path in sorted(profile.backups.glob("*.sqlite")):
        facts = path.stat()
        named = _NAME.match(path.name)
        entry = Kept(str(path), named[1] if named else "", facts.st_mtime, facts.st_size)
        found.setdefault((facts.st_dev, facts.st_ino), entry)
    return sorted(found.values(), key=lambda entry: entry.at, reverse=True)


def preview(profile: Profile, source: Path) -> Preview:
    """What a backup holds, beside what the library in use holds. Raises NotFound, CatalogTooNew, CatalogDamaged."""
    then = copies.look_into(source)
    try:
        now = copies.look(profile.catalog)
        return Preview(str(source), then, now, compare(profile.catalog, source))
    except MusicdeskError:
        return Preview(str(source), then, None, None)


def newest_good(profile: Profile) -> Path:
    """The newest backup that can be read. Raises NotFound when there is none."""
    for entry in kept(profile):
        try:
            copies.look(Path(entry.file))
        except (CatalogDamaged, CatalogTooNew):
            continue
        return Path(entry.file)
    raise NotFound("There is no backup in this profile.")


@dataclass(frozen=True)
class Sound:
    file: str
    changes: Changes = Changes.NOTHING


def look_through(desk: Desk, monitor: Monitor) -> Sound:
    """After an end that was no proper one. Raises LibraryDamaged when the file is not what it should be."""
    monitor.report(0, None, "Looking through the library file")
    copies.examine(desk.profile.catalog)
    return Sound(str(desk.profile.catalog))


def restore(profile: Profile, source: Path | None = None) -> Recovered:
    """Puts a backup (the newest good one, unless named) in the library's place; what was there is set aside.

    No desk may be open on the profile. Raises Busy, NotFound, CatalogTooNew, CatalogDamaged.
    """
    with alone(profile):
        chosen = source or newest_good(profile)
        aside = copies.restore(profile.catalog, chosen)
        return Recovered(str(chosen), str(aside or ""), copies.look(profile.catalog))


def ready(profile: Profile, source: Path) -> Path:
    """The long part of a restore, which may be done while the library is open: a checked copy of the backup."""
    return copies.ready(profile.catalog, source)


def exchange(profile: Profile, fresh: Path, source: Path) -> Recovered:
    """The short part: `fresh`, from `ready(source)`, takes the library's place, which is set aside. Raises Busy."""
    with alone(profile):
        aside = copies.put(fresh, profile.catalog)
        return Recovered(str(source), str(aside or ""), copies.look(profile.catalog))


def undo(profile: Profile, aside: Path | None = None) -> Recovered:
    """Takes a restore back: the library that was set aside (the newest, unless named) is put in its place again.

    Raises Busy, and NotFound when nothing was set aside.
    """
    with alone(profile):
        found = aside or _set_aside(profile)
        if found is None:
            raise NotFound("No library was set aside, so there is nothing to take back.")
        other = copies.put_back(found, profile.catalog)
        try:
            held: Contents | None = copies.look(profile.catalog)
        except MusicdeskError:  # it was damaged before, too
            held = None
        return Recovered(str(found), str(other or ""), held)


def _set_aside(profile: Profile) -> Path | None:
    """The library that was set aside last."""
    found = profile.folder.glob("catalog-set-aside-*.sqlite")
    return max(found, key=lambda path: path.stem, default=None)  # of one second, the one with a number is the later


def repair(profile: Profile) -> Recovered:
    """Puts the library together again from what can be read of it and what the newest good backup has of the rest.

    The damaged file is set aside, not deleted; one that was set aside when an earlier try was killed is taken up again.
    Raises Busy, NotFound (no library), CatalogTooNew.
    """
    from musicdesk.catalog import schema
    from musicdesk.catalog.salvage import salvage

    with alone(profile):
        if not profile.catalog.exists():
            if (left := _set_aside(profile)) is None:
                raise NotFound("There is no library in this profile, so there is nothing to repair.")
            copies.put_back(left, profile.catalog)
        with suppress(LibraryDamaged):  # that is what we are here for; another program's database stays as it is
            schema.recognise(profile.catalog)
        fresh = temp_beside(profile.catalog)
        try:
            backup: Path | None = newest_good(profile)
        except NotFound:
            backup = None
        found = salvage(profile.catalog, backup, fresh)
        aside = copies.put(fresh, profile.catalog)
        return Recovered(str(backup or ""), str(aside), found.contents, found.from_backup, found.gaps)


def begin_anew(profile: Profile) -> Recovered:
    """Sets the library aside, so that the next start makes an empty one. Raises Busy."""
    with alone(profile):
        return Recovered("", str(copies.set_aside(profile.catalog) or ""), None)
