"""What a command of the command line is."""

from __future__ import annotations

import json
import math
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from musicdesk.core.progress import Monitor
from musicdesk.workflows.desk import Desk, open_desk

Result = dict[str, Any]


@dataclass(frozen=True)
class Context:
    """What the global options said."""

    profile: Path | None
    device: str | None
    verbose: bool
    monitor: Monitor

    def desk(self) -> Desk:
        return open_desk(self.profile, self.device)


@dataclass(frozen=True)
class Command:
    name: str
    help: str
    run: Callable[[Context, Namespace], Result]
    show: Callable[[Result], str]
    arguments: Callable[[ArgumentParser], None] = lambda parser: None


def job(context: Context, name: str, request: dict[str, Any]) -> Result:
    """Runs a job on the desk the context names and returns its result."""
    from musicdesk.workflows.jobs import run_job

    with context.desk() as desk:
        return run_job(desk, name, request, context.monitor).result


def named(text: str) -> str:
    """A name as typed; an empty one, as of a variable of the shell that is not set, names nothing."""
    if not text:
        raise ArgumentTypeError("the name is empty")
    return text


def number(text: str) -> int:
    """A number that may be one of a row in the catalog, as typed."""
    if not is_number(text):
        raise ArgumentTypeError(f"'{text[:30]}' is not the number of anything")
    return int(text)


def is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 18


def whole(least: int, most: int) -> Callable[[str], int]:
    """Takes whole numbers within bounds, as typed."""

    def taken(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if not least <= value <= most:
            raise ArgumentTypeError(f"'{text[:30]}' is no whole number from {least:,} to {most:,}")
        return value

    return taken


def real(least: float, most: float) -> Callable[[str], float]:
    """Takes numbers within bounds, as typed, which are finite therefore."""

    def taken(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not least <= value <= most:
            raise ArgumentTypeError(f"'{text[:30]}' is no number from {least:,} to {most:,}")
        return value

    return taken


count = whole(1, 1_000_000)
seed = whole(0, 2**32 - 1)  # what every generator takes
share = real(0, 1)
minutes = real(0, 100_000)
days = real(0, 1_000_000)


def setting(text: str) -> tuple[str, Any]:
    """`key=value` as typed; a value that is JSON is taken as such."""
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise ArgumentTypeError(f"'{text}' is not of the form key=value")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value
