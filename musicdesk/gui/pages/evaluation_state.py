"""What the Evaluation page knows, without Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from musicdesk.gui import words
from musicdesk.reports.kept import Kept

MODELS = "evaluate"  # the report in which the person's own models are compared
OWN = ""  # the crowd's name when the person's own history is what is hidden

SPLITS = (
    ("listeners", "Songs of listeners it has not met"),
    ("items", "Some plays of every listener"),
    ("cold-items", "Songs that nobody has played yet"),
)


@dataclass(frozen=True)
class Topic:
    """A line of the list at the left: the own models, or a published study."""

    name: str
    title: str
    text: str
    needs: str = ""
    library: bool = True  # can do without data that the person names
    settings: Mapping[str, Any] = field(default_factory=dict)
    kept: Kept | None = None

    @property
    def state(self) -> str:
        return f"Report of {words.when(self.kept.made_at)}" if self.kept else "No report yet"

    @property
    def sign(self) -> tuple[str, str]:
        if self.name == MODELS:
            return "scales", "accent" if self.kept else "secondary"
        return ("article", "accent") if self.kept else ("circle-dashed", "secondary")


OWN_MODELS = Topic(
    MODELS,
    "Your models compared",
    "Every model is asked about plays that were hidden from it, beside popularity and chance, which saw the same.",
)


def topics(studies: Sequence[Mapping[str, Any]], kept: Sequence[Kept]) -> list[Topic]:
    """The own models first, then the studies in their order, each with its newest report."""
    by_name = {report.name: report for report in kept}
    found = [Topic(MODELS, OWN_MODELS.title, OWN_MODELS.text, kept=by_name.get(MODELS))]
    for study in studies:
        name = str(study["study"])
        text, needs, library = str(study["source"]), str(study["needs"]), bool(study.get("library", False))
        found.append(Topic(name, str(study["title"]), text, needs, library, study["settings"], by_name.get(name)))
    return found


def crowd_choices(crowds: Sequence[str]) -> list[tuple[str, str]]:
    """(name, text) of what can be hidden and asked for; crowds first, since an own history is often too short."""
    return [*((name, f"The crowd {name}") for name in crowds), (OWN, "Your own history, by time")]


def evaluation_request(crowd: str, split: str) -> dict[str, Any]:
    """What the job `evaluate` is asked: all usable runs are compared."""
    return {"runs": [], "crowd": crowd, "split": split if crowd else "time"}


def heading(found: Sequence[Topic]) -> str:
    done = sum(topic.kept is not None for topic in found)
    told = "How good the models are on what was hidden from them, and the published studies"
    return f"{told} · {words.count(done, 'report')}"
