"""Windows of sound for models that hear: what analysis kept, and what is missing of those that a training needs."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from musicdesk.audio.contract import MEMORY_BYTES, deadline_s
from musicdesk.core.killable import Answer, Fate, Pool
from musicdesk.core.progress import Monitor
from musicdesk.core.types import TrackId
from musicdesk.learning.window_store import WindowStore
from musicdesk.learning.windows import MelWindows

if TYPE_CHECKING:
    from musicdesk.catalog.sound import Heard
    from musicdesk.workflows.desk import Desk

log = logging.getLogger(__name__)

STAGE = "windows"
BATCH = 64  # tracks between two commits


def window_store(desk: Desk) -> WindowStore:
    return WindowStore(desk.profile.cache / "windows", desk.settings.windows_mb << 20)


def windows_for(desk: Desk, needed: np.ndarray, monitor: Monitor) -> MelWindows:
    """Windows of the `needed` tracks (int64, the most needed first) and of all others that have some.

    What is missing is decoded by killable children, and kept. Files that fail are left out, as are tracks that
    have not been listened to yet and those for which there is no room. Raises Cancelled; what was done is kept.
    """
    store = window_store(desk)
    heard = {file.track: file for file in desk.catalog.sound.heard_files()}
    wanted = {int(track): heard[TrackId(int(track))].audio_hash for track in needed if int(track) in heard}
    store.ask(wanted)
    try:
        _fill(desk, store, [heard[TrackId(track)] for track in store.missing(wanted)], monitor)
    finally:
        store.commit()
    found = store.windows({int(track): file.audio_hash for track, file in heard.items()})
    store.commit()
    return found


def kept_windows(desk: Desk) -> MelWindows:
    """What is kept already, of all tracks; nothing is decoded."""
    store = window_store(desk)
    found = store.windows({int(file.track): file.audio_hash for file in desk.catalog.sound.heard_files()})
    store.commit()
    return found


def _fill(desk: Desk, store: WindowStore, missing: list[Heard], monitor: Monitor) -> None:
    """Two rounds, as in analysis: what crashed once is tried once more, after everything else."""
    readable = [file for file in missing if file.readable]
    if len(readable) > store.free:
        log.warning("there is room for the windows of %d of %d more tracks", store.free, len(readable))
        readable = readable[: store.free]
    done, total = 0, len(readable)
    with Pool("musicdesk.audio.listen:windows", desk.settings.processes or os.cpu_count() or 1, MEMORY_BYTES) as pool:
        for _round in range(2):
            files = {int(file.track): file for file in readable}
            readable = []
            for request, answer in pool.run(_requests(desk, list(files.values())), _deadline, monitor):
                file = files[request["track"]]
                if _taken(desk, store, file, answer):
                    done += 1
                else:
                    readable.append(file)
                if done % BATCH == 0:
                    store.commit()
                monitor.report(done, total, "Hearing what the model learns from")


def _requests(desk: Desk, files: list[Heard]) -> Iterator[dict[str, Any]]:
    """Attempts are noted before their files are sent, a batch at a time: a file may take the process down."""
    for start in range(0, len(files), BATCH):
        part = files[start : start + BATCH]
        with desk.catalog.write():
            for file in part:
                desk.catalog.sound.attempt(file.track, STAGE, file.size, file.mtime_ns)
        for file in part:
            yield {"path": os.fsdecode(file.path), "duration_s": file.duration_s, "track": int(file.track)}


def _taken(desk: Desk, store: WindowStore, file: Heard, answer: Answer) -> bool:
    """False when the file is worth another try."""
    sound = desk.catalog.sound
    if answer.fate is Fate.OK:
        store.put(int(file.track), answer.head["audio_hash"], answer.arrays["mel"])
        sound.clear_failure(file.track, STAGE)
        return True
    crashed = answer.fate in (Fate.CRASH, Fate.HANG)
    return sound.fail(file.track, STAGE, answer.text, (file.size, file.mtime_ns), crashed)


def _deadline(request: dict[str, Any]) -> float:
    return deadline_s(request["duration_s"])
