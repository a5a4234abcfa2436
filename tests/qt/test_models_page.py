"""The Models page, used as a person would: learning in a real worker, comparing, using, going back, deleting."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from musicdesk.core.changes import Changes
from musicdesk.core.progress import Silent
from musicdesk.core.types import TrackId, Verdict
from musicdesk.gui.curves import CurveView, short, told
from musicdesk.gui.jobs import GROWTH
from musicdesk.gui.main import Opened
from musicdesk.gui.pages.models import ModelsPage
from musicdesk.gui.pages.models_parts import HEIGHT, LEFT, LINE, ROW
from musicdesk.gui.pages.models_state import changed_settings, headline, side_by_side
from musicdesk.gui.task import worker_command
from musicdesk.workflows.desk import open_desk
from musicdesk.workflows.import_history import import_history
from musicdesk.workflows.train import train
from tests.helpers.histories import friends
from tests.qt.windows import COMMAND, Answers, make_library, page_of, window

Spin = Callable[..., bool]


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of 60 made-up tracks, none played, and a crowd of 200 listeners."""
    folder = tmp_path_factory.mktemp("models")
    make_library(folder / "profile", 60)
    with open_desk(folder / "profile") as desk:
        with desk.catalog.write() as db:
            db.execute("UPDATE track SET plays = 0")
        import_history(desk, [friends(folder / "triplets.txt")], Silent(), crowd="friends")
    return folder / "profile"


def opened_page(opened: Opened, spin: Spin) -> ModelsPage:
    opened.window.resize(1280, 800)
    opened.window.show()
    page = page_of(opened, "models")
    assert isinstance(page, ModelsPage)
    assert spin(lambda: page.offers, 90)
    return page


def pick(page: ModelsPage, name: str) -> None:
    page.list.setCurrentRow(list(page.offers).index(name))


def test_a_model_learns_and_its_run_is_used_brought_back_and_deleted(
    app: QApplication, profile: Path, spin: Spin
) -> None:
    answers = Answers()
    with window(app, profile, answers, command=worker_command()) as opened:
        page = opened_page(opened, spin)
        runs = opened.shell.desk.catalog.runs
        pick(page, "wmf")
        assert page.learn.start.isEnabled() and "Hu, Koren, Volinsky" in page.about.text()
        crowd = page.learn.crowd
        crowd.addItem("listeners of a long name")  # a crowd that comes when the page has been seen
        assert spin(lambda: crowd.width() > crowd.fontMetrics().horizontalAdvance(crowd.itemText(1)) + 40), "it is cut"
        crowd.removeItem(1)
        for factors in ("8", "4"):
            page.learn.form.fields["factors"].setText(factors)
            known = len(runs.all())
            QTest.mouseClick(page.learn.start, Qt.MouseButton.LeftButton)
            assert spin(lambda known=known: len(runs.all()) > known and not opened.shell.jobs.running(), 60)
        assert [run.parameters["factors"] for run in runs.all()] == [4, 8]
        assert {run.crowd for run in runs.all()} == {"friends"} and runs.active() is None

        spin(lambda: page.runs.table.rowCount() == 2, 5)
        for row in (0, 1):
            page.runs.table.selectRow(row)
            QTest.mouseClick(page.runs.use, Qt.MouseButton.LeftButton)
        assert runs.active() == runs.all()[1]
        QTest.mouseClick(page.back, Qt.MouseButton.LeftButton)
        assert runs.active() == runs.all()[0]
        page.runs.table.selectRow(0)
        assert not page.runs.delete.isEnabled()  # it is in use
        page.runs.table.selectRow(1)
        folder = opened.shell.desk.profile.models / runs.all()[1].folder
        assert folder.is_dir()
        QTest.mouseClick(page.runs.delete, Qt.MouseButton.LeftButton)
        assert len(runs.all()) == 1 and not folder.exists() and answers.asked


def test_what_cannot_learn_says_what_it_needs(app: QApplication, profile: Path, spin: Spin) -> None:
    with window(app, profile, command=worker_command()) as opened:
        page = opened_page(opened, spin)
        pick(page, "popularity")
        assert page.learn.missing.isVisible() and "import your listening history" in page.learn.missing.text.text()
        assert not page.learn.start.isEnabled() and page.learn.crowd_row.isHidden()


def test_what_changes_while_the_worker_looks_is_looked_at_anew(app: QApplication, profile: Path, spin: Spin) -> None:
    with window(app, profile, command=worker_command()) as opened:
        page = opened_page(opened, spin)
        assert spin(lambda: page.settled, 60)
        begun: list[str] = []
        opened.shell.jobs.began.connect(lambda task: begun.append(task.request.job))
        for changes in (Changes.EMBEDDINGS, Changes.RUNS, Changes.LISTENS):
            opened.shell.tell(changes)
        assert spin(lambda: page.settled, 60)
        assert begun == ["offers", "offers"], "once more, and not for each change"


def test_a_job_at_work_is_not_asked_about_at_every_step(app: QApplication, profile: Path, spin: Spin) -> None:
    with window(app, profile, command=worker_command()) as opened:
        page, jobs = opened_page(opened, spin), opened.shell.jobs
        assert spin(lambda: page.settled, 60)
        jobs._command = COMMAND  # a job that lasts
        begun: list[str] = []
        jobs.began.connect(lambda task: begun.append(task.request.job))
        task = jobs.start("analyze", {"do": "wait"})
        assert spin(lambda: task.progress.done == 2, 10)
        for _step in range(3):
            jobs.changed.emit(GROWTH)
            spin(seconds=0.05)
        assert begun == ["analyze"]
        jobs.cancel(task)
        assert spin(lambda: begun == ["analyze", "offers"], 10), "what came of it is asked once it has ended"
        assert spin(lambda: page.settled, 10)


def test_no_title_in_the_list_is_cut(app: QApplication, profile: Path, spin: Spin) -> None:
    """Three begin with 'What people with your taste', and used to look the same."""
    with window(app, profile, command=worker_command()) as opened:
        page = opened_page(opened, spin)
        models = page.list
        assert spin(models.verticalScrollBar().isVisible, 10)
        lines = [(row, models.item(row).data(LINE)) for row in range(models.count())]
        for row, title in [(row, line.title) for row, line in lines if line.name]:
            seen = models.visualItemRect(models.item(row))
            room = QRect(0, 0, seen.width() - LEFT - 8, 200)
            needed = models.fontMetrics().boundingRect(room, int(Qt.TextFlag.TextWordWrap), title).height()
            assert seen.height() >= HEIGHT - ROW + needed, title


def test_a_setting_that_is_no_number_is_refused_in_a_sentence(app: QApplication, profile: Path, spin: Spin) -> None:
    with window(app, profile, command=worker_command()) as opened:
        page = opened_page(opened, spin)
        pick(page, "wmf")
        page.learn.form.fields["factors"].setText("many")
        QTest.mouseClick(page.learn.start, Qt.MouseButton.LeftButton)
        assert spin(lambda: "not a whole number" in opened.window.notices.text.text(), 30)


def test_curves_grow_and_say_it_in_words(app: QApplication, profile: Path) -> None:
    with window(app, profile) as opened:
        view = CurveView(opened.shell)
        view.resize(360, 208)
        empty = view.grab().toImage()
        for step in range(1, 6):
            view.add("loss", step, 1.0 / step)
            view.add("validation loss", step, 1.2 / step)
        assert view.grab().toImage() != empty
        assert "loss: 1 at first, 0.2 after 5 passes" in view.accessibleDescription()
        view.add("loss", 1, 0.7)  # it learns once more, and draws anew
        assert "loss: 0.7 at first, 0.7 after 1 passes" in view.accessibleDescription()
        view.deleteLater()
        small = CurveView(opened.shell)
        small.resize(360, 208)
        for step, value in enumerate((0.000715, 0.0000243, 0.0000251), 1):
            small.add("loss", step, value)
        seen = small.grab().toImage()
        edge = {seen.pixel(x, y) for x in range(3) for y in range(seen.height())}
        assert len(edge) == 1, "a value beside the lines is cut off"
        small.deleteLater()
    assert told({}) == "" and short(1234.5) == "1,234" and short(0.03121) == "0.0312"


def test_runs_side_by_side_tell_figures_and_what_differs(tmp_path: Path) -> None:
    ids = make_library(tmp_path, 60)
    with open_desk(tmp_path) as desk:
        for track in ids[:8]:
            desk.catalog.feedback.rate(TrackId(int(track)), Verdict.LIKE)
        for leak in (0.02, 0.5):
            train(desk, "content", {"leak": leak}, 0, Silent())
        other, one = desk.catalog.runs.all()
    rows = {what: (first, second) for what, first, second in side_by_side(one, other)}
    assert rows["leak"] == ("0.02", "0.5") and "saturation" not in rows and rows["auc"][0].count("to") == 1
    assert headline(one).startswith("auc 0.") or headline(one).startswith("recall@20 0.")


def test_only_settings_that_differ_are_sent() -> None:
    typed = {"alpha": " 10 ", "eps": "", "factors": "64"}
    assert changed_settings({"alpha": 10.0, "eps": 1.0, "factors": 512}, typed) == {"factors": "64"}
