"""`map`: places for all tracks in 3-D, a picture of them, and how the ways to draw it compare."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from musicdesk.cli.command import Command, Context, Result, count, named
from musicdesk.cli.show import table
from musicdesk.core.counting import counted
from musicdesk.core.files import place_for
from musicdesk.space.projection import METHODS
from musicdesk.workflows.desk import profile_at

if TYPE_CHECKING:
    from musicdesk.catalog.layouts import Layout
    from musicdesk.workflows.desk import Desk


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--method", choices=METHODS, help="how to bring the sound down to three dimensions")
    parser.add_argument("--compare", action="store_true", help="draw it by every method and tell how they compare")
    parser.add_argument("--keep", action="store_true", help="do not draw it anew; only write files of the one shown")
    parser.add_argument(
        "--around", type=named, metavar="TRACK", help="only what lies around a track; the map stays as it is"
    )
    parser.add_argument("--count", type=count, default=200, metavar="N", help="how many tracks around it (200)")
    files = parser.add_argument_group("files")
    files.add_argument("--png", type=Path, metavar="FILE", help="draw the map")
    files.add_argument("--html", type=Path, metavar="FILE", help="write it as one page that any browser shows")
    files.add_argument("--out", type=Path, metavar="FILE.npz", help="write the places")
    files.add_argument(
        "--color",
        "--colour",
        dest="colour",
        metavar="LAYER",
        default="auto",
        help="what colours mean (what tells most)",
    )
    files.add_argument("--size", metavar="LAYER", default="none", help="what sizes mean (none)")
    files.add_argument("--theme", choices=("dark", "light"), default="dark")
    files.add_argument("--resolution", type=_resolution, default=(1600, 1000), metavar="WxH", help="of the picture")


def _resolution(text: str) -> tuple[int, int]:
    width, cross, height = text.partition("x")
    if not (cross and width.isdecimal() and height.isdecimal() and len(text) < 12):
        raise ArgumentTypeError(f"'{text[:30]}' is not of the form 1600x1000")
    return int(width), int(height)


def _run(context: Context, given: Namespace) -> Result:
    from musicdesk.workflows.jobs import run_job
    from musicdesk.workflows.layers import check

    for target in (given.png, given.html, given.out):
        if target:
            place_for(target, profile_at(context.profile))  # before the work
    with context.desk() as desk:
        if given.png or given.html:
            check(desk, given.colour)
            check(desk, given.size)
        if given.compare:
            methods = [given.method] if given.method else []
            return run_job(desk, "compare-maps", {"methods": methods}, context.monitor).result
        if given.around:
            track = desk.catalog.tracks.resolve(given.around)
            result = run_job(desk, "around", {"track": int(track), "count": given.count}, context.monitor).result
            return _files(desk, given, result, _local(desk, result))
        if given.keep:
            return _files(desk, given, _kept(desk), None)
        result = run_job(desk, "project", {"method": given.method}, context.monitor).result
        return _files(desk, given, result, None)


def _files(desk: Desk, given: Namespace, result: Result, layout: Layout | None) -> Result:
    from musicdesk.workflows.map_page import write_page
    from musicdesk.workflows.picture import Look, draw, write

    look = Look(given.colour, given.size, given.theme, *given.resolution)
    if given.png:
        result["png"] = str(draw(desk, given.png, look, layout))
    if given.html:
        result["html"] = str(write_page(desk, given.html, look, layout))
    if given.out:
        result["out"] = str(write(desk, given.out, layout))
    return result


def _local(desk: Desk, result: Result) -> Layout:
    import numpy as np

    from musicdesk.catalog.layouts import Layout

    ids, xyz = np.array(result["ids"], np.int64), np.array(result["xyz"], np.float32)
    trust = np.array(result["trust"], np.float32)
    return Layout(0, "around a track", desk.encoder, result["trustworthiness"], ids, xyz, trust)


def _kept(desk: Desk) -> Result:
    from musicdesk.workflows.picture import shown_layout

    shown = shown_layout(desk)
    told = {"points": len(shown.ids), "trustworthiness": shown.trustworthiness, "seconds": 0.0}
    return {**told, "method": shown.method, "placed_by": shown.placed_by, "continuity": shown.continuity}


def _show(result: Result) -> str:
    if "maps" in result:
        return _compared(result)
    if "ids" in result:
        return _around(result)
    files = "".join(f"\n{result[name]}" for name in ("png", "html", "out") if name in result)
    way = result["method"]
    if result["placed_by"] != way:
        way += f" (here {result['placed_by']} does as well)"
    return (
        f"{counted(result['points'], 'track')} on the map by {way}, trustworthiness "
        f"{result['trustworthiness']:.3f}, in {result['seconds']:.1f} s.{files}"
    )


def _around(result: Result) -> str:
    files = "".join(f"\n{result[name]}" for name in ("png", "html", "out") if name in result)
    told = f"{counted(len(result['ids']), 'track')} around track {result['track']}"
    return f"{told}, trustworthiness {result['trustworthiness']:.3f}, in {result['seconds']:.1f} s.{files}"


def _compared(result: Result) -> str:
    heads = ("method", "trusted", "continuity", "overlap", "placed later", "seconds", "")
    keys = ("trustworthiness", "continuity", "overlap", "out_of_sample")
    rows = [
        (
            row["method"],
            *("-" if row[key] is None else f"{row[key]:.3f}" for key in keys),
            f"{row['seconds']:.1f}",
            "" if row["placed_by"] == row["method"] else f"by {row['placed_by']}",
        )
        for row in result["maps"]
    ]
    told = f"{counted(result['points'], 'track')}; trustworthiness, continuity and overlap over 15 neighbours."
    return f"{table(rows, heads)}\n{told}"


COMMANDS = [Command("map", "Lay the library out in 3-D.", _run, _show, _arguments)]
