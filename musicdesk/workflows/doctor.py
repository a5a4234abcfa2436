"""Is all well? Versions, device, weights, decoder and catalog, each with a sentence."""

from __future__ import annotations

import importlib.metadata
import platform
import sqlite3
import sys
import tempfile
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

import musicdesk
from musicdesk.audio.contract import MEMORY_BYTES
from musicdesk.catalog import backup
from musicdesk.core.errors import MusicdeskError
from musicdesk.core.killable import Fate, Pool
from musicdesk.core.mounts import network_words
from musicdesk.workflows.desk import Desk, open_desk, profile_at

PARTS = ("PySide6-Essentials", "torch", "av", "soundfile", "librosa", "annoy", "mutagen", "sqlite-utils", "numpy")
# SQLite 3.7.0 to 3.51.2 can lose a WAL reset when two connections checkpoint; ours let only one do it.
WAL_FIXED = (3, 51, 3)


def examine(folder: Path | None, device: str | None) -> dict[str, Any]:
    """All checks; none of them raises. `ok` is True when every check is."""
    checks = [_versions(), _sqlite(), _place(folder)]
    try:
        with open_desk(folder, device) as desk:
            checks += [_tried(name, check, desk) for name, check in _checks()]
    except MusicdeskError as error:
        checks.append({"name": "library", "ok": False, "text": str(error)})
    return {"ok": all(check["ok"] for check in checks), "version": musicdesk.__version__, "checks": checks}


def _checks() -> Iterator[tuple[str, Callable[[Desk], str]]]:
    yield "library", _library
    yield "encoder", _encoder
    yield "device", _device
    yield "decoder", _decoder


def _tried(name: str, check: Callable[[Desk], str], desk: Desk) -> dict[str, Any]:
    try:
        return {"name": name, "ok": True, "text": check(desk)}
    except MusicdeskError as error:
        return {"name": name, "ok": False, "text": str(error)}


def _versions() -> dict[str, Any]:
    found, lost = [f"Python {platform.python_version()} on {sys.platform}"], []
    for part in PARTS:
        try:
            found.append(f"{part} {importlib.metadata.version(part)}")
        except importlib.metadata.PackageNotFoundError:
            lost.append(part)
    text = ", ".join(found)
    if lost:
        text += f". Not installed: {', '.join(lost)}. Install musicdesk again."
    return {"name": "parts", "ok": not lost, "text": text}


def _place(folder: Path | None) -> dict[str, Any]:
    place = profile_at(folder).folder
    return {"name": "profile", "ok": True, "text": network_words(place) or f"in {place}"}


def _sqlite() -> dict[str, Any]:
    text = f"SQLite {sqlite3.sqlite_version}"
    if sqlite3.sqlite_version_info < WAL_FIXED:
        text += " (has the WAL-reset fault of versions before 3.51.3; one process alone checkpoints here)"
    return {"name": "sqlite", "ok": True, "text": text}


def _library(desk: Desk) -> str:
    backup.check(desk.catalog.store.conn, desk.profile.catalog)
    return f"{desk.catalog.tracks.count()['total']:,} tracks in {desk.profile.catalog}, sound"


def _encoder(desk: Desk) -> str:
    from musicdesk.workflows.hearing import Hearing

    card = Hearing(desk, desk.entry()).card
    return f"{card.name}, {card.dim} numbers a track, weights as on the card"


def _device(desk: Desk) -> str:
    from musicdesk.learning.device import choose, describe

    unmet: list[str] = []
    found = describe(choose(desk.device, unmet.append))
    return ". ".join([found, *unmet])


def _decoder(_desk: Desk) -> str:
    with tempfile.TemporaryDirectory() as folder, Pool("musicdesk.audio.listen:listen", 1, MEMORY_BYTES) as pool:
        tone = Path(folder) / "tone.wav"
        _write_tone(tone)
        for _request, answer in pool.run([{"path": str(tone)}], 60.0):
            if answer.fate is Fate.OK:
                return f"a test tone was decoded and described in {answer.seconds:.1f} s, start of the process included"
            raise MusicdeskError(f"The decoding process does not work: {answer.text}")
    raise MusicdeskError("The decoding process gave no answer.")


def _write_tone(path: Path, seconds: float = 4.0, rate: int = 44_100) -> None:
    wave_form = 0.3 * np.sin(2 * np.pi * 440 * np.arange(int(seconds * rate)) / rate)
    with wave.open(str(path), "wb") as stream:
        stream.setnchannels(1)
        stream.setsampwidth(2)
        stream.setframerate(rate)
        stream.writeframes((wave_form * 32_767).astype("<i2").tobytes())
