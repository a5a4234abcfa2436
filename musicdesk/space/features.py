"""What a map is made from: kinds of features side by side, each with its weight, and the same again for new tracks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

CLIP = 4.0  # deviations, of standardised columns


@dataclass(frozen=True, eq=False)
class Block:
    """One kind of features: `values` float (n, d), finite; `weight` its variance in all.

    standardised: each column is brought to deviation 1 (measures of unlike units) and clipped at 4
    deviations; False keeps the geometry (embeddings: the directions that vary most say most)
    """

    values: np.ndarray
    weight: float = 1.0
    standardised: bool = True


@dataclass(frozen=True, eq=False, slots=True)
class Standard:
    """How the columns of blocks, side by side, became features: clip((value - mean) * stretch, +-limit) * scale.

    mean, stretch, limit, scale: float32 (d,)
    """

    mean: np.ndarray
    stretch: np.ndarray
    limit: np.ndarray
    scale: np.ndarray

    @classmethod
    def of(cls, blocks: Sequence[Block]) -> Standard:
        """The standard by which each block is centred and has total variance `weight`."""
        parts = [_standard(block) for block in blocks if block.values.shape[1]]
        columns = [np.concatenate(column) for column in zip(*parts, strict=True)] if parts else [np.zeros(0)] * 4
        return cls(*(column.astype(np.float32) for column in columns))

    def features(self, values: np.ndarray) -> np.ndarray:
        """float32 (n, d) of the blocks' values side by side, float (n, d). Raises ValueError when d is another."""
        if values.shape[1] != len(self.mean):
            raise ValueError(f"{values.shape[1]} columns where {len(self.mean)} were known")
        stretched = (np.asarray(values, np.float64) - self.mean) * self.stretch
        found: np.ndarray = np.clip(stretched, -self.limit, self.limit) * self.scale
        return found.astype(np.float32)


def joined(blocks: Sequence[Block]) -> np.ndarray:
    """Blocks side by side, float32 (n, sum d), each centred and scaled to total variance `weight`."""
    used = [block for block in blocks if block.values.shape[1]]
    if not used:
        return np.zeros((len(blocks[0].values) if blocks else 0, 0), np.float32)
    return Standard.of(used).features(side_by_side(used))


def side_by_side(blocks: Sequence[Block]) -> np.ndarray:
    return np.concatenate([np.asarray(block.values, np.float64) for block in blocks], axis=1)


def _standard(block: Block) -> tuple[np.ndarray, ...]:
    values = np.asarray(block.values, np.float64)
    width = values.shape[1]
    mean, stretch, limit = np.zeros(width), np.ones(width), np.full(width, np.inf)
    if not len(values):
        return mean, stretch, limit, np.ones(width)
    mean = values.mean(axis=0).astype(np.float32).astype(np.float64)
    values = values - mean
    if block.standardised:
        deviation = values.std(axis=0)
        varies = deviation > 1e-9
        stretch, limit = np.where(varies, 1.0 / np.where(varies, deviation, 1.0), 0.0), np.full(width, CLIP)
        values = np.clip(values * stretch, -limit, limit)
    spread = float(np.square(values).sum(axis=1).mean())
    return mean, stretch, limit, np.full(width, np.sqrt(block.weight / spread) if spread > 1e-12 else 0.0)
