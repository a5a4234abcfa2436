"""The window's start: quick, one per profile, nothing heavy before the first paint."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from musicdesk.core import logs
from musicdesk.gui.ask import Ask, Dialogs
from musicdesk.gui.faults import Faults
from musicdesk.gui.jobs import JobRunner
from musicdesk.gui.shell import Shell
from musicdesk.gui.single import OnlyOne
from musicdesk.gui.style.theme import Theme
from musicdesk.gui.watching import Watching
from musicdesk.gui.window import MainWindow
from musicdesk.workflows.desk import open_desk, profile_at


@dataclass
class Opened:
    """The window and what has to be closed after it."""

    window: MainWindow
    shell: Shell
    theme: Theme
    watching: Watching

    def close(self) -> None:
        self.watching.stop()
        self.window.close()
        self.shell.desk.close()
        self.theme.release()


def main(profile: Path | None = None, device: str | None = None) -> int:
    """Runs the window until it is closed. Raises explained errors before it is open."""
    app = application()
    at = profile_at(profile).make()
    only = OnlyOne(at.folder)
    if not only.first:
        return 0
    log = logs.start(at.logs, "window")
    opened = open_window(app, at.folder, device)
    faults = Faults(log, opened.shell.trouble)
    faults.watch()
    only.raised.connect(lambda: come_forward(opened.window))
    opened.window.show()
    _let_python_see_signals(app)
    try:
        return app.exec()
    finally:
        opened.close()
        only.close()
        faults.release()
        logs.stop()


def application() -> QApplication:
    found = QApplication.instance()
    if isinstance(found, QApplication):
        return found
    QApplication.setApplicationName("musicdesk")
    QApplication.setApplicationDisplayName("musicdesk")
    QApplication.setDesktopFileName("musicdesk")
    return QApplication(sys.argv[:1])


def open_window(
    app: QApplication,
    profile: Path,
    device: str | None = None,
    ask: Ask | None = None,
    command: list[str] | None = None,
) -> Opened:
    """Everything wired, not shown yet. `command` starts a worker (tests give their own)."""
    desk = open_desk(profile, device)
    theme = Theme(app, desk.settings.theme)
    answers = ask or Dialogs()
    jobs = JobRunner(os.fspath(profile), device, command)
    shell = Shell(desk, theme, jobs, answers)
    window = MainWindow(shell)
    if isinstance(answers, Dialogs):
        answers.parent = window
    watching = Watching(shell)
    window.painted.connect(watching.start)
    window.painted.connect(window.listen.join_desktop)
    return Opened(window, shell, theme, watching)


def come_forward(window: MainWindow) -> None:
    window.setWindowState(window.windowState() & ~window.windowState().WindowMinimized)
    window.show()
    window.raise_()
    window.activateWindow()


def _let_python_see_signals(app: QApplication) -> None:
    """Ctrl+C in the terminal closes the window; Python looks only between Qt's events."""
    signal.signal(signal.SIGINT, lambda *_: app.closeAllWindows())
    beat = QTimer(app, interval=500)
    beat.timeout.connect(lambda: None)
    beat.start()
