"""Work of the window in steps: one a turn, what they change is painted between them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from musicdesk.gui.turns import Turns
from tests.qt.conftest import Spin


def steps(done: list[str], *names: str) -> Iterator[None]:
    for name in names:
        done.append(name)
        yield


def test_the_window_has_a_turn_between_two_steps(app: QApplication, spin: Spin) -> None:
    parent, done = QObject(), []
    turns = Turns(parent)
    other = QTimer(parent, interval=0)
    other.timeout.connect(lambda: done.append("window"))
    other.start()
    turns.run(steps(done, "one", "two", "three"))
    assert done == [] and turns.busy, "nothing happens at once"
    assert spin(lambda: not turns.busy)
    ours = [at for at, name in enumerate(done) if name != "window"]
    assert [done[at] for at in ours] == ["one", "two", "three"]
    assert all(later - earlier > 1 for earlier, later in itertools.pairwise(ours))


def test_newer_work_takes_the_place_of_older_and_a_step_may_begin_it(app: QApplication, spin: Spin) -> None:
    parent, done = QObject(), []
    turns = Turns(parent)
    turns.run(steps(done, "old"))
    turns.run(steps(done, "new"))
    assert spin(lambda: not turns.busy) and done == ["new"]

    def chain() -> Iterator[None]:
        turns.run(steps(done, "further"))
        yield from ()

    turns.run(chain())
    assert spin(lambda: not turns.busy) and done == ["new", "further"]
    turns.run(steps(done, "never"))
    turns.stop()
    spin(seconds=0.05)
    assert done == ["new", "further"] and not turns.busy
