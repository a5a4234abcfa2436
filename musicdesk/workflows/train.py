"""Training: fit a model on what the catalog holds, measure it, keep it as a run."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from musicdesk.core.changes import Changes
from musicdesk.core.errors import MusicdeskError, NotReady
from musicdesk.core.progress import Monitor
from musicdesk.evaluation.holdout import evaluate
from musicdesk.recommenders.registry import configured, models
from musicdesk.workflows.taste import training_data

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk


@dataclass(frozen=True)
class Trained:
    run: int
    model: str
    seconds: float
    metrics: dict[str, Any]
    active: bool
    changes: Changes = field(default=Changes.RUNS | Changes.FEEDBACK)


def train(desk: Desk, name: str, settings: dict[str, Any], seed: int, monitor: Monitor) -> Trained:
    """Trains `name` and keeps the run. It is put to use only when none is: a person promotes, not a job.

    raises: NotFound for an unknown model or setting, NotReady with the model's own reason
    """
    model = configured(name, settings)
    data = training_data(desk)
    if reason := model.why_not(data):
        raise NotReady(reason)
    begun = time.monotonic()
    fitted = model.fit(data, seed, monitor)
    metrics = evaluate(model, data, seed, monitor)
    seconds = time.monotonic() - begun
    folder = f"{name}-{uuid.uuid4().hex[:12]}"
    target = desk.profile.models / folder
    target.mkdir(mode=0o700)
    fitted.save(target)
    runs = desk.catalog.runs
    with desk.catalog.write():
        run = runs.save(name, model.parameters(), seed, data.digest(), desk.encoder, metrics, folder, seconds)
        if runs.active() is None:
            runs.use(run)
    return Trained(int(run), name, seconds, metrics, runs.get(run).active)


def offered(desk: Desk) -> list[dict[str, str]]:
    """Every model with its title and why it cannot be trained now (empty when it can)."""
    try:
        data = training_data(desk)
    except MusicdeskError as error:
        return [{"model": name, "title": model.title, "why_not": str(error)} for name, model in models().items()]
    return [
        {"model": name, "title": model.title, "why_not": model.why_not(data) or ""} for name, model in models().items()
    ]
