"""The networks that an encoder may be, by their kind on the card."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval, fuse_linear_bn_eval

from musicdesk.core.errors import Unusable
from musicdesk.encoders.data import Windows
from musicdesk.encoders.weights import KINDS
from musicdesk.learning.ear import Ear, EarShape
from musicdesk.learning.ears import Ears
from musicdesk.learning.network import Tower, TowerShape
from musicdesk.learning.sketch import GROUPS, levelled, sketch

if TYPE_CHECKING:
    from musicdesk.encoders.weights import Card

Network = Tower | Ear | Ears
MOST = 4_096  # windows that the sketch's mean and deviation are taken from


def built(kind: str, width: int, out: int, hidden: int, filters: int, bands: int, frames: int) -> Network:
    """A new network. Raises Unusable for a kind that there is not."""
    if kind == "tower":
        return Tower(TowerShape(dim=width, out=out, bands=bands, frames=frames))
    if kind in KINDS:
        if min(hidden, filters // 2, out) < 1 or out > width or bands % GROUPS or (kind == "ears" and width % 2):
            raise Unusable(
                f"An ear of {bands} bands, {filters} filters, {hidden} hidden numbers and {out} of {width} in its "
                "vectors cannot be built."
            )
        shape = EarShape(width, out, hidden, filters, bands, frames, in_picture=kind == "ear2d")
        return Ears(shape) if kind == "ears" else Ear(shape)
    raise Unusable(f"There is no encoder of the kind '{kind}'; known are {', '.join(KINDS)}.")


def of_card(card: Card) -> Network:
    """The network that a card describes, its weights yet to be read."""
    shape = (card.hidden, card.filters, card.mel.bands, card.window_frames)
    return built(card.kind, card.width, card.dim, *shape)


def facts(network: Network) -> dict[str, Any]:
    """What a card has to tell of a network beside its input and its length."""
    if isinstance(network, Tower):
        return {"kind": "tower"}
    kind = "ears" if isinstance(network, Ears) else "ear2d" if network.shape.in_picture else "ear"
    return {"kind": kind, "hidden": network.shape.hidden, "filters": network.shape.filters}


def like(start: Network) -> Network:
    """A copy of `start`, with its weights."""
    copy: Network = Tower(start.shape) if isinstance(start, Tower) else type(start)(start.shape)
    copy.load_state_dict(start.state_dict())
    return copy


def fused(network: Network) -> Network:
    """A copy that hears the same, sooner: the fixed scales behind its layers have gone into them."""
    copy = like(network).eval().requires_grad_(False)
    for layers in [part for part in copy.modules() if isinstance(part, nn.Sequential)]:
        for at, (layer, scales) in enumerate(pairwise(layers)):
            if not isinstance(scales, nn.BatchNorm1d | nn.BatchNorm2d):
                continue
            if isinstance(layer, nn.Linear):
                layers[at] = fuse_linear_bn_eval(layer, scales)
            else:
                assert isinstance(layer, nn.Conv1d | nn.Conv2d)
                layers[at] = fuse_conv_bn_eval(layer, scales)
            layers[at + 1] = nn.Identity()
    return copy


def standardise(network: Network, windows: Windows) -> None:
    """Mean and deviation of what the network's first layer sees go into it."""
    mean, sd = windows.statistics() if isinstance(network, Tower) else sketches(windows)
    seeing = (network.in_time, network.in_picture) if isinstance(network, Ears) else (network,)
    for part in seeing:
        part.mean.copy_(torch.from_numpy(mean))
        part.sd.copy_(torch.from_numpy(sd))


def sketches(windows: Windows) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of the sketch over at most 4,096 windows, float32 (numbers,) each."""
    at = np.unique(np.linspace(0, len(windows.mels) - 1, num=min(MOST, len(windows.mels)), dtype=int))
    parts = []
    with torch.inference_mode():
        for rows in np.array_split(at, max(1, len(at) // 256)):
            pictures = torch.from_numpy(windows.mels[rows].astype(np.float32))
            parts.append(sketch(levelled(pictures)).numpy())
    drawn = np.concatenate(parts).astype(np.float64)
    return drawn.mean(0).astype(np.float32), (drawn.std(0) + 1e-3).astype(np.float32)
