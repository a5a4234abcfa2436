"""An encoder taught by one library, in the time that there is: how many passes over how many of its tracks."""

from __future__ import annotations

import json
import logging
import shutil
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

import numpy as np
import torch

from musicdesk.core.files import write_text
from musicdesk.core.progress import Monitor, Silent
from musicdesk.encoders.data import Windows
from musicdesk.encoders.networks import Network
from musicdesk.encoders.parting import LEAST_TRACKS
from musicdesk.encoders.training import TrainedEncoder, TrainingConfig, train_encoder
from musicdesk.learning.windows import MelWindows

log = logging.getLogger(__name__)

LEAST_EPOCHS = 3  # fewer tracks rather than fewer passes over them
PROBE = 192  # tracks on which the pace is measured
PLAN = "plan.json"


class Rows:
    """Some rows of an array on disk, read when they are asked for; as much of an array as training looks at."""

    def __init__(self, pictures: np.ndarray, places: np.ndarray) -> None:
        self._pictures, self._places = pictures, places
        self.shape = (len(places), *pictures.shape[1:])
        self.ndim, self.dtype = pictures.ndim, pictures.dtype

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, rows: np.ndarray | int | slice) -> np.ndarray:
        found: np.ndarray = self._pictures[self._places[rows]]
        return found


def lessons(windows: MelWindows, at: np.ndarray, label: np.ndarray) -> Windows:
    """What the tracks at the places `at`, int (k,) ascending, teach. label: int (tracks,), of all tracks."""
    chosen = windows.only(at)
    track = np.repeat(np.arange(len(at)), chosen.counts)
    return Windows(cast(np.ndarray, Rows(chosen.pictures, chosen.places)), track, label[at])


def adapt(
    start: Network | None,
    windows: Windows,
    config: TrainingConfig,
    minutes: float,
    folder: Path,
    monitor: Monitor,
    device: torch.device,
) -> TrainedEncoder:
    """Teaches `start`, or a new network where it is None, for about so many minutes.

    minutes: by what the first pace lets expect; 0 for no limit. Fewer passes are made where they would take longer, and
             then, over fewer tracks. The plan stands in `folder`, so that a run that was killed goes on with it.
    raises:  as `train_encoder`
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    plan = _planned(start, windows, config, minutes, folder, monitor, device)
    chosen = windows if plan.tracks >= len(windows.label) else _fewer(windows, plan.tracks, config.seed)
    planned = replace(config, epochs=plan.epochs)
    within = 60 * minutes if minutes else None  # a computer may become slower than it was when the plan was made
    return train_encoder(chosen.mels, chosen.track, chosen.label, planned, folder, monitor, device, start, within)


@dataclass(frozen=True)
class Plan:
    epochs: int
    tracks: int
    track_s: float = 0.0  # measured: seconds for one track in one pass


def fitting(config: TrainingConfig, tracks: int, track_s: float, minutes: float) -> Plan:
    """How many passes over how many tracks fit into the minutes."""
    if not minutes or not track_s:
        return Plan(config.epochs, tracks, track_s)
    visits = 60 * minutes / track_s
    epochs = int(np.clip(visits / tracks, min(LEAST_EPOCHS, config.epochs), config.epochs))
    return Plan(epochs, max(min(tracks, LEAST_TRACKS), min(tracks, int(visits / epochs))), track_s)


def _planned(
    start: Network | None,
    windows: Windows,
    config: TrainingConfig,
    minutes: float,
    folder: Path,
    monitor: Monitor,
    device: torch.device,
) -> Plan:
    belongs = f"{windows.fingerprint()} {minutes} {config}"
    try:
        kept = json.loads((folder / PLAN).read_text("utf-8"))
        if kept["belongs"] == belongs:
            return Plan(int(kept["epochs"]), int(kept["tracks"]), float(kept["track_s"]))
    except FileNotFoundError:
        pass
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.info("the plan of the last teaching cannot be read (%s); it is made anew", error)
    pace = _pace(start, windows, config, folder / "pace", monitor, device) if minutes else 0.0
    plan = fitting(config, len(windows.label), pace, minutes)
    told = {"belongs": belongs, "epochs": plan.epochs, "tracks": plan.tracks, "track_s": plan.track_s}
    write_text(folder / PLAN, json.dumps(told))
    return plan


@dataclass
class _Clock(Silent):
    """Notes when each epoch ended."""

    times: list[float] = field(default_factory=list)
    monitor: Monitor = field(default_factory=Silent)

    def report(self, done: int, total: int | None, message: str = "") -> None:
        self.times.append(time.monotonic())

    def check(self) -> None:
        self.monitor.check()


def _pace(
    start: Network | None,
    windows: Windows,
    config: TrainingConfig,
    folder: Path,
    monitor: Monitor,
    device: torch.device,
) -> float:
    """Seconds that one track takes in one pass; two passes over a few are made for it, the second counts."""
    monitor.report(0, None, "Measuring how fast it learns here")
    few = _fewer(windows, PROBE, config.seed)
    clock = _Clock(monitor=monitor)
    try:
        train_encoder(few.mels, few.track, few.label, replace(config, epochs=2), folder, clock, device, start)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return (clock.times[1] - clock.times[0]) / len(few.label)


def _fewer(windows: Windows, tracks: int, seed: int) -> Windows:
    """About so many of the tracks: whole groups, drawn by chance."""
    count = len(windows.label)
    group = np.where(windows.label < 0, windows.label.max(initial=-1) + 1 + np.arange(count), windows.label)
    order = np.random.default_rng(seed).permutation(int(group.max()) + 1)[group]
    kept = np.sort(np.argsort(order, kind="stable")[:tracks])
    new = np.full(count, -1, np.int64)
    new[kept] = np.arange(len(kept))
    rows = np.flatnonzero(new[windows.track] >= 0)
    mels = cast(np.ndarray, Rows(windows.mels, rows))
    return Windows(mels, new[windows.track[rows]], windows.label[kept])
