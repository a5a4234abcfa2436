"""What an encoder's vectors say in words: a linear layer on a track's finished vector gives a probability per tag.

`NAME.tags.safetensors`, beside the encoder's weights, holds float32 `weight` (dim, tags) and `bias` (tags,). Its
metadata are strings: `names`, `kinds` and `agreement` are JSON lists as long as there are tags, `sha256` is the hash of
the weights that it was learned with. What does not fit is refused: an encoder is whole without tags.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from musicdesk.core.errors import Unusable

log = logging.getLogger(__name__)

KINDS = ("genre", "instrument", "mood", "voice", "other")
MOST = 1_000  # tags
LONGEST = 40  # letters of a tag
LARGEST = 64 << 20  # bytes of the file


@dataclass(frozen=True, eq=False)
class TagHead:
    """names, kinds, agreement: one per tag; agreement in 0..1 is how well it orders tracks that taught nothing (AUC)
    weight: float32 (dim, tags); bias: float32 (tags,)
    """

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    agreement: tuple[float, ...]
    weight: np.ndarray
    bias: np.ndarray

    @property
    def dim(self) -> int:
        return int(self.weight.shape[0])

    def probabilities(self, vectors: np.ndarray) -> np.ndarray:
        """float32 (n, tags) in 0..1, each tag for itself: sigmoid(vectors @ weight + bias).

        vectors: float32 (n, dim), unit rows
        """
        told: np.ndarray = vectors @ self.weight
        told += self.bias
        told *= 0.5  # sigmoid(x) = (1 + tanh(x / 2)) / 2, which never overflows; in place, for a library's worth
        np.tanh(told, out=told)
        told += 1.0
        told *= 0.5
        return told


def beside(folder: Path, name: str) -> Path:
    """Where the tags of the encoder `name` lie."""
    return folder / f"{name}.tags.safetensors"


def read_tags(path: Path, sha256: str, dim: int) -> TagHead | None:
    """The tags of the encoder with these weights; None where there are none, or (logged) where they do not fit.

    Nothing is unpickled, and torch is not needed.
    """
    if not path.is_file():
        return None
    try:
        return _read(path, sha256, dim)
    except Unusable as error:
        log.warning("%s", error)
        return None


def _read(path: Path, sha256: str, dim: int) -> TagHead:
    from safetensors import SafetensorError, safe_open

    try:
        if path.stat().st_size > LARGEST:
            raise _wrong(path, "the file is larger than any of ours")
        with safe_open(path, framework="np") as file:
            facts = file.metadata() or {}
            weight, bias = (np.asarray(file.get_tensor(name)) for name in ("weight", "bias"))
    except (SafetensorError, OSError, TypeError, ValueError) as error:
        raise _wrong(path, f"it cannot be read ({error})") from error
    if facts.get("sha256") != sha256:
        raise _wrong(path, "they were learned with other weights")
    names = tuple(_listed(path, facts, "names", str))
    kinds = tuple(_listed(path, facts, "kinds", str))
    agreement = tuple(float(value) for value in _listed(path, facts, "agreement", (int, float)))
    count = len(names)
    if not 0 < count <= MOST or {len(kinds), len(agreement), *bias.shape, *weight.shape[1:]} != {count}:
        raise _wrong(path, "its lists and numbers are not of one length")
    if weight.shape != (dim, count) or bias.shape != (count,) or {weight.dtype, bias.dtype} != {np.dtype(np.float32)}:
        raise _wrong(path, f"its numbers are not float32 for vectors of {dim}")
    if not (np.isfinite(weight).all() and np.isfinite(bias).all() and all(0 <= each <= 1 for each in agreement)):
        raise _wrong(path, "it holds numbers that cannot be")
    folded = {name.casefold() for name in names}
    if len(folded) < count or not all(name == name.strip() and _shows(name) for name in names):
        raise _wrong(path, "its names are not so many different words")
    return TagHead(names, tuple(kind if kind in KINDS else "other" for kind in kinds), agreement, weight, bias)


def _shows(name: str) -> bool:
    return bool(name) and name.isprintable() and len(name) <= LONGEST and '"' not in name


def _listed(path: Path, facts: dict[str, str], key: str, kind: type | tuple[type, ...]) -> list[Any]:
    try:
        found = json.loads(facts[key])
    except (KeyError, ValueError, RecursionError) as error:
        raise _wrong(path, f"it does not tell its {key}") from error
    if not isinstance(found, list) or not all(isinstance(each, kind) for each in found):
        raise _wrong(path, f"its {key} are no list of such")
    return found


def _wrong(path: Path, what: str) -> Unusable:
    return Unusable(f"The tags {path} are not used: {what}.")
