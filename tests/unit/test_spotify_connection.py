"""The connection with Spotify against a real server on this machine: consent, tokens, refusals, patience."""

from __future__ import annotations

import http.client
import json
import logging
import socket
import stat
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from musicdesk.core.errors import Cancelled, MusicdeskError, NotReady, Offline, Unusable
from musicdesk.core.progress import Silent
from musicdesk.integrations.authorisation import Authorisation, Servers
from musicdesk.integrations.faults import Crowded, Denied, NotConnected, Revoked, Unreachable, Unsupported
from musicdesk.integrations.gate import retry_after
from musicdesk.integrations.loopback import Loopback
from musicdesk.integrations.spotify import Spotify
from musicdesk.integrations.token_file import Token, TokenFile
from tests.helpers.spotify_server import CLIENT, HASTY, Person, Reply, SpotifyServer, error, track

RECENT, SAVED, TOKEN = "/v1/me/player/recently-played", "/v1/me/tracks", "/accounts/api/token"


@pytest.fixture
def server() -> Iterator[SpotifyServer]:
    with SpotifyServer() as made:
        yield made


def authorisation(folder: Path, server: SpotifyServer, monitor: Silent | None = None, **more: object) -> Authorisation:
    made = Authorisation(CLIENT, TokenFile(folder), lambda: False, monitor or Silent(), server.servers, HASTY)
    return replace(made, **more)  # type: ignore[arg-type]


def connected(folder: Path, server: SpotifyServer, monitor: Silent | None = None, expires_in: int = 3600) -> Spotify:
    """A connection whose consent was given before."""
    now = int(time.time())
    token = Token(CLIENT, server.new_access(), server.new_refresh(), now + expires_in, "", now)
    TokenFile(folder).save(token)
    return Spotify(authorisation(folder, server, monitor))


def moment(at: int) -> dict[str, object]:
    text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at)) + ".500Z"
    return {"played_at": text, "track": track(at, f"Song {at}")}


# consent


def test_consent_gives_a_token_that_only_its_owner_can_read(tmp_path: Path, server: SpotifyServer):
    person = Person()
    made = authorisation(tmp_path, server, person)
    made.ask()
    person.gone()
    token = TokenFile(tmp_path).load()
    assert token and token.access in server.access_tokens and token.refresh in server.refresh_tokens
    assert stat.S_IMODE((tmp_path / "spotify.json").stat().st_mode) == 0o600
    assert "user-read-recently-played" in token.scope.split()
    assert person.statuses == [200]
    query = {name: values[0] for name, values in parse_qs(urlsplit(person.links[0]).query).items()}
    assert query["code_challenge_method"] == "S256" and len(query["state"]) >= 32
    assert urlsplit(query["redirect_uri"]).hostname == "127.0.0.1"
    assert "client_secret" not in person.links[0]
    Spotify(made).check()
    made.close()


def test_every_question_has_a_state_and_a_verifier_of_its_own(tmp_path: Path, server: SpotifyServer):
    asked = []
    for _ in range(2):
        person = Person()
        authorisation(tmp_path, server, person).ask()
        person.gone()
        query = parse_qs(urlsplit(person.links[0]).query)
        asked.append((query["state"][0], query["code_challenge"][0]))
    assert asked[0][0] != asked[1][0] and asked[0][1] != asked[1][1]


@pytest.mark.parametrize(
    ("person", "words"),
    [(Person("deny"), "was not allowed"), (Person(state="another"), "belongs to another question")],
)
def test_denied_or_wrong_answers_connect_nothing(tmp_path: Path, server: SpotifyServer, person: Person, words: str):
    with pytest.raises(Denied, match=words):
        authorisation(tmp_path, server, person).ask()
    person.gone()
    assert not (tmp_path / "spotify.json").exists()
    assert not server.asked(TOKEN), "no code was exchanged"


def test_nobody_in_the_browser(tmp_path: Path, server: SpotifyServer):
    waiting = authorisation(tmp_path, server, Person(absent=True), patience=replace(HASTY, consent_s=0.3))
    with pytest.raises(Denied, match="No consent came"):
        waiting.ask()


def test_waiting_for_consent_can_be_cancelled(tmp_path: Path, server: SpotifyServer):
    person = Person(absent=True)
    timer = threading.Timer(0.3, person.stop.set)
    timer.start()
    begun = time.monotonic()
    with pytest.raises(Cancelled):
        authorisation(tmp_path, server, person).ask()
    assert time.monotonic() - begun < 2
    timer.join()


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (Reply(400, b'{"error": "invalid_grant"}'), Denied, "did not accept the answer"),
        (Reply(400, b'{"error": "invalid_client"}'), Denied, "does not know this client id"),
        (Reply(503, b"oops"), Unreachable, "trouble of its own"),
        (Reply(200, b"{broken"), Unreachable, "could not be read"),
        (Reply(200, b"[]"), Unreachable, "could not be read"),
        (Reply(200, b'{"access_token": "x"}'), Unreachable, "could not be read"),
        (Reply(200, b'{"access_token": "x", "expires_in": "soon"}'), Unreachable, "could not be read"),
        (Reply(200, b'{"access_token": 5, "refresh_token": "y", "expires_in": 60}'), Unreachable, "could not be read"),
        (Reply(200, b'{"access_token": "x", "refresh_token": "y", "expires_in": 1e30}'), Unreachable, "not be read"),
        (Reply(429, b"", {"Retry-After": "7"}), Crowded, "7 seconds"),
        (Reply(302, b"", {"Location": "http://127.0.0.1:1/else"}), Unreachable, "another address"),
        (Reply(200, b"{}", before_s=1.0), Unreachable, "did not answer"),
    ],
)
def test_a_token_that_does_not_come(
    tmp_path: Path, server: SpotifyServer, reply: Reply, kind: type[MusicdeskError], words: str
):
    server.replies[TOKEN].append(reply)
    person = Person()
    with pytest.raises(kind, match=words):
        authorisation(tmp_path, server, person).ask()
    person.gone()
    assert not (tmp_path / "spotify.json").exists()


def test_the_loopback_answers_one_question_and_nothing_else():
    monitor = Silent()
    with Loopback("the-state") as door:
        port = urlsplit(door.uri).port
        statuses: list[int] = []

        def visit() -> None:
            for path, host in (
                ("/favicon.ico", f"127.0.0.1:{port}"),
                ("/callback?code=c&state=the-state", "evil.example"),
                ("/callback?code=c&state=the-state", f"127.0.0.1:{port}"),
            ):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                connection.request("GET", path, headers={"Host": host})
                statuses.append(connection.getresponse().status)
                connection.close()

        visitor = threading.Thread(target=visit)
        visitor.start()
        assert door.wait(monitor, 5) == "c"
        visitor.join()
    assert statuses == [404, 404, 200]


NO_CODE = st.one_of(
    st.binary(max_size=300),
    st.text(max_size=80).map(lambda text: f"GET /callback?{quote(text)} HTTP/1.1\r\n\r\n".encode()),
    st.tuples(
        st.sampled_from(["GET", "POST", "HEAD", "get"]),
        st.sampled_from(["/callback", "/callback/", "//callback", "http://127.0.0.1/callback", "/%63allback"]),
        st.sampled_from(
            ["code=c&state=wrong", "state=the-state", "code=&state=the-state", "code=c&code=d&state=the-state"]
        )
        | st.sampled_from(["code=c&state=the-state&state=x", "error=x&code=c&state=the-state", "&" * 99, "%ff=%00"]),
    ).map(lambda parts: f"{parts[0]} {parts[1]}?{parts[2]} HTTP/1.1\r\nHost: HOST\r\n\r\n".encode()),
)


@settings(max_examples=1_000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(NO_CODE)
def test_no_other_answer_gives_a_code(request_: bytes):
    """Whatever comes to the port: no code, no crash, an explained end."""
    with Loopback("the-state") as door:
        door._server.timeout = 0.001
        port = urlsplit(door.uri).port or 0
        with socket.create_connection(("127.0.0.1", port), timeout=5) as visitor:
            visitor.sendall(request_.replace(b"HOST", f"127.0.0.1:{port}".encode()))
            visitor.shutdown(socket.SHUT_WR)
            with pytest.raises(Denied):
                door.wait(Silent(), 0.001)


def test_a_silent_visitor_does_not_keep_the_browser_out():
    with Loopback("s") as door:
        port = urlsplit(door.uri).port
        silent = socket.create_connection(("127.0.0.1", port))

        def visit() -> None:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/callback?code=c&state=s")
            connection.getresponse().read()
            connection.close()

        visitor = threading.Thread(target=visit)
        visitor.start()
        assert door.wait(Silent(), 5) == "c"
        visitor.join()
        silent.close()


def test_a_port_that_is_taken_is_a_sentence():
    with Loopback("s") as door, pytest.raises(Unusable, match="is not free"):
        Loopback("s", urlsplit(door.uri).port or 0)


# the token's life


def test_without_consent_there_is_nothing_to_ask(tmp_path: Path, server: SpotifyServer):
    with pytest.raises(NotConnected):
        Spotify(authorisation(tmp_path, server)).check()
    assert server.seen == []


def test_a_token_of_another_client_id_is_none(tmp_path: Path, server: SpotifyServer):
    connected(tmp_path, server)
    with pytest.raises(NotConnected):
        Spotify(authorisation(tmp_path, server, client_id="0" * 32)).check()


def test_an_expired_token_is_renewed_and_rotated(tmp_path: Path, server: SpotifyServer):
    spotify = connected(tmp_path, server, expires_in=-5)
    old = TokenFile(tmp_path).load()
    spotify.check()
    new = TokenFile(tmp_path).load()
    assert old and new and old.refresh != new.refresh and old.since == new.since
    assert old.refresh not in server.refresh_tokens
    assert len(server.asked(TOKEN)) == 1
    assert stat.S_IMODE((tmp_path / "spotify.json").stat().st_mode) == 0o600


def test_a_refresh_token_that_is_not_rotated_is_kept(tmp_path: Path, server: SpotifyServer):
    server.rotate = False
    spotify = connected(tmp_path, server, expires_in=-5)
    old = TokenFile(tmp_path).load()
    spotify.check()
    new = TokenFile(tmp_path).load()
    assert old and new and old.refresh == new.refresh and old.access != new.access


def test_a_refused_token_is_renewed_once(tmp_path: Path, server: SpotifyServer):
    spotify = connected(tmp_path, server)
    server.access_tokens.clear()
    spotify.check()
    assert len(server.asked(TOKEN)) == 1 and len(server.asked("/v1/me")) == 2


def test_a_token_refused_for_ever_ends_in_a_sentence(tmp_path: Path, server: SpotifyServer):
    spotify = connected(tmp_path, server)
    server.replies["/v1/me"].extend(error(401) for _ in range(9))
    with pytest.raises(Denied, match="does not accept this connection"):
        spotify.check()
    assert len(server.asked("/v1/me")) == 2


def test_a_revoked_token_is_forgotten(tmp_path: Path, server: SpotifyServer):
    spotify = connected(tmp_path, server, expires_in=-5)
    server.refresh_tokens.clear()
    with pytest.raises(Revoked, match="Connect again"):
        spotify.check()
    assert not (tmp_path / "spotify.json").exists()


def test_trouble_while_renewing_forgets_nothing(tmp_path: Path, server: SpotifyServer):
    spotify = connected(tmp_path, server, expires_in=-5)
    server.replies[TOKEN].append(Reply(502))
    with pytest.raises(Unreachable):
        spotify.check()
    spotify.check()


def test_two_at_once_renew_one_after_the_other(tmp_path: Path, server: SpotifyServer):
    """The second finds the token that the first has renewed, in place of its own that is used up."""
    first = connected(tmp_path, server, expires_in=-5)
    second = Spotify(authorisation(tmp_path, server))
    second._authorisation._token = TokenFile(tmp_path).load()
    first.check()
    second.check()
    assert len(server.asked(TOKEN)) == 1


def test_what_was_disconnected_meanwhile_does_not_come_back(tmp_path: Path, server: SpotifyServer):
    spotify = connected(tmp_path, server, expires_in=-5)
    spotify._authorisation._token = TokenFile(tmp_path).load()
    assert TokenFile(tmp_path).forget()
    spotify.check()
    assert not (tmp_path / "spotify.json").exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"client": 5}', '{"access": "x"}', "\x00"])
def test_a_broken_token_file_is_no_connection(tmp_path: Path, text: str):
    (tmp_path / "spotify.json").write_text(text)
    assert TokenFile(tmp_path).load() is None
    assert TokenFile(tmp_path).forget()


# questions


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
