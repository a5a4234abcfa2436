"""What is asked of Spotify, against a real server on this machine: pages, refusals, patience, and what is not told."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from musicdesk.core.errors import Cancelled, MusicdeskError, NotReady, Offline
from musicdesk.core.progress import Silent
from musicdesk.integrations.authorisation import Servers
from musicdesk.integrations.faults import Crowded, Unreachable, Unsupported
from musicdesk.integrations.gate import retry_after
from musicdesk.integrations.spotify import Spotify
from musicdesk.integrations.token_file import TokenFile
from tests.helpers.spotify_consent import authorisation, connected
from tests.helpers.spotify_person import Person
from tests.helpers.spotify_server import CLIENT, HASTY, Reply, SpotifyServer, error, track

RECENT, SAVED, TOKEN = "/v1/me/player/recently-played", "/v1/me/tracks", "/accounts/api/token"


def moment(at: int) -> dict[str, object]:
    text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at)) + ".500Z"
    return {"played_at": text, "track": track(at, f"Song {at}")}


def test_recently_played_by_cursor(tmp_path: Path, server: SpotifyServer):
    server.recent = [moment(1_700_000_000 - 200 * n) for n in range(120)]
    assert list(connected(tmp_path, server).recent()) == server.recent
    assert len(server.asked(RECENT)) == 4


def test_pages_of_saved_and_top_tracks(tmp_path: Path, server: SpotifyServer):
    spotify = connected(tmp_path, server)
    server.saved = [{"added_at": "2024-01-01T00:00:00Z", "track": track(n, f"S{n}")} for n in range(101)]
    server.top = {"short_term": [track(n, f"T{n}") for n in range(50)]}
    assert list(spotify.saved()) == server.saved
    assert len(server.asked(SAVED)) == 3
    assert list(spotify.top("short_term")) == server.top["short_term"]
    assert list(spotify.top("long_term")) == []


@pytest.mark.parametrize("status", [403, 404, 410, 400])
def test_an_endpoint_that_is_not_given_is_one_sentence(tmp_path: Path, server: SpotifyServer, status: int):
    spotify = connected(tmp_path, server)
    server.replies[SAVED].append(error(status))
    with pytest.raises(Unsupported) as told:
        list(spotify.saved())
    assert str(told.value).count(".") == 1 and str(status) in str(told.value)
    assert list(spotify.recent()) == []


def test_the_pause_that_spotify_asks_for_is_kept(tmp_path: Path, server: SpotifyServer):
    person = Person()
    spotify = connected(tmp_path, server, person)
    server.replies["/v1/me"].append(error(429, Retry_After="1"))
    begun = time.monotonic()
    spotify.check()
    assert 1 <= time.monotonic() - begun < 3
    assert any("Spotify asks to wait" in text for text in person.reports)


def test_the_pause_can_be_cancelled(tmp_path: Path, server: SpotifyServer):
    monitor = Silent()
    spotify = connected(tmp_path, server, monitor)
    server.replies["/v1/me"].append(error(429, Retry_After="5"))
    timer = threading.Timer(0.3, monitor.stop.set)
    timer.start()
    begun = time.monotonic()
    with pytest.raises(Cancelled):
        spotify.check()
    assert time.monotonic() - begun < 2
    timer.join()


@pytest.mark.parametrize(("asked", "words"), [("3600", "60 minutes"), ("86400", "24 hours"), ("9" * 30, "hours")])
def test_a_very_long_pause_is_refused(tmp_path: Path, server: SpotifyServer, asked: str, words: str):
    spotify = connected(tmp_path, server)
    server.replies["/v1/me"].append(error(429, Retry_After=asked))
    begun = time.monotonic()
    with pytest.raises(Crowded, match=words):
        spotify.check()
    assert time.monotonic() - begun < 2


def test_patience_ends(tmp_path: Path, server: SpotifyServer):
    spotify = connected(tmp_path, server)
    server.replies["/v1/me"].extend(error(429, Retry_After="0") for _ in range(9))
    with pytest.raises(Crowded):
        spotify.check()
    assert len(server.asked("/v1/me")) == HASTY.tries


def test_trouble_of_the_server_passes_or_is_told(tmp_path: Path, server: SpotifyServer):
    spotify = connected(tmp_path, server)
    server.replies["/v1/me"].extend([error(503), error(502)])
    spotify.check()
    server.replies["/v1/me"].extend(error(500) for _ in range(HASTY.tries))
    with pytest.raises(Unreachable, match="trouble of its own"):
        spotify.check()


def test_what_may_have_been_done_is_not_done_twice(tmp_path: Path, server: SpotifyServer):
    spotify = connected(tmp_path, server)
    server.replies["/v1/me/playlists"].append(error(502))
    with pytest.raises(Unreachable):
        spotify.create("Evening", "")
    assert len(server.asked("/v1/me/playlists")) == 1


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(200, b"{broken"), "could not be read"),
        (Reply(200, b"\xff\xfe\x00"), "could not be read"),
        (Reply(200, b"null"), "could not be read"),
        (Reply(200, b'{"items": 5}'), "could not be read"),
        (Reply(200, b"[" * 100_000), "could not be read"),
        (Reply(200, b"{}", before_s=1.0), "did not answer within 0.4 seconds"),
        (Reply(200, b'{"items": [' + b" " * 200, drip_s=0.05), "too long or too slow"),
        (Reply(200, b" " * (17 << 20)), "too long or too slow"),
        (Reply(307, b"", {"Location": "http://127.0.0.1:1/v1/me/tracks"}), "another address"),
        (Reply(200, b"\x1f\x8bnonsense", {"Content-Encoding": "gzip"}), "cannot be reached"),
    ],
)
def test_answers_that_are_none(tmp_path: Path, server: SpotifyServer, reply: Reply, words: str):
    spotify = connected(tmp_path, server)
    server.replies[SAVED].append(reply)
    begun = time.monotonic()
    with pytest.raises(Unreachable, match=words):
        list(spotify.saved())
    assert time.monotonic() - begun < 5


def test_a_server_that_is_down(tmp_path: Path, server: SpotifyServer):
    spotify = connected(tmp_path, server)
    server.down()
    with pytest.raises(Unreachable, match="cannot be reached"):
        spotify.check()


def test_only_encrypted_connections_leave_this_machine(tmp_path: Path, server: SpotifyServer):
    connected(tmp_path, server)
    plain = authorisation(tmp_path, server, servers=Servers("http://spotify.example", "http://spotify.example/v1"))
    with pytest.raises(Unreachable, match="without encryption"):
        Spotify(plain).check()


def test_offline_nothing_is_asked_and_nothing_listens(tmp_path: Path, server: SpotifyServer):
    switch = [True]
    connected(tmp_path, server)
    made = authorisation(tmp_path, server, Person(), offline=lambda: switch[0])
    for work in (made.ask, Spotify(made).check):
        with pytest.raises(Offline, match="offline by your choice"):
            work()
    assert server.seen == [] and made.monitor.links == []  # type: ignore[attr-defined]
    switch[0] = False
    Spotify(made).check()
    switch[0] = True  # also in the middle of a job
    with pytest.raises(Offline):
        Spotify(made).check()


def test_a_missing_spotipy_is_a_sentence(tmp_path: Path, server: SpotifyServer, monkeypatch: pytest.MonkeyPatch):
    import sys

    monkeypatch.setitem(sys.modules, "spotipy", None)
    connected(tmp_path, server)
    with pytest.raises(NotReady, match="needs the Python package spotipy"):
        Spotify(authorisation(tmp_path, server)).check()


def test_playlists_grow_by_hundreds(tmp_path: Path, server: SpotifyServer):
    spotify = connected(tmp_path, server)
    number, address = spotify.create("Evening", "Made by musicdesk")
    uris = [track(n, "x")["uri"] for n in range(250)]
    assert list(spotify.add(number, uris)) == [100, 200, 250]
    made = server.playlists[number]
    assert made["uris"] == uris and made["batches"] == [100, 100, 50]
    assert made["public"] is False and made["name"] == "Evening" and number in address


def test_search_asks_for_no_more_than_is_given(tmp_path: Path, server: SpotifyServer):
    server.catalog = [track(n, "Blue Train") for n in range(30)]
    assert len(connected(tmp_path, server).search('track:"Blue Train"')) == 10


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7.0), (None, None), ("", None), ("soon", None), ("Thu, 01 Jan 1970 00:01:40 GMT", 40.0), ("-3", None)],
)
def test_retry_after_in_seconds_or_as_a_date(value: str | None, seconds: float | None):
    assert retry_after(value, now=60.0) == seconds


def test_nothing_secret_is_told(
    tmp_path: Path, server: SpotifyServer, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
):
    """Neither errors nor log lines, at any level, hold tokens, codes, the client id or a name."""
    caplog.set_level(logging.DEBUG)
    texts: list[str] = []

    def told(work: Callable[[], object]) -> None:
        try:
            work()
        except MusicdeskError as fault:
            texts.extend((str(fault), repr(fault), repr(fault.__context__), repr(fault.__cause__)))

    for person in (Person(), Person("deny"), Person(state="x")):
        told(authorisation(tmp_path, server, person).ask)
        person.gone()
        texts += person.reports
    server.replies[TOKEN].append(Reply(400, json.dumps({"error": CLIENT, "error_description": CLIENT}).encode()))
    told(connected(tmp_path, server, expires_in=-5).check)
    for reply in (error(404), error(500), error(429, Retry_After="900"), Reply(200, b"{"), Reply(200, b"x", drip_s=2)):
        spotify = connected(tmp_path, server)
        server.replies["/v1/me"].extend([reply] * 3)
        told(spotify.check)
        texts.append(repr(spotify._authorisation) + repr(TokenFile(tmp_path).load()))
        server.replies["/v1/me"].clear()
    out = capfd.readouterr()
    everything = "\n".join((*texts, caplog.text, out.out, out.err))
    assert len(texts) > 10
    assert not [secret for secret in server.secrets if secret and secret in everything]
    assert "canary" not in everything
