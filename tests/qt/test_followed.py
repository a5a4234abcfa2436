"""A job that is followed again, after another model or study was looked at, shows the curve that it has."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QApplication

from musicdesk.gui.curves import CurveView
from musicdesk.gui.pages.evaluation_start import StartCard
from musicdesk.gui.pages.models_working import Working
from musicdesk.gui.task import Task
from musicdesk.workflows.protocol import Request
from tests.qt.windows import window


def learned(task: Task, steps: range) -> None:
    """What the worker says of each pass."""
    for step in steps:
        task._take(b'{"event": "figure", "curve": "loss", "step": %d, "value": %f}' % (step, 1 / step))


def looks_away_and_back(
    curves: CurveView, follow: Callable[[Task], None], finish: Callable[[], None], task: Task, other: Task
) -> None:
    follow(task)
    learned(task, range(1, 6))
    finish()
    learned(task, range(6, 8))  # nobody looks
    follow(task)
    learned(task, range(8, 11))
    assert [step for step, _value in curves._curves["loss"]] == list(range(1, 11))
    follow(other)
    learned(task, range(11, 13))
    assert not curves._curves, "another job's points are not shown"
    follow(task)
    assert len(curves._curves["loss"]) == 12


def test_a_curve_goes_on_when_one_comes_back_to_it(app: QApplication, tmp_path: Path) -> None:
    with window(app, tmp_path) as opened:
        working, start = Working(opened.shell), StartCard(opened.shell)
        for curves, follow, finish in (
            (working.curves, working.follow, working.finish),
            (start.curves, start.follow, start.finish),
        ):
            task, other = (Task(Request(str(tmp_path), "train", {}, None), ["x"], working) for _ in range(2))
            looks_away_and_back(curves, follow, finish, task, other)
            finish()
        working.deleteLater()
        start.deleteLater()
