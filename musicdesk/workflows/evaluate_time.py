"""The trained models on the person's own history, cut by time, as an evaluation that is kept like the others."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from musicdesk.core.changes import Changes
from musicdesk.core.errors import MusicdeskError
from musicdesk.core.progress import Monitor
from musicdesk.evaluation.own_history import DAY_S
from musicdesk.recommenders.registry import models
from musicdesk.reports.plots import bars
from musicdesk.reports.report import Cell, Entry, Origin, Report, Table
from musicdesk.reports.write import write_report
from musicdesk.workflows.evaluated import Evaluated, origin_of
from musicdesk.workflows.genre_report import genre_parts
from musicdesk.workflows.listening_test import propose
from musicdesk.workflows.own_history import evaluate_by_time
from musicdesk.workflows.reports import folder_of
from musicdesk.workflows.training_data import training_data

if TYPE_CHECKING:
    from musicdesk.core.types import PlaylistId
    from musicdesk.workflows.desk import Desk

QUESTIONS = {
    "discovery": "First plays: what was never played before",
    "relistening": "Re-listening: what had been played before",
}
METRICS = ("auc", "recall@10", "recall@20")


def over_time(
    desk: Desk, runs: Sequence[int], seed: int, out: Path | None, monitor: Monitor, days: float = 0.0
) -> Evaluated:
    """First plays and re-listening after each cut; `models` and `controls` tell of first plays.

    runs: none for the newest run of every model that can be read
    days: 0 for five cuts; else the last days of the history are what is asked for, and what would have been
        recommended before them is put into a list to be judged (`listening_test`)
    raises: NotFound, NotReady
    """
    begun = time.monotonic()
    notes: list[str] = []
    chosen = list(runs) or _usable(desk, notes)
    found = evaluate_by_time(desk, chosen, seed, monitor, days)
    test = _propose(desk, runs, days, seed, notes) if days else None
    first = found["discovery"]
    told = {name: {"metrics": _metrics(values), "lists": {}} for name, values in first.items()}
    ours = [name for name, values in first.items() if not values["control"]]
    best = max(ours, key=lambda name: told[name]["metrics"]["auc"]["mean"] or 0.0)
    gaps = {name: first[name]["gap"] for name in ours if "gap" in first[name]}
    result = Evaluated(
        "",
        "time",
        seed,
        1,
        int(next(iter(first.values()))["held_out"]),
        len(desk.vectors()),
        {name: {**told[name], "relistening": _metrics(found["relistening"][name])} for name in ours},
        {name: told[name] for name in first if name not in ours},
        {
            f"{name} less {gap['against']}": {
                "mean": gap["auc"],
                **_limits(gap["interval"]),
                "p": gap["p"],
            }
            for name, gap in gaps.items()
        },
        best,
        notes,
        round(time.monotonic() - begun, 2),
        "",
        [],
        None if test is None else int(test),
        Changes.REPORTS if test is None else Changes.REPORTS | Changes.PLAYLISTS,
    )
    files = write_report(_report(desk, found, result, days), out or folder_of(desk, "evaluate"))
    return replace(
        result, report=str(files.html), files=[str(path) for path in (files.html, files.markdown, *files.plots)]
    )


def _propose(desk: Desk, runs: Sequence[int], days: float, seed: int, notes: list[str]) -> PlaylistId | None:
    """The list to judge, by the first of the runs or the model in use; why there is none is noted."""
    until = float(desk.catalog.listens.timed()[1][-1]) - days * DAY_S
    try:
        made = propose(desk, str(runs[0]) if runs else "", until, days, seed)
    except MusicdeskError as error:
        notes.append(f"There is no list to judge: {error}")
        return None
    notes.append(
        f"'{made.name}' waits among the playlists: {len(made.picks)} tracks that a model, popularity and chance would"
        " have recommended that day, shuffled. Say what you think of each, and the report on what you said of the lists"
        " tells who was right."
    )
    return made.id


def _usable(desk: Desk, notes: list[str]) -> list[int]:
    """The newest run of each model, of those that can be read; why another could not is noted."""
    found: dict[str, int] = {}
    for run in desk.catalog.runs.all():
        if run.model in found:
            continue
        try:
            models()[run.model].load(desk.profile.models / run.folder, training_data(desk, run.crowd))
        except MusicdeskError as error:
            notes.append(f"Run {run.id} ({run.model}) was left out: {error}")
        else:
            found[run.model] = int(run.id)
    return list(found.values())


def _metrics(values: Mapping[str, Any]) -> dict[str, dict[str, float | None]]:
    return {
        name: {
            "mean": values[name],
            **_limits(values[f"{name}_interval"]),
        }
        for name in METRICS
    }


def _limits(interval: Sequence[float] | None) -> dict[str, float | None]:
    return dict(zip(("low", "high"), interval or (None, None), strict=True))


def _report(desk: Desk, found: Mapping[str, Any], result: Evaluated, days: float) -> Report:
    origin = origin_of(desk)
    cut = (
        f"the last {days:.0f} days kept back: what was played in them is asked for"
        if days
        else f"cut {found['folds']} times: each time what came next is asked for"
    )
    note = (
        f"Your own {found['plays']:,} plays, {cut}, among all tracks that were not played before; recall divides by the"
        f" smaller of k and what is asked for. Seed {result.seed}."
    )
    parts: list[Any] = [_table(title, found[question], note, origin) for question, title in QUESTIONS.items()]
    gaps = tuple(
        (name, Cell(gap["mean"], origin, gap["low"], gap["high"]), Cell(gap["p"], origin, digits=4))
        for name, gap in result.differences.items()
    )
    if gaps:
        against = "Paired, weeks drawn whole; p of there being no difference, for all models at once."
        parts.append(Table("First plays: AUC against the best control", ("model", "difference", "p"), gaps, against))
    aucs = {
        name: (values["metrics"]["auc"]["mean"], values["metrics"]["auc"]["low"], values["metrics"]["auc"]["high"])
        for name, values in {**result.models, **result.controls}.items()
        if values["metrics"]["auc"]["mean"] is not None
    }
    if aucs:
        parts.append(bars("auc", "First plays: AUC with 95 % intervals; the line is chance", aucs, "AUC", chance=0.5))
    parts += genre_parts(desk, origin)
    return Report("Your models compared", tuple(result.notes), tuple(parts))


def _table(title: str, figures: Mapping[str, Any], note: str, origin: Origin) -> Table:
    rows: list[tuple[Entry, ...]] = []
    for name, values in figures.items():
        told = f"{name} (control)" if values["control"] else name
        cells = (values[metric] for metric in METRICS)
        limits = (values[f"{metric}_interval"] or (None, None) for metric in METRICS)
        rows.append(
            (
                told,
                *("–" if cell is None else Cell(cell, origin, *ends) for cell, ends in zip(cells, limits, strict=True)),
            )
        )
    return Table(title, ("model", *METRICS), tuple(rows), note)
