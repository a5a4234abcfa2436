"""What the Models page says about encoders, without Qt: a line of the list each, and its facts in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from musicdesk.gui import words
from musicdesk.gui.pages.evaluation_state import Heading

MARK = "encoder "  # before an encoder's name, where models have theirs
HEADING = Heading("What hears your music")


@dataclass(frozen=True)
class EncoderLine:
    """An encoder of the list at the left; `facts` as the worker told them."""

    facts: Mapping[str, Any]

    @property
    def name(self) -> str:
        return MARK + self.encoder

    @property
    def encoder(self) -> str:
        return str(self.facts["name"])

    @property
    def title(self) -> str:
        return self.encoder

    @property
    def in_use(self) -> bool:
        return bool(self.facts["state"] == "in use")

    @property
    def trouble(self) -> str:
        return str(self.facts["why_not"])

    @property
    def removable(self) -> bool:
        return bool(self.facts["own"]) and not self.in_use

    @property
    def state(self) -> str:
        if self.in_use:
            return "in use"
        if self.facts["state"] == "coming":
            return f"comes to use · {self.facts['waiting']:,} tracks to hear"
        if self.trouble:
            return "cannot be used"
        return f"{self.origin} · {words.count(self.facts['tracks'], 'track')} heard"

    @property
    def origin(self) -> str:
        if not self.facts["own"]:
            return "comes with musicdesk"
        return "taught here" if self.facts["taught"] else "brought by you"

    @property
    def sign(self) -> tuple[str, str]:
        if self.in_use:
            return "check-circle", "like"
        if self.facts["state"] == "coming":
            return "circle-notch", "accent"
        if self.trouble:
            return "circle-dashed", "secondary"
        return ("circles-three", "accent") if self.facts["tracks"] else ("circle", "secondary")

    @property
    def heard(self) -> str:
        """'812 of 942 tracks heard'."""
        tracks, waiting = self.facts["tracks"], self.facts["waiting"]
        return f"{tracks:,} of {words.count(tracks + waiting, 'track')} heard"

    @property
    def about(self) -> str:
        return f"{self.origin.capitalize()}, {self.state}." if self.in_use else f"{self.origin.capitalize()}."

    def rows(self) -> list[tuple[str, str]]:
        """(what, its value) for the card."""
        facts = self.facts
        found = [("Library", self.heard)]
        if facts["dim"]:
            found.append(("Describes a track by", words.count(facts["dim"], "number")))
        for what, key in (("Licence", "licence"), ("From", "source")):
            if facts[key]:
                found.append((what, str(facts[key])))
        return found


def lines(told: Mapping[str, Any]) -> list[EncoderLine]:
    """From what the worker answered."""
    return [EncoderLine(facts) for facts in told.get("encoders", ())]


def in_use(found: Sequence[EncoderLine]) -> str:
    """The name of the line of the encoder in use, ''."""
    return next((line.name for line in found if line.in_use), "")


def chosen_line(found: Sequence[EncoderLine], name: str) -> EncoderLine | None:
    return next((line for line in found if line.name == name), None)
