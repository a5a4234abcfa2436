"""The model that recommends now: a trained run where there is one, else the default, learned on the spot."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from musicdesk.core.errors import MusicdeskError, NotReady
from musicdesk.core.progress import Silent
from musicdesk.core.types import RunId
from musicdesk.recommenders.base import UNHEARD, Fitted, Hears
from musicdesk.recommenders.registry import DEFAULT, models
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

    A run whose files are damaged or belong to another encoder is passed over with a line in the log.
    """
    run = _run_of(desk, model)
    key = (model, run.id if run else None, _stamp(desk), _digest_of(desk, run))
    memo = f"standing {model}"
    if desk.memo.get(memo, (None,))[0] != key:
        desk.memo[memo] = (key, _load(desk, model or (run.model if run else DEFAULT), run))
    found: Standing = desk.memo[memo][1]
    return found


def _stamp(desk: Desk) -> tuple[int, int]:
    """Changes with the vectors and with the names of artists, both of which a model may know by heart."""
    return desk.catalog.sound.stamp(), desk.catalog.browse.names_stamp()


def _run_of(desk: Desk, model: str) -> Run | None:
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
        try:
            data = training_data(desk, run.crowd)
            return Standing(run.model, models()[run.model].load(desk.profile.models / run.folder, data), run.id)
        except MusicdeskError as error:
            log.warning("run %d is not usable: %s", run.id, error)
    takes_long = chosen.needs_crowd or isinstance(chosen, Hears)
    if takes_long and run is None:
        raise NotReady(f"The model '{model}' has not been trained yet: musicdesk train {model}.")
    if takes_long:
        model, chosen = DEFAULT, models()[DEFAULT]
    return Standing(model, chosen.fit(training_data(desk), 0, Silent()), None)


def standing_ranks(desk: Desk) -> np.ndarray:
    """Place of every track of `desk.vectors()` by the model in use, best 0, int64 (n,); empty while nothing was
    listened to or no taste is known. Kept until a rating, a play, the model or the vectors change."""
    catalog = desk.catalog
    key = (catalog.feedback.stamp(), catalog.sound.stamp(), desk.encoder, getattr(catalog.runs.active(), "id", None))
    if desk.memo.get("ranks key") != key:
        desk.memo["ranks"], desk.memo["ranks key"] = _ranked(desk), key
    found: np.ndarray = desk.memo["ranks"]
    return found


def _ranked(desk: Desk) -> np.ndarray:
    listener = desk.catalog.feedback.listener()
    if not len(desk.vectors()) or not (listener.liked or listener.disliked or listener.plays):
        return np.empty(0, np.int64)
    scores = standing(desk).fitted.score(listener, desk.vectors().ids)
    ranks = np.empty(len(scores), np.int64)
    ranks[np.argsort(-scores, kind="stable")] = np.arange(len(scores))
    return ranks
