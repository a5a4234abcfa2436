"""Work of the window in steps, each in a turn of the event loop, so that no turn takes as long as all of them."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QObject, QTimer

_END = object()


class Turns(QObject):
    """`run` takes a generator that yields where the window may do something else; newer work replaces older."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._steps: Iterator[None] | None = None
        self._rests = False  # every other turn is the window's own: what a step has changed is painted in it
        self._next = QTimer(self, interval=0)
        self._next.timeout.connect(self._step)

    @property
    def busy(self) -> bool:
        return self._steps is not None

    def run(self, steps: Iterator[None]) -> None:
        self._steps, self._rests = steps, False
        self._next.start()

    def at_once(self, steps: Iterator[None]) -> None:
        """Does all steps now, in place of those that still wait."""
        self.stop()
        for _step in steps:
            pass

    def stop(self) -> None:
        """What has not been done yet is left undone."""
        self._steps = None
        self._next.stop()

    def _step(self) -> None:
        self._rests = not self._rests
        if self._rests:
            return
        steps = self._steps
        over = steps is None or next(steps, _END) is _END
        if over and self._steps is steps:  # the last step may have begun other work
            self.stop()
