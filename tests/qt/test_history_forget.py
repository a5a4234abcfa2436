"""Imports are taken back on the History page: one, or all that came in one go, after a question."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QApplication

from musicdesk.core.progress import Silent
from musicdesk.workflows.desk import open_desk
from musicdesk.workflows.import_history import import_history
from tests.helpers.histories import SAMPLES, account, put, zipped
from tests.qt.conftest import Spin
from tests.qt.test_history import history, shown, working_window, years
from tests.qt.windows import Answers


def test_an_import_is_taken_back(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    one, two = put(tmp_path, "StreamingHistory0.json", [account()]), years(tmp_path / "more", plays=20)
    with open_desk(tmp_path / "profile") as desk:
        import_history(desk, [one], Silent())
        import_history(desk, [two], Silent())
    answers = Answers(yes=False)
    with working_window(app, tmp_path / "profile", answers) as opened:
        opened.window.show()
        page = history(opened)
        page.open("imports")
        assert page.sources.table.rowCount() == 2 and page.sources.account.forget.isVisible()
        page.sources.account.forget.click()
        assert not opened.shell.jobs.running(), "the person said no"
        answers.yes = True
        page.sources.account.forget.click()
        assert spin(lambda: page.sources.table.rowCount() == 1, 60)
        assert spin(lambda: shown(page) and page._shown.plays == 1, 20)


def test_what_came_in_one_archive_is_taken_back_as_one(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    members = {SAMPLES[name][0]: SAMPLES[name][1] for name in ("account", "extended", "library")}
    path = put(tmp_path, "my_spotify_data.zip", zipped(members))
    with open_desk(tmp_path / "profile") as desk:
        import_history(desk, [years(tmp_path / "before", plays=20)], Silent())
        import_history(desk, [path], Silent())
        import_history(desk, [put(tmp_path, "later.json", [account()])], Silent())
    answers = Answers(yes=False)
    with working_window(app, tmp_path / "profile", answers) as opened:
        opened.window.show()
        page = history(opened)
        page.open("imports")
        table, card = page.sources.table, page.sources.account
        assert table.rowCount() == 5 and card.forget_all.isHidden(), "the newest came alone"
        table.setCurrentCell(2, 0)
        assert card.forget_all.isVisible() and card.forget_all.text().strip() == "Take all 3 back"
        card.forget_all.click()
        assert answers.asked[-1] == "Take the 3 imports that came in one go back?"
        assert not opened.shell.jobs.running(), "the person said no"
        answers.yes = True
        card.forget_all.click()
        assert spin(lambda: table.rowCount() == 2, 60) and card.forget_all.isHidden()
        assert spin(lambda: shown(page) and page._shown.plays == 21, 20)
