"""The demo's report: one page, for a browser and as Markdown, with the map and the list."""

from __future__ import annotations

import html
from pathlib import Path
from typing import TYPE_CHECKING, Any

from musicdesk.core.files import write_text
from musicdesk.workflows.playlists import items

if TYPE_CHECKING:
    from musicdesk.core.types import Playlist
    from musicdesk.workflows.desk import Desk
    from musicdesk.workflows.project import Projected

STYLE = """body { font: 15px/1.5 system-ui, sans-serif; max-width: 70em; margin: 2em auto; padding: 0 1em;
color: #161A21; background: #F6F7F9 } img { max-width: 100%; border-radius: 8px }
table { border-collapse: collapse }
td, th { text-align: left; padding: 4px 12px 4px 0; border-bottom: 1px solid #E3E6EB }
td:first-child { font-variant-numeric: tabular-nums; color: #586173 }
@media (prefers-color-scheme: dark) {
body { color: #ECEFF4; background: #111317 } td, th { border-color: #2A2F39 } }"""


def write_report(desk: Desk, folder: Path, playlist: Playlist, metrics: dict[str, Any], mapped: Projected) -> Path:
    """Writes `report.html` and `report.md` beside `map.png` in `folder`; returns the page."""
    rows = items(desk, playlist.picks)
    facts = _facts(desk, metrics, mapped)
    page = folder / "report.html"
    write_text(page, _page(playlist.name, rows, facts), mode=0o644)
    write_text(folder / "report.md", _markdown(playlist.name, rows, facts), mode=0o644)
    return page


def _facts(desk: Desk, metrics: dict[str, Any], mapped: Projected) -> list[tuple[str, str]]:
    counts = desk.catalog.sound.count(desk.encoder)
    taste = desk.catalog.feedback.count()
    told = [(name.replace("_", " "), _number(value)) for name, value in sorted(metrics.items())]
    return [
        ("tracks listened to", f"{counts['analyzed']:,}"),
        ("encoder", desk.encoder),
        ("plays and likes of the simulated listener", f"{taste['plays']:,} and {taste['like']:,}"),
        (f"map by {mapped.method}, trustworthiness", f"{mapped.trustworthiness:.3f}"),
        *told,
    ]


def _number(value: Any) -> str:
    if isinstance(value, list | tuple):
        return " to ".join(_number(part) for part in value)
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _page(name: str, rows: list[dict[str, Any]], facts: list[tuple[str, str]]) -> str:
    lines = [_cells("td", row["position"], row["title"], row["artist"], "; ".join(row["reasons"])) for row in rows]
    told = [_cells("td", *fact) for fact in facts]
    return f"""<!doctype html>
<html lang="en"><meta charset="utf-8"><title>musicdesk demo</title><style>{STYLE}</style>
<h1>musicdesk demo</h1>
<p>Everything here was composed, played, listened to and recommended by the program itself. The listener is
simulated: these figures show that the way works, not how good it is on real music.</p>
<img src="map.png" alt="The library as a cloud of points, coloured by genre">
<h2>{html.escape(name)}</h2><table>{_cells("th", "", "Title", "Artist", "Why")}{"".join(lines)}</table>
<h2>Figures</h2><table>{"".join(told)}</table></html>
"""


def _cells(tag: str, *values: object) -> str:
    return "<tr>" + "".join(f"<{tag}>{html.escape(str(value))}</{tag}>" for value in values) + "</tr>"


def _markdown(name: str, rows: list[dict[str, Any]], facts: list[tuple[str, str]]) -> str:
    lines = [f"{row['position']}. {row['artist']} - {row['title']} ({'; '.join(row['reasons'])})" for row in rows]
    told = [f"- {what}: {value}" for what, value in facts]
    return "\n".join(
        ["# musicdesk demo", "", "![map](map.png)", "", f"## {name}", "", *lines, "", "## Figures", "", *told, ""]
    )
