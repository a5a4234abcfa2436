"""`map`: places for all tracks in 3-D, and a picture of them."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from musicdesk.cli.command import Command, Context, Result

METHODS = ("autoencoder", "pca")


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--method", choices=METHODS, help="how to bring the sound down to three dimensions")
    parser.add_argument("--png", type=Path, metavar="FILE", help="draw the map")
    parser.add_argument("--out", type=Path, metavar="FILE.npz", help="write the places")
    parser.add_argument("--colour", choices=("genre", "artist", "year"), default="genre")
    parser.add_argument("--theme", choices=("dark", "light"), default="dark")


def _run(context: Context, given: Namespace) -> Result:
    from musicdesk.workflows.jobs import run_job
    from musicdesk.workflows.picture import draw, write

    with context.desk() as desk:
        result = run_job(desk, "project", {"method": given.method}, context.monitor).result
        if given.png:
            result["png"] = str(draw(desk, given.png, given.colour, given.theme))
        if given.out:
            result["out"] = str(write(desk, given.out))
    return result


def _show(result: Result) -> str:
    files = "".join(f"\n{result[name]}" for name in ("png", "out") if name in result)
    return (
        f"{result['points']:,} tracks on the map by {result['method']}, trustworthiness "
        f"{result['trustworthiness']:.3f}, in {result['seconds']:.1f} s.{files}"
    )


COMMANDS = [Command("map", "Lay the library out in 3-D.", _run, _show, _arguments)]
