"""The map as files: a picture drawn without any display, and the places as numbers."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from musicdesk.core.counting import counted
from musicdesk.core.errors import NotReady, Unusable
from musicdesk.core.files import place_for, replacing, write_with
from musicdesk.core.types import TrackId
from musicdesk.space.framing import framed
from musicdesk.space.points import clean
from musicdesk.space.splat import render
from musicdesk.workflows.layers import AUTO, PLAIN, measure, paint
from musicdesk.workflows.picture_plate import GROUND, Told, legend_width, save_plate

if TYPE_CHECKING:
    from musicdesk.catalog.layouts import Layout
    from musicdesk.workflows.desk import Desk

SMALLEST, LARGEST = 200, 8_000  # pixels of a side
FILL = 0.78  # share of the picture that the points span: the title has room above them


@dataclass(frozen=True)
class Look:
    """colour, size: names of layers, colour 'auto' for what tells most, size 'none' for equal points
    theme: 'dark' or 'light'; width, height: pixels
    """

    colour: str = AUTO
    size: str = PLAIN
    theme: str = "dark"
    width: int = 1600
    height: int = 1000


def draw(desk: Desk, target: Path, look: Look | None = None, layout: Layout | None = None) -> Path:
    """Writes a PNG of a layout, unless given the one shown.

    Raises NotReady without one, NotFound for a layer that is none, Unusable for a size that no picture has, or a
    place where none can be written.
    """
    target = place_for(target, desk.profile)
    chosen, shown = look or Look(), layout or shown_layout(desk)
    if not all(SMALLEST <= side <= LARGEST for side in (chosen.width, chosen.height)):
        raise Unusable(f"A picture of the map has sides of {SMALLEST} to {LARGEST} pixels.")
    painted = paint(desk, chosen.colour, shown.ids, chosen.theme == "dark", shown.trust)
    sized = measure(desk, chosen.size, shown.ids)
    cloud = clean(shown.xyz, painted.colours, sized.sizes)
    width = chosen.width - legend_width(chosen.width)
    camera = framed(cloud.positions, width / chosen.height, fill=FILL)
    picture = render(cloud, camera, width, chosen.height, GROUND[chosen.theme])
    told = Told("Map of the library", heading(shown), painted.legend, sized)
    write_with(target, lambda temp: save_plate(temp, picture, told, chosen.theme), mode=0o644)
    return target


def write(desk: Desk, target: Path, layout: Layout | None = None) -> Path:
    """Writes `path` (n,) str, `track` int64 (n,), `xyz` float32 (n, 3), `trust` float32 (n,) and `method` of a layout,
    unless given the one shown."""
    target = place_for(target, desk.profile)
    shown = layout or shown_layout(desk)
    tracks = desk.catalog.tracks.get_many([TrackId(int(i)) for i in shown.ids])
    with replacing(target, mode=0o644) as stream:
        paths = np.array([os.fsdecode(track.path) for track in tracks])
        method = np.array(shown.method)
        np.savez(stream, path=paths, track=shown.ids, xyz=shown.xyz, trust=shown.trust, method=method)
    return target


def shown_layout(desk: Desk) -> Layout:
    """Raises NotReady where there is none."""
    layout = desk.catalog.layouts.active()
    if layout is None:
        raise NotReady("There is no map yet; run 'musicdesk map' first.")
    return layout


def heading(layout: Layout) -> str:
    many = counted(len(layout.ids), "track")
    return f"{many} · placed by {layout.method} · trustworthiness {layout.trustworthiness:.2f}"
