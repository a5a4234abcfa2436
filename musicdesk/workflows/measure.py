"""How good a model is, measured when it is trained: on what was hidden from it."""

from __future__ import annotations

from typing import Any

from musicdesk.core.progress import Monitor
from musicdesk.evaluation.holdout import evaluate
from musicdesk.recommenders.base import Recommender, TrainingData


def measured(model: Recommender, data: TrainingData, seed: int, monitor: Monitor) -> dict[str, Any]:
    """Figures with intervals and controls, fit for JSON; see `evaluation.holdout.evaluate`."""
    if model.needs_crowd:
        return {"held_out": 0, "note": "Learned from a crowd; 'musicdesk evaluate' measures it.", "controls": {}}
    return evaluate(model, data, seed, monitor)
