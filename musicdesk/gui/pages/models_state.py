"""What the Models page knows, without Qt: figures in words, settings as typed, two runs side by side."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from musicdesk.catalog.runs import Run
from musicdesk.gui import words

FIRST = ("recall@20", "auc", "accuracy")  # what a run is known by, the first of these that was measured


@dataclass(frozen=True)
class Offer:
    """A model of the list at the left."""

    name: str
    title: str
    about: str
    why_not: str
    needs_crowd: bool
    runs: int
    in_use: bool

    @property
    def state(self) -> str:
        """One short line under the title: several titles may begin alike, names do not."""
        if self.in_use:
            told = "in use"
        elif self.runs:
            told = words.count(self.runs, "trained run")
        else:
            told = "not ready yet" if self.why_not else "ready to learn"
        return f"{self.name} · {told}"

    @property
    def sign(self) -> tuple[str, str]:
        """An icon's name and its colour's: the same as `state`, without words."""
        if self.in_use:
            return "check-circle", "like"
        if self.runs:
            return "circles-three", "accent"
        return ("circle-dashed" if self.why_not else "circle"), "secondary"


def named_figures(metrics: Mapping[str, Any]) -> list[str]:
    """The measured figures that have an interval, the one a run is known by first.

    Recall on the own library is left out of runs in which what was hidden did not compete with each other, as it does
    now: it was far higher.
    """
    found = [name for name in metrics if f"{name}_interval" in metrics and metrics[name] is not None]
    if "listeners" not in metrics and "competing" not in metrics:
        found = [name for name in found if not name.startswith("recall@")]
    return sorted(found, key=lambda name: (FIRST.index(name) if name in FIRST else len(FIRST), found.index(name)))


def figure(metrics: Mapping[str, Any], name: str) -> str:
    """'.312 (.305 to .319)'."""
    low, high = metrics[f"{name}_interval"] or (None, None)
    value = f"{metrics[name]:.3f}"
    return value if low is None or high is None else f"{value} ({low:.3f} to {high:.3f})"


def headline(run: Run) -> str:
    """'recall@20 0.312', or why nothing was measured."""
    names = named_figures(run.metrics)
    if names:
        return f"{names[0]} {run.metrics[names[0]]:.3f}"
    return str(run.metrics.get("note") or "not measured")


def control(run: Run) -> str:
    """What the controls reach in the figure a run is known by: 'popularity 0.021, random 0.001'."""
    names = named_figures(run.metrics)
    controls = run.metrics.get("controls") or {}
    if not names:
        return ""
    told = [f"{who} {values[names[0]]:.3f}" for who, values in controls.items() if values.get(names[0]) is not None]
    return ", ".join(told)


def learned_from(run: Run) -> str:
    return f"Crowd {run.crowd}" if run.crowd else "Your library"


def run_row(run: Run, fighting: Collection[int] = (), lost: bool = False) -> tuple[str, ...]:
    """The cells of the table of runs. fighting: those in a duel; lost: whether the one in use cannot be used"""
    state = ["Cannot be used" if lost else "In use"] if run.active else []
    state += ["In a duel"] if run.id in fighting else []
    return (
        str(run.id),
        headline(run),
        words.when(run.made_at),
        words.long_length(run.seconds),
        " · ".join(state),
    )


COLUMNS = ("Run", "On what was hidden", "Learned", "Took", "")


def side_by_side(one: Run, other: Run) -> list[tuple[str, str, str]]:
    """(what, one, other): figures first, then the settings in which they differ."""
    rows = []
    for name in dict.fromkeys([*named_figures(one.metrics), *named_figures(other.metrics)]):
        cells = [figure(r.metrics, name) if r.metrics.get(name) is not None else words.DASH for r in (one, other)]
        rows.append((name, *cells))
    facts = (("Model", "model"), ("Seed", "seed"), ("Crowd", "crowd"), ("Took", "seconds"))
    for title, attribute in facts:
        rows.append((title, *(_cell(attribute, getattr(run, attribute)) for run in (one, other))))
    for name in dict.fromkeys([*one.parameters, *other.parameters]):
        cells = [str(run.parameters.get(name, words.DASH)) for run in (one, other)]
        if cells[0] != cells[1]:
            rows.append((name, *cells))
    return [(what, first, second) for what, first, second in rows]


def _cell(attribute: str, value: Any) -> str:
    return words.long_length(value) if attribute == "seconds" else str(value or words.DASH)


def changed_settings(defaults: Mapping[str, Any], typed: Mapping[str, str]) -> dict[str, str]:
    """The settings that were typed and are not the defaults, as text: the model itself reads them."""
    return {
        name: text.strip()
        for name, text in typed.items()
        if text.strip() and text.strip() != setting_text(defaults[name])
    }


def setting_text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def heading(offers: Sequence[Offer], runs: Sequence[Run], lost: bool = False) -> str:
    """The subtitle of the page. lost: the run in use cannot be used any more, and another model stands for it"""
    active = next((run for run in runs if run.active), None)
    ready = sum(not offer.why_not for offer in offers)
    stands = "cannot be used any more; train it again" if lost else "is in use"
    use = f"run {active.id} ({active.model}) {stands}" if active else "no trained model is in use yet"
    return f"{words.count(len(offers), 'model')}, {ready} ready to learn · {use}"


def ladder_line(ladder: Mapping[str, str]) -> str:
    """What recommends now, and what would lift it; '' before that is known."""
    return " ".join(part for part in (ladder.get("sentence", ""), ladder.get("lift", "")) if part)
