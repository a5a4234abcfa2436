"""Reports of what went wrong: what, where in the program, and on which system. Nothing in them names music.

A report is a text file in the profile. Errors that Python sees are written at once; for those that end the process
(a crash in a library) Python's faulthandler writes the stack into a file that lies ready, and the next start takes
it up. Titles, paths and names are left out: frames are told by module, messages without what stands in quotes.
"""

from __future__ import annotations

import faulthandler
import os
import platform
import re
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import musicdesk
from musicdesk.core.files import runs

KEEP = 20  # reports
LONGEST = 300  # characters of an error's message
_DYING = "dying-"
# Names hold quotation marks of their own: the last mark that can close does, and where none can, all the rest goes. An
# apostrophe within a word is no mark; behind the b of bytes it is one.
_MARKS = ('""', "””", "“”", "„“", "«»", "»«", "‹›", "``", "「」", "『』")
_QUOTED = re.compile(
    "|".join(
        (
            *(rf"(?<![A-Za-z])b?{pair[0]}(?:.*[{pair[1]}](?![A-Za-z])|.*)" for pair in ("''", "’’", "‘’")),
            *(f"{pair[0]}(?:.*{pair[1]}|.*)" for pair in _MARKS),
        )
    ),
    re.DOTALL,
)
_PATH = re.compile(r"(?:~|\b[A-Za-z]:|(?<![\w.]))[/\\](?=[^\s/\\]).*", re.DOTALL)
_FRAME = re.compile(r'File "([^"]+)"')


@dataclass(frozen=True)
class Report:
    path: Path
    at: float  # epoch seconds
    process: str  # window, worker, musicdesk
    text: str


def trace_of(error: BaseException) -> str:
    """The trace of an error and of those behind it, without what may name a person's music or folders."""
    parts: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        lines = [
            f'  File "{_module(frame.filename)}", line {frame.lineno}, in {frame.name}\n    {frame.line or ""}'
            for frame in traceback.extract_tb(current.__traceback__)
        ]
        parts.append("\n".join([*lines, f"{type(current).__qualname__}: {_message(current)}".rstrip(": ")]))
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return "\nwhich came from\n".join(parts)


def _message(error: BaseException) -> str:
    if isinstance(error, OSError):
        return error.strerror or ""
    if isinstance(error, KeyError | UnicodeError):
        return "…"  # a key may be a name, and text that is not text is somebody's
    return redacted(" ".join(str(error).split()))[:LONGEST]


def redacted(text: str) -> str:
    """Text without what stands in quotes, up to where a path begins; in doubt too much goes."""
    return _PATH.sub("…", _QUOTED.sub("'…'", text))


def _module(file: str) -> str:
    """The part of a source file's path that is the program's or a library's, not the person's."""
    parts = Path(file).parts
    for mark in ("site-packages", "dist-packages"):
        if mark in parts:
            return "/".join(parts[parts.index(mark) + 1 :])
    if "musicdesk" in parts:
        at = len(parts) - 1 - parts[::-1].index("musicdesk")
        return "/".join(parts[at:])
    return "/".join(parts[-2:])


def keep(folder: Path, process: str, doing: str, what: str) -> Report:
    """Writes a report; the oldest go. Where it cannot be written it is still told."""
    now = time.time()
    head = (
        f"musicdesk {musicdesk.__version__}, {process}, {time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(now))}",
        f"Python {platform.python_version()}, {platform.system()} {platform.release()} {platform.machine()}",
        f"While: {doing}",
    )
    text = "\n".join([*head, "", what.strip(), ""])
    path = folder / f"{time.strftime('%Y%m%d-%H%M%S', time.localtime(now))}-{process}-{os.getpid()}.txt"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(text + "\n")
        for old in _files(folder)[KEEP:]:
            old.unlink(missing_ok=True)
    except OSError:
        pass
    return Report(path, now, process, text)


def kept(folder: Path) -> list[Report]:
    """The reports, newest first."""
    found = []
    for path in _files(folder):
        try:
            found.append(Report(path, path.stat().st_mtime, path.stem.split("-")[2], path.read_text("utf-8")))
        except (OSError, IndexError, ValueError):
            continue
    return found


def _files(folder: Path) -> list[Path]:
    return sorted((p for p in folder.glob("2*-*.txt")), key=lambda p: p.name, reverse=True)


class Watch:
    """While it is on, a crash of this process leaves its stack in the folder."""

    def __init__(self, folder: Path, process: str) -> None:
        self._path = folder / f"{_DYING}{process}-{os.getpid()}.txt"
        self._stream: IO[str] | None = None
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._stream = os.fdopen(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w")
            faulthandler.enable(self._stream, all_threads=True)
        except OSError:
            self._stream = None

    def end(self) -> None:
        if self._stream is not None:
            faulthandler.disable()
            self._stream.close()
            self._path.unlink(missing_ok=True)
            self._stream = None


def collect(folder: Path) -> list[Report]:
    """Makes reports of what processes left that have crashed; files of those that still run stay."""
    made = []
    for path in folder.glob(f"{_DYING}*.txt"):
        process, _, pid = path.stem.removeprefix(_DYING).rpartition("-")
        try:
            if pid.isdecimal() and runs(int(pid)):
                continue
            text = path.read_text("utf-8", "replace").strip()
            path.unlink(missing_ok=True)
        except OSError:
            continue
        if text:
            frames = _FRAME.sub(lambda found: f'File "{_module(found[1])}"', text)
            made.append(keep(folder, process or "window", "not known", f"The process crashed.\n{frames}"))
    return made
