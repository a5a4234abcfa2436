"""Songs that are played or liked elsewhere and not owned: what one might buy."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from musicdesk.core.errors import Unusable
from musicdesk.core.files import place_for, replacing
from musicdesk.core.tables import as_csv
from musicdesk.workflows.desk import Desk


def wishes(desk: Desk, limit: int = 500) -> list[dict[str, Any]]:
    """The most played first, with `song, artist, title, plays`."""
    names = ("song", "artist", "title", "plays")
    return [dict(zip(names, row, strict=True)) for row in desk.catalog.matches.wishes(limit)]


def save_wishes(desk: Desk, target: Path, rows: Iterable[tuple[str, str, int]]) -> Path:
    """Writes (artist, title, plays) as a table for spreadsheets. Raises Unusable where it cannot be written."""
    target = place_for(target, desk.profile)
    try:
        with replacing(target, mode=0o644) as stream:
            stream.write(as_csv(("artist", "title", "plays"), rows))
    except OSError as error:
        raise Unusable(f"The table could not be written to {target} ({error.strerror}).") from error
    return target
