"""The networks that an encoder may be, by their kind on the card."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from musicdesk.core.errors import Unusable
from musicdesk.encoders.data import Windows
from musicdesk.learning.ear import Ear, EarShape
from musicdesk.learning.network import Tower, TowerShape
from musicdesk.learning.sketch import GROUPS, levelled, sketch

if TYPE_CHECKING:
    from musicdesk.encoders.weights import Card

Network = Tower | Ear
KINDS = ("tower", "ear")
MOST = 4_096  # windows that the sketch's mean and deviation are taken from


def built(kind: str, width: int, out: int, hidden: int, filters: int, bands: int, frames: int) -> Network:
    """A new network. Raises Unusable for a kind that there is not."""
    if kind == "tower":
        return Tower(TowerShape(dim=width, out=out, bands=bands, frames=frames))
    if kind == "ear":
        if min(hidden, filters, out) < 1 or out > width or bands % GROUPS:
            raise Unusable(
                f"An ear of {bands} bands, {filters} filters, {hidden} hidden numbers and {out} in its vectors "
                "cannot be built."
            )
        return Ear(EarShape(width, out, hidden, filters, bands, frames))
    raise Unusable(f"There is no encoder of the kind '{kind}'; known are {', '.join(KINDS)}.")


def of_card(card: Card) -> Network:
    """The network that a card describes, its weights yet to be read."""
    shape = (card.hidden, card.filters, card.mel.bands, card.window_frames)
    return built(card.kind, card.width, card.dim, *shape)


def facts(network: Network) -> dict[str, Any]:
    """What a card has to tell of a network beside its input and its length."""
    if isinstance(network, Ear):
        return {"kind": "ear", "hidden": network.shape.hidden, "filters": network.shape.filters}
    return {"kind": "tower"}


def like(start: Network) -> Network:
    """A copy of `start`, with its weights."""
    copy = Ear(start.shape) if isinstance(start, Ear) else Tower(start.shape)
    copy.load_state_dict(start.state_dict())
    return copy


def standardise(network: Network, windows: Windows) -> None:
    """Mean and deviation of what the network's first layer sees go into it."""
    mean, sd = sketches(network, windows) if isinstance(network, Ear) else windows.statistics()
    network.mean.copy_(torch.from_numpy(mean))
    network.sd.copy_(torch.from_numpy(sd))


def sketches(network: Ear, windows: Windows) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of the sketch over at most 4,096 windows, float32 (numbers,) each."""
    at = np.unique(np.linspace(0, len(windows.mels) - 1, num=min(MOST, len(windows.mels)), dtype=int))
    parts = []
    with torch.inference_mode():
        for rows in np.array_split(at, max(1, len(at) // 256)):
            pictures = torch.from_numpy(windows.mels[rows].astype(np.float32))
            parts.append(sketch(levelled(pictures)).numpy())
    drawn = np.concatenate(parts).astype(np.float64)
    return drawn.mean(0).astype(np.float32), (drawn.std(0) + 1e-3).astype(np.float32)
