"""A list sent to Spotify from its page: with a real worker and a real server, and a clear sentence without."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtWidgets import QApplication

from musicdesk.core.types import TrackId, Verdict
from musicdesk.gui.pages.discover import DiscoverPage
from musicdesk.gui.pages.playlist_spotify import sent_line
from musicdesk.gui.task import worker_command
from musicdesk.integrations.token_file import Token, TokenFile
from musicdesk.workflows.desk import open_desk
from musicdesk.workflows.request import Request
from tests.helpers.spotify_server import CLIENT, SpotifyServer, track
from tests.qt.windows import make_library, page_of, window

Spin = Callable[..., bool]


def test_what_is_found_there_becomes_a_playlist_there(
    app: QApplication, tmp_path: Path, server: SpotifyServer, spin: Spin
) -> None:
    ids = make_library(tmp_path, 60)
    with open_desk(tmp_path) as desk:
        desk.catalog.feedback.rate(TrackId(int(ids[0])), Verdict.LIKE)
        desk.catalog.store.conn.execute(
            "UPDATE track SET title = 'Blue Train', artist = 'John Coltrane', duration_s = 200"
        )
    with window(app, tmp_path, command=worker_command()) as opened:
        page = page_of(opened, "discover")
        assert isinstance(page, DiscoverPage)
        opened.window.show()
        said: list[tuple[str, str]] = []
        opened.shell.noticed.connect(lambda notice: said.append((notice.text, notice.action)))
        page.show_draw(Request(n=3))
        assert spin(lambda: page.list.shown is not None, 20)
        page.list.export.spotify.trigger()
        assert "not connected with Spotify" in said[-1][0] and said[-1][1] == "History" and not server.seen
        connected(opened.shell.desk, server)
        opened.shell.desk.save_settings(replace(opened.shell.desk.settings, offline=True))
        page.list.export.spotify.trigger()
        assert "offline by your choice" in said[-1][0] and not server.seen
        opened.shell.desk.save_settings(replace(opened.shell.desk.settings, offline=False))
        server.catalog = [track(1, "Blue Train", duration_ms=200_000)]
        page.list.export.spotify.trigger()
        assert spin(lambda: "is at Spotify" in said[-1][0], 90), said
        (made,) = server.playlists.values()
        assert made["name"] == "For you" and "of 3 tracks" in said[-1][0]


def connected(desk, server: SpotifyServer) -> None:  # type: ignore[no-untyped-def]
    desk.save_settings(replace(server.settings(), theme=desk.settings.theme))
    now = int(time.time())
    TokenFile(desk.profile.folder).save(Token(CLIENT, server.new_access(), server.new_refresh(), now + 3600, "", now))


def test_the_sentence_tells_what_is_missing() -> None:
    told = {"name": "Jazz", "added": 2, "tracks": 3, "missing": [{}], "notes": ["Spotify was slow."]}
    assert sent_line(told) == "“Jazz” is at Spotify with 2 of 3 tracks; 1 was not found there. Spotify was slow."
    assert sent_line({**told, "missing": [], "notes": []}) == "“Jazz” is at Spotify with 2 of 3 tracks."
