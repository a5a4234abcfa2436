"""Neighbours, scores, playlists and the map at 100,000 tracks. Run: python -m tests.benchmarks.bench_space [--map]"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import numpy as np  # noqa: E402

from musicdesk.core.progress import Silent  # noqa: E402
from musicdesk.core.types import Listener, TrackId, Vectors  # noqa: E402
from musicdesk.playlists.assemble import Wish, assemble  # noqa: E402
from musicdesk.playlists.diversify import mmr  # noqa: E402
from musicdesk.playlists.rules import candidates  # noqa: E402
from musicdesk.recommenders.base import TrainingData  # noqa: E402
from musicdesk.recommenders.content import Content  # noqa: E402
from musicdesk.recommenders.popularity import Popularity  # noqa: E402
from musicdesk.space.index import Approximate  # noqa: E402
from musicdesk.space.neighbours import Exact  # noqa: E402
from musicdesk.space.projection import project  # noqa: E402
from musicdesk.space.trust import trust  # noqa: E402

N, DIM = 100_000, 128


def made(n: int) -> Vectors:
    """Unit vectors around 50 styles: as lumpy as music, so that the trees have their say."""
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(50, DIM))[rng.integers(0, 50, n)] + rng.normal(size=(n, DIM))
    return Vectors(
        np.arange(1, n + 1), (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32), "bench"
    )


def milliseconds(work: Callable[[], object], times: int = 15) -> float:
    """The best of several runs after a warm one: what the work costs when nothing else wants the memory."""
    work()
    spent = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        spent.append(time.perf_counter() - begun)
    return 1_000 * min(spent)


def told(name: str, value: float, limit: float | None = None) -> bool:
    fine = limit is None or value <= limit
    goal = "" if limit is None else f"  (at most {limit:g}: {'yes' if fine else 'NO'})"
    print(f"{name:<52} {value:10.2f} ms{goal}")
    return fine


def recall(one: Exact, other: Approximate, vectors: Vectors, n: int = 100) -> float:
    hits = []
    for row in range(0, len(vectors), len(vectors) // 30):
        truth = set(one.near(vectors.matrix[row], n)[0].tolist())
        hits.append(len(truth & set(other.near(vectors.matrix[row], n)[0].tolist())) / n)
    return float(np.mean(hits))


def neighbours_part(vectors: Vectors) -> bool:
    exact = Exact(vectors)
    good = told(f"exact: 100 neighbours of one in {N:,}", milliseconds(lambda: exact.near(vectors.matrix[5], 100)), 5.0)
    told("  of it the bare product", milliseconds(lambda: vectors.matrix @ vectors.matrix[5]))
    twice = Exact(made(2 * N))
    told(f"exact: 100 neighbours of one in {2 * N:,}", milliseconds(lambda: twice.near(vectors.matrix[5], 100)))
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        trees = Approximate.open(vectors, Path(folder))
        told(f"annoy: build for {N:,}", 1_000 * (time.perf_counter() - begun))
        told("annoy: open, every byte checked", milliseconds(lambda: Approximate.open(vectors, Path(folder)), 3))
        told("annoy: 100 neighbours", milliseconds(lambda: trees.near(vectors.matrix[5], 100)))
        print(f"annoy: recall of the first 100 {recall(exact, trees, vectors):>33.3f}")
    return good


def scores_part(vectors: Vectors) -> bool:
    listener = Listener(
        liked={TrackId(i): 1.0 for i in range(1, 41)},
        disliked={TrackId(i): 1.0 for i in range(60, 63)},
        plays={TrackId(i): i % 9 for i in range(100, 600)},
    )
    data = TrainingData(vectors, listener, {TrackId(i): f"artist {i % 5_000}" for i in range(1, N + 1)})
    fitted = Content().fit(data, 0, Silent())
    popular = Popularity().fit(data, 0, Silent())
    told("content: fit", milliseconds(lambda: Content().fit(data, 0, Silent()), 3))
    good = told(
        f"content: score {N:,}, 40 likes, 500 played", milliseconds(lambda: fitted.score(listener, vectors.ids)), 20
    )
    told("content: the same, listener seen for the first time", _fresh(data, listener))
    told("content: explain one", milliseconds(lambda: fitted.explain(listener, TrackId(700))))
    return told(f"popularity: score {N:,}", milliseconds(lambda: popular.score(listener, vectors.ids)), 20) and good


def _fresh(data: TrainingData, listener: Listener) -> float:
    fitted = Content().fit(data, 0, Silent())
    copies = [Listener("me", dict(listener.liked), listener.disliked, listener.plays) for _ in range(20)]
    return milliseconds(lambda: fitted.score(copies.pop(), data.vectors.ids), 15)


def playlists_part(vectors: Vectors) -> bool:
    rng = np.random.default_rng(0)
    artists, scores = rng.integers(0, 5_000, N), rng.normal(size=N)
    library = candidates(vectors.ids, scores, artists=artists, songs=rng.integers(-1, N, N), vectors=vectors.matrix)
    narrow = candidates(vectors.ids, scores, artists=np.zeros(N), vectors=vectors.matrix)
    told(f"assemble 50 from {N:,}", milliseconds(lambda: assemble(library, Wish(50), 1)))
    told(f"assemble 50 from {N:,} by one artist", milliseconds(lambda: assemble(narrow, Wish(50), 1)))
    quality = np.sort(rng.random(1_000))[::-1]
    return told("MMR: 1,000 -> 50", milliseconds(lambda: mmr(quality, vectors.matrix[:1_000], 50, 0.7)), 20)


def map_part(vectors: Vectors) -> None:
    for n in (1_000, N):
        features = vectors.matrix[:n]
        for method in ("pca", "autoencoder", "neighbours"):
            begun = time.perf_counter()
            xyz = project(features, method)
            spent = time.perf_counter() - begun
            found = trust(features, xyz)
            whole = time.perf_counter() - begun
            print(
                f"map of {n:,} by {method}: {spent:.1f} s, checking it {whole - spent:.1f} s, "
                f"trustworthiness {found.trustworthiness:.3f}, continuity {found.continuity:.3f}"
            )


def main(arguments: list[str] | None = None) -> int:
    """Prints the figures; 1 when a goal is missed."""
    vectors = made(N)
    good = [neighbours_part(vectors), scores_part(vectors), playlists_part(vectors)]
    if "--map" in (sys.argv[1:] if arguments is None else arguments):
        map_part(vectors)
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
