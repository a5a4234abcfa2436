"""A pass of the content-user model over 7,000 songs against the bare tower, forward and backward, same windows.

python -m tests.benchmarks.bench_content_user [songs]

20,000 listeners with a million plays. Both by the same number of threads, turn by turn, in processor seconds, which
other programs on the machine do not change; the best of three counts. Windows lie in a file, as in a real training.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from scipy.sparse import csc_matrix, csr_matrix

from musicdesk.core.progress import Silent
from musicdesk.learning.network import Tower
from musicdesk.learning.windows import MelWindows
from musicdesk.recommenders.content_user import ContentUser
from musicdesk.recommenders.two_towers import Plays, TwoTowersLearner

WANTED = 1.3
SONGS, LISTENERS, PLAYS, WINDOWS = 7_000, 20_000, 1_000_000, 4
REPEATS = 3
CONFIG = ContentUser()


def main() -> int:
    songs = int(sys.argv[1]) if len(sys.argv) > 1 else SONGS
    with tempfile.TemporaryDirectory() as folder:
        windows = filed(Path(folder) / "windows.f16", songs)
        plays = crowd(songs)
        learner = TwoTowersLearner(plays, songs, windows, CONFIG, 1, torch.device("cpu"))
        tower = Tower()
        bare_s, whole_s = [], []
        for turn in range(REPEATS):
            bare_s.append(seconds(lambda turn=turn: bare(tower, windows, songs, turn)))
            whole_s.append(seconds(lambda turn=turn: learner.epoch(turn, Silent())))
    ratio = min(cpu for _, cpu in whole_s) / min(cpu for _, cpu in bare_s)
    good = ratio <= WANTED
    print(
        f"content_user, a pass over {songs:,} songs, {plays.train.nnz:,} plays by {LISTENERS:,} listeners, "
        f"{torch.get_num_threads()} threads: {said(whole_s)}; bare tower {said(bare_s)}; "
        f"ratio {ratio:.2f} (wanted {WANTED}) {'ok' if good else 'TOO SLOW'}"
    )
    print(f"  peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GB")
    return 0 if good else 1


def filed(path: Path, songs: int) -> MelWindows:
    pictures = np.memmap(path, np.float16, "w+", shape=(songs * WINDOWS, 130, 128))
    draw = np.random.default_rng(1)
    for start in range(0, len(pictures), 1_000):
        part = pictures[start : start + 1_000]
        part[:] = draw.random(part.shape, np.float32)
    first = np.arange(songs + 1) * WINDOWS
    return MelWindows(np.arange(songs), first, pictures, np.arange(songs * WINDOWS), "bench")


def crowd(songs: int) -> Plays:
    """Popularity and activity fall off as they do in real crowds."""
    draw = np.random.default_rng(2)
    count = PLAYS * songs // SONGS
    who = (LISTENERS * draw.random(count) ** 1.5).astype(np.int64)
    what = (songs * draw.random(count) ** 1.5).astype(np.int64)
    train = csr_matrix((np.ones(count, np.float32), (who, what)), shape=(LISTENERS, songs)).tocsc()
    none = csc_matrix((LISTENERS, 0), dtype=np.float32)
    return Plays(train, np.arange(songs), none, np.empty(0, np.int64))


def bare(tower: Tower, windows: MelWindows, songs: int, seed: int) -> None:
    """Every song once: read a window, forward, backward. No loss worth the name, no step, no listeners."""
    draw = np.random.default_rng(seed)
    order = draw.permutation(songs) * WINDOWS + draw.integers(0, WINDOWS, songs)
    for start in range(0, songs, CONFIG.batch):
        tower.zero_grad(set_to_none=True)
        heard = tower.features(torch.from_numpy(windows.take(order[start : start + CONFIG.batch])))
        torch.autograd.backward(heard.square().mean())


def seconds(work: Callable[[], object]) -> tuple[float, float]:
    """(wall, processor) seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def said(measured: list[tuple[float, float]]) -> str:
    return f"{min(wall for wall, _ in measured):.1f} s ({min(cpu for _, cpu in measured):.1f} s of processor)"


if __name__ == "__main__":
    sys.exit(main())
