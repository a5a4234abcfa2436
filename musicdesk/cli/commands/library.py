"""`scan`, `failed-files`, `analyze`, `export-embeddings`: from folders to vectors."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path

from musicdesk.cli import show
from musicdesk.cli.command import Command, Context, Result, count, job


def _scan_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("folders", nargs="*", metavar="DIR", help="folders with music; none means all known ones")


def _scan(context: Context, given: Namespace) -> Result:
    return job(context, "scan", {"roots": [os.fspath(folder) for folder in given.folders]})


def _show_scan(result: Result) -> str:
    names = ("added", "updated", "moved", "unchanged", "failed", "missing")
    counts = ", ".join(f"{result[name]:,} {name}" for name in names if result[name])
    more = "\n'musicdesk failed-files' tells what could not be read, and why." if result["failed"] else ""
    told = "".join(f"\n{show.printable(notice)}" for notice in result["notices"])
    return f"Found {result['found']:,} music files in {result['seconds']:.1f} s: {counts or 'nothing'}.{more}{told}"


def _failed_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--again", action="store_true", help="have them read again by the next scan and analysis")


def _failed(context: Context, given: Namespace) -> Result:
    with context.desk() as desk:
        found = desk.catalog.sound.failures()
        again = desk.catalog.sound.try_again() if given.again else 0
    files = [{"path": os.fsdecode(f.path), "stage": f.stage, "reason": f.reason} for f in found]
    return {"again": again, "files": files}


def _show_failed(result: Result) -> str:
    lines = [f"{show.printable(f['path'])}\n    {f['stage']}: {show.printable(f['reason'])}" for f in result["files"]]
    if result["again"]:
        lines.append("They will be read again by 'musicdesk scan' and 'musicdesk analyze'.")
    return "\n".join(lines) or "Every file could be read."


def _analyze_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--limit", type=count, metavar="N", help="listen to N tracks at most")
    parser.add_argument("--encoder", metavar="NAME", help="the encoder to listen with")
    parser.add_argument(
        "--edges", action="store_true", help="hear again tracks of which it is not known how they begin and end"
    )


def _analyze(context: Context, given: Namespace) -> Result:
    return job(context, "analyze", {"limit": given.limit, "encoder": given.encoder, "edges": given.edges})


def _show_analyze(result: Result) -> str:
    rate = 60 * result["analyzed"] / result["seconds"] if result["seconds"] else 0
    return (
        f"Listened to {result['analyzed']:,} tracks in {result['seconds']:.1f} s ({rate:,.0f} a minute on "
        f"{result['device']}); {result['failed']:,} failed, {result['skipped']:,} skipped, "
        f"{result['remaining']:,} remain."
    )


def _export_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE.npz")


def _export(context: Context, given: Namespace) -> Result:
    from musicdesk.workflows.embeddings import export

    with context.desk() as desk:
        return export(desk, given.file)


COMMANDS = [
    Command("scan", "Look for music in folders and read its tags.", _scan, _show_scan, _scan_arguments),
    Command("failed-files", "Files that could not be read, and why.", _failed, _show_failed, _failed_arguments),
    Command("analyze", "Listen to what has not been heard yet.", _analyze, _show_analyze, _analyze_arguments),
    Command(
        "export-embeddings",
        "Write paths, vectors and map places to a NumPy file.",
        _export,
        lambda result: f"Wrote {result['tracks']:,} vectors of {result['dim']} numbers to {result['file']}.",
        _export_arguments,
    ),
]
