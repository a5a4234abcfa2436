"""The map as one page that any browser shows: everything is in the file, it asks no network, and names no folder."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from musicdesk.core.files import place_for, write_text
from musicdesk.core.paths import resources
from musicdesk.core.types import TrackId
from musicdesk.space.framing import framed
from musicdesk.space.layers import Painted, Sized
from musicdesk.space.points import Cloud, clean
from musicdesk.space.shading import LAMP, shade_on
from musicdesk.workflows.layers import measure, paint
from musicdesk.workflows.picture import Look, shown_layout
from musicdesk.workflows.picture_plate import CARD, GROUND, INK, LINE, QUIET

if TYPE_CHECKING:
    from musicdesk.catalog.layouts import Layout
    from musicdesk.workflows.desk import Desk

WIDE = 1.4  # width / height of the view for which the camera is placed; the page knows it too


def write_page(desk: Desk, target: Path, look: Look | None = None, layout: Layout | None = None) -> Path:
    """Writes a layout, unless given the one shown, as a page of HTML; titles and artists are in it, paths are not.

    Raises NotReady without a layout, NotFound for a layer that is none, Unusable for a place that is none.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    target = place_for(target, desk.profile)
    chosen, shown = look or Look(), layout or shown_layout(desk)
    painted = paint(desk, chosen.colour, shown.ids, chosen.theme == "dark", shown.trust)
    sized = measure(desk, chosen.size, shown.ids)
    cloud = clean(shown.xyz, painted.colours, sized.sizes)
    loader = FileSystemLoader(resources() / "map")
    place = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    page = place.get_template("page.html.j2").render(
        title="Map of a music library",
        told=f"{len(cloud):,} tracks · trustworthiness {shown.trustworthiness:.2f}",
        theme=chosen.theme,
        ground=GROUND[chosen.theme],
        ink=INK[chosen.theme],
        quiet=QUIET[chosen.theme],
        card=CARD[chosen.theme],
        line=LINE[chosen.theme],
        legend=painted.legend,
        size_title=sized.title,
        data=_inside_html(_data(cloud, painted, sized, _names(desk, shown.ids), chosen.theme)),
    )
    write_text(target, page, mode=0o644)
    return target


def _data(cloud: Cloud, painted: Painted, sized: Sized, names: list[list[str]], theme: str) -> dict[str, Any]:
    legend, camera = painted.legend, framed(cloud.positions, WIDE)
    return {
        "places": _text(cloud.positions.astype("<f4")),
        "colours": _text(cloud.colours),
        "sizes": _text(cloud.sizes.astype("<f4")),
        "codes": _text(painted.codes[cloud.rows].astype(np.uint8)),
        "names": [names[row] for row in cloud.rows.tolist()],
        "entries": [{"label": e.label, "colour": e.colour, "count": e.count} for e in legend.entries],
        "ramp": legend.ramp,
        "base": cloud.base_px,
        "ground": GROUND[theme],
        "lamp": LAMP,
        "shade": shade_on(GROUND[theme]),
        "camera": {name: getattr(camera, name) for name in ("target", "distance", "yaw", "pitch")},
    }


def _names(desk: Desk, ids: np.ndarray) -> list[list[str]]:
    """Title and artist of each point."""
    found = {int(t.id): t.tags for t in desk.catalog.tracks.get_many([TrackId(int(i)) for i in ids])}
    return [[found[i].title, found[i].artist] if i in found else ["", ""] for i in ids.tolist()]


def _text(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii")


def _inside_html(values: dict[str, Any]) -> str:
    """JSON that no title can break out of."""
    text = json.dumps(values, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
