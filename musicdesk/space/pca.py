"""The first principal components: the plain map, and the yardstick of every other one."""

from __future__ import annotations

import numpy as np


def pca(features: np.ndarray, parts: int = 3) -> np.ndarray:
    """Scores on the first `parts` components, float64 (n, parts); missing components are 0.

    features: float (n, d), finite, n may be 0
    The sign is fixed (each component's largest loading is positive), so the same music gives the same map.
    """
    n, d = features.shape
    scores = np.zeros((n, parts))
    if n < 2 or not d:
        return scores
    centred = np.asarray(features, np.float64) - features.mean(axis=0, dtype=np.float64)
    values, axes = np.linalg.eigh(centred.T @ centred)
    order = np.argsort(values)[::-1][: min(parts, d, n - 1)]
    axes = axes[:, order]
    signs = np.sign(axes[np.argmax(np.abs(axes), axis=0), np.arange(axes.shape[1])])
    scores[:, : axes.shape[1]] = centred @ (axes * np.where(signs == 0, 1.0, signs))
    return scores
