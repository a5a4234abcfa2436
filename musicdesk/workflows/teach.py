"""Teaching an encoder by the listener's own library, and putting it to use only where it hears better for it.

The kept windows of sound are what it learns from; artists that it has not heard judge it beside the encoder in use.
Until it has heard the whole library, the one in use stays, with everything that it has heard; `encoders back` returns.
"""

from __future__ import annotations

import hashlib
import shutil
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from musicdesk.core.changes import Changes
from musicdesk.core.errors import NotReady, Unusable
from musicdesk.core.paths import resources
from musicdesk.core.progress import Monitor
from musicdesk.encoders.brought import BroughtCard
from musicdesk.encoders.parting import parted, some, too_few
from musicdesk.encoders.registry import Entry, input_of
from musicdesk.encoders.weights import NAME, Card
from musicdesk.workflows.groups import Group, groups
from musicdesk.workflows.hearing import STANDARD
from musicdesk.workflows.judging import Judged, judged, opponent
from musicdesk.workflows.switch import switch
from musicdesk.workflows.windows import window_store, windows_for

if TYPE_CHECKING:
    from musicdesk.encoders.parting import Parts
    from musicdesk.encoders.training import TrainedEncoder, TrainingConfig
    from musicdesk.learning.windows import MelWindows
    from musicdesk.workflows.desk import Desk

MINUTES = 10.0
HEAR_SHARE, LEARN_SHARE, JUDGE_SHARE = 0.05, 0.5, 0.05  # of the job's progress; the rest is listening anew
SCRATCH = "encoder-"
PART = ".new-"  # of a folder's name, while it is written


@dataclass(frozen=True)
class Taught:
    """kept: whether there is an encoder more now; state: 'in use', 'coming', 'kept' (not put to use) or 'not kept'

    metrics: mean average precision of the one before and of this one, their difference with its 95 % interval, and
             over how many tracks of how many artists; the same of finding the other half of a track
    """

    model: str
    name: str
    encoder: str
    kept: bool
    state: str
    before: str
    seconds: float
    metrics: dict[str, Any]
    analyzed: int
    remaining: int
    sentence: str
    run: None = None  # it is no run of a model: `encoders` lists it
    changes: Changes = field(default=Changes.EVERYTHING)


@dataclass(frozen=True)
class Wish:
    """What a person asked for. `adapt`: from the encoder in use, else from nothing.

    config: a file; None for the one that comes with the program; minutes: of learning, 0 for no limit
    """

    adapt: bool = True
    config: Path | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    seed: int | None = None
    minutes: float | None = None
    name: str = ""


def why_not(desk: Desk, adapt: bool = True) -> str:
    """Why the encoder in use cannot be taught by this library now; '' when it can."""
    try:
        if adapt:
            _start(desk)
        opponent(desk)
        reason = too_few([group.name for group in groups(desk)])
        if not reason and not window_store(desk).most:
            reason = "There is no room for sound to learn from: give it some in the settings, under Listening."
    except (NotReady, Unusable) as error:
        return str(error)
    return reason


def teach(desk: Desk, wish: Wish, monitor: Monitor) -> Taught:
    """Teaches an encoder by this library. Raises NotReady and Unusable before any work, Cancelled.

    Adapted, it is kept and put to use where it wins on what was held out; from nothing, it is kept beside the others.
    Stopped or killed, it goes on from its last pass over the tracks when it is asked for again.
    """
    begun = time.monotonic()
    if reason := why_not(desk, wish.adapt):
        raise NotReady(reason)
    config = _configured(wish)
    start = _start(desk) if wish.adapt else None
    windows, names = _heard(desk, monitor.part(HEAR_SHARE))
    parts = parted(names)
    scratch = _scratch(desk, f"{start.encoder_id if start else ''} {config} {wish.minutes} {windows.digest}")
    trained = _learn(desk, start, windows, parts, config, wish, scratch, monitor)
    found = judged(desk, trained.network, windows, parts, monitor.part(JUDGE_SHARE))
    before = desk.entry().name
    told = f"{_counts(found)}: {found.told()}"
    if wish.adapt and not found.won:
        shutil.rmtree(scratch, ignore_errors=True)
        seconds = time.monotonic() - begun
        text = f"{told} That is no sure gain, so '{before}' stays in use and nothing was changed."
        return Taught("encoder", "", "", False, "not kept", before, seconds, found.metrics(), 0, 0, text)
    card = _kept(desk, start, trained, parts.learn, wish, found)
    shutil.rmtree(scratch, ignore_errors=True)
    if not wish.adapt:
        seconds = time.monotonic() - begun
        text = f"{told} It is kept as '{card.name}'; 'musicdesk encoders use {card.name}' puts it to use."
        return Taught("encoder", card.name, card.encoder_id, True, "kept", before, seconds, found.metrics(), 0, 0, text)
    done = switch(desk, card.name, monitor)
    seconds = time.monotonic() - begun
    use = (
        "is in use now" if done.state == "in use" else f"comes to use when it has heard {done.remaining:,} more tracks"
    )
    text = f"{told} '{card.name}' {use}; '{before}' stays, and one click brings it back."
    return Taught(
        "encoder",
        card.name,
        card.encoder_id,
        True,
        done.state,
        before,
        seconds,
        found.metrics(),
        done.analyzed,
        done.remaining,
        text,
    )


def _counts(found: Judged) -> str:
    return f"Asked about {found.queries:,} tracks of {found.groups:,} artists that it was not taught by"


def _start(desk: Desk) -> Entry:
    """The encoder to begin from: the one in use, or what that was taught from. Raises NotReady, Unusable."""
    if (wanted := desk.catalog.encoders.wanted()) is not None:
        raise NotReady(
            f"The encoder '{wanted.name}' is about to come to use; let it hear the library first (musicdesk analyze)."
        )
    entry = desk.entry()
    card, _weights = entry.ready()
    if isinstance(card, BroughtCard):
        raise Unusable(
            f"The encoder '{entry.name}' is a model that you brought as ONNX: it can hear, but it cannot be taught. "
            f"Put another one to use first, such as '{desk.default_encoder}'."
        )
    if input_of(card) != STANDARD:
        raise Unusable(
            f"The encoder '{entry.name}' hears other pictures of sound than those that are kept to learn from, so it "
            "cannot be taught."
        )
    base = str(card.training.get("taught_from", ""))
    for _name, other in desk.encoders().items():
        if base and other.encoder_id == base and not other.trouble:
            return other
    return entry


def _configured(wish: Wish) -> TrainingConfig:
    from musicdesk.encoders.training import configured, read_config

    shipped = "adapt" if wish.adapt else "library"
    if wish.name and not NAME.fullmatch(wish.name):
        raise Unusable(f"'{wish.name}' cannot be an encoder's name; use letters, digits, dot, dash, underscore.")
    config = configured(read_config(wish.config or resources() / f"{shipped}.training.toml"), wish.settings)
    if config.lesson:
        raise Unusable("A library has no lessons of a larger network; leave 'lesson' out of the configuration.")
    if not config.contrast:
        raise Unusable("With 'contrast' 0 there is nothing to learn from a library; leave it out of the configuration.")
    return config if wish.seed is None else replace(config, seed=wish.seed)


def _heard(desk: Desk, monitor: Monitor) -> tuple[MelWindows, list[str]]:
    """The windows of the tracks that take part, and the group of each. Raises NotReady where too few are in reach."""
    known = groups(desk)
    known = [known[at] for at in some([group.name for group in known])]
    needed = np.array([group.track for group in known], np.int64)
    found = windows_for(desk, needed, monitor)
    at = found.at(needed)
    kept: list[Group] = [group for group, place in zip(known, at, strict=True) if place >= 0]
    names = [group.name for group in kept]
    if reason := too_few(names):
        missing = len(known) - len(kept)
        raise NotReady(f"The sound of {missing:,} tracks is out of reach or finds no room. {reason}")
    return found.only(np.sort(at[at >= 0])), names


def _learn(
    desk: Desk,
    start: Entry | None,
    windows: MelWindows,
    parts: Parts,
    config: TrainingConfig,
    wish: Wish,
    scratch: Path,
    monitor: Monitor,
) -> TrainedEncoder:
    from musicdesk.encoders.adapting import adapt, lessons
    from musicdesk.encoders.weights import load_weights
    from musicdesk.learning.device import choose

    network = None
    if start is not None:
        card, weights = start.ready()
        assert isinstance(card, Card)
        network = load_weights(weights, card).network
    minutes = wish.minutes if wish.minutes is not None else MINUTES if wish.adapt else 0.0
    taught_by = lessons(windows, parts.learn, parts.label)
    return adapt(network, taught_by, config, minutes, scratch, monitor.part(LEARN_SHARE), choose(desk.device))


def _scratch(desk: Desk, whole: str) -> Path:
    """Where this teaching keeps its checkpoints; those of others that were given up go."""
    home = desk.profile.cache / "training"
    mine = home / f"{SCRATCH}{hashlib.sha256(whole.encode()).hexdigest()[:24]}"
    for other in home.glob(f"{SCRATCH}*"):
        if other != mine:
            shutil.rmtree(other, ignore_errors=True)
    return mine


def _kept(
    desk: Desk, start: Entry | None, trained: TrainedEncoder, learn: np.ndarray, wish: Wish, found: Judged
) -> Card:
    """Writes weights and cards into a folder of their own, which is there as a whole or not at all."""
    from musicdesk.encoders.weights import save

    home = desk.profile.models / "encoders"
    home.mkdir(mode=0o700, exist_ok=True)
    for part in home.glob(f"{PART}*"):
        shutil.rmtree(part, ignore_errors=True)
    base = start.card if start is not None else None
    name = _free_name(desk, wish.name or (f"{start.name[:48]}-taught" if start else "library"))
    by = f"{len(learn):,} tracks of the library in whose profile it lies"
    facts: dict[str, Any] = {
        "name": name,
        "licence": base.licence if base else "Yours: it was taught by your library alone.",
        "data": f"{base.data} Then taught by {by}." if base else f"Taught by {by}.",
        "training": {"taught_from": start.encoder_id if start else "", **asdict(trained.config)},
        "measured": found.numbers(),
    }
    part = home / f"{PART}{name}"
    try:
        card = save(part, trained.network, found.told(), **facts)
        same = [entry for _n, entry in desk.encoders().items() if entry.card and entry.card.sha256 == card.sha256]
        if same and isinstance(same[0].card, Card):  # taught before, and cut off before it was put to use
            return same[0].card
        part.rename(home / name)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return card


def _free_name(desk: Desk, wanted: str) -> str:
    taken = desk.encoders()
    number = 2
    name = wanted
    while name in taken:
        name, number = f"{wanted}-{number}", number + 1
    return name
