"""Places for tracks: features in, points of about the unit ball out, turned to where they were before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from musicdesk.core.errors import NotFound
from musicdesk.core.progress import Monitor, Silent
from musicdesk.space.pca import pca

METHODS = ("autoencoder", "pca")
# Fewer tracks teach a network too little. Real clips, trustworthiness by PCA and by the autoencoder: 24 tracks .88
# and .78, 60 tracks .86 and .84 (means of three starts), 150 tracks .86 and .90, 400 tracks .85 and .93 (one start).
FEW = 100
STARTS = 3  # of the network, before PCA has to do
REACH = 98.0  # per cent of the points that end inside the unit ball


@dataclass(frozen=True, eq=False)
class Block:
    """One kind of features: `values` float (n, d), finite; `weight` its variance in all.

    standardised: each column is brought to deviation 1 (measures of unlike units) and clipped at 4
    deviations; False keeps the geometry (embeddings: the directions that vary most say most)
    """

    values: np.ndarray
    weight: float = 1.0
    standardised: bool = True


def joined(blocks: list[Block]) -> np.ndarray:
    """Blocks side by side, float32 (n, sum d), each centred and scaled to total variance `weight`."""
    parts = [_part(block) for block in blocks if block.values.shape[1]]
    return np.concatenate(parts, axis=1).astype(np.float32) if parts else np.zeros((0, 0), np.float32)


def _part(block: Block) -> np.ndarray:
    values = np.asarray(block.values, np.float64)
    if not len(values):
        return values
    values = values - values.mean(axis=0)
    if block.standardised:
        deviation = values.std(axis=0)
        varies = deviation > 1e-9
        values = np.clip(np.where(varies, values / np.where(varies, deviation, 1.0), 0.0), -4.0, 4.0)
    spread = float(np.square(values).sum(axis=1).mean())
    scaled_up: np.ndarray = values * (np.sqrt(block.weight / spread) if spread > 1e-12 else 0.0)
    return scaled_up


@dataclass(frozen=True, eq=False)
class Placed:
    """xyz: float32 (n, 3); by: the method that did it, which for few tracks is 'pca' whatever was asked"""

    xyz: np.ndarray
    by: str


def project(
    features: np.ndarray,
    method: str,
    seed: int = 0,
    previous: np.ndarray | None = None,
    monitor: Monitor | None = None,
) -> np.ndarray:
    """The places alone; see `place`."""
    return place(features, method, seed, previous, monitor).xyz


def place(
    features: np.ndarray,
    method: str,
    seed: int = 0,
    previous: np.ndarray | None = None,
    monitor: Monitor | None = None,
) -> Placed:
    """Places float32 (n, 3), always finite: the middle at the origin, 98 % within distance 1.

    features: float32 (n, d), finite, n >= 0, as `joined` makes them
    method:   'autoencoder' or 'pca'; under 100 tracks it is PCA whatever is asked
    previous: float (n, 3), where each track was; rows with NaN are new. The map is turned (and mirrored) so
              that it lies as before as nearly as it can.
    raises:   NotFound for an unknown method, Cancelled
    """
    if method not in METHODS:
        raise NotFound(f"There is no way '{method}' to draw the map; known are {', '.join(METHODS)}.")
    watch = monitor or Silent()
    folded = _folded(features, seed, watch) if method == "autoencoder" and len(features) >= FEW else None
    placed = scaled(pca(features) if folded is None else folded)
    if previous is not None:
        placed = aligned(placed, np.asarray(previous, np.float64))
    return Placed(placed.astype(np.float32), "pca" if folded is None else method)


def _folded(features: np.ndarray, seed: int, watch: Monitor) -> np.ndarray | None:
    """The autoencoder's code. Where it collapses (dead or equal units) another start, at last None."""
    from musicdesk.learning.autoencoder import MAP, is_degenerate, train

    deviation = float(features.std())
    standard = features / deviation if deviation > 0 else features
    for attempt in range(STARTS):
        coded = train(standard, MAP, seed + attempt, watch)
        if np.isfinite(coded.code).all() and not is_degenerate(coded.code):
            code: np.ndarray = coded.code.astype(np.float64)
            return code
    return None


def scaled(points: np.ndarray) -> np.ndarray:
    """float64 (n, 3): moved to the middle, scaled so that 98 % lie within 1; nothing farther than 2.

    The middle is the mean without the farthest 2 %: unlike a median it does not hang on how the axes lie.
    """
    if not len(points):
        return np.zeros((0, 3))
    centred = np.nan_to_num(np.asarray(points, np.float64) - np.mean(points, axis=0))
    away = np.linalg.norm(centred, axis=1)
    centred -= centred[away <= np.percentile(away, REACH)].mean(axis=0)
    away = np.linalg.norm(centred, axis=1)
    radius = float(np.percentile(away, REACH)) or float(away.max(initial=0.0))
    if radius <= 1e-12:
        return np.zeros_like(centred)
    centred /= radius
    away /= radius
    # Beyond the ball distances shrink smoothly (r -> 2 - 1/r), so that one odd file cannot shrink the rest.
    far = np.where(away > 1.0, (2.0 - 1.0 / np.maximum(away, 1.0)) / np.maximum(away, 1.0), 1.0)
    inside: np.ndarray = centred * far[:, None]
    return inside


def aligned(points: np.ndarray, previous: np.ndarray) -> np.ndarray:
    """`points` turned about the origin to lie on `previous` (orthogonal Procrustes, Schonemann 1966).

    Only rows known in both count; with fewer than four nothing is turned.
    """
    known = np.isfinite(previous).all(axis=1)
    if known.sum() < 4:
        return points
    new, old = points[known], previous[known]
    left, _, right = np.linalg.svd((new - new.mean(axis=0)).T @ (old - old.mean(axis=0)))
    turned: np.ndarray = points @ (left @ right)
    return turned
