"""A report as files: `report.html` (one, for light and dark), `report.md`, `report.json`, and every plot as PNG."""

from __future__ import annotations

import base64
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from musicdesk.core.errors import Unusable
from musicdesk.core.files import replacing, write_text
from musicdesk.core.paths import resources
from musicdesk.reports.kept import DARK_PLOTS, HEAD, PAGE, head
from musicdesk.reports.plots import DARK, LIGHT, png
from musicdesk.reports.report import Cell, Plot, Report, Table


@dataclass(frozen=True)
class Written:
    html: Path
    markdown: Path
    plots: tuple[Path, ...]


def write_report(report: Report, folder: Path) -> Written:
    """Writes the report into `folder`, which is made when absent. Raises Unusable when it cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        drawn = {plot.name: (png(plot, LIGHT), png(plot, DARK)) for plot in report.plots()}
        plots = []
        for name, (light, dark) in drawn.items():
            (folder / DARK_PLOTS).mkdir(exist_ok=True)
            plots.append(folder / f"{name}.png")
            for path, data in ((plots[-1], light), (folder / DARK_PLOTS / plots[-1].name, dark)):
                with replacing(path, mode=0o644) as stream:
                    stream.write(data)
        pictures = {name: tuple(_embedded(data) for data in both) for name, both in drawn.items()}
        page, text = folder / PAGE, folder / "report.md"
        write_text(page, _rendered("report.html.j2", report, pictures), mode=0o644)
        write_text(text, _rendered("report.md.j2", report, pictures), mode=0o644)
        write_text(folder / HEAD, head(report, time.time()), mode=0o644)
    except OSError as error:
        raise Unusable(f"The report cannot be written to {folder} ({error.strerror}).") from error
    return Written(page, text, tuple(plots))


def _embedded(data: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(data).decode("ascii")


def _rendered(template: str, report: Report, pictures: dict[str, Any]) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    place = Environment(
        loader=FileSystemLoader(resources() / "reports"),
        autoescape=template.endswith(".html.j2"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    place.filters["cell"] = lambda text: text.replace("|", "\\|").replace("\n", " ")
    return place.get_template(template).render(
        report=report,
        pictures=pictures,
        is_table=lambda part: isinstance(part, Table),
        is_plot=lambda part: isinstance(part, Plot),
        is_figure=lambda entry: isinstance(entry, Cell),
    )
