"""Backups of the library, and leaving nothing behind."""

from __future__ import annotations

import fnmatch
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from musicdesk.catalog import backup as copies
from musicdesk.core.changes import Changes
from musicdesk.core.errors import Busy, Unusable
from musicdesk.core.locks import FileLock
from musicdesk.core.paths import DEMO_FILES, DEMO_REPORT, LOCK, OWN, Profile

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk


@dataclass(frozen=True)
class BackedUp:
    file: str
    bytes: int
    changes: Changes = Changes.NOTHING


@dataclass(frozen=True)
class Deleted:
    profile: str
    files: int
    changes: Changes = Changes.EVERYTHING


def backup(desk: Desk, target: Path) -> BackedUp:
    """A checked copy of the catalog in `target`, also while it is in use. Raises Unusable, CatalogDamaged."""
    target = target.absolute()
    if target.is_dir():
        raise Unusable(f"{target} is a folder; name a file for the backup.")
    if target.parent.resolve() != desk.profile.backups.resolve():
        desk.profile.spare(target)
    if target.with_name(f"{target.name}-wal").exists():  # it would go on in the copy
        raise Unusable(f"{target} is a database in use; name another file for the backup.")
    copies.make(desk.profile.catalog, target)
    return BackedUp(str(target), target.stat().st_size)


def rotate(desk: Desk) -> None:
    """The day's own backup, when there is none yet."""
    copies.rotate(desk.profile.catalog, desk.profile.backups)


def delete_all(profile: Profile) -> Deleted:
    """Removes everything this program has kept in the profile. Music files are never touched.

    A link in the profile goes, and what it leads to stays. Where the profile itself is a link, both go.
    """
    if not profile.folder.exists():
        return Deleted(str(profile.folder), 0)
    # The lock alone is what a deletion leaves that was cut off at its very end.
    library = os.path.lexists(profile.catalog)
    if not profile.folder.is_dir() or (not library and set(os.listdir(profile.folder)) - {LOCK}):
        raise Unusable(f"{profile.folder} does not look like a musicdesk profile; nothing was deleted.")
    with alone(profile):
        files = sum(1 for path in profile.folder.rglob("*") if path.is_file())
        _remove_report(profile.folder / DEMO_REPORT)
        for own in OWN:  # the library last: what was begun can be finished
            for name in fnmatch.filter(os.listdir(profile.folder), own):  # `glob` passes over links that lead nowhere
                _remove(profile.folder / name)
    (profile.folder / LOCK).unlink(missing_ok=True)
    if not any(profile.folder.iterdir()):
        profile.folder.resolve().rmdir()
        if profile.folder.is_symlink():
            profile.folder.unlink()
    return Deleted(str(profile.folder), files)


def _remove_report(folder: Path) -> None:
    """What the demo has written. The name is one that a person may have given: all else in there stays."""
    if not folder.is_dir() or folder.is_symlink():
        return
    for name in DEMO_FILES:
        (folder / name).unlink(missing_ok=True)
    for place in (folder / "dark", folder):
        with suppress(OSError):  # it holds something else, or is not there
            place.rmdir()


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


class alone:
    """Holds the catalog's owner lock, so that nobody has it open."""

    def __init__(self, profile: Profile) -> None:
        self._lock = FileLock(profile.folder / LOCK)

    def __enter__(self) -> None:
        if not self._lock.take():
            raise Busy("Another musicdesk has this library open; close it first.")

    def __exit__(self, *_: object) -> None:
        self._lock.release()
