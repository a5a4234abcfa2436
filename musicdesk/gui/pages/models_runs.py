"""The card of a model's runs: their figures, two side by side, use and delete."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal

from musicdesk.catalog.runs import Run
from musicdesk.gui.curves import CurveView
from musicdesk.gui.page import button, label
from musicdesk.gui.pages.models_parts import RunTable
from musicdesk.gui.pages.models_state import control, figure, learned_from, named_figures, setting_text, side_by_side
from musicdesk.gui.pages.settings_parts import Section
from musicdesk.gui.shell import Shell
from musicdesk.gui.tables.cells import Cells


class RunsCard(Section):
    used = Signal(int)  # a run's number
    gone = Signal(int)

    def __init__(self, shell: Shell) -> None:
        super().__init__("What it has learned")
        self._shell = shell
        self.none = label("Nothing yet. A run appears here when it has learned.", "secondary", wrap=True)
        self.table = RunTable()
        self.table.itemSelectionChanged.connect(self._choose)
        self.use = button(shell, "Use", "check", "primary")
        self.use.clicked.connect(lambda: self.used.emit(int(self.table.chosen()[0].id)))
        self.delete = button(shell, "Delete", "trash", "danger")
        self.delete.clicked.connect(lambda: self.gone.emit(int(self.table.chosen()[0].id)))
        self.hint = label("Choose two runs, with Ctrl, to see them side by side.", "small", wrap=True)
        self.detail = Cells("Figures of the chosen runs", ("", "", ""), stretch=2, most=14)
        self.detail.setSelectionMode(Cells.SelectionMode.NoSelection)
        self.curves = CurveView(shell, "Learning curves of the chosen run")
        self.column.addWidget(self.none)
        self.column.addWidget(self.table)
        self.buttons(self.use, self.delete, self.hint)
        self.column.addWidget(self.detail)
        self.column.addWidget(self.curves)

    def tell(self, runs: Sequence[Run], every: Sequence[Run], lost: bool) -> None:
        """`runs` of the chosen model, below them those of other models, to compare with. lost: see `run_row`"""
        others = [run for run in every if run not in runs]
        self.none.setVisible(not runs)
        for widget in (self.table, self.use, self.delete, self.hint, self.detail):
            widget.setVisible(bool(runs))
        if not runs:
            self.curves.hide()
        duel = self._shell.desk.catalog.duels.running()
        fighting = [run for run in (duel.a.run, duel.b.run) if run is not None] if duel else []
        self.table.tell([*runs, *others] if runs else [], fighting, lost)

    def _choose(self) -> None:
        chosen = self.table.chosen()
        self.use.setEnabled(len(chosen) == 1 and not chosen[0].active)
        self.delete.setEnabled(len(chosen) == 1 and not chosen[0].active)
        if not chosen:
            self.detail.hide()
            self.curves.hide()
            return
        if len(chosen) == 1:
            self._show_one(chosen[0])
        else:
            self._show_two(*chosen[:2])
        self.detail.show()

    def _show_one(self, run: Run) -> None:
        controls = run.metrics.get("controls") or {}
        rows = [
            (
                name,
                figure(run.metrics, name),
                ", ".join(
                    f"{who} {values[name]:.3f}" for who, values in controls.items() if values.get(name) is not None
                ),
            )
            for name in named_figures(run.metrics)
        ]
        settings = ", ".join(f"{name} {setting_text(value)}" for name, value in run.parameters.items())
        rows.append(("From", learned_from(run), ""))
        rows.append(("Settings", f"seed {run.seed}", settings))
        self.detail.setHorizontalHeaderLabels(["", f"Run {run.id}", "Controls"])
        self.detail.fill(rows)
        self.curves.setVisible(bool(run.curves))
        self.curves.show_curves(run.curves)
        self.detail.setAccessibleDescription(control(run))

    def _show_two(self, one: Run, other: Run) -> None:
        self.detail.setHorizontalHeaderLabels(["", f"Run {one.id}", f"Run {other.id}"])
        self.detail.fill(side_by_side(one, other))
        curves = {f"{name} ({run.id})": points for run in (one, other) for name, points in run.curves.items()}
        self.curves.setVisible(bool(curves))
        self.curves.show_curves(curves)
