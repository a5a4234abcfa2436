"""Tags of many files, read in children that can be killed: a file that kills its reader costs only itself."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from musicdesk.core.killable import Answer, Fate, Pool
from musicdesk.core.progress import Monitor
from musicdesk.core.types import Found, Tags

TARGET = "musicdesk.library.tags:read_many"
CODES = "musicdesk.library.tags:codes_many"
BATCH = 64  # files per request
MEMORY = 2 << 30  # bytes of address space
BATCH_DEADLINE_S = 60.0  # a network drive may need a second per file
FILE_DEADLINE_S = 20.0


@dataclass(frozen=True, slots=True)
class Read:
    """One file's tags as they stand in it, or the reason why they could not be read."""

    found: Found
    tags: Tags
    reason: str = ""


def read_all(files: Iterable[Found], processes: int, monitor: Monitor) -> Iterator[Read]:
    """Tags of `files`, in no particular order. Raises Cancelled."""
    again: list[Found] = []
    with Pool(TARGET, processes, MEMORY) as pool:
        batches = _Batches(files, BATCH)
        for request, answer in pool.run(batches, BATCH_DEADLINE_S, monitor):
            part = batches.take(request)
            rows = _rows(part, answer)
            if rows is None:
                again += part
            else:
                yield from rows
        singles = _Batches(again, 1)
        for request, answer in pool.run(singles, FILE_DEADLINE_S, monitor):
            part = singles.take(request)
            yield from _rows(part, answer) or [Read(found, Tags(), _why(answer)) for found in part]


def isrcs(paths: list[bytes], monitor: Monitor) -> dict[bytes, str]:
    """The ISRC of those files that have one. Files that break their reader have none. Raises Cancelled."""
    texts = [os.fsdecode(path) for path in paths]
    requests = [{"paths": texts[at : at + BATCH]} for at in range(0, len(texts), BATCH)]
    found: dict[bytes, str] = {}
    with Pool(CODES, 1, MEMORY) as pool:
        for request, answer in pool.run(requests, BATCH_DEADLINE_S, monitor):
            codes = answer.head.get("codes")
            if answer.fate is Fate.OK and isinstance(codes, list) and len(codes) == len(request["paths"]):
                found |= {os.fsencode(p): str(code) for p, code in zip(request["paths"], codes, strict=True) if code}
    return found


class _Batches:
    """Requests over `files`, remembering which files each one is about until it is answered."""

    def __init__(self, files: Iterable[Found], size: int) -> None:
        self._files = iter(files)
        self._size = size
        self._out: dict[int, list[Found]] = {}
        self._next = 0

    def __iter__(self) -> Iterator[dict[str, object]]:
        while part := list(islice(self._files, self._size)):
            self._next += 1
            self._out[self._next] = part
            yield {"number": self._next, "paths": [os.fsdecode(found.path) for found in part]}

    def take(self, request: dict[str, object]) -> list[Found]:
        return self._out.pop(int(str(request["number"])))


def _rows(part: list[Found], answer: Answer) -> list[Read] | None:
    """The answer for `part`, or None when there is none that can be trusted."""
    rows = answer.head.get("read")
    if answer.fate is not Fate.OK or not isinstance(rows, list) or len(rows) != len(part):
        return None
    try:
        return [Read(found, Tags(*row[:-1]), row[-1]) for found, row in zip(part, rows, strict=True)]
    except (TypeError, IndexError):
        return None


def _why(answer: Answer) -> str:
    return answer.text or "The tag reader gave no answer that makes sense."
