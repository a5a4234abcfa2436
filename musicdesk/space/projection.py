"""Places for tracks: features in, points of about the unit ball out, laid over where they were before.

Ways: `neighbours` (the default, see `unfold`), `umap` (McInnes, Healy, Melville 2018, by umap-learn), the source's
`autoencoder` on all features, on the embedding or on the descriptors alone, and `pca`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from musicdesk.core.errors import NotFound
from musicdesk.core.progress import Monitor, Silent
from musicdesk.space.graph import nearest
from musicdesk.space.pca import pca
from musicdesk.space.trust import NEIGHBOURS, shared
from musicdesk.space.unfold import Unfolding, unfolded

DEFAULT = "neighbours"
METHODS = (DEFAULT, "umap", "autoencoder", "autoencoder-embedding", "autoencoder-descriptors", "pca")
# Fewer tracks teach a network too little. Real clips, trustworthiness by PCA and by the autoencoder: 24 tracks .88
# and .78, 60 tracks .86 and .84 (means of three starts), 150 tracks .86 and .90, 400 tracks .85 and .93 (one start).
FEW = 100
STARTS = 3  # of the network, before PCA has to do
REACH = 98.0  # per cent of the points that end inside the unit ball
MOST_GROWTH = 2.0  # factor by which a map is made larger or smaller to lie on the one before


@dataclass(frozen=True, eq=False)
class Placed:
    """xyz: float32 (n, 3); by: the method that did it, which is 'pca' where that is as good or all that can be done"""

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
    """Places float32 (n, 3), always finite; without `previous` the middle is at the origin, 98 % within distance 1.

    features: float32 (n, d), finite, n >= 0, as `features.joined` makes them
    method:   one of METHODS; the same for the same features and seed (UMAP's on one machine)
    previous: float (n, 3), where each track was; rows with NaN are new. The map is turned, mirrored, moved and
              made larger or smaller so that it lies as before as nearly as it can.
    raises:   NotFound for an unknown method, Cancelled
    """
    if method not in METHODS:
        raise NotFound(f"There is no way '{method}' to draw the map; known are {', '.join(METHODS)}.")
    watch = monitor or Silent()
    way = _WAYS.get(method.partition("-")[0])
    varies = len(features) > 3 and features.shape[1] > 0 and float(features.std()) > 1e-9
    found = way(features, seed, watch) if way is not None and varies else None
    placed = scaled(pca(features) if found is None else found)
    if previous is not None:
        placed = aligned(placed, np.asarray(previous, np.float64))
    return Placed(placed.astype(np.float32), "pca" if found is None else method)


def _unfolded(features: np.ndarray, seed: int, watch: Monitor) -> np.ndarray | None:
    """Unfolded from PCA; None where PCA keeps as many neighbours, as it does for sound that is flat in itself."""
    how = Unfolding()
    near = nearest(features, how.neighbours, seed, watch)[0]
    flat = pca(features)
    start = flat * (how.extent / max(float(flat[:, 0].std()), 1e-12))
    found = unfolded(start, near, seed, watch, how)
    k = min(NEIGHBOURS, (len(features) - 1) // 2)
    by_pca, by_us = (float(shared(near[:, :k], nearest(layout, k)[0]).mean()) for layout in (flat, found))
    return found if by_us > by_pca else None


def _by_umap(features: np.ndarray, seed: int, watch: Monitor) -> np.ndarray | None:
    """UMAP with its own defaults. It has no progress and cannot be stopped in between."""
    if len(features) < FEW:
        return None
    watch.report(0, None, "Drawing the map by UMAP")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that parts of it are not installed, that a seed makes it slower
        from umap import UMAP

        model = UMAP(n_components=3, random_state=seed, n_jobs=1)
        found: np.ndarray = np.asarray(model.fit_transform(features), np.float64)
    watch.check()
    return found if np.isfinite(found).all() else None


def _folded(features: np.ndarray, seed: int, watch: Monitor) -> np.ndarray | None:
    """The autoencoder's code. Where it collapses (dead or equal units) another start, at last None."""
    if len(features) < FEW:
        return None
    from musicdesk.learning.autoencoder import MAP, is_degenerate, train

    standard = features / float(features.std())
    for attempt in range(STARTS):
        coded = train(standard, MAP, seed + attempt, watch)
        if np.isfinite(coded.code).all() and not is_degenerate(coded.code):
            code: np.ndarray = coded.code.astype(np.float64)
            return code
    return None


_WAYS: dict[str, Callable[[np.ndarray, int, Monitor], np.ndarray | None]] = {
    DEFAULT: _unfolded,
    "umap": _by_umap,
    "autoencoder": _folded,
}


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
    """`points` turned, moved and scaled to lie on `previous` (Procrustes, Schonemann and Carroll 1970).

    Only rows known in both count; with fewer than four nothing is done. The scale is the ratio of both extents, at
    most 2 either way: the least squares one would shrink maps the more, the less alike they are.
    """
    known = np.isfinite(previous).all(axis=1)
    if known.sum() < 4:
        return points
    middle, wanted = points[known].mean(axis=0), previous[known].mean(axis=0)
    new, old = points[known] - middle, previous[known] - wanted
    left, _, right = np.linalg.svd(new.T @ old)
    mine, his = np.linalg.norm(new), np.linalg.norm(old)
    scale = np.clip(his / mine, 1 / MOST_GROWTH, MOST_GROWTH) if mine > 1e-9 and his > 1e-9 else 1.0
    laid: np.ndarray = scale * (points - middle) @ (left @ right) + wanted
    return laid
