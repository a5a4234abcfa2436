"""What the demo's other listeners played, as a file such as people publish: Taste Profile rows with titles."""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path

from musicdesk.core.files import write_text
from musicdesk.demo.library import DemoLibrary

HEADER = ("user_id", "song_id", "listen_count", "title", "release", "artist_name", "year")


def write_crowd(library: DemoLibrary, path: Path) -> Path:
    """Writes every listener's plays but those of the person at the desk. The same library gives the same file."""
    plays = library.world.plays
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(HEADER)
    for listener, track, count in zip(plays.listener, plays.track, plays.count, strict=True):
        if listener:
            plan = library.plans[track]
            named = (plan.title, plan.album, plan.artist, plan.year)
            rows.writerow((_user(int(listener)), _song(plan.file), int(count), *named))
    write_text(path, out.getvalue())
    return path


def _user(number: int) -> str:
    return hashlib.sha1(f"demo listener {number}".encode(), usedforsecurity=False).hexdigest()


def _song(file: str) -> str:
    """An id in the form of the Million Song Dataset: SO and sixteen capitals or digits."""
    return "SO" + hashlib.sha1(file.encode(), usedforsecurity=False).hexdigest().upper()[:16]
