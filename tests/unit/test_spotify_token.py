"""The token of a connection with Spotify: renewed, rotated, refused, revoked, forgotten."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from musicdesk.integrations.faults import Denied, NotConnected, Revoked, Unreachable
from musicdesk.integrations.spotify import Spotify
from musicdesk.integrations.token_file import TokenFile
from tests.helpers.spotify_consent import authorisation, connected
from tests.helpers.spotify_server import Reply, SpotifyServer, error

TOKEN = "/accounts/api/token"


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
