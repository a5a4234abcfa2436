"""kill -9 while a network learns tags and while factors are learned: what goes on comes to the same end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix

from musicdesk.core.progress import Monitor, Silent
from musicdesk.learning.perceptron import Lesson, Perceptron, Shape, taught
from musicdesk.recommenders.prior_factors import Heard, Strengths, factorize

TURNS = 60


def network(folder: Path | None, monitor: Monitor) -> Perceptron:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(400, 12)).astype(np.float32)
    lesson = Lesson(epochs=TURNS, batch=50, patience=0)
    return taught(x, x[:, :3] > 0, Shape(12, (32, 32, 32), 3), lesson, 1, monitor, folder)[0]


def factors(folder: Path | None, monitor: Monitor) -> np.ndarray:
    rng = np.random.default_rng(1)
    c = csr_matrix(np.where(rng.random((300, 120)) < 0.1, 8.0, 0.0).astype(np.float32))
    heard = Heard(np.arange(100), rng.normal(size=(100, 6)).astype(np.float32))
    return factorize(c, heard, 16, TURNS, Strengths(1.0, 1.0, 5.0), 1, monitor, folder)[0]


class Slow(Silent):
    """Leaves time to be killed."""

    def check(self) -> None:
        time.sleep(0.02)


def killed(what: str, folder: Path) -> int:
    """Epochs that were finished when the child was killed."""
    child = subprocess.Popen([sys.executable, "-m", "tests.faults.test_kill_tags", what, str(folder)])
    try:
        end = time.monotonic() + 60
        while time.monotonic() < end and child.poll() is None and not _epochs(folder) >= 3:
            time.sleep(0.02)
    finally:
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
    return _epochs(folder)


def _epochs(folder: Path) -> int:
    return max((int(path.stem.partition("-")[2]) for path in folder.rglob("epoch-*.safetensors")), default=0)


def test_a_network_that_was_killed(tmp_path: Path):
    assert 3 <= killed("network", tmp_path) < TURNS
    again, whole = network(tmp_path, Silent()), network(None, Silent())
    assert all(torch.equal(a, b) for a, b in zip(again.parameters(), whole.parameters(), strict=True))


def test_factors_that_were_killed(tmp_path: Path):
    assert 3 <= killed("factors", tmp_path) < TURNS
    assert factors(tmp_path, Silent()) == pytest.approx(factors(None, Silent()), abs=1e-6)


if __name__ == "__main__":
    torch.set_num_threads(1)
    {"network": network, "factors": factors}[sys.argv[1]](Path(sys.argv[2]), Slow())
