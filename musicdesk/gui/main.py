"""The window's start: quick, one per profile, nothing heavy before the first paint."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QProcess, QTimer
from PySide6.QtWidgets import QApplication

from musicdesk.core import crashes, logs, memory
from musicdesk.core.errors import LibraryDamaged, MusicdeskError, Unusable
from musicdesk.core.paths import Profile
from musicdesk.gui.ahead import Ahead
from musicdesk.gui.ask import Ask, Dialogs
from musicdesk.gui.faults import Faults
from musicdesk.gui.jobs import JobRunner
from musicdesk.gui.kept_queue import KeptQueue
from musicdesk.gui.making import Making
from musicdesk.gui.recovery import recover
from musicdesk.gui.shell import Shell
from musicdesk.gui.single import OnlyOne
from musicdesk.gui.style.theme import Theme
from musicdesk.gui.telling import Telling
from musicdesk.gui.warming import Warming
from musicdesk.gui.watching import Watching
from musicdesk.gui.window import MainWindow
from musicdesk.workflows.desk import open_desk, profile_at

# Seconds after which a thread that reads lets the window's go on. It waits for its turn whenever Qt asks Python or is
# asked, for every cell that is painted: with Python's own 5 ms a search beside one busy thread took a second and more.
SWITCH_S = 0.0005


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
    """Runs the window until it is closed. Raises explained errors where nobody could see a window."""
    app = application()
    at = profile_at(profile)
    try:
        only = OnlyOne(at.make().folder)
    except Unusable as error:
        if unseen(app) or recover(app, at, error) is None:
            raise
        return main(profile, device)
    if not only.first:
        return 0
    logs.start(at.logs, "window")
    watch = crashes.Watch(at.crashes, "window")
    try:
        then = _session(app, at, device, only)
        if then == "restart":
            only.close()
            start_again(at.folder, device)
        return 0
    finally:
        only.close()
        watch.end()
        logs.stop()


def _session(app: QApplication, at: Profile, device: str | None, only: OnlyOne) -> str:
    """Windows one after the other, as long as there is something to recover between them; returns what comes then."""
    words = ""
    while True:
        try:
            opened = open_window(app, at.folder, device)
        except MusicdeskError as error:
            if unseen(app) or (said := recover(app, at, error)) is None:
                raise
            words = said
            continue
        then = _run(app, opened, only, words)
        if then != "recover":
            return then
        words = recover(app, at, LibraryDamaged("")) or ""
        if not words:
            return ""


def _run(app: QApplication, opened: Opened, only: OnlyOne, words: str) -> str:
    """Shows a window until it is closed; returns what it was left for."""
    shell, wishes = opened.shell, [""]
    telling = Telling(shell, opened.window)
    faults = Faults(shell.desk.profile.crashes, telling.say, telling.show)
    faults.watch()
    only.raised.connect(lambda: come_forward(opened.window))
    shell.left.connect(wishes.append)
    shell.left.connect(lambda _then: opened.window.close())
    opened.window.painted.connect(lambda: telling.greet(words))
    opened.window.show()
    _let_python_see_signals(app)
    try:
        app.exec()
    finally:
        only.raised.disconnect()
        opened.close()
        faults.release()
    return wishes[-1]


def unseen(app: QApplication) -> bool:
    """Whether Qt draws to nowhere, so that nobody could press a button."""
    return app.platformName() in ("offscreen", "minimal") and "MUSICDESK_SEEN" not in os.environ


def start_again(profile: Path, device: str | None) -> None:
    """Starts the program once more, in a process of its own."""
    start = [] if getattr(sys, "frozen", False) else ["-m", "musicdesk"]
    QProcess.startDetached(sys.executable, [*start, "--profile", os.fspath(profile), *_device(device), "gui"])


def _device(device: str | None) -> list[str]:
    return ["--device", device] if device else []


def application() -> QApplication:
    found = QApplication.instance()
    if isinstance(found, QApplication):
        return found
    memory.spare()
    _count_alone()
    QApplication.setApplicationName("musicdesk")
    QApplication.setApplicationDisplayName("musicdesk")
    QApplication.setDesktopFileName("musicdesk")
    return QApplication(sys.argv[:1])


def _count_alone() -> None:
    """Sums of numpy are done by one thread here. They are short, and where other programs want the processors, threads
    that wait for one another make a list take ten times as long. Workers have processes of their own."""
    from threadpoolctl import threadpool_limits

    threadpool_limits(1, "blas")


def open_window(
    app: QApplication,
    profile: Path,
    device: str | None = None,
    ask: Ask | None = None,
    command: list[str] | None = None,
) -> Opened:
    """Everything wired, not shown yet. `command` starts a worker (tests give their own)."""
    sys.setswitchinterval(SWITCH_S)
    desk = open_desk(profile, device)
    theme = Theme(app, desk.settings.theme)
    answers = ask or Dialogs()
    jobs = JobRunner(os.fspath(profile), device, command)
    shell = Shell(desk, theme, jobs, answers)
    window = MainWindow(shell)
    if isinstance(answers, Dialogs):
        answers.parent = window
    watching, ahead, warming, making = Watching(shell), Ahead(shell), Warming(shell), Making(window)
    watching.pictured.connect(window.covers.look_again)
    window.painted.connect(watching.start)
    window.painted.connect(ahead.start)
    window.painted.connect(warming.start)
    warming.over.connect(making.start)
    ahead.table_read.connect(making.read_library)
    window.painted.connect(KeptQueue(shell, window.listen).restore)
    window.painted.connect(window.listen.join_desktop)
    return Opened(window, shell, theme, watching)


def come_forward(window: MainWindow) -> None:
    window.setWindowState(window.windowState() & ~window.windowState().WindowMinimized)
    window.show()
    window.raise_()
    window.activateWindow()


def _let_python_see_signals(app: QApplication) -> None:
    """Ctrl+C in the terminal closes the window, and so does the end of the session; Python looks only between Qt's
    events."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: app.closeAllWindows())
    beat = QTimer(app, interval=500)
    beat.timeout.connect(lambda: None)
    beat.start()
