"""The feedback report's pages: tables and plots."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from typing import TYPE_CHECKING, Any

from musicdesk.evaluation.intervals import Interval
from musicdesk.reports.plots import bars, lines
from musicdesk.reports.report import Cell, Entry, Origin, Part, Report, Table
from musicdesk.workflows.evaluated import origin_of
from musicdesk.workflows.listening_test import Test

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk

RATES = {"like_rate": "liked", "completion_rate": "heard to the end", "skip_rate": "skipped"}
KINDS = {"distance": "distance inside", "new": "never played before", "again": "shown in the week before"}
NOTE = (
    "Liked: of the tracks that were played or rated. Heard to the end (80 %) and skipped: of the tracks that were "
    "begun. Put off: not now, or not in this mix; that says nothing of the track, and counts in no share. "
    "Intervals are 95 %, lists taken as wholes: an evening's mood touches all of its tracks."
)
TRIED = (
    "Rows that were drawn, to learn whether you like what the model is not sure of. The last column counts each by the "
    "inverse of its probability: what it would be if all that could have been tried out had been."
)
FAIR = (
    "These shares compare lists of different days and moods, and whoever was asked for more got more to do. A duel "
    "puts two models into one list and is the fair comparison."
)


def pages(
    desk: Desk,
    models: Sequence[dict[str, Any]],
    over_time: Sequence[dict[str, Any]],
    duels: Sequence[dict[str, Any]],
    tests: Sequence[Test] = (),
) -> Report:
    origin = origin_of(desk)
    parts: list[Part] = [_said(models, origin), *_bars(models), FAIR] if models else []
    if any(row["tried"]["met"] for row in models):
        parts.append(_tried(models, origin))
    for test in tests:
        parts += [test.sentence] if not test.shares else [_judged(test, origin)]
    if duels:
        parts.append(_duels(duels, origin))
    parts += [*_lines(over_time), _like(models, origin)] if models else []
    return Report("What you said of the lists", (), tuple(parts))


def _judged(test: Test, origin: Origin) -> Table:
    rows: tuple[tuple[Entry, ...], ...] = tuple(
        (who, Cell(found.tracks, origin), _cell(found.liked, origin), _cell(found.played, origin))
        for who, found in test.shares.items()
    )
    note = (
        f"What each would have recommended that day, none of it played before, judged by you without knowing by whom; "
        f"and what of it you had played within the {test.days:.0f} days after. Wilson intervals, 95 %."
    )
    return Table(test.name, ("proposed by", "tracks", "liked", "played in the days after"), rows, note)


def _cell(found: Interval, origin: Origin) -> Entry:
    return "–" if isnan(found.mean) else Cell(found.mean, origin, found.low, found.high, digits=2)


def share(value: dict[str, float] | None, origin: Origin) -> Entry:
    return "–" if value is None else Cell(value["value"], origin, value["low"], value["high"], digits=2)


def _said(models: Sequence[dict[str, Any]], origin: Origin) -> Table:
    rows = tuple(
        (
            row["model"],
            *(Cell(row[name], origin) for name in ("lists", "met")),
            *(share(row[name], origin) for name in RATES),
            Cell(row["put_off"], origin),
        )
        for row in models
    )
    return Table("By model", ("model", "lists", "tracks met", *RATES.values(), "put off"), rows, NOTE)


def _tried(models: Sequence[dict[str, Any]], origin: Origin) -> Table:
    rows = tuple(
        (
            row["model"],
            Cell(row["tried"]["met"], origin),
            *(share(row["tried"][name], origin) for name in ("like_rate", "like_rate_by_propensity")),
        )
        for row in models
        if row["tried"]["met"]
    )
    heads = ("model", "tracks met", "liked", "liked, by inverse propensity")
    return Table("Tried out", heads, rows, TRIED)


def _bars(models: Sequence[dict[str, Any]]) -> list[Part]:
    plots: list[Part] = []
    for name, title in RATES.items():
        known = [(row["model"], row[name]) for row in models if row[name]]
        values = {model: (found["value"], found["low"], found["high"]) for model, found in known}
        if values:
            caption = f"Share {title}, with 95 % intervals"
            plots.append(bars(name.replace("_", "-"), caption, values, f"share {title}"))
    return plots


def _duels(duels: Sequence[dict[str, Any]], origin: Origin) -> Table:
    rows = tuple(
        (
            duel["sentence"],
            Cell(duel["decisions"], origin),
            "–" if duel["share"] is None else Cell(duel["share"], origin, duel["low"], duel["high"], digits=2),
            "–" if duel["p"] is None else Cell(duel["p"], origin),
            "–" if duel["p_by_list"] is None else Cell(duel["p_by_list"], origin),
        )
        for duel in duels
    )
    note = "Two models in one list; exact sign test at a number of decisions that was fixed before. p of no difference."
    return Table("Duels", ("duel", "decisions", "share of the first", "p", "p by whole lists"), rows, note)


def _lines(over_time: Sequence[dict[str, Any]]) -> list[Part]:
    """Shares by week or month, where there is more than one."""
    periods = sorted({row["period"] for row in over_time})
    if len(periods) < 2:
        return []
    place = {period: float(at) for at, period in enumerate(periods)}
    found: list[Part] = []
    for name, title in RATES.items():
        known = [row for row in over_time if row[name]]
        series = {
            model: (
                [place[row["period"]] for row in known if row["model"] == model],
                [row[name]["value"] for row in known if row["model"] == model],
            )
            for model in dict.fromkeys(row["model"] for row in known)
        }
        if series:
            caption = f"Share {title}, from {periods[0]} to {periods[-1]}"
            unit = "week" if "W" in periods[0] else "month"
            plot = f"{name.replace('_', '-')}-over-time"
            found.append(lines(plot, caption, series, f"{unit}s from {periods[0]}", f"share {title}"))
    return found


def _like(models: Sequence[dict[str, Any]], origin: Origin) -> Table:
    rows = tuple(
        (row["model"], *("–" if row[name] is None else Cell(row[name], origin, digits=2) for name in KINDS))
        for row in models
    )
    note = "Distance: 1 - cosine of the sound of two tracks of a list, on average. The others are shares of the tracks."
    return Table("What the lists were like", ("model", *KINDS.values()), rows, note)
