"""The model that recommends now: a trained run where there is one, else content, learned on the spot."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from musicdesk.core.errors import MusicdeskError, NotReady
from musicdesk.core.progress import Silent
from musicdesk.core.types import RunId, TrackId
from musicdesk.recommenders.base import Fitted, TrainingData
from musicdesk.recommenders.registry import DEFAULT, models

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


class Titles(Mapping[TrackId, str]):
    """Titles, read one by one as reasons need them: 100,000 would be read for three."""

    def __init__(self, desk: Desk) -> None:
        self._tracks = desk.catalog.tracks

    def __getitem__(self, track: TrackId) -> str:
        found = self._tracks.get_many([track])
        if not found:
            raise KeyError(track)
        return found[0].tags.title

    def __iter__(self) -> Iterator[TrackId]:
        return iter(())

    def __len__(self) -> int:
        return 0


def training_data(desk: Desk) -> TrainingData:
    """All that a model of this issue of the program can learn from. Raises NotReady without embeddings."""
    vectors = desk.vectors()
    if not len(vectors):
        raise NotReady("No track has been listened to yet; run 'musicdesk analyze' first.")
    return TrainingData(vectors, desk.catalog.feedback.listener(), desk.catalog.browse.artists(), Titles(desk))


def standing(desk: Desk, model: str = "") -> Standing:
    """The model named, or the one in use. Raises NotFound for an unknown name, NotReady without vectors.

    A run whose files are damaged or belong to another encoder is passed over with a line in the log.
    """
    run = _run_of(desk, model)
    key = (model, run.id if run else None, desk.catalog.sound.stamp())
    if desk.memo.get("standing key") != key:
        desk.memo["standing"] = _load(desk, model or (run.model if run else DEFAULT), run)
        desk.memo["standing key"] = key
    found: Standing = desk.memo["standing"]
    return found


def _run_of(desk: Desk, model: str) -> Run | None:
    active = desk.catalog.runs.active()
    if active and model in ("", active.model):
        return active
    return next((run for run in desk.catalog.runs.all() if model and run.model == model), None)


def _load(desk: Desk, model: str, run: Run | None) -> Standing:
    chosen = models()[model]
    data = training_data(desk)
    if run is not None:
        try:
            return Standing(run.model, chosen.load(desk.profile.models / run.folder, data), run.id)
        except MusicdeskError as error:
            log.warning("run %d is not usable: %s", run.id, error)
    return Standing(model, chosen.fit(data, 0, Silent()), None)


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
