"""The golden set: pinned expectations that score every model, and keep a worse one from being put to use by itself."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from musicdesk.core.changes import Changes
from musicdesk.core.errors import NotFound, NotReady, Unusable
from musicdesk.core.progress import Monitor
from musicdesk.core.types import Listener, TrackId
from musicdesk.evaluation import golden
from musicdesk.recommenders.base import SEEDS, Fitted
from musicdesk.workflows.desk import at_one_moment
from musicdesk.workflows.taste import Standing, standing

if TYPE_CHECKING:
    from musicdesk.catalog.golden import Expectation
    from musicdesk.catalog.runs import Run
    from musicdesk.workflows.desk import Desk

KINDS = ("in", "out", "above", "near")
MOST = 500  # expectations
PAIRS = ("above", "near")  # kinds that are about two tracks


@dataclass(frozen=True)
class Line:
    """An expectation in words. met: by the model that was asked, None where a track of it was not heard yet."""

    number: int
    kind: str
    track: int
    other: int | None
    text: str
    met: bool | None = None


@dataclass(frozen=True)
class Score:
    """How many of the expectations that could be asked were met; `pinned` tells which set it was."""

    met: int
    of: int
    pinned: str

    def told(self) -> str:
        """'5 of 6'."""
        return f"{self.met} of {self.of}"


@dataclass(frozen=True)
class Checked:
    """model, run: who recommends now; lines: what it does; runs: every run that can be asked, the newest first"""

    model: str
    run: int | None
    met: int
    of: int
    lines: list[dict[str, Any]]
    runs: list[dict[str, Any]]
    changes: Changes = field(default=Changes.RUNS)


def expect(desk: Desk, kind: str, track: TrackId, other: TrackId | None = None) -> Line:
    """Pins an expectation; what it contradicts goes. Raises Unusable."""
    if kind not in KINDS:
        raise Unusable(f"An expectation is one of {', '.join(KINDS)}.")
    if (other is None) == (kind in PAIRS):
        raise Unusable(f"'{kind}' is about {'two tracks' if kind in PAIRS else 'one track'}.")
    if track == other:
        raise Unusable("A track can't be expected above or near itself.")
    if len(desk.catalog.golden.all()) >= MOST:
        raise Unusable(f"There are {MOST} expectations; remove some first.")
    return lines(desk, [desk.catalog.golden.add(kind, track, other)])[0]


def remove(desk: Desk, number: int) -> None:
    """Raises NotFound."""
    desk.catalog.golden.remove(number)


def lines(desk: Desk, expected: Sequence[Expectation], met: Sequence[bool | None] = ()) -> list[Line]:
    wanted = list(dict.fromkeys(t for one in expected for t in (one.track, one.other) if t is not None))
    titles = {track.id: track.tags.title or "A track" for track in desk.catalog.tracks.get_many(wanted)}
    known = met or [None] * len(expected)
    return [
        Line(one.id, one.kind, int(one.track), None if one.other is None else int(one.other), _text(one, titles), did)
        for one, did in zip(expected, known, strict=True)
    ]


def _text(one: Expectation, titles: dict[TrackId, str]) -> str:
    name = f"“{titles[one.track]}”"
    if one.other is None:
        return f"{name} {'among the first' if one.kind == 'in' else 'not among the first'} for you"
    return f"{name} {'above' if one.kind == 'above' else 'near'} “{titles[one.other]}”"


@at_one_moment
def met(desk: Desk, fitted: Fitted, expected: Sequence[Expectation]) -> list[bool | None]:
    """Whether the model does what is expected; None where a track of it has no vector.

    Asked of all tracks that were heard, by the model's scores alone: rules and what was shown lately play no part.
    """
    ids = desk.vectors().ids
    rows = {int(track): at for at, track in enumerate(ids.tolist())}
    mine = fitted.score(desk.catalog.feedback.listener(), ids) if len(ids) else np.empty(0, np.float32)
    by_seed: dict[TrackId, np.ndarray] = {}
    found: list[bool | None] = []
    for one in expected:
        row, other = rows.get(int(one.track)), rows.get(int(one.other)) if one.other is not None else None
        if row is None or (one.other is not None and other is None):
            found.append(None)
        elif one.other is None or other is None:
            found.append((golden.among_first if one.kind == "in" else golden.out_of_first)(mine, row))
        elif one.kind == "above":
            found.append(golden.above(mine, row, other))
        else:
            if one.other not in by_seed:
                by_seed[one.other] = fitted.score(Listener(SEEDS, liked={one.other: 1.0}), ids)
            found.append(golden.near(by_seed[one.other], row, other))
    return found


def score(desk: Desk, fitted: Fitted) -> Score | None:
    """None where nothing is expected, or nothing of it was heard yet."""
    expected = desk.catalog.golden.all()
    return scored(expected, met(desk, fitted, expected)) if expected else None


def scored(expected: Sequence[Expectation], did: Sequence[bool | None]) -> Score | None:
    asked = [one for one in did if one is not None]
    return Score(sum(asked), len(asked), stamp(expected)) if asked else None


def stamp(expected: Sequence[Expectation]) -> str:
    """Changes with the set, so that figures of another set are not taken for this one's; '' for no expectations."""
    if not expected:
        return ""
    whole = repr([(one.kind, int(one.track), int(one.other or 0)) for one in expected])
    return hashlib.sha256(whole.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Verdict:
    """What is expected, of a model that was just trained (`mine`) and of the one that recommends now."""

    mine: Score
    now: Score

    @property
    def worse(self) -> bool:
        return self.mine.met < self.now.met

    def sentence(self, used: bool) -> str:
        told = f"It meets {self.mine.told()} expectations, what recommended until now {self.now.met}"
        if self.worse:
            return f"{told}: it is not put to use by itself."
        return f"{told}: it is in use." if used else f"{told}."


def verdict(desk: Desk, fitted: Fitted) -> Verdict | None:
    """Both on the same expectations; None where none of them can be asked."""
    mine = score(desk, fitted)
    now = score(desk, standing(desk).fitted) if mine is not None else None
    return Verdict(mine, now) if mine is not None and now is not None else None


def known_score(run: Run, pinned: str) -> Score | None:
    """What was counted for a run on the set as it is now; `pinned` is that set's stamp."""
    told = run.metrics.get("golden")
    return Score(**told) if told and pinned and told["pinned"] == pinned else None


def check(desk: Desk, monitor: Monitor) -> Checked:
    """Asks the model that recommends now, and every run; what they reach is kept with the runs.

    raises: NotFound when nothing is expected, NotReady when no track was heard yet
    """
    expected = desk.catalog.golden.all()
    if not expected:
        raise NotFound("Nothing is expected yet: musicdesk golden add in TRACK.")
    now = standing(desk)
    did = met(desk, now.fitted, expected)
    mine = scored(expected, did) or Score(0, 0, stamp(expected))
    told = []
    runs = desk.catalog.runs.all()
    for at, run in enumerate(runs):
        monitor.report(at, len(runs), "Asking every model")
        monitor.check()
        found = _of_run(desk, now, run, expected)
        if found is not None:
            desk.catalog.runs.note(run.id, {"golden": asdict(found)})
            told.append({"run": int(run.id), "model": run.model, "met": found.met, "of": found.of})
    answers = [asdict(line) for line in lines(desk, expected, did)]
    return Checked(now.model, None if now.run is None else int(now.run), mine.met, mine.of, answers, told)


def _of_run(desk: Desk, now: Standing, run: Run, expected: Sequence[Expectation]) -> Score | None:
    """None for a run that cannot be asked any more."""
    name = str(int(run.id))
    try:
        stood = now if now.run == run.id else standing(desk, name)
    except NotReady:
        return None
    desk.memo.pop(f"standing {name}", None)  # many runs need not be in memory at once
    return scored(expected, met(desk, stood.fitted, expected)) if stood.run == run.id else None
