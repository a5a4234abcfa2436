"""One encoder at work: what the children are asked for, and a track's vector from what they answer."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from musicdesk.audio.contract import MEMORY_BYTES, deadline_s
from musicdesk.core.errors import MusicdeskError, Unusable
from musicdesk.core.killable import Answer, Fate, Pool
from musicdesk.core.types import Edges, MelSpec
from musicdesk.encoders.brought import BroughtCard, InputSpec
from musicdesk.encoders.registry import AnyCard, Entry, input_of
from musicdesk.workflows.hear import TARGET

if TYPE_CHECKING:
    from musicdesk.encoders.embed import Embedder
    from musicdesk.workflows.desk import Desk

STANDARD = InputSpec.of_mel(MelSpec(), 130)  # what analysis hears anyway
TRIAL_S = 120.0
NOT_FINITE = "The sound holds numbers that are not finite."
SLOWER = 5.0  # a model of a stranger may take so many times as long as decoding


@dataclass(frozen=True, eq=False)
class Heard:
    """vector: float32 (dim,), of norm 1; edges: None where the encoder tells nothing but that"""

    vector: np.ndarray
    edges: Edges | None


class Hearing:
    """How tracks are heard with one encoder. Raises Unusable when its weights are damaged or it does not work."""

    def __init__(self, desk: Desk, entry: Entry) -> None:
        self.card, weights = entry.ready()
        self._standard = input_of(self.card) == STANDARD and not entry.is_onnx
        self._embedder: Embedder | None = None
        self._model: dict[str, Any] | None = None
        self.device = "cpu"
        self.memory = MEMORY_BYTES
        if isinstance(self.card, BroughtCard):
            self._model = {"path": os.fspath(weights), "sha256": self.card.sha256, "dim": self.card.dim}
            self.memory += 4 * weights.stat().st_size
            self._try()
        else:
            self._embedder = _embedder(desk, self.card, weights)
            self.device = str(self._embedder.device)
            if entry.own:
                _try_network(self._embedder)

    @property
    def encoder_id(self) -> str:
        return self.card.encoder_id

    def pool(self, processes: int) -> Pool:
        return Pool(TARGET, processes, self.memory)

    def request(self, path: bytes, known: bool) -> dict[str, Any]:
        """What a child is asked for; `known`: all but the embedding is known of the track."""
        told = None if self._standard else asdict(input_of(self.card))
        return {"path": os.fsdecode(path), "known": known, "input": told, "model": self._model}

    def deadline(self, request: dict[str, Any]) -> float:
        return deadline_s(request.get("duration_s")) * (SLOWER if self._model else 1.0)

    @property
    def tells_edges(self) -> bool:
        return self._embedder is not None

    def heard(self, answers: Sequence[Answer]) -> list[Heard | str]:
        """Per track what was heard of it, or a sentence why nothing was.

        On the processor each track goes alone: it costs nothing there, and makes a vector the same to the last bit
        whatever else was in its batch, also after a crash and a second start.
        """
        if self._embedder is None:
            return [self._brought(answer.arrays["vector"]) for answer in answers]
        pictures = [answer.arrays["mel" if self._standard else "heard"] for answer in answers]
        if self._embedder.device.type != "cpu":
            try:
                found = self._embedder.hear(pictures)
                return [Heard(*each) for each in zip(found.vectors, found.edges, strict=True)]
            except MusicdeskError:
                pass  # one of them is at fault: each alone
        return [_alone(self._embedder, picture) for picture in pictures]

    def _brought(self, vector: np.ndarray) -> Heard | str:
        """A child that has run a stranger's model is not believed."""
        if vector.dtype != np.float32 or vector.shape != (self.card.dim,) or not np.isfinite(vector).all():
            return "The encoder gave no vector of the form on its card."
        length = float(np.linalg.norm(vector.astype(np.float64)))
        return Heard(vector, None) if abs(length - 1.0) < 1e-3 else "The encoder gave no vector of length 1."

    def _try(self) -> None:
        told = asdict(input_of(self.card))
        with Pool(TARGET, 1, self.memory) as pool:
            ((_request, answer),) = pool.run([{"input": told, "model": self._model}], TRIAL_S)
        if answer.fate is not Fate.OK:
            said = answer.text if answer.kind == "Unusable" else f"It was tried out, and failed: {answer.text}"
            raise Unusable(f"The encoder '{self.card.name}' cannot be used. {said}")


def _embedder(desk: Desk, card: AnyCard, weights: Path) -> Embedder:
    from musicdesk.encoders.embed import Embedder
    from musicdesk.encoders.weights import Card, load_weights
    from musicdesk.learning.device import choose

    assert isinstance(card, Card)
    return Embedder(load_weights(weights, card), choose(desk.device), threads=1)


def _try_network(embedder: Embedder) -> None:
    """Numbers that fit a network need not fit the windows that a card tells of. Raises Unusable."""
    card = embedder.encoder.card
    try:
        embedder.embed([np.ones((1, card.window_frames, card.mel.bands), np.float32)])
    except (RuntimeError, MusicdeskError) as error:
        what = f"{card.window_frames} frames and {card.mel.bands} bands"
        raise Unusable(f"The encoder '{card.name}' cannot be used. It cannot hear windows of {what}.") from error


def _alone(embedder: Embedder, picture: np.ndarray) -> Heard | str:
    try:
        found = embedder.hear([picture])
    except MusicdeskError:
        return NOT_FINITE
    return Heard(found.vectors[0], found.edges[0])
