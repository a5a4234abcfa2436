"""Models: what can learn your taste, what it needs, how well it has learned, which one is in use; and what hears."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from musicdesk.core.changes import Changes
from musicdesk.core.types import RunId
from musicdesk.gui.actions import Actions
from musicdesk.gui.covers import Covers
from musicdesk.gui.empty import EmptyState
from musicdesk.gui.jobs import GROWTH
from musicdesk.gui.page import Page, button, label, scrolling
from musicdesk.gui.pages.models_encoders import EncoderCard
from musicdesk.gui.pages.models_encoders_state import HEADING, MARK, chosen_line, in_use, lines
from musicdesk.gui.pages.models_learn import LearnCard
from musicdesk.gui.pages.models_parts import LineList
from musicdesk.gui.pages.models_runs import RunsCard
from musicdesk.gui.pages.models_state import Offer, heading, ladder_line
from musicdesk.gui.shell import Goto, Shell
from musicdesk.gui.style.tokens import SPACE
from musicdesk.gui.task import Outcome, Progress, Task
from musicdesk.gui.welcome import Welcome

LIST = 264  # width of the list of models
WAIT = "What each model needs is checked. With the plays of many people that takes a moment."


class ModelsPage(Page):
    NAME, TITLE = "models", "Models"
    INTERESTS = (
        Changes.RUNS | Changes.LISTENS | Changes.FEEDBACK | Changes.EMBEDDINGS | Changes.TRACKS | Changes.SETTINGS
    )

    def __init__(self, shell: Shell, actions: Actions, covers: Covers) -> None:
        super().__init__(shell)
        self.offers: dict[str, Offer] = {}
        self._told: list[dict[str, Any]] = []  # as the worker said it
        self._ladder: dict[str, str] = {}
        self._hearing: dict[str, Any] = {}  # what hears, and whether it can be taught
        self._asking: Task | None = None
        self._again = False  # something has changed since it was asked
        self.chosen = ""
        self._next = ""  # what is to be chosen once the worker tells of it

    # layout

    def parts(self) -> Iterator[None]:
        shell = self.shell
        self.back = button(
            shell, "Back to the one before", "arrow-u-up-left", tip_text="Uses the run from before again"
        )
        self.back.clicked.connect(self._roll_back)
        self.stack, full = QStackedWidget(), QWidget()
        body = self.body()
        body.addLayout(self.heading(self.back))
        body.addWidget(self.stack, 1)
        self._at = {"full": self.stack.addWidget(full)}
        self.list = LineList(shell, "Models")
        self.list.setFixedWidth(LIST)
        self.list.picked.connect(self._choose)
        scroll, column = scrolling()
        row = QHBoxLayout(full)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE["l"])
        row.addWidget(self.list)
        row.addWidget(scroll, 1)
        yield
        yield from self._cards(column)
        self._at["looking"] = self.stack.addWidget(EmptyState(shell, "brain", "Looking at what can be learned", WAIT))
        self._at["welcome"] = self.stack.addWidget(Welcome(shell))
        shell.jobs.began.connect(self._began)
        shell.jobs.progressed.connect(self._progressed)
        shell.jobs.ended.connect(self._ended)

    def _cards(self, column: QVBoxLayout) -> Iterator[None]:
        self.name = label("", "card-title")
        self.about = label("", "secondary", wrap=True)
        column.addWidget(self.name)
        column.addWidget(self.about)
        self.learn = LearnCard(self.shell)
        self.learn.wanted.connect(self._learn)
        column.addWidget(self.learn)
        yield
        self.runs = RunsCard(self.shell)
        self.runs.used.connect(self._use)
        self.runs.gone.connect(self._delete)
        column.addWidget(self.runs)
        yield
        self.encoder = EncoderCard(self.shell)
        column.addWidget(self.encoder)
        column.addStretch()
        yield

    def primary(self) -> QWidget | None:
        return self.list

    def go(self, wish: Goto) -> None:
        """Shows what hears, once it is known."""
        if wish.what == "encoder":
            self._next = MARK
            self._take_next()

    @property
    def settled(self) -> bool:
        return super().settled and self._asking is None

    def _take_next(self) -> None:
        found = lines(self._hearing)
        line = chosen_line(found, in_use(found) if self._next == MARK else self._next)
        if self._next and line is not None:
            self.chosen, self._next = line.name, ""
            self._show()

    # reading

    def refresh(self, changes: Changes) -> None:
        """What can be learned is asked of a worker: with a big crowd that takes seconds."""
        catalog = self.shell.desk.catalog
        if not catalog.tracks.count()["total"] and not catalog.crowds.all():
            self.stack.setCurrentIndex(self._at["welcome"])
            self.subtitle.setText("Models learn your taste from what you play, like and own.")
            return
        if self._told and not changes & ~GROWTH and self.shell.jobs.at_work:
            return  # its end says what came of it: a worker that asks at every step would slow it
        if self._asking is None:
            self._ask()
        else:
            self._again = True
        self._show()

    def _ask(self) -> None:
        self._again = False
        self._asking = self.shell.jobs.start("offers")
        self._asking.ended.connect(self._answered)

    def _answered(self, outcome: Outcome) -> None:
        """An answer that has been overtaken is shown, and asked for anew; what was no answer is not."""
        self._asking = None
        if outcome.state == "finished" and "models" in outcome.result:
            self._told = list(outcome.result["models"])
            self._ladder = dict(outcome.result["ladder"])
            self._hearing = dict(outcome.result["encoder"])
            self._show()
            self._take_next()
            if self._again:
                self._ask()

    def _show(self) -> None:
        runs = self.shell.desk.catalog.runs.all()
        lost = self._lost()
        active = "" if lost else next((run.model for run in runs if run.active), "")
        self.offers = {
            told["model"]: Offer(
                told["model"],
                told["title"],
                told["about"],
                told["why_not"],
                bool(told["uses_crowd"]),
                sum(run.model == told["model"] for run in runs),
                told["model"] == active,
            )
            for told in self._told
        }
        self.back.setEnabled(self.shell.desk.catalog.runs.previous() is not None)
        if not self.offers:
            self.stack.setCurrentIndex(self._at["looking"])
            self.subtitle.setText("Models learn your taste from what you play, like and own.")
            return
        heard = lines(self._hearing)
        if self.chosen not in self.offers and chosen_line(heard, self.chosen) is None:
            self.chosen = active if active in self.offers else next(iter(self.offers))
        self.stack.setCurrentIndex(self._at["full"])
        self.subtitle.setText(ladder_line(self._ladder) or heading(list(self.offers.values()), runs, lost))
        self.list.tell([*self.offers.values(), HEADING, *heard], self.chosen)
        self._show_chosen()

    def _lost(self) -> bool:
        """Whether another model stands for the run in use, where that is known: no model is read for it."""
        from musicdesk.workflows.taste import lost_run

        return lost_run(self.shell.desk, at_once=True) is not None

    def _choose(self, name: str) -> None:
        self.chosen = name
        self._show_chosen()

    def _show_chosen(self) -> None:
        line = chosen_line(lines(self._hearing), self.chosen)
        for widget, taste in ((self.learn, True), (self.runs, True), (self.encoder, False)):
            widget.setVisible(taste is (line is None))
        # About runs, so an encoder's card has a way back of its own; without use it takes room from the heading.
        self.back.setVisible(line is None and self.back.isEnabled())
        if line is not None:
            self.name.setText(line.title)
            self.about.setText(line.about)
            self.encoder.tell(line, self._hearing["why_not"], self._hearing["back"])
            return
        offer = self.offers[self.chosen]
        told = next(item for item in self._told if item["model"] == self.chosen)
        crowds = [crowd.name for crowd in self.shell.desk.catalog.crowds.all() if crowd.folder]
        self.name.setText(offer.title)
        self.about.setText(offer.about)
        self.learn.tell(offer, told["settings"], crowds, self._task())
        runs = self.shell.desk.catalog.runs.all()
        self.runs.tell([run for run in runs if run.model == self.chosen], runs, self._lost())

    def _task(self) -> Task | None:
        """The training of the chosen model that runs now."""
        return next((task for task in self.shell.jobs.running() if self._is_chosen(task)), None)

    def _is_chosen(self, task: Task) -> bool:
        return task.request.job == "train" and task.request.request.get("model") == self.chosen

    # what happens

    def _learn(self) -> None:
        task = self.shell.jobs.start("train", {"model": self.chosen, **self.learn.values()})
        if self.shell.jobs.waits(task):
            self.shell.notice("It learns as soon as what is running now has finished.")

    def _began(self, task: Task) -> None:
        self.encoder.began(task)
        if self._is_chosen(task):
            self.learn.follow(task)

    def _progressed(self, task: Task, progress: Progress) -> None:
        self.encoder.progressed(task, progress)
        if self._is_chosen(task):
            self.learn.tell_progress(progress)

    def _ended(self, outcome: Outcome) -> None:
        self._next = self.encoder.ended(outcome) or self._next
        if outcome.job != "train":
            return
        self.learn.finish()
        if outcome.state == "finished":
            run = int(outcome.result["run"])
            text = f"Run {run} has learned in {outcome.result.get('seconds', 0):.0f} s."
            if outcome.result.get("active"):
                self.shell.notice(f"{text} It is in use.")
            else:
                self.shell.notice(text, "Use it", lambda: self._use(run))

    def _use(self, run: int) -> None:
        from musicdesk.workflows.runs import use

        used = self.shell.attempt(lambda: use(self.shell.desk, RunId(run), at_once=True))
        if used is not None:
            self.shell.tell(used.changes)
            self.shell.notice(
                f"Run {run} ({used.model}) is in use now.", "Undo" if used.before else "", self._roll_back
            )

    def _roll_back(self) -> None:
        from musicdesk.workflows.runs import roll_back

        used = self.shell.attempt(lambda: roll_back(self.shell.desk, at_once=True))
        if used is not None:
            self.shell.tell(used.changes)
            self.shell.notice(f"Run {used.run} ({used.model}) is in use again.")

    def _delete(self, run: int) -> None:
        from musicdesk.workflows.runs import delete

        text = "Its figures and what it has learned are deleted. It can be trained again from the same data."
        if self.shell.ask.sure(f"Delete run {run}?", text, "Delete it", danger=True):
            done = self.shell.attempt(lambda: delete(self.shell.desk, RunId(run)))
            if done is not None:
                self.shell.tell(done.changes)
