"""The course of a training: stops in time, goes on where it was, and refuses numbers that are none."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from musicdesk.core.errors import Cancelled, Unusable
from musicdesk.core.progress import Curves, Silent
from musicdesk.learning.course import Course, train
from musicdesk.learning.memory import Pace


class Line:
    """Learns y = 2x + 1 from noisy points; `spoilt` makes its loss NaN in that epoch."""

    def __init__(self, spoilt: int = -1, sparse: bool = False) -> None:
        torch.manual_seed(1)
        self.network = nn.Linear(1, 1)
        self.optimizers = [torch.optim.Adam(self.network.parameters(), lr=0.05)]
        self.spoilt = spoilt
        self.validation: list[float] = []

    def epoch(self, number: int, monitor: Silent) -> float:
        monitor.check()
        draw = torch.Generator().manual_seed(number)
        x = torch.rand(64, 1, generator=draw)
        loss = ((self.network(x) - 2 * x - 1 - 0.1 * torch.randn(64, 1, generator=draw)) ** 2).mean()
        self.optimizers[0].zero_grad()
        torch.autograd.backward(loss)
        self.optimizers[0].step()
        return float("nan") if number == self.spoilt else loss.item()

    def validate(self) -> float | None:
        return self.validation.pop(0) if self.validation else None


def test_what_was_stopped_goes_on_to_the_same_end(tmp_path: Path):
    whole = train(Line(), Course(20), None, {}, Silent())
    watch = Silent()
    line = Line()
    inner = line.epoch
    line.epoch = lambda number, monitor: (watch.stop.set() if number == 6 else None, inner(number, monitor))[1]  # type: ignore[method-assign]
    with pytest.raises(Cancelled):
        train(line, Course(20), tmp_path, {"data": 1}, watch)
    again = Line()
    torch.nn.init.zeros_(again.network.weight)  # what it starts from must not matter
    assert train(again, Course(20), tmp_path, {"data": 1}, Silent()).losses == whole.losses


def test_another_trainings_checkpoint_is_not_taken_up(tmp_path: Path):
    train(Line(), Course(3), tmp_path, {"data": 1}, Silent())
    assert len(train(Line(), Course(5), tmp_path, {"data": 2}, Silent()).losses) == 5


def test_the_best_epoch_is_kept_and_waiting_ends(tmp_path: Path):
    line = Line()
    line.validation = [0.5, 0.7, 0.9, 0.6, 0.8, 0.9, 0.95]
    curves = Curves(Silent())
    outcome = train(line, Course(20, patience=3), tmp_path, {}, curves)
    assert outcome.best == 3 and len(outcome.losses) == 6
    assert curves.points["validation AUC"][2] == [3.0, 0.9] and len(curves.points["loss"]) == 6
    best = Line()
    best.validation = [0.1, 0.2, 0.3]
    train(best, Course(3), None, {}, Silent())
    assert torch.equal(line.network.weight, best.network.weight)
    resumed = Line()
    assert train(resumed, Course(20, patience=3), tmp_path, {}, Silent()) == outcome
    assert torch.equal(resumed.network.weight, best.network.weight)


def test_a_loss_that_is_no_number_stops_with_a_sentence(tmp_path: Path):
    with pytest.raises(Unusable, match=r"epoch 5: the loss is no longer a number"):
        train(Line(spoilt=4), Course(20), tmp_path, {}, Silent())
    assert len(train(Line(), Course(20), tmp_path, {}, Silent()).losses) == 20


def test_memory_that_runs_out_halves_then_moves():
    said: list[str] = []
    moved: list[torch.device] = []
    pace = Pace(torch.device("meta"), 16, 4, "songs", moved.append, said.append)
    done: list[tuple[int, int]] = []

    def step(start: int, end: int) -> None:
        if pace.device.type == "meta" or end - start > 2:
            raise torch.OutOfMemoryError("out of memory")
        done.append((start, end))

    pace.over(5, step)
    assert done == [(0, 2), (2, 4), (4, 5)] and moved == [torch.device("cpu")]
    assert said == [
        "Memory ran out; going on with 8 songs at a time.",
        "Memory ran out; going on with 4 songs at a time.",
        "The meta device has too little memory; the processor goes on.",
        "Memory ran out; going on with 2 songs at a time.",
    ]
