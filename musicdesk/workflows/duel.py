"""Duels: two models in one list, decided by what the person does, told when it is over."""

from __future__ import annotations

import secrets
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from musicdesk.catalog.duels import Contestant, Duel
from musicdesk.core.changes import Changes
from musicdesk.core.errors import NotFound, Unusable
from musicdesk.core.types import Side, Verdict
from musicdesk.evaluation.interleaving import HORIZONS, LEVEL, Fate, Round, Tally, met, tally
from musicdesk.workflows.taste import asked, lost_run, lost_words, standing, standing_at_once

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk

USUAL = 90  # decisions
LEAST, MOST = 6, 2_000  # decisions: fewer than six can call nobody


@dataclass(frozen=True)
class Told:
    """A duel as people see it. Until it has ended nothing is told but how far it is.

    share, low, high: of the decisions that went to A, with 95 % interval; p: of A and B being alike, by rounds and by
    whole lists; winner: a, b, or '' where the difference may be chance
    """

    duel: int
    a: str
    b: str
    state: str
    horizon: int
    decisions: int
    lists: int
    sentence: str
    winner: str = ""
    wins_a: int | None = None
    wins_b: int | None = None
    ties: int | None = None
    share: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    p_by_list: float | None = None
    changes: Changes = field(default=Changes.REPORTS | Changes.RUNS)

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "changes"}


def start(desk: Desk, a: str, b: str, horizon: int = USUAL, seed: int | None = None) -> Told:
    """Begins a duel; from now on every *For you* is made by both, until `horizon` rounds are decided.

    a, b: a model's name or the number of a run, as `standing` takes them; the same twice is a check of the duel itself
    raises: Unusable when one goes on already or a run's files are; NotFound; NotReady without vectors or training
    """
    if not LEAST <= horizon <= MOST:
        raise Unusable(f"A duel takes from {LEAST} to {MOST:,} decisions.")
    if settle(desk) is not None:
        raise Unusable("A duel is going on already; let it come to its end, or stop it first.")
    one, other = contestant(desk, a), contestant(desk, b)
    coins = secrets.randbits(31) if seed is None else seed
    return told(desk, desk.catalog.duels.start(one, other, horizon, coins))


def contestant(desk: Desk, name: str) -> Contestant:
    """Raises Unusable where another model would stand for the one that is named."""
    stood = asked(desk, name)
    if stood.run is None and (run := lost_run(desk, name)):
        raise Unusable(lost_words(run))
    return Contestant(stood.model, stood.run)


def stop(desk: Desk) -> Told:
    """Ends the running duel before its horizon: no winner is called. Raises NotFound when there is none."""
    duel = settle(desk)
    if duel is None:
        raise NotFound("No duel is going on.")
    return told(desk, _end(desk, duel, "stopped", _tally(desk, duel)))


def settle(desk: Desk) -> Duel | None:
    """The duel that goes on; one that has reached its horizon is ended first, and is none any more."""
    duel = desk.catalog.duels.running()
    if duel is None:
        return None
    found = _tally(desk, duel)
    if found.decisions < duel.horizon:
        return duel
    _end(desk, duel, "finished", found)
    return None


def duels(desk: Desk, at_once: bool = False) -> list[Told]:
    """All of them, the newest first. at_once: without reading a model, see `lost`"""
    settle(desk)
    return [told(desk, duel, at_once) for duel in desk.catalog.duels.all()]


def name_of(contestant: Contestant) -> str:
    """As `standing` takes it."""
    return contestant.model if contestant.run is None else str(int(contestant.run))


def lost(desk: Desk, duel: Duel, at_once: bool = False) -> str:
    """Which side cannot be asked any more, and so decides nothing; '' where both can.

    A run is lost with its files, or when another encoder is put to use; a model that was none when another is trained.
    at_once: as far as that is known without reading a model
    """
    if not desk.catalog.sound.heard(desk.encoder):
        return ""
    for side in (duel.a, duel.b):
        stood = (standing_at_once if at_once else standing)(desk, name_of(side))
        if stood is not None and stood.run != side.run:
            return (
                f"{side.model} has been trained since"
                if side.run is None
                else f"run {side.run} cannot be asked any more"
            )
    return ""


def _end(desk: Desk, duel: Duel, state: str, found: Tally) -> Duel:
    return desk.catalog.duels.end(duel.id, state, found.wins_a, found.wins_b, found.ties, found.lists)


def _tally(desk: Desk, duel: Duel) -> Tally:
    return tally(rounds(desk, duel), duel.horizon)


def rounds(desk: Desk, duel: Duel) -> list[Round]:
    """What was decided so far, in any order."""
    both: dict[tuple[int, int], dict[Side, Fate]] = defaultdict(dict)
    for pick in desk.catalog.fates.of_duel(duel.id):
        if pick.side is not None:
            # What is put off is turned down here and now, and which model serves better here and now is the question.
            verdict = pick.verdict or (Verdict.DISLIKE if pick.put_off else None)
            fate = Fate(verdict, pick.heard, pick.skipped, pick.at)
            both[int(pick.list), pick.round][pick.side] = fate
    found = [met(number, pair[Side.A], pair[Side.B]) for (number, _turn), pair in both.items() if len(pair) == 2]
    return [pair for pair in found if pair is not None]


def told(desk: Desk, duel: Duel, at_once: bool = True) -> Told:
    head = (duel.id, str(duel.a), str(duel.b), duel.state, duel.horizon)
    lists = desk.catalog.duels.shown(duel.id)
    if duel.state == "running":
        done = _tally(desk, duel).decisions
        gone = lost(desk, duel, at_once)
        goes_on = f"{gone[0].upper()}{gone[1:]}; stop the duel." if gone else _blind()
        return Told(*head, done, lists, f"{duel.a} against {duel.b}: {done} of {duel.horizon} decisions. {goes_on}")
    found = Tally(duel.wins_a or 0, duel.wins_b or 0, duel.ties or 0, duel.lists)
    share = found.share(Side.A)
    known = (share.mean, share.low, share.high) if found.decisions else (None, None, None)
    winner = found.winner if duel.state == "finished" else None
    result = (found.wins_a, found.wins_b, found.ties, *known, found.p, found.p_by_list)
    return Told(*head, found.decisions, lists, _sentence(duel, found), winner.value if winner else "", *result)


def _blind() -> str:
    return "Who leads is told at the end: whoever looks before would stop when it pleases."


def _sentence(duel: Duel, found: Tally) -> str:
    """'hybrid beats wmf on you, 61 % ± 6'."""
    if duel.state == "stopped":
        of = f"{found.decisions} of {duel.horizon} decisions"
        return f"{duel.a} against {duel.b} was stopped after {of}, too early to say anything."
    winner = found.winner
    if winner is None:
        share = found.share(Side.A)
        even = f"{share.mean:.0%} ± {(share.high - share.low) / 2:.0%} of {found.decisions} decisions went to the first"
        return f"{duel.a} and {duel.b}: no difference that could not be chance; {even}."
    share = found.share(winner)
    half = (share.high - share.low) / 2
    beats = f"{duel.of(winner)} beats {duel.of(winner.other)} on you"
    said = f"{beats}, {share.mean:.0%} ± {half:.0%} of {found.decisions} decisions."
    if found.p_by_list > LEVEL:
        return f"{said} Your lists differ so much among themselves that whole lists alone would not show it."
    return said


def offered(desk: Desk) -> list[tuple[str, str]]:
    """(name, text) of what can be in a duel: the runs, the newest first, and the models that need no training."""
    from musicdesk.recommenders.base import Hears
    from musicdesk.recommenders.registry import models

    found = [(str(int(run.id)), f"{run.model}, run {run.id}") for run in desk.catalog.runs.all()]
    ready = [
        (name, model.title)
        for name, model in models().items()
        if not model.needs_crowd and not isinstance(model, Hears)
    ]
    trained = {run.model for run in desk.catalog.runs.all()}
    return found + [(name, title) for name, title in ready if name not in trained]


def horizons() -> list[tuple[int, str]]:
    """(decisions, what they find) to choose from."""
    return [
        (decisions, f"{decisions} decisions: finds a model that wins {rate:.0%} of them, four times in five")
        for decisions, rate in HORIZONS.items()
    ]
