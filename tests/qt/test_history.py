"""The History page as a person uses it: drop an export, see the account, look back, decide by keys, take back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from musicdesk.core.changes import Changes
from musicdesk.core.progress import Silent
from musicdesk.gui.empty import EmptyState
from musicdesk.gui.main import Opened, open_window
from musicdesk.gui.pages.history import HistoryPage
from musicdesk.gui.shell import Goto, Notice
from musicdesk.gui.task import worker_command
from musicdesk.workflows.desk import open_desk
from musicdesk.workflows.import_history import import_history
from tests.helpers.histories import SAMPLES, account, put, zipped
from tests.qt.windows import Answers, _calm, page_of, window
from tests.unit.test_history_matching import own

Spin = Callable[..., bool]


@contextmanager
def working_window(app: QApplication, profile: Path, answers: Answers | None = None) -> Iterator[Opened]:
    """A window with the real worker behind it."""
    opened = open_window(app, profile, ask=answers or Answers(), command=worker_command())
    opened.shell.desk.save_settings(_calm(opened))
    try:
        yield opened
    finally:
        opened.close()
        opened.window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        app.processEvents()


def drop(opened: Opened, *paths: Path) -> None:
    """Lets files go over the window, as a file manager does."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    action, buttons, keys = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    opened.window.dropEvent(QDropEvent(QPointF(400, 300), action, data, buttons, keys))


def history(opened: Opened) -> HistoryPage:
    page = page_of(opened, "history")
    assert isinstance(page, HistoryPage)
    return page


def shown(page: HistoryPage) -> bool:
    """Whether everything was read, counted and drawn."""
    return page._shown is not None and page.settled


def years(tmp_path: Path, songs: int = 30, plays: int = 900) -> Path:
    """An export of three years: `songs` songs, one of them an owner's of `make_library`."""
    rng = np.random.default_rng(5)
    rows = []
    for n in range(plays):
        song = int(rng.integers(songs) * rng.random())
        at = time.strftime("%Y-%m-%d %H:%M", time.gmtime(1_600_000_000 + n * 100_000))
        rows.append(account(endTime=at, artistName=f"Band {song % 7}", trackName=f"Song {song}", msPlayed=200_000))
    return put(tmp_path, "StreamingHistory0.json", rows)


def test_a_dropped_zip_is_imported_and_its_account_shown(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    with open_desk(tmp_path / "profile") as desk:
        own(desk, ("John Coltrane", "Blue Train", 642.0))
    members = {SAMPLES[name][0]: SAMPLES[name][1] for name in ("account", "extended", "podcasts", "library")}
    path = put(tmp_path, "my_spotify_data.zip", zipped(members))
    with working_window(app, tmp_path / "profile") as opened:
        opened.window.show()
        notices: list[Notice] = []
        opened.shell.noticed.connect(notices.append)
        begun = time.monotonic()
        drop(opened, path)
        assert time.monotonic() - begun < 0.5, "the window does not wait for the answer"
        assert spin(lambda: any("row" in notice.text for notice in notices), 60), [n.text for n in notices]
        page = history(opened)
        assert page.part == "imports" and page.isVisible()
        assert spin(lambda: page.sources.table.rowCount() == len(members), 10)
        sources = opened.shell.desk.catalog.listens.sources()
        total = sum(source.rows for source in sources)
        assert total == sum(SAMPLES[name][3] for name in ("account", "extended", "podcasts", "library"))
        assert f"{total} rows" in notices[-1].text and notices[-1].action == "Show"
        refused = next(at for at, s in enumerate(sources) if s.account["rejected"])
        page.sources.table.setCurrentCell(refused, 0)
        source, tree = sources[refused], page.sources.account.tree
        told = page.sources.account.sum.text()
        assert (
            told.startswith(f"{source.rows} row") and f"{sum(source.account['rejected'].values())} not usable" in told
        )
        reason = tree.topLevelItem(0)
        assert reason is not None and not reason.isExpanded() and reason.childCount() >= 1
        assert spin(lambda: shown(page), 20)
        assert "of music you own" in page.subtitle.whole_text()


def test_dropped_music_goes_to_the_library_and_a_crowd_asks_its_name(
    app: QApplication, tmp_path: Path, spin: Spin
) -> None:
    music = tmp_path / "music"
    music.mkdir()
    (music / "a.mp3").write_bytes(b"ID3\x04" + bytes(200))
    (music / "notes.json").write_text('{"what": "no history"}')
    crowd = put(tmp_path, "crowd.txt", "".join(f"{n:040x}\tSO{n:016}\t{n + 1}\n" for n in range(3)))
    odd = put(tmp_path, "photo.csv", "no,history\n1,2\n")
    answers = Answers(name="Friends")
    with window(app, tmp_path / "profile", answers) as opened:
        opened.window.show()
        started: list[tuple[str, dict[str, object]]] = []
        opened.shell.jobs.began.connect(lambda task: started.append((task.request.job, dict(task.request.request))))
        notices: list[Notice] = []
        opened.shell.noticed.connect(notices.append)
        drop(opened, music)
        assert spin(lambda: started, 10)
        assert started.pop() == ("settle", {"roots": [str(music)]})
        drop(opened, music / "a.mp3")
        assert spin(lambda: started, 10) and started.pop()[1] == {"roots": [str(music)]}
        drop(opened, crowd)
        assert spin(lambda: started, 10)
        assert started.pop() == ("import", {"paths": [str(crowd)], "crowd": "Friends"})
        assert "What is this crowd called?" in answers.asked
        drop(opened, odd)
        assert spin(lambda: any(n.trouble and "photo.csv" in n.text for n in notices), 10)
        drop(opened, tmp_path / "gone.zip")
        assert spin(lambda: any(n.trouble and "There is no file" in n.text for n in notices), 10)
        assert not started


def test_every_real_export_is_told_from_music(app: QApplication, shared: Path, tmp_path: Path, spin: Spin) -> None:
    for folder in sorted((shared / "exports").iterdir()):
        with window(app, tmp_path / folder.name) as opened:
            opened.window.show()
            started: list[dict[str, object]] = []
            opened.shell.jobs.began.connect(lambda task, kept=started: kept.append(dict(task.request.request)))
            drop(opened, folder)
            assert spin(lambda kept=started: kept, 10), folder
            assert started[0]["paths"] == [str(path) for path in sorted(folder.iterdir())], folder
            assert opened.window.page.NAME == "history"


def test_charts_lists_and_periods(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    path = years(tmp_path)
    with open_desk(tmp_path / "profile") as desk:
        [track] = own(desk, ("Band 0", "Song 0", 200.0))
        import_history(desk, [path], Silent())
    with window(app, tmp_path / "profile") as opened:
        opened.window.show()
        page = history(opened)
        assert spin(lambda: shown(page), 20)
        over = page.overview
        assert over.bars.drawing.drawn and over.clock.drawing.drawn and over.parts.drawing.drawn
        assert page.subtitle.whole_text().startswith("900 plays since September 2020")
        assert sum(int(over.bars.table.item(row, 1).text()) for row in range(over.bars.table.rowCount())) == 900
        assert over.clock.table.rowCount() == 168 and "most" in over.bars.drawing.accessibleDescription()
        top = over.songs.list.ranks.rows[0]
        assert (top.name, top.track) == ("Song 0", int(track))
        index = over.songs.list.ranks.index(0)
        QTest.mouseClick(
            over.songs.list.viewport(), Qt.MouseButton.LeftButton, pos=over.songs.list.visualRect(index).center()
        )
        assert opened.window.listen.player.queue.tracks == [track], "what is owned plays at a click"
        assert "not in your library" in over.songs.list.ranks.index(1).data()
        year = page.when.findText("2021")
        page.when.setCurrentIndex(year)
        page.when.activated.emit(year)
        assert spin(lambda: shown(page) and page._shown.plays < 900, 10)
        assert over.bars.table.item(0, 0).text() == "week of 28 Dec 2020"
        image = over.bars.drawing._image
        opened.theme.choose("light")
        assert spin(lambda: over.bars.drawing._image is not image, 10), "drawn anew in the other colours"
        QTest.keyClick(over.bars.drawing, Qt.Key.Key_Right)
        QTest.keyClick(over.bars.drawing, Qt.Key.Key_Right)
        assert over.bars.drawing.accessibleName() == "Plays over time"
        over.bars.as_table.click()
        assert over.bars.stack.currentWidget() is over.bars.table
        page.open("songs")
        assert {row.name for row in page.wishes.list.ranks.rows}.isdisjoint({"Song 0"})


def test_what_is_missing_can_be_taken_to_a_shop(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    target = tmp_path / "missing.csv"
    with open_desk(tmp_path / "profile") as desk:
        own(desk, ("Band 0", "Song 0", 200.0))
        import_history(desk, [years(tmp_path)], Silent())
    with window(app, tmp_path / "profile", Answers(path=target)) as opened:
        opened.window.show()
        page = history(opened)
        assert spin(lambda: shown(page), 20)
        page.open("songs")
        save = page.wishes.save
        assert save.isVisible()
        save.click()
        lines = target.read_text("utf-8").splitlines()
        assert lines[0] == "artist,title,plays" and len(lines) == 1 + len(page.wishes.rows) > 2
        assert lines[1] == f"{page.wishes.rows[0].artist},{page.wishes.rows[0].name},{page.wishes.rows[0].plays}"
        notices: list[Notice] = []
        opened.shell.noticed.connect(notices.append)
        target.unlink()
        target.mkdir()
        save.click()
        assert notices[0].trouble and "is a folder" in notices[0].text
        page.wishes.show_rows([])
        assert not save.isVisible()


def test_histories_of_several_people_lie_side_by_side(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    mine, hers = put(tmp_path, "a.json", [account()]), put(tmp_path, "b.json", [account(trackName="Hers")] * 1)
    with open_desk(tmp_path / "profile") as desk:
        import_history(desk, [mine], Silent())
    answers = Answers(name="Anna", path=hers)
    with working_window(app, tmp_path / "profile", answers) as opened:
        opened.window.show()
        page = history(opened)
        assert spin(lambda: shown(page), 20)
        assert not page.whose.isVisible()
        page._somebody()
        assert page.listener == "Anna" and page.whose.currentText() == "Anna"
        page.bring.menu().actions()[0].trigger()
        assert spin(lambda: opened.shell.desk.catalog.history.listeners() == ["me", "Anna"], 60)
        assert spin(lambda: shown(page) and page._shown.plays == 1, 20)
        assert page.overview.songs.list.ranks.rows[0].name == "Hers"
        answers.name = "Me"
        page._somebody()
        assert page.listener == "me" and page.whose.count() == 2, "that is nobody else"
        assert spin(lambda: shown(page), 20)
        assert page.overview.songs.list.ranks.rows[0].name == "Blue Train"


def test_without_a_history_the_page_says_how_to_get_one(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    export = put(tmp_path, "endsong_0.json", SAMPLES["extended"][1])
    with window(app, tmp_path / "profile", Answers(path=export)) as opened:
        opened.window.show()
        page = history(opened)
        assert page.outer.currentIndex() == 1
        empty = page.outer.currentWidget()
        assert isinstance(empty, EmptyState) and "spotify.com" in empty.text.text()
        started: list[str] = []
        opened.shell.jobs.began.connect(lambda task: started.append(task.request.job))
        next(b for b in empty.findChildren(type(page.bring)) if "ZIP" in b.text()).click()
        assert spin(lambda: started == ["import"], 10)
        assert page.part == "imports" and page.outer.currentIndex() == 0


def test_names_that_are_odd_change_nothing_but_themselves(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    odd = ("<b>Fat & loud</b>", "夜に駆ける" * 40, "مرحبا بالعالم", "a\u202eb\u0000c", "x" * 900)
    rows = [account(artistName=name, trackName=name, endTime=f"2022-03-04 05:{n:02}") for n, name in enumerate(odd)]
    with open_desk(tmp_path / "profile") as desk:
        import_history(desk, [put(tmp_path, "StreamingHistory0.json", rows)], Silent())
    with window(app, tmp_path / "profile") as opened:
        opened.window.show()
        page = history(opened)
        assert spin(lambda: shown(page), 20)
        told = {page.overview.songs.list.ranks.index(row).data() for row in range(5)}
        assert any("<b>Fat & loud</b>" in text for text in told)
        tips = [page.overview.songs.list.ranks.index(row).data(Qt.ItemDataRole.ToolTipRole) for row in range(5)]
        assert not any("<b>" in text for text in tips)
        for part in page.tabs:
            page.open(part)
            assert not page.grab().isNull()
        assert page.width() <= opened.window.width()


def test_a_window_that_closes_while_a_history_is_read_waits_for_nothing(app: QApplication, tmp_path: Path) -> None:
    path = years(tmp_path, plays=5_000)
    with open_desk(tmp_path / "profile") as desk:
        import_history(desk, [path], Silent())
    for _ in range(3):
        with window(app, tmp_path / "profile") as opened:
            opened.window.show()
            page = history(opened)
            app.processEvents()
            page.shell.tell(Changes.LISTENS)


def test_imports_of_many_years_come_as_one_scrolls(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    with open_desk(tmp_path / "profile") as desk, desk.catalog.write():
        numbers = [desk.catalog.listens.begin("listenbrainz", f"{n}.jsonl", 1) for n in range(450)]
        for number in numbers:
            desk.catalog.listens.account(number, (1, 1, 0, 0), {}, finished=True)
    with working_window(app, tmp_path / "profile") as opened:
        opened.window.show()
        page = history(opened)
        page.open("imports")
        table = page.sources.table
        assert table.rowCount() < len(page.sources.sources) == 450, "the page opens with a part"
        for _ in range(3):
            table.setCurrentCell(table.rowCount() - 1, 0)
            app.processEvents()
        assert table.rowCount() == 450
        assert page.sources.account.title.text() == "0.jsonl", "the first one can be chosen, and so taken back"


def test_the_account_is_as_high_as_its_text_in_a_large_window(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    with open_desk(tmp_path / "profile") as desk:
        rows = [account(), account(msPlayed=0), account(trackName="Unknown Track")]
        import_history(desk, [put(tmp_path, "StreamingHistory0.json", rows)], Silent())
    with window(app, tmp_path / "profile") as opened:
        opened.window.resize(1920, 1080)
        opened.window.show()
        page = history(opened)
        opened.shell.went.emit(Goto("history", "imports"))
        told = page.sources.account
        assert spin(lambda: told.isVisible() and told.sum.height() > 0, 10)
        assert spin(lambda: told.height() == told.heightForWidth(told.width()), 3), (told.height(), told.sum.height())
