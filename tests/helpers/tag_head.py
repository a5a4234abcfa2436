"""Tags planted in the space of an encoder: each is told by one direction, so that what a track sounds like is known."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from musicdesk.catalog.catalog import Catalog
from musicdesk.core.paths import shipped_models
from musicdesk.core.types import TrackId
from musicdesk.encoders.tags import beside
from musicdesk.encoders.weights import read_card
from musicdesk.workflows.desk import DEFAULT_ENCODER

NAME = DEFAULT_ENCODER
TAGS = (
    ("piano", "instrument", 0.95),
    ("guitar", "instrument", 0.9),
    ("rock", "genre", 0.92),
    ("jazz", "genre", 0.7),
    ("calm", "mood", 0.9),
    ("female voice", "voice", 0.9),
    ("no vocals", "voice", 0.9),
)
PLACES = {name: at for at, (name, _kind, _agreement) in enumerate(TAGS)}
STEEP, MIDDLE = 20.0, 0.4  # of the probability along a tag's direction: a half at MIDDLE


def write(folder: Path, **facts: str) -> Path:
    """Tags of the default encoder in `folder`; `facts` take the place of what its metadata should be."""
    card = read_card(shipped_models(), NAME)
    weight = STEEP * np.eye(card.dim, len(TAGS), dtype=np.float32)
    names, kinds, agreement = (json.dumps(list(values)) for values in zip(*TAGS, strict=True))
    told = {"names": names, "kinds": kinds, "agreement": agreement, "sha256": card.sha256} | facts
    bias = np.full(len(TAGS), -STEEP * MIDDLE, np.float32)
    path = beside(folder, NAME)
    save_file({"weight": weight, "bias": bias}, path, told)
    return path


def give_tags(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on the encoder that comes with the program tells tags: a copy of it in `folder` does."""
    folder.mkdir()
    for path in shipped_models().glob(f"{NAME}.*"):
        if path != beside(shipped_models(), NAME):  # its own tags are not to be written over
            (folder / path.name).symlink_to(path)
    write(folder)
    monkeypatch.setattr("musicdesk.workflows.desk.shipped_models", lambda: folder)


def vector(**along: float) -> np.ndarray:
    """float32 (dim,), unit: so far along the directions of tags (`no_vocals=.6`), the rest where no tag looks."""
    found = np.zeros(read_card(shipped_models(), NAME).dim, np.float32)
    for name, far in along.items():
        found[PLACES[name.replace("_", " ")]] = far
    found[-1] = np.sqrt(max(0.0, 1.0 - float(found @ found)))
    return found


def plant(catalog: Catalog, encoder: str, tracks: Sequence[int], vectors: Sequence[np.ndarray]) -> None:
    """Each track sounds like its vector."""
    with catalog.write():
        for track, heard in zip(tracks, vectors, strict=True):
            catalog.sound.save_vector(TrackId(int(track)), encoder, heard)
