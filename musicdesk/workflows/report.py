"""The demo's report: the map, the list and the figures, for a browser and as Markdown."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from musicdesk.reports.plots import image
from musicdesk.reports.report import Cell, Entry, Origin, Report, Table
from musicdesk.reports.write import write_report as write
from musicdesk.workflows.playlists import items

if TYPE_CHECKING:
    from musicdesk.core.types import Playlist
    from musicdesk.workflows.desk import Desk
    from musicdesk.workflows.project import Projected

NOTE = (
    "Everything here was composed, played, listened to and recommended by the program itself. The listener is "
    "simulated: these figures show that the way works, not how good it is on real music."
)


def write_report(desk: Desk, folder: Path, playlist: Playlist, metrics: dict[str, Any], mapped: Projected) -> Path:
    """Writes `report.html` and `report.md` beside `map.png` in `folder`; returns the page."""
    cloud = image("map", "The library as a cloud of points, coloured by genre", (folder / "map.png").read_bytes())
    rows = tuple(
        (str(row["position"]), row["title"], row["artist"], "; ".join(row["reasons"]))
        for row in items(desk, playlist.picks)
    )
    listed = Table(playlist.name, ("", "Title", "Artist", "Why"), rows)
    figures = Table("Figures", ("", ""), tuple(_facts(desk, metrics, mapped)))
    return write(Report("musicdesk demo", (NOTE,), (cloud, listed, figures)), folder).html


def _facts(desk: Desk, metrics: dict[str, Any], mapped: Projected) -> list[tuple[Entry, Entry]]:
    counts = desk.catalog.sound.count(desk.encoder)
    taste = desk.catalog.feedback.count()
    measured: list[tuple[Entry, Entry]] = [
        (name, Cell(value, Origin.MADE_UP, *metrics.get(f"{name}_interval") or (None, None)))
        for name, value in sorted(metrics.items())
        if isinstance(value, int | float) or f"{name}_interval" in metrics
    ]
    return [
        ("tracks listened to", Cell(counts["analyzed"], Origin.MADE_UP)),
        ("encoder", desk.encoder),
        ("plays of the simulated listener", Cell(taste["plays"], Origin.MADE_UP)),
        ("likes of the simulated listener", Cell(taste["like"], Origin.MADE_UP)),
        (f"map by {mapped.method}, trustworthiness", Cell(mapped.trustworthiness, Origin.MADE_UP)),
        *measured,
    ]
