"""One iteration of content-aware factorization at 20,000 listeners x 7,000 songs, beside implicit's ALS alone.

Run: python -m tests.benchmarks.bench_content_aware
"""

from __future__ import annotations

import os
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from scipy.sparse import csr_matrix

from musicdesk.core.progress import Silent
from musicdesk.recommenders.confidence import Confidence
from musicdesk.recommenders.prior_factors import Heard, Strengths, factorize

LISTENERS, SONGS, PAIRS, WIDTH, TURNS = 20_000, 7_000, 700_000, 1_200, 3


def crowd() -> csr_matrix:
    rng = np.random.default_rng(0)
    songs = (rng.zipf(1.3, PAIRS) - 1) % SONGS
    plays = csr_matrix((np.ones(PAIRS, np.float32), (rng.integers(0, LISTENERS, PAIRS), songs)), (LISTENERS, SONGS))
    plays.sum_duplicates()
    return plays


def main() -> None:
    plays = crowd()
    confidence = Confidence(10.0, 1.0).matrix(plays)
    hidden = np.random.default_rng(1).normal(size=(SONGS, WIDTH)).astype(np.float32)
    print(f"{plays.shape[0]:,} listeners x {plays.shape[1]:,} songs, {plays.nnz:,} pairs, h of {WIDTH:,}")
    for factors in (50, 128):
        seconds = {}
        for turns in (1, 1 + TURNS):
            begun = time.perf_counter()
            heard = Heard(np.arange(SONGS), hidden)
            factorize(confidence, heard, factors, turns, Strengths(10.0, 10.0, 100.0), 1, Silent())
            seconds[turns] = time.perf_counter() - begun
        begun = time.perf_counter()
        bare = AlternatingLeastSquares(factors, regularization=10.0, iterations=TURNS, use_cg=False, random_state=1)
        bare.fit(confidence, show_progress=False)
        alone = (time.perf_counter() - begun) / TURNS
        each = (seconds[1 + TURNS] - seconds[1]) / TURNS
        print(f"{factors} factors: {each:.2f} s per iteration; implicit without a prior: {alone:.2f} s")


if __name__ == "__main__":
    main()
