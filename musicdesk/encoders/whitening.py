"""The fixed last layer: vectors centred and turned onto their main directions.

Contrastive vectors share a large common part and a few strong directions; taking these back spreads the
similarities out (Su et al. 2021, "Whitening sentence representations"; for sound, decided by measurement:
see the card of each encoder).
"""

from __future__ import annotations

import numpy as np
import torch

from musicdesk.encoders.data import Windows
from musicdesk.encoders.networks import Network
from musicdesk.learning.network import unit


def whiten(network: Network, windows: Windows, strength: float, centred: bool = True, most: int = 8_192) -> None:
    """Sets `center` and `rotation` of the network from features of at most `most` windows.

    centred:  whether what all have in common is taken away
    strength: 0 turns only (the `out` strongest directions), 1 makes every kept direction equally long;
              below 0 the strongest become longer still
    """
    at = np.unique(np.linspace(0, len(windows.mels) - 1, num=min(most, len(windows.mels)), dtype=int))
    features = []
    with torch.inference_mode():
        for rows in np.array_split(at, max(1, len(at) // 256)):
            pictures = torch.from_numpy(windows.mels[rows].astype(np.float32))
            features.append(unit(network.features(pictures)).numpy())
    vectors = np.concatenate(features).astype(np.float64)
    center = vectors.mean(axis=0) * centred
    rotation = main_directions(vectors - center, network.rotation.shape[1], strength)
    network.center.copy_(torch.from_numpy(center))
    network.rotation.copy_(torch.from_numpy(rotation))


def main_directions(centred: np.ndarray, out: int, strength: float) -> np.ndarray:
    """float64 (dim, out): eigenvectors of the covariance, strongest first, each over sd ** strength."""
    values, directions = np.linalg.eigh(centred.T @ centred / len(centred))
    strongest = np.argsort(values)[::-1][:out]
    variance = np.maximum(values[strongest], 1e-4 * values[strongest[0]] + 1e-12)
    turned: np.ndarray = directions[:, strongest] / variance ** (strength / 2)
    return turned
