"""The Evaluation page: reports are shown as they were kept, in both themes, and studies say what they need."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from musicdesk.core.changes import Changes
from musicdesk.core.progress import Silent
from musicdesk.gui.pages.evaluation import EvaluationPage
from musicdesk.gui.pages.evaluation_state import DUEL, MINE, MODELS, evaluation_request, grouped, topics
from musicdesk.gui.report_view import Picture
from musicdesk.gui.tables.cells import Cells
from musicdesk.gui.task import worker_command
from musicdesk.reports.kept import read
from musicdesk.reports.plots import lines
from musicdesk.reports.report import Cell, Origin, Report, Table
from musicdesk.reports.write import write_report
from musicdesk.workflows.desk import open_desk
from musicdesk.workflows.import_history import import_history
from tests.helpers.histories import account, friends, put
from tests.qt.windows import Answers, make_library, page_of, window

Spin = Callable[..., bool]


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library with one report on its models."""
    folder = tmp_path_factory.mktemp("evaluation")
    make_library(folder, 60)
    figures = (("wmf", Cell(0.301, Origin.MEASURED, 0.29, 0.31)), ("popularity", Cell(0.02, Origin.MEASURED)))
    table = Table("On what was hidden", ("model", "recall@20"), figures, note="12 listeners")
    plot = lines("recall", "Recall by length", {"wmf": ([5, 20], [0.1, 0.3])}, "k", "recall")
    write_report(Report("Compared", ("Read me <b>first</b>.",), ("Words.", plot, table)), folder / "reports" / MODELS)
    return folder


def test_a_report_is_shown_whole_and_follows_the_theme(app: QApplication, profile: Path, spin: Spin) -> None:
    with window(app, profile) as opened:
        opened.window.show()
        page = page_of(opened, "evaluation")
        assert isinstance(page, EvaluationPage)
        table = page.report.findChild(Cells)
        assert table and table.item(0, 1).text() == "0.301 [0.290, 0.310]" and table.accessibleName()
        texts = [seen.text() for seen in page.report.findChildren(QLabel)]
        assert "Read me <b>first</b>." in texts and "12 listeners" in texts
        picture = page.report.findChild(Picture)
        assert picture and picture.accessibleName() == "Recall by length"
        looks = []
        for theme in ("dark", "light"):
            opened.theme.choose(theme)
            spin(seconds=0.05)
            looks.append(picture.grab().toImage().pixelColor(1, 1).lightness())
        assert looks[0] < 80 < 200 < looks[1]


def test_a_copy_is_saved_where_the_person_says(app: QApplication, profile: Path, spin: Spin, tmp_path: Path) -> None:
    with window(app, profile, Answers(path=tmp_path)) as opened:
        opened.window.show()
        page = page_of(opened, "evaluation")
        assert isinstance(page, EvaluationPage)
        for _twice in range(2):
            QTest.mouseClick(page.save, Qt.MouseButton.LeftButton)
        assert read(tmp_path / f"musicdesk-{MODELS}")
        assert "is there already" in opened.window.notices.text.text()


def test_a_new_report_appears_by_itself(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    make_library(tmp_path, 60)
    with window(app, tmp_path) as opened:
        opened.window.show()
        page = page_of(opened, "evaluation")
        assert isinstance(page, EvaluationPage)
        assert not page.open.isEnabled() and page.report.findChild(Cells) is None
        write_report(Report("Compared", (), ("Words.",)), tmp_path / "reports" / MODELS)
        opened.shell.tell(Changes.REPORTS)
        assert page.open.isEnabled() and page.topics[MODELS].state.startswith("Report of today")


def test_models_are_compared_on_a_crowd_by_one_button(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    make_library(tmp_path / "p", 60)
    with open_desk(tmp_path / "p") as desk:
        import_history(desk, [friends(tmp_path / "triplets.txt")], Silent(), crowd="friends")
    with window(app, tmp_path / "p", command=worker_command()) as opened:
        opened.window.show()
        page = page_of(opened, "evaluation")
        assert isinstance(page, EvaluationPage)
        hidden = page.start.hidden[1]
        assert [hidden.itemData(at) for at in range(hidden.count())] == [MINE, "friends"]
        assert hidden.currentData() == "friends", "nothing was played yet"
        QTest.mouseClick(page.start.start, Qt.MouseButton.LeftButton)
        assert not page.start.start.isEnabled()
        assert spin(lambda: page.topics[MODELS].kept is not None, 120)
        table = page.report.findChild(Cells)
        assert table is not None
        told = {
            table.item(row, 0).text(): float(table.item(row, 1).text().split()[0]) for row in range(table.rowCount())
        }
        assert told["wmf"] > told["popularity (control)"] > 0
        assert page.report.findChildren(Picture)


def test_the_own_history_is_asked_first_where_there_is_one(app: QApplication, tmp_path: Path) -> None:
    with open_desk(tmp_path / "p") as desk:
        import_history(desk, [friends(tmp_path / "triplets.txt")], Silent(), crowd="friends")
        import_history(desk, [put(tmp_path, "StreamingHistory0.json", [account()])], Silent())
    with window(app, tmp_path / "p") as opened:
        opened.window.show()
        page = page_of(opened, "evaluation")
        assert isinstance(page, EvaluationPage)
        hidden = page.start.hidden[1]
        assert hidden.currentIndex() == 0 and hidden.currentData() == MINE
        hidden.setCurrentIndex(1)
        page.refresh(Changes.REPORTS)
        assert hidden.currentData() == "friends", "what was chosen stays"


def test_the_own_history_is_split_by_time_and_a_crowd_as_chosen() -> None:
    assert evaluation_request("", "items") == {"runs": [], "crowd": "", "split": "time", "days": 0.0}
    assert evaluation_request("", "items", 90.0)["days"] == 90.0
    of_crowd = {"runs": [], "crowd": "friends", "split": "items", "days": 0.0}
    assert evaluation_request("friends", "items", 90.0) == of_crowd, "a crowd's plays have no times"
    study = {"study": "s", "title": "S", "source": "x", "needs": "y", "library": False, "settings": {}}
    found = topics([study], [], {DUEL: "No duel yet"})
    assert [topic.name for topic in found if topic.is_study] == ["s"] and found[0].name == MODELS
    assert next(topic for topic in found if topic.name == DUEL).state == "No duel yet"
    lines = [line.name or line.title for line in grouped(found)]
    assert lines[0] == "About your lists" and lines[-2:] == ["Published studies", "s"]
