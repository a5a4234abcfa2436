"""The Spotify card: every state, with a real worker, a real server, and a browser that Qt opens."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from musicdesk.core.settings import load
from musicdesk.gui.jobs import JobRunner
from musicdesk.gui.pages.history_spotify import SpotifyCard
from musicdesk.gui.pages.history_spotify_state import face
from musicdesk.gui.shell import Goto, Shell
from musicdesk.gui.strip import JobStrip
from musicdesk.gui.style.theme import Theme
from musicdesk.integrations.token_file import Token, TokenFile
from musicdesk.workflows.desk import open_desk
from tests.helpers.spotify_person import browse
from tests.helpers.spotify_server import CLIENT, SpotifyServer, error, track
from tests.qt.windows import COMMAND, Answers

Spin = Callable[..., bool]


class Browser(QObject):
    """What the desktop opens instead of a browser: somebody who says yes, no, or nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.answer = "allow"
        self.opened: list[str] = []
        self._threads: list[threading.Thread] = []
        for scheme in ("http", "https"):
            QDesktopServices.setUrlHandler(scheme, self, "open")

    @Slot(QUrl)
    def open(self, url: QUrl) -> None:
        self.opened.append(url.toString(QUrl.ComponentFormattingOption.FullyEncoded))
        if self.answer and url.host() == "127.0.0.1":
            self._threads.append(threading.Thread(target=browse, args=(self.opened[-1], self.answer)))
            self._threads[-1].start()

    def close(self) -> None:
        for scheme in ("http", "https"):
            QDesktopServices.unsetUrlHandler(scheme)
        for thread in self._threads:
            thread.join()


@pytest.fixture
def browser(app: QApplication) -> Iterator[Browser]:
    made = Browser()
    yield made
    made.close()


@pytest.fixture
def server() -> Iterator[SpotifyServer]:
    with SpotifyServer() as made:
        made.recent = [{"played_at": "2024-05-06T07:08:09.100Z", "track": track(1, "Blue Train")}]
        made.saved = [{"added_at": "2024-02-03T04:05:06Z", "track": track(n, f"Liked {n}")} for n in range(60)]
        yield made


@pytest.fixture
def shell(app: QApplication, tmp_path: Path, server: SpotifyServer) -> Iterator[Shell]:
    with open_desk(tmp_path / "p") as desk:
        desk.save_settings(replace(server.settings(), spotify_client_id=""))
    jobs = JobRunner(str(tmp_path / "p"), "cpu")
    made = Shell(open_desk(tmp_path / "p"), Theme(app, "dark"), jobs, Answers())
    yield made
    jobs.close()
    made.desk.close()


def shown(shell: Shell) -> SpotifyCard:
    card = SpotifyCard(shell)
    card.resize(760, 240)
    card.show()
    return card


def visible(card: SpotifyCard) -> set[str]:
    return {name for name, control in card._controls.items() if control.isVisible()}


def name_of(card: SpotifyCard) -> str:
    assert card.face is not None
    return card.face.name


def test_from_nothing_to_what_was_fetched(shell: Shell, server: SpotifyServer, browser: Browser, spin: Spin) -> None:
    card = shown(shell)
    assert name_of(card) == "client" and visible(card) == {"field", "keep", "dashboard"}
    assert "http://127.0.0.1/callback" in card.text.text()
    card._controls["dashboard"].click()  # type: ignore[attr-defined]
    assert browser.opened == ["https://developer.spotify.com/dashboard"]
    card.field.setText("what?")
    card._controls["keep"].click()  # type: ignore[attr-defined]
    assert "no client id" in card.trouble.text() and name_of(card) == "client"
    card.field.setText(CLIENT)
    card.field.returnPressed.emit()
    assert name_of(card) == "inviting" and not card.trouble.text()
    assert load(shell.desk.profile.settings).spotify_client_id == CLIENT
    card._controls["connect"].click()  # type: ignore[attr-defined]
    assert name_of(card) == "waiting"
    assert spin(lambda: name_of(card) == "connected", 30), card.trouble.text()
    assert len(browser.opened) == 2 and browser.opened[1].startswith(server.url)
    card._controls["fetch"].click()  # type: ignore[attr-defined]
    assert name_of(card) == "fetching"
    assert spin(lambda: name_of(card) == "connected", 30)
    assert "61 rows, 61 new" in card.text.text()
    assert "Saved tracks: 60 rows, 60 new" in card.account.text()
    assert shell.desk.catalog.listens.count()["listens"] == 1
    card._controls["disconnect"].click()  # type: ignore[attr-defined]
    assert name_of(card) == "inviting" and not (shell.desk.profile.folder / "spotify.json").exists()


@pytest.mark.parametrize("end", ["deny", "cancel"])
def test_without_consent_the_card_invites_again(
    shell: Shell, server: SpotifyServer, browser: Browser, spin: Spin, end: str
) -> None:
    shell.desk.save_settings(server.settings())
    browser.answer = "deny" if end == "deny" else ""
    card = shown(shell)
    card._controls["connect"].click()  # type: ignore[attr-defined]
    assert spin(lambda: browser.opened, 30)
    if end == "cancel":
        assert card._controls["again"].isEnabled()
        card._controls["again"].click()  # type: ignore[attr-defined]
        assert len(browser.opened) == 2
        card._controls["cancel"].click()  # type: ignore[attr-defined]
    assert spin(lambda: name_of(card) == "inviting", 30)
    assert ("was not allowed" in card.trouble.text()) == (end == "deny")
    assert not shell.jobs.running()


def test_offline_and_errors_are_sentences(shell: Shell, server: SpotifyServer, browser: Browser, spin: Spin) -> None:
    connected(shell, server)
    card = shown(shell)
    went: list[Goto] = []
    shell.went.connect(went.append)
    shell.change_settings(offline=True)
    assert name_of(card) == "offline" and visible(card) == {"settings"}
    card._controls["settings"].click()  # type: ignore[attr-defined]
    assert went == [Goto("settings")]
    shell.change_settings(offline=False)
    server.replies["/v1/me/player/recently-played"].append(error(429, Retry_After="7200"))
    card._controls["fetch"].click()  # type: ignore[attr-defined]
    assert spin(lambda: card.trouble.text(), 30)
    assert "120 minutes" in card.trouble.text() or "2 hours" in card.trouble.text()
    server.refresh_tokens.clear()
    server.access_tokens.clear()
    card._controls["fetch"].click()  # type: ignore[attr-defined]
    assert spin(lambda: name_of(card) == "inviting", 30)
    assert "Connect again" in card.trouble.text()


def connected(shell: Shell, server: SpotifyServer) -> None:
    shell.desk.save_settings(server.settings())
    now = int(time.time())
    token = Token(CLIENT, server.new_access(), server.new_refresh(), now + 3600, "", now)
    TokenFile(shell.desk.profile.folder).save(token)


def test_a_fetch_that_waits_for_another_job_can_be_cancelled(
    shell: Shell, server: SpotifyServer, browser: Browser, spin: Spin
) -> None:
    connected(shell, server)
    card = shown(shell)
    shell.jobs.start("doze")  # there is no such job; its worker says so after a while
    card._controls["fetch"].click()  # type: ignore[attr-defined]
    assert "as soon as the job" in card.text.text()
    card._controls["cancel"].click()  # type: ignore[attr-defined]
    assert spin(lambda: name_of(card) == "connected", 5)
    assert spin(lambda: not shell.jobs.running(), 30)
    spin(seconds=0.2)
    assert not shell.jobs.running() and not server.seen


def test_only_spotifys_page_is_opened(shell: Shell, server: SpotifyServer, browser: Browser) -> None:
    shell.desk.save_settings(server.settings())
    card = shown(shell)
    card._linked("file:///etc/passwd")
    card._linked(f"{server.servers.accounts}.evil.example/authorize")
    assert not browser.opened


def test_another_client_id(shell: Shell, server: SpotifyServer) -> None:
    shell.desk.save_settings(server.settings())
    card = shown(shell)
    card._controls["other"].click()  # type: ignore[attr-defined]
    assert name_of(card) == "client" and card.field.text() == CLIENT
    card.field.setText("0" * 32)
    card._controls["keep"].click()  # type: ignore[attr-defined]
    assert name_of(card) == "inviting" and shell.desk.settings.spotify_client_id == "0" * 32


def test_every_control_has_a_name_and_labels_are_plain(shell: Shell, server: SpotifyServer) -> None:
    card = shown(shell)
    for control in card._controls.values():
        assert isinstance(control, QWidget) and control.accessibleName()
    assert all(text.textFormat().name == "PlainText" for text in card.findChildren(QLabel))


def test_what_spotify_does_not_give_stands_on_the_card() -> None:
    part = {"name": "saved tracks", "at": 0.0, "rows": 3, "imported": 1, "duplicates": 1, "rejected": {"podcast": 1}}
    state = {"client_id": True, "connected": True, "offline": False, "redirect": "", "fetched_at": 0.0}
    told = face({**state, "parts": [{**part, "notes": ["Not given."]}] * 2})
    assert told.lines == ("Saved tracks: 3 rows, 1 new, 1 podcast",) * 2 + ("Not given.",)
    assert "6 rows, 2 new, 2 known already, 2 not usable" in told.text


def test_the_strip_goes_back_to_the_job_that_still_runs(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    jobs = JobRunner("/nowhere", None, COMMAND)
    with open_desk(tmp_path / "p") as desk:
        strip = JobStrip(Shell(desk, Theme(app, "dark"), jobs, Answers()))
        main = jobs.start("scan", {"do": "wait"})
        assert spin(lambda: strip.isVisible() and "Looking" in strip.text.whole_text(), 10)
        beside = jobs.start("spotify-playlist", {"do": "wait"})
        assert spin(lambda: "playlist at Spotify" in strip.text.whole_text(), 10)
        waiting = jobs.start("spotify-connect", {"do": "wait"})
        jobs.cancel(beside)
        assert spin(lambda: waiting in jobs.running(), 10)
        assert "Looking" in strip.text.whole_text() and strip.isVisible(), "consent is waited for on the card"
        jobs.cancel(main)
        assert spin(lambda: not strip.isVisible(), 10)
        jobs.cancel(waiting)
        assert spin(lambda: not jobs.running(), 10)
        jobs.close()
