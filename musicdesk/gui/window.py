"""The main window. It only puts the parts together; pages and actions do the work."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QByteArray, Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPaintEvent,
    QShortcut,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from musicdesk.core.errors import LibraryDamaged
from musicdesk.core.killable import Pool
from musicdesk.core.types import Track
from musicdesk.gui.actions import Actions
from musicdesk.gui.covers import Covers
from musicdesk.gui.duel_watch import DuelWatch
from musicdesk.gui.importing import Importing
from musicdesk.gui.jobs import QUIET
from musicdesk.gui.listen import Listen
from musicdesk.gui.navigation import Navigation
from musicdesk.gui.page import Page
from musicdesk.gui.page_stack import PageStack
from musicdesk.gui.pages import PAGES
from musicdesk.gui.shell import Bring, Goto, Shell
from musicdesk.gui.shortcuts import Shortcuts
from musicdesk.gui.strip import JobStrip, NoticeBar
from musicdesk.gui.task import Outcome
from musicdesk.gui.verbs import Choice
from musicdesk.gui.welcome import choose_folder
from musicdesk.gui.why import WhyCard

SIZE = (1280, 800)
LEAST = (960, 600)
QUEUE_WIDTH = 304
SCANS = ("scan", "settle")  # jobs that look at the folders
LEDGER = "ledger"  # where `Goto` leads that is no page


class MainWindow(QWidget):
    painted = Signal()  # once, after the first paint
    closed = Signal()

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self.shell = shell
        self.setWindowTitle("musicdesk")
        self.setMinimumSize(*LEAST)
        self.setAcceptDrops(True)
        self.covers = Covers(self._read_cover, parent=self)
        self.listen = Listen(shell, self.covers)
        self.actions_ = Actions(shell, self.listen)
        self.importing = Importing(shell)
        self.duels = DuelWatch(shell)
        self._painted = False
        self.navigation = Navigation(shell, PAGES)
        self.stack = PageStack(shell, lambda place: place.make(shell, self.actions_, self.covers))
        self.strip = JobStrip(shell)
        self.notices = NoticeBar(shell, self.stack)
        self._why = WhyCard(shell, self)
        self._arrange()
        self._connect()
        self._keys()
        self._restore()

    # pages

    def open(self, name: str) -> Page:
        """Shows a page at once; one that nobody has opened may still be building itself."""
        page = self.stack.open(name)
        self.navigation.show_page(name)
        self.notices.raise_()
        return page

    @property
    def page(self) -> Page:
        return self.stack.page

    def go(self, wish: Goto) -> None:
        self.raise_()
        self.activateWindow()
        if wish.page == LEDGER:
            self.show_ledger()
        elif wish.page:
            self.open(wish.page).soon(lambda page: page.go(wish))

    # building

    def _arrange(self) -> None:
        middle = QVBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.stack, 1)
        middle.addWidget(self.strip)
        self.side = QFrame()
        self.side.setProperty("kind", "side")
        self.side.setFixedWidth(QUEUE_WIDTH)
        side = QVBoxLayout(self.side)
        side.setContentsMargins(0, 0, 0, 0)
        side.addWidget(self.listen.queue)
        upper = QHBoxLayout()
        upper.setSpacing(0)
        for part in (self.navigation, _line(False)):
            upper.addWidget(part)
        upper.addLayout(middle, 1)
        self._side_line = _line(False)
        upper.addWidget(self._side_line)
        upper.addWidget(self.side)
        foot = QFrame()
        foot.setProperty("kind", "side")
        bar = QVBoxLayout(foot)
        bar.setContentsMargins(0, 0, 0, 0)
        bar.addWidget(self.listen.bar)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(upper, 1)
        whole.addWidget(_line(True))
        whole.addWidget(foot)

    def _connect(self) -> None:
        shell, listen = self.shell, self.listen
        self.navigation.chosen.connect(self.open)
        self.navigation.help_wanted.connect(self.show_shortcuts)
        shell.went.connect(self.go)
        shell.wondered.connect(self._why.tell)
        self._why.hear_wanted.connect(self.actions_.hear)
        shell.jobs.ended.connect(self._job_ended)
        listen.bar.queue_toggled.connect(self.show_queue)
        listen.queue.close_wanted.connect(lambda: self.show_queue(False))
        listen.acted.connect(self.actions_.perform)
        listen.bar.said.connect(lambda track, verb: self.actions_.perform(verb, Choice((track,))))
        shell.reopened.connect(self._begin_anew)

    def _keys(self) -> None:
        player = self.listen.player
        doings: dict[str, Callable[[], object]] = {
            "Ctrl+F": lambda: self.page.soon(lambda page: page.search()),
            "Ctrl+Z": self.undo,
            "Ctrl+L": self.show_ledger,
            "Ctrl+U": lambda: self.show_queue(not self.side.isVisible()),
            "Ctrl+Left": player.previous,
            "Ctrl+Right": player.next,
            "Ctrl+Up": lambda: self.listen.step_volume(True),
            "Ctrl+Down": lambda: self.listen.step_volume(False),
            "Ctrl+M": self.listen.toggle_mute,
            "Ctrl+O": lambda: choose_folder(self.shell),
            "F5": lambda: self.shell.jobs.start("settle", {"roots": []}),
            "F1": self.show_shortcuts,
            "Ctrl+Q": self.close,
        }
        for at, page in enumerate(PAGES, start=1):
            doings[f"Ctrl+{at}"] = partial(self.open, page.name)
        for keys, doing in doings.items():
            QShortcut(QKeySequence(keys), self).activated.connect(doing)

    def _restore(self) -> None:
        self.resize(*SIZE)
        if kept := self.shell.desk.settings.window_geometry:
            self.restoreGeometry(QByteArray.fromBase64(kept.encode("ascii", "ignore")))
        self.show_queue(self.shell.desk.settings.queue_open)

    # what happens

    def _begin_anew(self) -> None:
        """Another catalog lies on the desk: pages are made again, with what it says."""
        self.covers.forget()
        self.shell.set_selected(None)
        self.shell.listed = None
        self.shell.theme.choose(self.shell.desk.settings.theme)
        self.stack.begin_anew()

    def _read_cover(self, track: Track, pool: Pool) -> bytes | None:
        """Called in the covers' thread: uses of the desk nothing but the profile's folder."""
        from musicdesk.workflows.covers import cover_file

        try:
            found = cover_file(self.shell.desk, track, pool)
            return found.read_bytes() if found else None
        except OSError:  # the cache cannot be written or was emptied: no picture
            return None

    def show_queue(self, shown: bool) -> None:
        self.side.setVisible(shown)
        self._side_line.setVisible(shown)
        self.listen.bar.set_queue_shown(shown)

    def undo(self) -> None:
        """Takes back what the page can, else the newest rating."""
        if not (self.page.built and self.page.undo()):
            self.actions_.undo()

    def show_ledger(self) -> None:
        """What was said of tracks, in a window of its own; one is enough."""
        from musicdesk.gui.ledger import LedgerDialog

        found = self.findChild(LedgerDialog)
        if found is None:
            found = LedgerDialog(self.shell, self.actions_.rating, self)
            found.acted.connect(self.actions_.perform)
        found.show()
        found.raise_()
        found.activateWindow()

    def show_shortcuts(self) -> None:
        desk = self.shell.desk
        dialog = Shortcuts(self, desk.settings.stars, desk.profile.folder)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _job_ended(self, outcome: Outcome) -> None:
        if outcome.job in SCANS:
            self.covers.look_again()
        if outcome.damaged:
            self.shell.trouble(LibraryDamaged(outcome.text))
        elif outcome.job in QUIET:
            return
        elif outcome.state == "failed":
            self.shell.trouble(outcome.text)
        elif outcome.state == "cancelled":
            self.shell.notice(outcome.text or "Stopped. What was finished so far is kept.")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys that no list or field took."""
        typing = isinstance(self.focusWidget(), QLineEdit | QPlainTextEdit)
        if event.text() == "?" and not typing:
            self.show_shortcuts()
        elif event.key() == Qt.Key.Key_Space and not typing:
            self.listen.toggle()
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _paths(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        if paths := _paths(event):
            event.acceptProposedAction()
            self.shell.brought.emit(Bring(tuple(paths), self.page.listener))

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        if not self.stack.pages:
            self.stack.open_whole(PAGES[0].name)
            self.navigation.show_page(PAGES[0].name)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self, self.painted.emit)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stops the jobs, keeps what the window looks like."""
        self._why.hide()
        geometry = bytes(self.saveGeometry().toBase64().data()).decode("ascii")
        self.listen.close()
        self.shell.keep_settings(window_geometry=geometry, queue_open=not self.side.isHidden())
        self.covers.close()
        self.shell.closing.emit()
        self.shell.jobs.close()
        super().closeEvent(event)
        self.closed.emit()
        QGuiApplication.quit()


def _paths(event: QDropEvent) -> list[Path]:
    """Files and folders of this computer among what is dragged."""
    return sorted({Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()})


def _line(horizontal: bool) -> QFrame:
    line = QFrame()
    line.setProperty("kind", "line")
    if horizontal:
        line.setFixedHeight(1)
    else:
        line.setFixedWidth(1)
    return line
