"""Consent to a connection with Spotify, against a real server on this machine: given, denied, broken off, faked."""

from __future__ import annotations

import http.client
import socket
import stat
import threading
import time
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from musicdesk.core.errors import Cancelled, MusicdeskError, Unusable
from musicdesk.core.progress import Silent
from musicdesk.integrations.faults import Crowded, Denied, Unreachable
from musicdesk.integrations.loopback import Loopback
from musicdesk.integrations.spotify import Spotify
from musicdesk.integrations.token_file import TokenFile
from tests.helpers.spotify_consent import authorisation
from tests.helpers.spotify_person import Person
from tests.helpers.spotify_server import HASTY, Reply, SpotifyServer

TOKEN = "/accounts/api/token"


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
