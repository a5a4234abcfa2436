"""Perceptrons that hear tags: they learn, go on after a kill to the same weights, and give way when memory runs out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from musicdesk.core.errors import Cancelled, Unusable
from musicdesk.core.progress import Curves, Silent
from musicdesk.learning.course import Course, Outcome, train
from musicdesk.learning.perceptron import Lesson, Perceptron, Shape, taught
from musicdesk.learning.supervised import Supervised

SHAPE = Shape(8, (16, 16), 3, 0.2)


def sample(n: int = 200) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(n, 8)).astype(np.float32)
    return x, x @ rng.normal(size=(8, 3)) > 0


class Stopping(Silent):
    """Cancels the training the nth time that it is asked whether to go on."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.left = after

    def check(self) -> None:
        self.left -= 1
        if not self.left:
            self.stop.set()
        super().check()


def test_it_learns_and_tells_how_far_it_is():
    x, y = sample()
    curves = Curves(Silent())
    network, outcome = taught(x, y, SHAPE, Lesson(epochs=40, batch=20, learning_rate=0.05), 1, curves)
    assert ((network.tags(x) > 0.5) == y).mean() > 0.9
    assert len(curves.points["loss"]) == len(curves.points["validation log-likelihood"]) == len(outcome.losses)
    assert network.heard(x).shape == (200, 16) and (network.heard(x) >= 0).all()


@pytest.mark.parametrize("optimizer", ["adagrad", "adam"])
def test_a_training_that_was_cut_off_comes_to_the_same_weights(tmp_path: Path, optimizer: str):
    x, y = sample()
    lesson = Lesson(epochs=6, batch=20, learning_rate=0.05, optimizer=optimizer)
    whole, told = taught(x, y, SHAPE, lesson, 1, Silent())
    with pytest.raises(Cancelled):
        taught(x, y, SHAPE, lesson, 1, Stopping(31), tmp_path)
    again, retold = taught(x, y, SHAPE, lesson, 1, Silent(), tmp_path)
    assert retold == told
    assert all(torch.equal(a, b) for a, b in zip(whole.parameters(), again.parameters(), strict=True))


def test_a_loss_that_is_no_number_ends_in_a_sentence():
    x, y = sample()
    x[::2] = np.nan
    with pytest.raises(Unusable, match="no longer a number"):
        taught(x, y, SHAPE, Lesson(epochs=2), 1, Silent())


def trained(most: int, notices: list[str]) -> tuple[Outcome, Perceptron]:
    """By a device that holds no more than `most` rows at once."""
    x, y = (torch.from_numpy(part.astype(np.float32)) for part in sample())
    torch.manual_seed(1)
    network = Perceptron(Shape(8, (16,), 3, 0.0))

    def loss(rows: np.ndarray, _device: torch.device) -> Tensor:
        if len(rows) > most:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return functional.binary_cross_entropy_with_logits(network(x[rows]), y[rows])

    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    learner = Supervised(network, optimizer, loss, np.arange(200), 50, 1, torch.device("cpu"), notice=notices.append)
    return train(learner, Course(2), None, {}, Silent()), network


def test_out_of_memory_halves_and_the_steps_stay_the_same():
    notices: list[str] = []
    tight, narrow = trained(10, notices)
    roomy, wide = trained(50, [])
    assert tight.losses == pytest.approx(roomy.losses, abs=1e-6)
    assert notices == [f"Memory ran out; going on with {n} tracks at a time." for n in (25, 12, 6)]
    for a, b in zip(narrow.parameters(), wide.parameters(), strict=True):
        assert torch.allclose(a, b, atol=1e-6)
