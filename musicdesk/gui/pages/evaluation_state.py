"""What the Evaluation page knows, without Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from musicdesk.gui import words
from musicdesk.reports.kept import Kept

MODELS = "evaluate"  # the report in which the person's own models are compared
FEEDBACK, DUEL = "feedback", "duel"
STUDY_JOB = "reproduce"
MINE = ""  # the crowd's name when the person's own history is what is hidden

SPLITS = (
    ("listeners", "Songs of listeners it has not met"),
    ("items", "Some plays of every listener"),
    ("cold-items", "Songs that nobody has played yet"),
)
WINDOWS = (  # days at the end of the own history that are asked for; 0: five stretches one after the other
    (0, "What came after five moments"),
    (30, "The last month"),
    (90, "The last three months"),
    (180, "The last half year"),
    (365, "The last year"),
)


@dataclass(frozen=True)
class Heading:
    """A line of the list at the left that says what the lines below it are."""

    title: str
    name: str = ""
    state: str = ""
    sign: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class Topic:
    """A line of the list at the left: something about the person's own lists, or a published study.

    title: short, for the list; whole: as the page's heading has it; job: what makes its report, '' for none
    """

    name: str
    title: str
    text: str
    needs: str = ""
    library: bool = True  # can do without data that the person names
    settings: Mapping[str, Any] = field(default_factory=dict)
    kept: Kept | None = None
    whole: str = ""
    job: str = STUDY_JOB
    icon: str = ""
    action: str = "Measure"
    note: str = ""  # its state where that is not a report

    @property
    def state(self) -> str:
        if self.note or not self.job:
            return self.note
        return f"Report of {words.when(self.kept.made_at)}" if self.kept else "No report yet"

    @property
    def sign(self) -> tuple[str, str]:
        if self.icon:
            return self.icon, "accent" if self.kept or self.note else "secondary"
        return ("article", "accent") if self.kept else ("circle-dashed", "secondary")

    @property
    def is_study(self) -> bool:
        return self.job == STUDY_JOB


OWN = (
    Topic(
        *(MODELS, "Your models compared"),
        "Every model is asked about plays that were hidden from it, beside popularity and chance, which saw the same.",
        job="evaluate",
        icon="scales",
    ),
    Topic(
        *(FEEDBACK, "What you said of the lists"),
        "Likes, skips and plays to the end of what the models have shown you, and what their lists were like.",
        job="feedback-report",
        icon="chat-circle-text",
        action="Make the report",
    ),
    Topic(
        *(DUEL, "Duels"),
        "Two models make every “For you” together, and you do not see whose track is whose. What you like, hear to the "
        "end or skip decides, and at the end you are told.",
        job="",
        icon="sword",
    ),
)
SHORT = {  # of studies' titles, for the list
    "recommendation": "Recommending from sound",
    "autoencoder": "Autoencoder",
    "kkbox": "Coming back on KKBox",
    "features": "Measures that matter",
    "similarity": "Alike by words, by sound",
    "profile-removal": "Removed and found again",
    "tagging": "Telling tags from vectors",
    "content-aware": "Sound as the prior",
}


def topics(studies: Sequence[Mapping[str, Any]], kept: Sequence[Kept], notes: Mapping[str, str]) -> list[Topic]:
    """What is about the person first, then the studies in their order, each with its newest report.

    notes: the state of topics that have no report, by name
    """
    by_name = {report.name: report for report in kept}
    found = [replace(own, kept=by_name.get(own.name), note=notes.get(own.name, "")) for own in OWN]
    for study in studies:
        name, title = str(study["study"]), str(study["title"])
        text, needs, library = str(study["source"]), str(study["needs"]), bool(study.get("library", False))
        known = by_name.get(name)
        found.append(Topic(name, SHORT.get(name, title), text, needs, library, study["settings"], known, title))
    return found


def grouped(found: Sequence[Topic]) -> list[Topic | Heading]:
    """The lines of the list, under headings."""
    own = [topic for topic in found if not topic.is_study]
    return [Heading("About your lists"), *own, Heading("Published studies"), *(t for t in found if t.is_study)]


def crowd_choices(crowds: Sequence[str]) -> list[tuple[str, str]]:
    """(name, text) of what can be hidden and asked for; the own history first."""
    return [(MINE, "Your own history, by time"), *((name, f"The crowd {name}") for name in crowds)]


def evaluation_request(crowd: str, split: str, days: float = 0.0) -> dict[str, Any]:
    """What the job `evaluate` is asked: all usable runs are compared. `days`: of the own history's window."""
    return {"runs": [], "crowd": crowd, "split": split if crowd else "time", "days": 0.0 if crowd else days}


def heading(found: Sequence[Topic]) -> str:
    done = sum(topic.kept is not None for topic in found)
    return f"How good your models are, and published studies · {words.count(done, 'report')}"
