"""Training: fit a model on what the catalog holds, measure it, keep it as a run."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
import uuid
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from musicdesk.core.changes import Changes
from musicdesk.core.errors import NotReady
from musicdesk.core.progress import Curves, Monitor, WithoutCurves
from musicdesk.recommenders.base import Figured, Hears, Recommender, TrainingData
from musicdesk.recommenders.registry import DEFAULT, USES_CROWD, about, configured, models
from musicdesk.workflows import golden
from musicdesk.workflows.encoders import before, listed
from musicdesk.workflows.ladder import where
from musicdesk.workflows.measure import UNMEASURED, measured
from musicdesk.workflows.teach import why_not
from musicdesk.workflows.training_data import training_data, usual_crowd
from musicdesk.workflows.windows import windows_for

if TYPE_CHECKING:
    from musicdesk.catalog.runs import Run
    from musicdesk.workflows.desk import Desk

HEAR_SHARE = 0.2  # of the job's progress, for models that hear
FIT_SHARE = 0.5  # of the job's progress; measuring fits again, on a part of the data


@dataclass(frozen=True)
class Trained:
    """note: what the golden set says of it, '' where nothing is expected"""

    run: int
    model: str
    seconds: float
    metrics: dict[str, Any]
    active: bool
    note: str = ""
    changes: Changes = field(default=Changes.RUNS | Changes.FEEDBACK)


def train(
    desk: Desk, name: str, settings: dict[str, Any], seed: int, monitor: Monitor, crowd: str = "", measure: bool = True
) -> Trained:
    """Trains `name` and keeps the run. It is put to use when none is: a person promotes, not a job.

    Where the person has pinned what they expect, a run that meets less of it than what recommends now is never put to
    use by itself, and one that learned the same as the run in use, from newer data, takes its place.

    crowd:  the crowd to learn from; unless named, the biggest, for models that need one
    measure: whether to fit it once more without what is then asked for
    A training that was cut off goes on from its last checkpoint, where the model keeps any.
    raises: NotFound for an unknown model, setting or crowd, NotReady with the model's own reason
    """
    model = configured(name, settings)
    data = _data(desk, model, crowd)
    if reason := model.why_not(data):
        raise NotReady(reason)
    begun = time.monotonic()
    curves = Curves(monitor)
    data = heard(desk, model, data, curves)
    digest = data.digest()
    scratch = _scratch(desk, model, digest, seed)
    data = replace(data, scratch=scratch)
    fitted = model.fit(data, seed, curves.part(FIT_SHARE))
    rest = WithoutCurves(curves.part(1 - FIT_SHARE))
    metrics = measured(model, fitted, data, seed, rest) if measure else UNMEASURED
    if isinstance(fitted, Figured):
        metrics |= fitted.figures()
    said = golden.verdict(desk, fitted)
    if said is not None:
        metrics = {**metrics, "golden": asdict(said.mine)}
    seconds = time.monotonic() - begun
    folder = f"{name}-{uuid.uuid4().hex[:12]}"
    target = desk.profile.models / folder
    target.mkdir(mode=0o700)
    fitted.save(target)
    runs = desk.catalog.runs
    learned_from = data.crowd.name if data.crowd else ""
    with desk.catalog.write():
        run = runs.save(
            name, model.parameters(), seed, digest, desk.encoder, metrics, folder, seconds, learned_from, curves.points
        )
        if promoted(runs.active(), model, learned_from, said):
            runs.use(run)
    shutil.rmtree(scratch, ignore_errors=True)
    used = runs.get(run).active
    return Trained(int(run), name, seconds, metrics, used, said.sentence(used) if said else "")


def promoted(active: Run | None, model: Recommender, crowd: str, said: golden.Verdict | None) -> bool:
    """Whether a new run is put to use without anybody asking for it."""
    if said is not None and said.worse:
        return False
    if active is None:  # the usual model recommends, learned on the spot; another one is a matter of choice
        return model.name == DEFAULT
    settings = json.loads(json.dumps(model.parameters()))  # as a run keeps them
    again = (active.model, active.parameters, active.crowd) == (model.name, settings, crowd)
    return said is not None and again


def _data(desk: Desk, model: Recommender, crowd: str) -> TrainingData:
    wanted = model.needs_crowd or model.name in USES_CROWD
    return training_data(desk, crowd or (usual_crowd(desk) if wanted else ""), timed=True)


def heard(desk: Desk, model: Recommender, data: TrainingData, monitor: Monitor) -> TrainingData:
    """`data` with windows of sound, for a model that learns from them."""
    if not isinstance(model, Hears):
        return data
    return replace(data, windows=windows_for(desk, model.listens_to(data), monitor.part(HEAR_SHARE)))


def _scratch(desk: Desk, model: Recommender, digest: str, seed: int) -> Path:
    """Where this training, and no other, keeps its checkpoints."""
    whole = f"{model.name} {sorted(model.parameters().items())} {seed} {digest}"
    folder = desk.profile.cache / "training" / hashlib.sha256(whole.encode()).hexdigest()[:24]
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


@dataclass(frozen=True)
class Offers:
    """models: per model its name, title, what it is, whether it needs a crowd or would use one, its settings, and why
    it cannot be trained now ('' when it can)"""

    models: list[dict[str, Any]]
    ladder: dict[str, str]  # what recommends now: name, sentence, what would lift it, and the command for that
    encoder: dict[str, Any]  # why_not: why the one in use cannot be taught now, ''; encoders: all; back: the one before
    changes: Changes = Changes.NOTHING


def offered(desk: Desk) -> Offers:
    """Every model there is. Takes seconds with a big crowd: the window asks a worker."""
    crowd = usual_crowd(desk)
    data = {True: training_data(desk, crowd), False: training_data(desk)}
    return Offers(
        [
            {
                "model": name,
                "title": model.title,
                "about": about(model),
                "needs_crowd": model.needs_crowd,
                "uses_crowd": model.needs_crowd or name in USES_CROWD,
                "settings": model.parameters(),
                "why_not": model.why_not(data[model.needs_crowd]) or "",
            }
            for name, model in models().items()
        ],
        asdict(where(desk)),
        {"why_not": why_not(desk), "encoders": [asdict(each) for each in listed(desk)], "back": before(desk)},
    )
