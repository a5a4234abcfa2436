"""Models of crowds: training beside the bare library, fold-in, scoring, metrics.

Run: python -m tests.benchmarks.bench_models [--full]
--full also learns from a made-up crowd of the Taste Profile's size (48 million pairs; minutes, 6 GB).
"""

from __future__ import annotations

import os
import resource
import sys
import time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import numpy as np  # noqa: E402
from scipy.sparse import csr_matrix  # noqa: E402

from musicdesk.core.progress import Silent  # noqa: E402
from musicdesk.core.types import Listener, TrackId, Vectors  # noqa: E402
from musicdesk.evaluation.metrics import auc, joined, mean, ndcg, places, recall  # noqa: E402
from musicdesk.recommenders.base import TrainingData  # noqa: E402
from musicdesk.recommenders.crowd import CrowdPlays  # noqa: E402
from musicdesk.recommenders.ease import Ease  # noqa: E402
from musicdesk.recommenders.factors import FactorFitted, Factors, folded  # noqa: E402
from musicdesk.recommenders.item_knn import ItemKnn  # noqa: E402
from musicdesk.recommenders.wmf import Wmf  # noqa: E402
from tests.benchmarks.bench_space import milliseconds, told  # noqa: E402

NOWHERE = Vectors(np.empty(0, np.int64), np.empty((0, 1), np.float32))


def made(listeners: int, songs: int, pairs: int, seed: int = 0) -> csr_matrix:
    """Plays with a long tail of songs and of listeners; about `pairs` of them, drawn in pieces to spare memory."""
    draw = np.random.default_rng(seed)
    size = draw.pareto(1.5, listeners) + 0.5
    size = np.maximum(1, (size / size.sum() * pairs * 1.15)).astype(np.int64)
    size = np.minimum(size, songs // 4)
    columns = (songs * draw.random(int(size.sum()), dtype=np.float32) ** 2.5).astype(np.int32)
    indptr = np.concatenate([[0], np.cumsum(size)])
    plays = csr_matrix((np.ones(len(columns), np.float32), columns, indptr), shape=(listeners, songs))
    plays.sum_duplicates()
    return plays


def bare(plays: csr_matrix, model: Wmf) -> float:
    """Processor seconds of `implicit` alone on the same confidences, all its own threads."""
    from implicit.cpu.als import AlternatingLeastSquares
    from threadpoolctl import threadpool_limits

    confidence = model.confidence.matrix(plays)
    with threadpool_limits(1, "blas"):
        als = AlternatingLeastSquares(
            model.factors, regularization=model.regularization, iterations=model.iterations, random_state=0
        )
        begun = time.process_time()
        als.fit(confidence, show_progress=False)
    return time.process_time() - begun


def training_part() -> bool:
    """WMF and the bare library in turns; processor seconds, which other programs hardly change."""
    plays = made(20_000, 10_000, 1_000_000)
    model = Wmf(factors=64, iterations=3)
    ours, theirs = [], []
    for _ in range(3):
        begun = time.process_time()
        model.factorize(plays, 0, Silent())
        ours.append(time.process_time() - begun)
        theirs.append(bare(plays, model))
    ratio = min(ours) / min(theirs)
    print(f"WMF on 20,000 x 10,000, {plays.nnz:,} pairs: {min(ours):.1f} s, bare {min(theirs):.1f} s")
    print(f"  ratio {ratio:.3f}  (at most 1.05: {'yes' if ratio <= 1.05 else 'NO'})")
    return ratio <= 1.05


def listener_part() -> bool:
    draw = np.random.default_rng(1)
    songs = draw.normal(scale=0.1, size=(100_000, 64)).astype(np.float32)
    crowd = CrowdPlays.bare(csr_matrix((2, 100_000), dtype=np.float32))
    crowd = CrowdPlays("c", crowd.read, np.arange(1, 100_001), crowd.artists, crowd.mine)
    model = Wmf(factors=64)
    data = TrainingData(NOWHERE, crowd=crowd)
    fitted = FactorFitted("wmf", {}, Factors.of_songs(songs, crowd), model.confidence, model.regularization, data)
    gram = songs.T.astype(np.float64) @ songs
    rows, sure = songs[:200], np.full(200, 20.0)
    good = told("fold-in of a listener of 200 songs, 64 factors", milliseconds(lambda: folded(gram, rows, sure, 30)), 1)
    plays = {TrackId(t): 1 for t in range(1, 201)}
    ids = np.arange(1, 100_001)
    copies = [Listener("me", plays=dict(plays)) for _ in range(40)]
    spent = milliseconds(lambda: fitted.score(copies.pop(), ids))
    return told("WMF: score 100,000, listener seen for the first time", spent, 20) and good


def metrics_part() -> bool:
    draw = np.random.default_rng(2)
    held, seen = made(20_000, 10_000, 100_000, 3), made(20_000, 10_000, 1_000_000, 4)
    spent, parts = 0.0, []
    for start in range(0, 20_000, 1_000):
        scores = draw.random((1_000, 10_000), dtype=np.float32)
        begun = time.perf_counter()
        parts.append(places(scores, held[start : start + 1_000], seen[start : start + 1_000]))
        spent += time.perf_counter() - begun
    begun = time.perf_counter()
    found = joined(parts)
    figures = [mean(recall(found, 20)), mean(recall(found, 50)), mean(ndcg(found, 100)), mean(auc(found))]
    spent += time.perf_counter() - begun
    print(f"metrics of 20,000 listeners x 10,000 songs: {spent:.1f} s  (at most 20: {'yes' if spent <= 20 else 'NO'})")
    return spent <= 20 and abs(figures[3] - 0.5) < 0.01


def others_part() -> None:
    data = TrainingData(NOWHERE, crowd=CrowdPlays.bare(made(20_000, 10_000, 1_000_000)))
    for model in (ItemKnn(), Ease()):
        begun = time.perf_counter()
        model.fit(data, 0, Silent())
        print(f"{model.name} on 20,000 x 10,000, 1 M pairs: {time.perf_counter() - begun:.1f} s")


def full_part() -> None:
    """Few factors and iterations: it shows that the size is no obstacle, not how good the vectors are."""
    plays = made(1_019_318, 384_546, 48_373_586)
    model = Wmf(factors=32, iterations=1)
    begun = time.perf_counter()
    model.factorize(plays, 0, Silent())
    spent, used = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"WMF on {plays.shape[0]:,} x {plays.shape[1]:,}, {plays.nnz:,} pairs, 32 factors: {spent:.0f} s for one")
    print(f"  iteration with all that comes before it, {used:.1f} GB in all")


def main(arguments: list[str] | None = None) -> int:
    """Prints the figures; 1 when a goal is missed."""
    good = [metrics_part(), listener_part(), training_part()]
    others_part()
    if "--full" in (sys.argv[1:] if arguments is None else arguments):
        full_part()
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
