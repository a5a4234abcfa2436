"""The page after a mistake: what happened, what is safe, the report to copy, and a way to start anew."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from musicdesk.core.crashes import Report
from musicdesk.gui.crash_state import PRIVATE, SAFE, happened
from musicdesk.gui.page import button, label
from musicdesk.gui.shell import Shell
from musicdesk.gui.style.tokens import SPACE

SIZE = (680, 520)


class CrashPage(QDialog):
    """Opened over the window; it needs nothing of the pages, of which one may be what is broken."""

    def __init__(self, shell: Shell, report: Report, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Something went wrong")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(*SIZE)
        self._report = report
        self._shell = shell
        self.what = label(happened(report), wrap=True)
        self.safe = label(SAFE, "secondary", wrap=True)
        self.details = QPlainTextEdit(report.text)
        self.details.setReadOnly(True)
        self.details.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.details.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.details.setAccessibleName("Report")
        self.copy = button(shell, "Copy the report", "copy")
        self.copy.clicked.connect(self._copy)
        self.restart = button(shell, "Restart musicdesk", "arrow-clockwise", "primary")
        self.restart.clicked.connect(self._restart)
        go_on = button(shell, "Go on")
        go_on.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.setSpacing(SPACE["s"])
        foot.addWidget(self.copy)
        foot.addStretch()
        foot.addWidget(go_on)
        foot.addWidget(self.restart)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE["xl"], SPACE["xl"], SPACE["xl"], SPACE["l"])
        layout.setSpacing(SPACE["m"])
        layout.addWidget(label("Something went wrong", "card-title"))
        for words in (self.what, self.safe):
            layout.addWidget(words)
        layout.addWidget(self.details, 1)
        layout.addWidget(label(PRIVATE, "small", wrap=True))
        layout.addLayout(foot)
        self.restart.setFocus()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._report.text)
        self.copy.setText(" Copied")

    def _restart(self) -> None:
        self.accept()
        self._shell.leave("restart")
