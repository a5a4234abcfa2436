"""Which of a crowd's songs are in the library."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from musicdesk.history.matching import keys

if TYPE_CHECKING:
    from musicdesk.catalog.crowds import CrowdRow
    from musicdesk.workflows.desk import Desk


def owned(desk: Desk, crowd: CrowdRow) -> np.ndarray:
    """int64 (songs,): the track that each song of the crowd is, -1 where the library has none."""
    found = np.full(crowd.songs, -1, np.int64)
    library = {"|".join(keys(artist, title)): track for track, artist, title, _, _ in desk.catalog.matches.tracks()}
    for code, key in desk.catalog.crowds.known_keys(crowd.id):
        found[code] = library.get(key, -1)
    return found
