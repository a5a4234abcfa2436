"""Lists for the listeners of a crowd, in one file: `user<TAB>song<TAB>score`, best first, nothing already played."""

from __future__ import annotations

import gzip
import time
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO, cast

import numpy as np

from musicdesk.core.changes import Changes
from musicdesk.core.errors import NotFound, Unusable
from musicdesk.core.files import place_for, replacing
from musicdesk.core.progress import Monitor
from musicdesk.core.rows import places
from musicdesk.core.types import RunId
from musicdesk.evaluation.metrics import top
from musicdesk.history.crowd_listeners import listeners_in
from musicdesk.recommenders.base import CrowdFitted, TrainingData
from musicdesk.recommenders.registry import models
from musicdesk.workflows.import_crowd import matrix
from musicdesk.workflows.taste import numbered, of_crowd, read_run
from musicdesk.workflows.train import train
from musicdesk.workflows.training_data import training_data

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

    from musicdesk.catalog.runs import Run
    from musicdesk.workflows.desk import Desk

EVERYBODY = "all"
DEFAULT = "blend"
# The model of the same name for one listener knows sound and artists; of a crowd's listeners there are only plays.
FOR_CROWDS = {"blend": "crowd_blend"}
CELLS = 25_000_000  # scores that are in memory at once
NAMED = 5  # unknown listeners whose names are told


@dataclass(frozen=True)
class Batch:
    """listeners: how many have a list; unknown: how many were asked for and are not in the crowd; `examples` of them

    seed, learned: of the run that was used, and whether it learned for these lists or was there before
    """

    crowd: str
    model: str
    run: int
    seed: int
    learned: bool
    listeners: int
    rows: int
    unknown: int
    examples: list[str]
    out: str
    seconds: float
    changes: Changes = field(default=Changes.RUNS)


def recommend_crowd(
    desk: Desk, crowd: str, listeners: str, n: int, model: str, out: Path, seed: int | None, monitor: Monitor
) -> Batch:
    """Writes the lists; a reader of `out` sees the old file or the whole new one.

    listeners: `all`, or a file with a name on each line, or of triplets, with tabs or as CSV
    model:     '' for the blend; a run of it that learned from the crowd is used, else it learns now, and is kept.
               The number of a run: that one and no other
    seed:      0 to 2**32 - 1, of the run; None for whichever there is
    raises:    NotFound for an unknown crowd, model, file, or when no listener is known; Unusable, NotReady, Cancelled
    """
    if n < 1:
        raise Unusable("A list needs at least one song.")
    out = place_for(out, desk.profile)
    begun = time.monotonic()
    one = numbered(desk, model)
    name = one.model if one else FOR_CROWDS.get(model or DEFAULT, model or DEFAULT)
    models()[name]
    kept = matrix(desk, desk.catalog.crowds.get(crowd))
    rows, unknown = _asked(listeners, kept.listeners)
    data = training_data(desk, crowd)
    run, learned, fitted = _fitted(desk, one or name, crowd, data, seed, monitor.part(0.7))
    assert data.crowd is not None
    with replacing(out, mode=0o644) as stream:
        written = _write(stream, fitted, data.crowd.plays, rows, (kept.listeners, kept.songs), n, monitor.part(0.3))
    return Batch(
        crowd,
        name,
        int(run.id),
        run.seed,
        learned,
        len(rows),
        written,
        len(unknown),
        unknown[:NAMED],
        str(out),
        round(time.monotonic() - begun, 2),
    )


def _asked(listeners: str, known: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """Rows int64 of the listeners asked for, in their order, each once; and the names that are not in the crowd."""
    if listeners == EVERYBODY:
        return np.arange(len(known)), []
    if not listeners:
        raise Unusable("The file with listeners has no name; 'all' stands for everybody.")
    path = Path(listeners)
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
            names = list(dict.fromkeys(listeners_in(cast(BinaryIO, stream))))
    except FileNotFoundError as error:
        raise NotFound(f"There is no file {path} with listeners; 'all' stands for everybody.") from error
    except (OSError, EOFError, zlib.error) as error:
        raise Unusable(f"The listeners in {path} cannot be read ({error}).") from error
    width = known.dtype.itemsize + 1  # a longer name is none of theirs
    wanted = np.array([name[:width] for name in names], f"S{width}")
    at = places(known, wanted)
    there = at >= 0
    if not there.any():
        raise NotFound(f"None of the {len(names):,} listeners in {path} is in this crowd.")
    return at[there], [names[i].decode("utf-8", "replace") for i in np.flatnonzero(~there)]


def _fitted(
    desk: Desk, meant: Run | str, crowd: str, data: TrainingData, seed: int | None, monitor: Monitor
) -> tuple[Run, bool, CrowdFitted]:
    """The run that is meant, or of a model the newest on this crowd, with this seed, that can be read, or a new one;
    and whether it is."""
    if not isinstance(meant, str):
        return meant, False, _named(desk, meant, data, crowd, seed)
    for run in desk.catalog.runs.all():
        if run.model == meant and run.crowd == crowd and seed in (None, run.seed):
            try:
                return run, False, _speaking(desk, run, data)
            except Unusable:
                continue
    trained = train(desk, meant, {}, seed or 0, monitor, crowd, measure=False)
    run = desk.catalog.runs.get(RunId(trained.run))
    return run, True, _speaking(desk, run, data)


def _named(desk: Desk, run: Run, data: TrainingData, crowd: str, seed: int | None) -> CrowdFitted:
    """The run that a person has named by its number. Raises Unusable where it is not what was asked for."""
    of_crowd(run, crowd)
    if seed not in (None, run.seed):
        raise Unusable(f"Run {run.id} ({run.model}) has learned with the seed {run.seed}, not {seed}.")
    return _speaking(desk, run, data)


def _speaking(desk: Desk, run: Run, data: TrainingData) -> CrowdFitted:
    fitted = read_run(desk, run, data)
    if not isinstance(fitted, CrowdFitted):
        raise Unusable(f"The model '{run.model}' speaks to the owner of a library, not to the listeners of a crowd.")
    return fitted


def _write(
    stream: IO[bytes],
    fitted: CrowdFitted,
    plays: csr_matrix,
    rows: np.ndarray,
    names: tuple[np.ndarray, np.ndarray],
    n: int,
    monitor: Monitor,
) -> int:
    """names: of the crowd's listeners and songs; returns how many lines were written."""
    listeners, songs = (part.tolist() for part in names)
    n = min(n, len(songs))
    block = max(1, CELLS // max(1, plays.shape[1]))
    written = 0
    for start in range(0, len(rows), block):
        monitor.check()
        monitor.report(start, len(rows), "Making lists")
        some = rows[start : start + block]
        seen = plays[some]
        scores = fitted.score_crowd(seen, some)
        best = top(scores, n, seen)
        values = np.take_along_axis(scores, np.maximum(best, 0), axis=1)
        lines = [
            b"%s\t%s\t%.6g\n" % (listeners[row], songs[song], value)
            for row, found, told in zip(some.tolist(), best.tolist(), values.tolist(), strict=True)
            for song, value in zip(found, told, strict=True)
            if song >= 0
        ]
        stream.write(b"".join(lines))
        written += len(lines)
    return written
