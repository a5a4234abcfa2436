"""The card of duels: choose two models, see how far it is, read how it ended."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from musicdesk.core.changes import Changes
from musicdesk.gui.controls import DropDown
from musicdesk.gui.page import button, label
from musicdesk.gui.pages.evaluation_duel_state import COLUMNS, begun, both, ended, note
from musicdesk.gui.pages.settings_parts import Section
from musicdesk.gui.shell import Goto, Shell
from musicdesk.gui.style.tokens import SPACE
from musicdesk.gui.tables.cells import Cells
from musicdesk.workflows.duel import Told

FIELD = 360
LABEL = 100
USUAL = 90


class DuelCard(Section):
    def __init__(self, shell: Shell) -> None:
        super().__init__("Duel")
        self._shell = shell
        self._told: list[Told] = []
        self.state = label("", wrap=True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Decisions so far")
        self.column.addWidget(self.state)
        self.column.addWidget(self.bar)
        self.choices = QWidget()
        self._rows = QVBoxLayout(self.choices)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(SPACE["s"])
        self.column.addWidget(self.choices)
        self.a, self.b = self._choice("The first"), self._choice("The second")
        self.decisions = self._choice("Ends after")
        self.start = button(shell, "Start the duel", "sword", "primary")
        self.start.clicked.connect(self._start)
        self.play = button(shell, "Make a playlist", "sparkle", "primary")
        self.play.clicked.connect(lambda: shell.went.emit(Goto("discover", "for-you")))
        self.stop = button(shell, "Stop the duel", "x", tip_text="Nobody wins; “For you” is made by one model again")
        self.stop.clicked.connect(self._stop)
        self.buttons(self.start, self.play, self.stop)
        self.before = label("Duels before", "strong")
        self.table = Cells("Duels before", COLUMNS, stretch=0, most=12)
        self.table.setSelectionMode(Cells.SelectionMode.NoSelection)
        self.column.addWidget(self.before)
        self.column.addWidget(self.table)

    def _choice(self, name: str) -> DropDown:
        box = DropDown(self._shell.theme)
        box.setMaximumWidth(FIELD)
        box.setMinimumContentsLength(12)  # narrower than its longest text beside an open queue
        box.setSizeAdjustPolicy(DropDown.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setAccessibleName(name)
        told = label(name)
        told.setBuddy(box)
        line = QHBoxLayout()
        told.setMinimumWidth(LABEL)
        line.addWidget(told)
        line.addStretch(1)
        line.addWidget(box, 100)
        self._rows.addLayout(line)
        return box

    @property
    def note(self) -> str:
        """Of the topic, in the list at the left."""
        return note(self._told)

    @property
    def behind(self) -> bool:
        """Whether a duel was begun or ended since they were read, as in another process."""
        running, known = self._shell.desk.catalog.duels.running(), begun(self._told)
        return (running.id if running else None) != (known.duel if known else None)

    def read(self) -> None:
        """How the duels stand now."""
        from musicdesk.workflows.duel import duels, horizons, offered

        self._told = duels(self._shell.desk, at_once=True)
        running = begun(self._told)
        models = offered(self._shell.desk)
        if not self.decisions.count():
            for decisions, text in horizons():
                self.decisions.addItem(text, decisions)
            self.decisions.setCurrentIndex(self.decisions.findData(USUAL))
        for box, usual in zip((self.a, self.b), both(models), strict=True):
            _fill(box, models, usual)
        self.choices.setVisible(running is None)
        self.start.setVisible(running is None)
        self.start.setEnabled(len(models) > 1)
        for widget in (self.bar, self.play, self.stop):
            widget.setVisible(running is not None)
        self.state.setText(running.sentence if running else "No duel is going on.")
        if running:
            self.bar.setRange(0, running.horizon)
            self.bar.setValue(running.decisions)
        over = [ended(told) for told in self._told if told.state != "running"]
        self.before.setVisible(bool(over))
        self.table.setVisible(bool(over))
        self.table.fill(over)

    def _start(self) -> None:
        from musicdesk.workflows.duel import start

        desk, chosen = self._shell.desk, (str(self.a.currentData()), str(self.b.currentData()))
        told = self._attempt(lambda: start(desk, *chosen, int(self.decisions.currentData())))
        if told is not None:
            self._shell.tell(told.changes)
            self._shell.notice("From now on both make “For you”. Listen as you always do.")

    def _stop(self) -> None:
        from musicdesk.workflows.duel import stop

        text = "What was decided so far is not enough to name a winner."
        if self._shell.ask.sure("Stop the duel?", text, "Stop it"):
            told = self._attempt(lambda: stop(self._shell.desk))
            if told is not None:
                self._shell.tell(told.changes | Changes.REPORTS)

    def _attempt(self, work: Callable[[], Told]) -> Told | None:
        """None where it was refused: another process may have begun or ended a duel, so that all is read again."""
        done: Told | None = self._shell.attempt(work)
        if done is None:
            self._shell.tell(Changes.REPORTS | Changes.RUNS)
        return done


def _fill(box: DropDown, models: list[tuple[str, str]], usual: str) -> None:
    """The models to choose from; what was chosen stays chosen."""
    if [box.itemData(at) for at in range(box.count())] == [name for name, _text in models]:
        return
    before = box.currentData() or usual
    box.clear()
    for name, text in models:
        box.addItem(text, name)
    box.setCurrentIndex(max(0, box.findData(before)))
