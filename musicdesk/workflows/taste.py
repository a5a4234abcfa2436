"""The model that recommends now: a trained run where there is one, else the default, learned on the spot."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from musicdesk.core.errors import MusicdeskError, NotReady, Unusable
from musicdesk.core.feedback import NOW
from musicdesk.core.progress import Silent
from musicdesk.core.types import Listener, RunId, TrackId
from musicdesk.playlists.rest import resting
from musicdesk.playlists.value import REST_WEIGHT
from musicdesk.recommenders.base import UNHEARD, Fitted, Hears, TrainingData
from musicdesk.recommenders.registry import DEFAULT, models
from musicdesk.workflows.desk import at_one_moment
from musicdesk.workflows.kept import held_back
from musicdesk.workflows.training_data import training_data

if TYPE_CHECKING:
    from musicdesk.catalog.runs import Run
    from musicdesk.workflows.desk import Desk

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Standing:
    """A fitted model and where it comes from; `run` is None for one learned on the spot."""

    model: str
    fitted: Fitted
    run: RunId | None


def standing(desk: Desk, model: str = "") -> Standing:
    """The model named, or the one in use. Raises NotFound for an unknown name, NotReady without vectors.

    model: a model's name, for its run in use or its newest; the number of a run; '' for the one in use
    A run whose files are damaged or belong to another encoder is passed over with a line in the log.
    """
    run = _run_of(desk, model)
    key = _key(desk, model, run)
    memo = f"standing {model}"
    if desk.memo.get(memo, (None,))[0] != key:
        desk.memo[memo] = (key, _load(desk, run.model if run else model or DEFAULT, run))
    found: Standing = desk.memo[memo][1]
    return found


def asked(desk: Desk, model: str) -> Standing:
    """As `standing`, of what a person has named. Raises Unusable for the number of a run that cannot be used."""
    stood, run = standing(desk, model), numbered(desk, model)
    if run is not None and stood.run is None:
        raise Unusable(lost_words(run))
    return stood


def numbered(desk: Desk, model: str) -> Run | None:
    """The run whose number this is, None for a name. Raises NotFound."""
    if not (model.isascii() and model.isdecimal()):
        return None
    return desk.catalog.runs.get(RunId(int(model[:18])))


def read_run(desk: Desk, run: Run, data: TrainingData | None = None) -> Fitted:
    """What the run has learned, from its files; `data` are those of its crowd, where they are at hand.

    raises: Unusable when it cannot be used any more
    """
    try:
        known = training_data(desk, run.crowd) if data is None else data
        return models()[run.model].load(desk.profile.models / run.folder, known)
    except MusicdeskError as error:
        log.warning("run %d is not usable: %s", run.id, error)
        raise Unusable(lost_words(run)) from error


def lost_run(desk: Desk, model: str = "", at_once: bool = False) -> Run | None:
    """The run that is meant (see `standing`) where it cannot be used and another model stands for it.

    at_once: as far as that is known without reading a model
    """
    run = _run_of(desk, model)
    if run is None or not (desk.has_vectors if at_once else len(desk.vectors())):
        return None
    try:
        stood = (standing_at_once if at_once else standing)(desk, model)
    except MusicdeskError:
        return run
    return run if stood is not None and stood.run != run.id else None


def of_crowd(run: Run, crowd: str) -> None:
    """Raises Unusable for a run that has not learned from the crowd."""
    if run.crowd != crowd:
        raise Unusable(f"Run {run.id} ({run.model}) has not learned from the crowd '{crowd}'.")


def lost_words(run: Run) -> str:
    return f"Run {run.id} ({run.model}) cannot be used any more; train it again."


def stands(desk: Desk) -> bool:
    """Whether `standing` answers at once for the model in use."""
    return standing_at_once(desk) is not None


def standing_at_once(desk: Desk, model: str = "") -> Standing | None:
    """What `standing` answers, where no model has to be read for it."""
    kept: tuple[Any, ...] = desk.memo.get(f"standing {model}", (None,))
    return kept[1] if kept[0] == _key(desk, model, _run_of(desk, model)) else None


def _key(desk: Desk, model: str, run: Run | None) -> tuple[Any, ...]:
    return model, run.id if run else None, _stamp(desk), _digest_of(desk, run)


def _stamp(desk: Desk) -> tuple[int, int]:
    """Changes with the vectors and with the names of artists, both of which a model may know by heart."""
    return desk.catalog.sound.stamp(), desk.catalog.browse.names_stamp()


def _run_of(desk: Desk, model: str) -> Run | None:
    if run := numbered(desk, model):
        return run
    active = desk.catalog.runs.active()
    if active and model in ("", active.model):
        return active
    return next((run for run in desk.catalog.runs.all() if model and run.model == model), None)


def _digest_of(desk: Desk, run: Run | None) -> str:
    """Of the crowd that a run learned from: when it grows, tracks may have become songs of it."""
    return next((crowd.digest for crowd in desk.catalog.crowds.all() if run and crowd.name == run.crowd), "")


def _load(desk: Desk, model: str, run: Run | None) -> Standing:
    chosen = models()[model]
    if not len(desk.vectors()):
        raise NotReady(UNHEARD)
    if run is not None:
        with contextlib.suppress(Unusable):
            return Standing(run.model, read_run(desk, run), run.id)
    takes_long = chosen.needs_crowd or isinstance(chosen, Hears)
    if takes_long and run is None:
        raise NotReady(f"The model '{model}' has not been trained yet: musicdesk train {model}.")
    if takes_long:
        model, chosen = DEFAULT, models()[DEFAULT]
    return Standing(model, chosen.fit(training_data(desk), 0, Silent()), None)


@at_one_moment
def standing_ranks(desk: Desk) -> np.ndarray:
    """Place of every track of `desk.vectors()` in "for you" by the model in use, best 0, int64 (n,); empty while
    nothing was listened to or no taste is known. Kept until a rating, a play, the model or the vectors change."""
    if desk.memo.get("ranks key") != _ranks_key(desk):
        feedback = desk.catalog.feedback
        keep_ranks(desk, ranks_of(desk, feedback.listener(), feedback.kept_from(NOW)))
    found: np.ndarray = desk.memo["ranks"]
    return found


def keep_ranks(desk: Desk, ranks: np.ndarray) -> None:
    """These are the standing ranks, as far as what was said by now goes."""
    desk.memo["ranks"], desk.memo["ranks key"] = ranks, _ranks_key(desk)


def _ranks_key(desk: Desk) -> tuple[Any, ...]:
    catalog = desk.catalog
    return catalog.feedback.stamp(), catalog.sound.stamp(), desk.encoder, getattr(catalog.runs.active(), "id", None)


@at_one_moment
def ranks_of(desk: Desk, listener: Listener, since: Mapping[TrackId, float]) -> np.ndarray:
    """As `standing_ranks`, for such a listener, when these tracks were told 'not now' at these times."""
    if not len(desk.vectors()) or not (listener.liked or listener.disliked or listener.plays):
        return np.empty(0, np.int64)
    scores = standing(desk).fitted.score(listener, desk.vectors().ids)
    if since:
        middle, best = float(np.median(scores)), float(scores.max())
        scores = scores - np.float32(REST_WEIGHT * (best - middle)) * held_back(desk, since)
        rows = desk.vectors().rows_of(sorted(resting(since, time.time())))
        scores[rows] = scores.min() - 1
    order = descending(scores)
    ranks = np.empty(len(scores), np.int64)
    ranks[order] = np.arange(len(scores))
    return ranks


def descending(scores: np.ndarray) -> np.ndarray:
    """int64 (n,): rows by float32 `scores`, highest first, equal ones in their order: as np.argsort(-scores,
    kind="stable"), in a third of its time, because sorting plain numbers is what processors are good at."""
    bits = (-scores.astype(np.float32) + np.float32(0.0)).view(np.int32)
    upward = np.where(bits < 0, ~bits, bits ^ np.int32(-(1 << 31))).view(np.uint32)
    keys = upward.astype(np.uint64) << np.uint64(32) | np.arange(len(scores), dtype=np.uint64)
    keys.sort()
    return (keys & np.uint64(0xFFFFFFFF)).astype(np.int64)
