"""Radio without end, pieces of tracks side by side, and rows that are dragged into the queue."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from musicdesk.core.types import PickId, TrackId, Verdict
from musicdesk.gui.dragging import packed, unpacked
from musicdesk.gui.pages.discover import DiscoverPage
from musicdesk.gui.pages.library import LibraryPage
from musicdesk.gui.player.engine import PlayState
from musicdesk.gui.player.player import Player
from musicdesk.gui.player.snippets import Snippet, Snippets
from musicdesk.gui.radio import LOW, MORE
from musicdesk.workflows.desk import open_desk
from musicdesk.workflows.request import Request
from tests.helpers.music import make_file
from tests.qt.conftest import Spin
from tests.qt.windows import make_library, page_of, window


def test_r_starts_a_radio_that_fills_itself_and_never_repeats(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    sound = make_file(tmp_path / "tone.flac", seconds=8.0)
    make_library(tmp_path / "p", 300)
    with window(app, tmp_path / "p") as opened:
        listen = opened.window.listen
        listen.player._locate = lambda _track: bytes(sound)
        page = page_of(opened, "library")
        assert isinstance(page, LibraryPage)
        opened.window.show()
        page.table.selectRow(1)
        first = page.table.choice().tracks[0]
        QTest.keyClick(page.table, "r")
        queue = listen.player.queue
        assert spin(lambda: opened.window.page.settled), "Discover is built first"
        assert listen.player.track == first and queue.tracks[0] == first and len(queue) == 30
        assert listen.radio.on and listen.queue._endless.isVisible() and queue.picks[3] is not None
        made = len(opened.shell.desk.catalog.playlists.all())
        for _ in range(2):
            before = len(queue)
            listen.player.jump(before - LOW)
            assert spin(lambda: len(queue) == before + MORE, 3)  # noqa: B023
        assert len(set(queue.tracks)) == len(queue.tracks), "nothing comes twice"
        assert len(opened.shell.desk.catalog.playlists.all()) == made + 2 and queue.picks[-1] is not None
        listen.queue._endless.click()
        assert not listen.radio.on and not listen.queue._endless.isVisible()
        length = len(queue)
        listen.player.jump(length - 1)
        spin(seconds=0.05)
        assert len(queue) == length
        listen.player.clear()


def test_what_a_radio_fills_itself_with_is_among_the_lists_made_before(
    app: QApplication, tmp_path: Path, spin: Spin
) -> None:
    ids = [TrackId(int(track)) for track in make_library(tmp_path, 120)]
    with window(app, tmp_path) as opened:
        opened.shell.desk.catalog.feedback.rate(ids[0], Verdict.LIKE)
        page = page_of(opened, "discover")
        assert isinstance(page, DiscoverPage)
        opened.window.show()
        opened.window.listen.play_without_end(Request("artist-radio", (ids[0],)), "Radio", ids[:3])
        assert spin(lambda: len(opened.window.listen.player.queue) == 3 + MORE, 5)
        assert len(opened.shell.desk.catalog.playlists.all()) == page.home_cards.recent.count() == 1
        opened.window.listen.player.clear()


def test_another_list_ends_the_radio(app: QApplication, tmp_path: Path) -> None:
    ids = make_library(tmp_path, 120)
    with window(app, tmp_path) as opened:
        page = page_of(opened, "discover")
        assert isinstance(page, DiscoverPage)
        opened.window.show()
        page._show_kind("artist-radio", (TrackId(int(ids[0])),))
        assert opened.window.listen.radio.on
        opened.window.listen.play([TrackId(int(ids[5]))])
        assert not opened.window.listen.radio.on


def test_pieces_play_one_after_the_other_and_the_music_goes_on(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    files = {n: bytes(make_file(tmp_path / f"{n}.flac", pitch=200.0 + n, seconds=6.0)) for n in (1, 2, 3)}
    player = Player(lambda track: files[int(track)])
    heard: list[int] = []
    player.heard.connect(lambda track, *_rest: heard.append(track))
    snippets = Snippets(player, lambda track: files.get(int(track)), player)
    began: list[Snippet] = []
    failed: list[str] = []
    snippets.began.connect(began.append)
    snippets.failed.connect(failed.append)
    player.play([TrackId(3)])
    assert spin(lambda: player.engine.position_ms > 100, 5)
    snippets.play([Snippet(TrackId(1), 1_000, 300), Snippet(TrackId(2), 2_000, 300)])
    assert player.state is PlayState.PAUSED and snippets.playing
    assert spin(lambda: snippets._engine is not None and snippets._engine.position_ms >= 1_000, 3)
    assert spin(lambda: len(began) == 2 and not snippets.playing, 5)
    assert [piece.track for piece in began] == [1, 2]
    assert spin(lambda: player.state is PlayState.PLAYING, 3), "what was interrupted goes on"
    snippets.play([Snippet(TrackId(9), 0, 300)])
    assert failed == ["Its file is not within reach."] and player.state is PlayState.PLAYING
    assert heard == [], "a piece is no play"
    snippets.close()
    player.close()


def test_hear_why_asks_for_the_track_of_the_reason(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    ids = make_library(tmp_path, 200)
    with open_desk(tmp_path) as desk:
        from musicdesk.core.types import Verdict

        for track in ids[:60:12]:
            desk.catalog.feedback.rate(TrackId(int(track)), Verdict.LIKE)
    with window(app, tmp_path) as opened:
        page = page_of(opened, "discover")
        assert isinstance(page, DiscoverPage)
        opened.window.show()
        page.home_cards.for_you.action.click()
        table = page.list.table
        reasons = table.tracks.reasons
        row = next(
            r
            for r in range(30)
            if any(x.track not in (None, table.tracks.id_at(r)) for x in reasons[table.tracks.id_at(r)])
        )
        table.selectRow(row)
        asked: list[dict[str, int]] = []
        opened.shell.jobs.start = lambda job, request=None: asked.append({"job": job, **(request or {})})  # type: ignore[method-assign,assignment]
        QTest.keyClick(table, "h")
        assert asked and asked[0]["job"] == "hear-why" and asked[0]["track"] == table.tracks.id_at(row)
        assert asked[0]["other"] in {reason.track for reason in reasons[table.tracks.id_at(row)]}


def test_rows_are_dragged_to_their_place_in_the_queue(app: QApplication, tmp_path: Path) -> None:
    ids = make_library(tmp_path, 40)
    with window(app, tmp_path) as opened:
        page = page_of(opened, "library")
        assert isinstance(page, LibraryPage)
        opened.window.show()
        listen = opened.window.listen
        listen.enqueue([TrackId(int(i)) for i in ids[:3]])
        table = page.table.tracks
        assert table.flags(table.index(5, 0)) & Qt.ItemFlag.ItemIsDragEnabled
        data = table.mimeData([table.index(5, 0), table.index(5, 1), table.index(7, 0)])
        wanted = [table.id_at(5), table.id_at(7)]
        model = listen.queue.model
        assert model.canDropMimeData(data, Qt.DropAction.CopyAction, 1, 0, QModelIndex())
        model.dropMimeData(data, Qt.DropAction.CopyAction, 1, 0, QModelIndex())
        assert listen.player.queue.tracks == [ids[0], *wanted, ids[1], ids[2]]
        model.dropMimeData(data, Qt.DropAction.CopyAction, -1, -1, QModelIndex())
        assert listen.player.queue.tracks[-2:] == wanted


def test_picks_travel_with_what_is_dragged() -> None:
    tracks, picks = [TrackId(3), TrackId(9)], {TrackId(9): PickId(77)}
    assert unpacked(packed(tracks, picks)) == (tracks, picks)
