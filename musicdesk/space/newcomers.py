"""Places for new tracks on a map that stands: beside those they sound like, without drawing it anew.

A place is the mean of the nearest tracks' places, weighed by a kernel of their distances in sound, as in kernel t-SNE
(Gisbrecht, Schulz, Hammer 2015); from there the objective of `unfold` pulls it to its neighbours and away from the
rest, while all others stay where they are. A network from sound to places was tried and fell behind: trained until it
placed its own tracks well it knew them by heart, and placed others a tenth worse.
"""

from __future__ import annotations

import numpy as np

from musicdesk.core.progress import Monitor, Silent
from musicdesk.space.graph import nearest

MEANT, PULLED = 5, 8  # nearest tracks whose places are averaged, and that then pull
STRANGERS = 2_000  # of the map, that push
STEPS, RATE = 60, 0.1
AT_ONCE = 1_000
LEAST = 2 * PULLED  # tracks on a map that can take others in
_SPACING = 0.8  # of neighbours on an unfolded map, in units of the kernel


def placed_among(
    known: np.ndarray, places: np.ndarray, new: np.ndarray, seed: int = 0, monitor: Monitor | None = None
) -> np.ndarray:
    """Places float32 (m, 3) for features `new` float (m, d), on the map of `known` (n, d) with `places` (n, 3).

    All finite, n >= LEAST. A track whose features are on the map already gets that place. Raises Cancelled.
    """
    watch = monitor or Silent()
    unit = _unit(places)
    at = (places / unit).astype(np.float32)
    found = np.empty((len(new), 3), np.float32)
    rng = np.random.default_rng(seed)
    strangers = np.sort(rng.choice(len(known), min(STRANGERS, len(known)), replace=False))
    for start in range(0, len(new), AT_ONCE):
        watch.check()
        watch.report(start, len(new), "Placing new tracks")
        part = slice(start, start + AT_ONCE)
        rows, away = _nearest_known(known, new[part], PULLED + 1)
        begun, same = _mean(at, rows, away)
        moved = _pulled(begun, at[rows[:, :PULLED]], at[strangers])
        found[part] = np.where(same[:, None], begun, moved) * unit
    return found


def _unit(places: np.ndarray) -> float:
    """The kernel's unit on this map, by how close neighbours lie."""
    close = float(np.median(nearest(places, PULLED)[1]))
    return close / _SPACING if close > 1e-9 else 1.0


def _nearest_known(known: np.ndarray, new: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows int64 (m, k) and distances float64 (m, k), nearest first."""
    middle = known.mean(axis=0)
    there, here = (known - middle).astype(np.float32), (new - middle).astype(np.float32)
    square = np.einsum("nd,nd->n", there, there)[None, :] - 2.0 * (here @ there.T)
    square += np.einsum("md,md->m", here, here)[:, None]
    rows = np.argpartition(square, k - 1, axis=1)[:, :k]
    exact = np.linalg.norm(known[rows].astype(np.float64) - new[:, None], axis=2)
    order = np.argsort(exact, axis=1, kind="stable")
    return np.take_along_axis(rows, order, 1), np.take_along_axis(exact, order, 1)


def _mean(at: np.ndarray, rows: np.ndarray, away: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weighed means float32 (m, 3), and whether a track is on the map already, bool (m,)."""
    limit = np.maximum(away[:, MEANT : MEANT + 1], 1e-12)
    weights = np.maximum(1.0 - (away[:, :MEANT] / limit) ** 2, 1e-6)
    same = away[:, 0] < 1e-6 * np.maximum(1.0, away[:, -1])
    weights[same] = np.arange(MEANT) == 0
    weights /= weights.sum(axis=1, keepdims=True)
    means = np.einsum("mk,mkd->md", weights, at[rows[:, :MEANT]])
    return means.astype(np.float32), same


def _pulled(begun: np.ndarray, near: np.ndarray, strangers: np.ndarray) -> np.ndarray:
    """float32 (m, 3): `begun` after some steps of Adam. near: (m, PULLED, 3); strangers: (s, 3)"""
    places, mean, square = begun.copy(), np.zeros_like(begun), np.zeros_like(begun)
    theirs = np.einsum("sd,sd->s", strangers, strangers)
    for step in range(1, STEPS + 1):
        apart = places[:, None] - near
        close = 1.0 / (1.0 + np.einsum("mkd,mkd->mk", apart, apart))
        q = theirs[None, :] - 2.0 * (places @ strangers.T)
        q += np.einsum("md,md->m", places, places)[:, None]
        q = 1.0 / (1.0 + np.maximum(q, 0.0))
        total = q.sum(axis=1) + close.mean(axis=1)
        slope = 2.0 * np.einsum("mk,mkd->md", close, apart) / near.shape[1]
        q *= q
        slope -= (2.0 / total)[:, None] * (q.sum(axis=1)[:, None] * places - q @ strangers)
        mean, square = 0.9 * mean + 0.1 * slope, 0.999 * square + 0.001 * slope**2
        forward = mean / (1 - 0.9**step) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
        places -= np.float32(RATE * (1 - (step - 1) / STEPS)) * forward
    return places
