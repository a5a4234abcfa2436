"""A connection with Spotify as its tests need it: to a server on this machine, in little patience."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from musicdesk.core.progress import Silent
from musicdesk.integrations.authorisation import Authorisation
from musicdesk.integrations.spotify import Spotify
from musicdesk.integrations.token_file import Token, TokenFile
from musicdesk.workflows.desk import Desk, open_desk
from tests.helpers.spotify_server import CLIENT, HASTY, SpotifyServer


def authorisation(folder: Path, server: SpotifyServer, monitor: Silent | None = None, **more: object) -> Authorisation:
    made = Authorisation(CLIENT, TokenFile(folder), lambda: False, monitor or Silent(), server.servers, HASTY)
    return replace(made, **more)  # type: ignore[arg-type]


def consent(folder: Path, server: SpotifyServer, expires_in: int = 3600) -> None:
    """Given before, and kept in the profile."""
    now = int(time.time())
    TokenFile(folder).save(Token(CLIENT, server.new_access(), server.new_refresh(), now + expires_in, "", now))


def connected(folder: Path, server: SpotifyServer, monitor: Silent | None = None, expires_in: int = 3600) -> Spotify:
    """A connection whose consent was given before."""
    consent(folder, server, expires_in)
    return Spotify(authorisation(folder, server, monitor))


@contextmanager
def connected_desk(folder: Path, server: SpotifyServer) -> Iterator[Desk]:
    with open_desk(folder) as opened:
        opened.save_settings(server.settings())
        consent(opened.profile.folder, server)
        yield opened
