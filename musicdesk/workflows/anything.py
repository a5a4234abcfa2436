"""Something to play for a person who asked for nothing in particular."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from musicdesk.core.types import TrackId

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk

MANY = 500  # more than anybody hears in a day


def anything(desk: Desk, seed: int | None = None, count: int = MANY) -> list[TrackId]:
    """Up to `count` tracks within reach in random order, without those that are kept out of playlists where others are.

    seed: the same seed gives the same order; None gives another one every time
    """
    kept_out = desk.catalog.browse.kept_out()
    there = np.setdiff1d(desk.catalog.browse.everything(), kept_out["missing"])
    wanted = np.setdiff1d(there, np.concatenate([kept_out["excluded"], kept_out["refused"]]))
    found = wanted if len(wanted) else there
    return [TrackId(int(track)) for track in np.random.default_rng(seed).permutation(found)[:count]]
