"""Reports kept in the profile: the newest of each study and of each evaluation."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from musicdesk.core.changes import Changes
from musicdesk.core.errors import NotFound, Unusable
from musicdesk.reports.kept import Kept, read

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk


@dataclass(frozen=True)
class Copied:
    folder: str
    changes: Changes = field(default=Changes.NOTHING)


def folder_of(desk: Desk, name: str) -> Path:
    """Where the report of that name is kept; it need not exist."""
    return desk.profile.folder / "reports" / name


def reports(desk: Desk) -> list[Kept]:
    """Every report that can be read, the newest first."""
    place = desk.profile.folder / "reports"
    found = [read(folder) for folder in place.iterdir() if folder.is_dir()] if place.is_dir() else []
    return sorted((kept for kept in found if kept), key=lambda kept: (-kept.made_at, kept.name))


def copy_report(desk: Desk, name: str, target: Path) -> Copied:
    """Copies a report's files into a new folder below `target`. Raises NotFound, Unusable."""
    kept = read(folder_of(desk, name))
    if kept is None:
        raise NotFound(f"There is no report '{name}' to copy.")
    into = target / f"musicdesk-{name}"
    try:
        shutil.copytree(kept.folder, into, ignore=shutil.ignore_patterns("*.sqlite*", "*.safetensors", "checkpoint*"))
    except FileExistsError as error:
        raise Unusable(f"{into} is there already; choose another folder.") from error
    except OSError as error:
        raise Unusable(f"The report cannot be copied to {into} ({error}).") from error
    return Copied(str(into))
