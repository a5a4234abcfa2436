"""Many people's plays for a study: from a file as `import --crowd` takes it, or from a crowd that was imported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from musicdesk.core.errors import NotReady, Unusable
from musicdesk.history.base import Account
from musicdesk.history.crowd import Crowd, crowd_of
from musicdesk.history.crowd_formats import crowd_format_of
from musicdesk.history.sources import FileSource
from musicdesk.history.text import head_of
from musicdesk.workflows.import_crowd import matrix
from musicdesk.workflows.studies.study import Given
from musicdesk.workflows.training_data import usual_crowd

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

FILES = ("train_triplets.txt", "train_triplets.txt.gz", "triplets.txt", "triplets.txt.gz")
NEEDS = "a file of many people's plays, such as Taste Profile triplets (--data FILE), or a crowd that was imported."
LEAST = 50  # listeners


@dataclass(frozen=True, eq=False)
class Plays:
    """matrix: CSR float32 (listeners, songs), play counts; note: what this is, as the first line of tables"""

    matrix: csr_matrix
    note: str


def plays(given: Given, most_listeners: int = 0) -> Plays:
    """Of listeners with at least five songs; at most so many of them, drawn by seed (0: all), and their songs.

    Raises NotReady without data and crowds, Unusable for a file that holds no plays or too few.
    """
    crowd, name = _crowd(given)
    from scipy.sparse import csr_matrix

    shape = (len(crowd.listeners), len(crowd.songs))
    whole = csr_matrix((crowd.plays.astype(np.float32), crowd.indices.astype(np.int32), crowd.indptr), shape=shape)
    able = np.flatnonzero(np.diff(whole.indptr) >= 5)
    if len(able) < LEAST:
        raise Unusable(f"{name} tells of {len(able)} listeners with five songs; this study needs at least {LEAST}.")
    if 0 < most_listeners < len(able):
        able = np.sort(np.random.default_rng(given.seed).permutation(able)[:most_listeners])
    part = whole[able]
    played = np.flatnonzero(np.diff(part.tocsc().indptr))
    part = part[:, played].tocsr()
    part.sort_indices()
    note = (
        f"On {name}: {part.nnz:,} pairs of {part.shape[0]:,} listeners with at least five of {part.shape[1]:,} songs."
    )
    return Plays(part, note)


def _crowd(given: Given) -> tuple[Crowd, str]:
    if given.data is None:
        name = usual_crowd(given.desk)
        if not name:
            raise NotReady(f"This study needs {NEEDS}")
        return matrix(given.desk, given.desk.catalog.crowds.get(name)), f"the crowd '{name}'"
    path = given.file(*FILES)
    source = FileSource(path, path.name)
    form = crowd_format_of(head_of(source))
    if form is None or form.plays is None:
        raise Unusable(f"{path.name} holds no plays of many people: 'user<TAB>song<TAB>plays' is wanted.")
    return crowd_of(form.plays(source, Account())[0]), path.name
