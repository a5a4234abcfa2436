"""Windows for when something is wrong: the library cannot be opened, a mistake was made, a worker crashed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QPushButton

from musicdesk.core import crashes, mounts
from musicdesk.core.errors import CatalogTooNew, LibraryDamaged, NotReady, Unusable
from musicdesk.core.paths import Profile
from musicdesk.core.types import TrackId, Verdict
from musicdesk.gui.crash_page import CrashPage
from musicdesk.gui.crash_state import ended, happened
from musicdesk.gui.faults import Faults
from musicdesk.gui.recovery import RecoveryWindow
from musicdesk.gui.recovery_state import preview_text, situation
from musicdesk.gui.telling import Telling
from musicdesk.workflows.backups import rotate
from musicdesk.workflows.desk import open_desk
from musicdesk.workflows.recovery import Preview, kept, preview
from tests.helpers.damage import sound, spoil
from tests.qt.windows import Answers, make_library, page_of, window

Spin = Callable[..., bool]
ERROR = LibraryDamaged("The library file is damaged (x). Nothing was changed.")


@pytest.fixture
def damaged(tmp_path: Path) -> Profile:
    """Five tracks, one rated before and one after the backup, and then a bad disk."""
    make_library(tmp_path / "p", 5)
    with open_desk(tmp_path / "p") as desk:
        desk.catalog.feedback.rate(TrackId(1), Verdict.LIKE)
        rotate(desk)
        desk.catalog.feedback.rate(TrackId(2), Verdict.LIKE)
    spoil(tmp_path / "p" / "catalog.sqlite", 40, 1)
    return Profile(tmp_path / "p")


def test_a_damaged_library_is_repaired_by_a_button(app: QApplication, damaged: Profile, spin: Spin):
    made = RecoveryWindow(damaged, ERROR)
    said: list[str] = []
    made.recovered.connect(said.append)
    made.show()
    assert made.list.count() == 1 and made.repair.isVisible() and not made.bring.isEnabled()
    made.list.setCurrentRow(0)
    assert "5 tracks · 1 rated" in made.about.text() and made.bring.isEnabled()
    app.processEvents()
    cut = [b.text() for b in made.findChildren(QPushButton) if b.isVisible() and b.width() < b.sizeHint().width()]
    assert not cut, "no button is too narrow for its words"
    made.repair.click()
    assert made.busy.isVisible() and not made.quit.isEnabled()
    assert spin(lambda: said, 60), made.said.text()
    assert "5 tracks" in said[0]
    assert sound(damaged.catalog)
    assert next(damaged.folder.glob("catalog-set-aside-*")).exists()


def test_a_backup_is_brought_back_or_the_reason_told(app: QApplication, damaged: Profile, spin: Spin):
    made = RecoveryWindow(damaged, ERROR)
    said: list[str] = []
    made.recovered.connect(said.append)
    made.show()
    made.list.setCurrentRow(0)
    with open_lock(damaged):
        made.bring.click()
        assert spin(lambda: "close it first" in made.said.text(), 60)
    assert not said and made.bring.isEnabled()
    made.bring.click()
    assert spin(lambda: said, 60)
    assert "1 rated" in said[0]


def open_lock(profile: Profile):  # type: ignore[no-untyped-def]
    from musicdesk.workflows.backups import alone

    return alone(profile)


@pytest.mark.parametrize(
    ("error", "title", "repair"),
    [
        (CatalogTooNew(99, 6), "newer musicdesk", False),
        (Unusable("The profile folder /x cannot be written."), "cannot open", False),
        (ERROR, "damaged", True),
    ],
)
def test_each_trouble_has_its_words(app: QApplication, tmp_path: Path, error, title, repair):
    found = situation(error)
    assert title in found.title and found.repair is repair and found.safe
    made = RecoveryWindow(Profile(tmp_path), error)
    made.show()
    assert made.repair.isVisible() is repair and made.quit.isVisible() and not made.list.isVisible()


def test_a_preview_tells_what_would_be_lost(tmp_path: Path):
    make_library(tmp_path, 5)
    with open_desk(tmp_path) as desk:
        desk.catalog.feedback.rate(TrackId(1), Verdict.LIKE)
        rotate(desk)
        desk.catalog.feedback.rate(TrackId(2), Verdict.LIKE)
        found = preview(desk.profile, Path(kept(desk.profile)[0].file))
    assert "Gone would be what came since then: 1 rating.\n" in preview_text(found)
    assert found.difference is not None and not found.difference.back.ratings
    assert "cannot be told" in preview_text(Preview(found.file, found.then, None, None))


def test_backups_are_listed_and_brought_back_in_the_settings(app: QApplication, tmp_path: Path, spin: Spin):
    make_library(tmp_path, 5)
    answers = Answers(yes=False)
    with window(app, tmp_path, answers) as opened:
        desk = opened.shell.desk
        desk.catalog.feedback.rate(TrackId(1), Verdict.LIKE)
        rotate(desk)
        desk.catalog.feedback.rate(TrackId(2), Verdict.LIKE)
        opened.window.show()
        page = page_of(opened, "settings")
        line = page.data.lines.itemAt(0).widget()
        line.look.click()
        assert spin(lambda: answers.asked == ["Bring this backup back?"])
        assert desk.catalog.feedback.count()["like"] == 2
        answers.yes = True
        line.look.click()
        assert spin(lambda: opened.shell.desk is not desk)
        assert opened.shell.desk.catalog.feedback.count()["like"] == 1
        notices = opened.window.notices
        assert "The library is back" in notices.text.text()
        for like in (2, 1):  # taking it back can be taken back
            notices.action.click()
            assert opened.shell.desk.catalog.feedback.count()["like"] == like
            assert "The library is back" in notices.text.text()
        assert not list(tmp_path.glob(".musicdesk-tmp-*"))


def test_pages_of_before_are_let_go(app: QApplication, tmp_path: Path, spin: Spin, monkeypatch: pytest.MonkeyPatch):
    """After a restore all pages are new: what still speaks to the old ones would be a mistake that is told."""
    make_library(tmp_path, 5)
    mistakes: list[object] = []
    monkeypatch.setattr(sys, "excepthook", lambda _kind, error, _trace: mistakes.append(error))
    with window(app, tmp_path) as opened:
        opened.window.show()
        for name in opened.window.navigation._buttons:
            page_of(opened, name)
            spin(seconds=0.05)
        opened.shell.with_desk_closed(lambda _profile: None)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        for look in ("light", "dark"):
            opened.shell.theme.choose(look)
        opened.shell.current.emit(None)
        opened.shell.chosen.emit(None)
        opened.shell.jobs.start("scan", {})
        assert spin(lambda: not opened.shell.jobs.running(), 20)
    assert not mistakes


def test_a_mistake_is_kept_told_and_can_be_copied(
    app: QApplication, tmp_path: Path, spin: Spin, caplog: pytest.LogCaptureFixture
):
    make_library(tmp_path, 5)
    with window(app, tmp_path) as opened:
        opened.window.show()
        telling = Telling(opened.shell, opened.window)
        left: list[str] = []
        opened.shell.left.connect(left.append)
        faults = Faults(opened.shell.desk.profile.crashes, telling.say, telling.show)
        before = sys.excepthook
        faults.watch()
        try:
            for error in (ValueError("'Canary Song' < y"), ValueError("again"), NotReady("There is no map yet.")):
                sys.excepthook(type(error), error, None)
            spin(lambda: opened.window.findChild(CrashPage))
            thread = threading.Thread(target=lambda: {}["Canary"])
            thread.start()
            thread.join()
            spin(seconds=0.1)
        finally:
            faults.release()
        assert sys.excepthook is before
        [page] = opened.window.findChildren(CrashPage)
        assert "made a mistake" in page.what.text() and "nothing of that is lost" in page.safe.text()
        report = page.findChild(QPlainTextEdit).toPlainText()
        assert "ValueError" in report and "Canary" not in report
        page.copy.click()
        assert QGuiApplication.clipboard().text() == report
        page.restart.click()
        assert left == ["restart"]
        assert len(crashes.kept(opened.shell.desk.profile.crashes)) >= 1
        opened.shell.trouble(ERROR)
        assert opened.window.notices.action.text() == "Repair it"
        opened.window.notices.action.click()
        assert left == ["restart", "recover"]
    caplog.clear()


def test_a_profile_on_a_network_folder_is_warned_of(
    app: QApplication, tmp_path: Path, spin: Spin, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "mounts").write_text(f"1 1 0:1 / {tmp_path} rw - nfs4 server:/ rw\n")
    monkeypatch.setattr(mounts, "MOUNTS", tmp_path / "mounts")
    with window(app, tmp_path / "profile") as opened:
        opened.window.show()
        Telling(opened.shell, opened.window).greet("")
        assert spin(lambda: "network folder (nfs4)" in opened.window.notices.text.text())


def test_a_worker_that_crashed_has_a_report(app: QApplication, tmp_path: Path, spin: Spin):
    make_library(tmp_path, 5)
    with window(app, tmp_path) as opened:
        opened.window.show()
        telling = Telling(opened.shell, opened.window)
        opened.shell.jobs.start("scan", {"do": "crash"})
        assert spin(lambda: opened.window.notices.action.text() == "What happened", 20)
        opened.window.notices.action.click()
        [page] = opened.window.findChildren(CrashPage)
        assert "background" in page.what.text()
        assert "signal 6" in page.findChild(QPlainTextEdit).toPlainText()
        page.reject()
        assert telling is not None


def test_how_a_process_ended_in_words():
    assert ended(9, True) == "signal 9: it was ended from outside, which is what systems do when memory runs out"
    assert ended(3, False) == "exit code 3"
    report = crashes.Report(Path("x"), 0.0, "window", "The process crashed.\n")
    assert "the last time" in happened(report)


START = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from musicdesk.gui import main as gui, recovery
shown = []
class Window(recovery.RecoveryWindow):
    def showEvent(self, event):
        super().showEvent(event)
        if not shown:
            shown.append(1)
            print(self.title.text(), flush=True)
            QTimer.singleShot(50, getattr(self, sys.argv[2]).click)
recovery.RecoveryWindow = Window
real = gui.open_window
def opened(app, profile, device=None):
    made = real(app, profile, device)
    def painted():
        print(made.window.notices.text.text(), flush=True)
        made.window.close()
    made.window.painted.connect(lambda: QTimer.singleShot(300, made.window, painted))
    return made
gui.open_window = opened
from musicdesk.cli.main import main
sys.exit(main(["--profile", sys.argv[1], "gui"]))
"""


@pytest.mark.parametrize(("press", "code"), [("repair", 0), ("quit", 1)])
def test_the_program_starts_into_recovery_and_goes_on(damaged: Profile, press: str, code: int):
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "OMP_NUM_THREADS": "1", "MUSICDESK_SEEN": "1"}
    (damaged.folder / "catalog.open").touch()
    command = [sys.executable, "-c", START, str(damaged.folder), press]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment)
    assert done.returncode == code, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "The library file is damaged"
    if press == "repair":
        assert "repaired: 5 tracks" in lines[1]
        assert not (damaged.folder / "catalog.open").exists()
        shutil.rmtree(damaged.folder)
