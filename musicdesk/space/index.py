"""The annoy index for very big libraries: a file with a sidecar that is checked before annoy may see it.

annoy maps its file into memory and trusts it: a damaged or foreign one crashes the whole process. So the
file is loaded only when the sidecar's sha256, dimension, metric, count and encoder all hold, else rebuilt.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
from annoy import AnnoyIndex

from musicdesk.core.files import replacing, write_text, write_with
from musicdesk.core.progress import Monitor, Silent
from musicdesk.core.types import TrackId, Vectors
from musicdesk.space.neighbours import EXACT_UP_TO, Exact, Neighbours, unit

METRIC: Final = "dot"  # of unit vectors: the cosine itself
TREES = 50
SEARCH_K = 20_000  # nodes looked at for a query; the default (n * trees) finds only .7 of the first 100 at 1 M
SEED = 7


@dataclass(frozen=True)
class Sidecar:
    """What the index file must be; `vectors` and `ids` are sha256 of what it was built from."""

    sha256: str
    dim: int
    metric: str
    n: int
    trees: int
    encoder: str
    ids_file: str
    ids: str
    vectors: str


def neighbours(vectors: Vectors, folder: Path, monitor: Monitor | None = None) -> Neighbours:
    """Exact search, or above EXACT_UP_TO vectors the index in `folder`, which is built when missing or stale."""
    if len(vectors) <= EXACT_UP_TO:
        return Exact(vectors)
    return Approximate.open(vectors, folder, monitor)


class Approximate:
    """Search by annoy's trees. Open with `Approximate.open`."""

    def __init__(self, index: AnnoyIndex, vectors: Vectors) -> None:
        self._index = index
        self._vectors = vectors

    @classmethod
    def open(cls, vectors: Vectors, folder: Path, monitor: Monitor | None = None) -> Approximate:
        """The index of `vectors`, from `folder` when it is sound and fresh, else built anew there.

        Raises Cancelled while building; then no index is left half written.
        """
        path = folder / "neighbours.annoy"
        if not is_sound(path, vectors):
            build(vectors, path, monitor or Silent())
        index = AnnoyIndex(vectors.matrix.shape[1], METRIC)
        index.load(str(path))
        return cls(index, vectors)

    def near(self, query: np.ndarray, n: int, leave_out: Sequence[TrackId] = ()) -> tuple[np.ndarray, np.ndarray]:
        out = self._vectors.rows_of(list(leave_out))
        wanted = n + len(out)
        rows = np.array(self._index.get_nns_by_vector(unit(query), wanted, max(SEARCH_K, wanted)), np.int64)
        rows = rows[~np.isin(rows, out)][:n]
        similarity = self._vectors.matrix[rows] @ unit(query)  # exact, whatever the trees thought
        order = np.lexsort((rows, -similarity))
        return self._vectors.ids[rows[order]], np.clip(similarity[order], -1.0, 1.0)

    def near_many(self, queries: np.ndarray, n: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
        found = [self.near(query, n) for query in queries]
        return [ids for ids, _ in found], [similarity for _, similarity in found]


def build(vectors: Vectors, path: Path, monitor: Monitor) -> None:
    """Writes the index, its ids and last its sidecar; whoever comes between sees no valid sidecar."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _sidecar(path).unlink(missing_ok=True)
    index = AnnoyIndex(vectors.matrix.shape[1], METRIC)
    index.set_seed(SEED)
    for row, vector in enumerate(vectors.matrix):
        if row % 10_000 == 0:
            monitor.check()
            monitor.report(row, len(vectors), "Building the index of neighbours")
        index.add_item(row, vector)
    index.build(TREES)
    monitor.check()
    write_with(path, lambda temp: _save(index, temp))
    with replacing(_ids_file(path)) as stream:
        np.save(stream, vectors.ids)
    write_text(_sidecar(path), json.dumps(asdict(_expected(path, vectors)), indent=2) + "\n")


def is_sound(path: Path, vectors: Vectors) -> bool:
    """Whether the files at `path` are whole and belong to exactly these vectors."""
    try:
        kept = json.loads(_sidecar(path).read_text("utf-8"))
        ids = np.load(_ids_file(path), allow_pickle=False)
        return bool(kept == asdict(_expected(path, vectors)) and np.array_equal(ids, vectors.ids))
    except (OSError, ValueError, EOFError):
        return False


def _save(index: AnnoyIndex, target: Path) -> None:
    index.save(str(target))
    index.unload()


def _expected(path: Path, vectors: Vectors) -> Sidecar:
    return Sidecar(
        sha256=_file_hash(path),
        dim=int(vectors.matrix.shape[1]),
        metric=METRIC,
        n=len(vectors),
        trees=TREES,
        encoder=vectors.encoder,
        ids_file=_ids_file(path).name,
        ids=hashlib.sha256(np.ascontiguousarray(vectors.ids).data).hexdigest(),
        vectors=hashlib.sha256(np.ascontiguousarray(vectors.matrix).data).hexdigest(),
    )


def _file_hash(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _sidecar(path: Path) -> Path:
    return path.with_suffix(".json")


def _ids_file(path: Path) -> Path:
    return path.with_suffix(".ids.npy")
