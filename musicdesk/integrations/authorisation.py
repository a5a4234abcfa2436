"""Consent by PKCE with the person's own client id (RFC 7636, RFC 8252), the token it gives, and renewing that.

There is no client secret. spotipy is imported when it is needed, and goes out through the gate.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from musicdesk.core.errors import NotReady, Offline
from musicdesk.core.progress import Monitor
from musicdesk.integrations.faults import Crowded, Denied, HttpFault, NotConnected, Revoked, Unreachable
from musicdesk.integrations.loopback import HOST, PATH, Loopback
from musicdesk.integrations.patience import USUAL, Patience
from musicdesk.integrations.token_file import Token, TokenFile

SCOPES = ("playlist-modify-private", "user-library-read", "user-read-recently-played", "user-top-read")
REDIRECT = f"http://{HOST}{PATH}"  # what the person registers; the port may be any
EARLY_S = 60  # a token is renewed before it expires
LONGEST_S = 7 * 86_400  # that a token may say to live
ODD = "Spotify's answer could not be read. Try again later."
MISSING = "The Spotify connection needs the Python package spotipy, which is not installed here."


@dataclass(frozen=True)
class Servers:
    """Where Spotify is."""

    accounts: str = "https://accounts.spotify.com"
    api: str = "https://api.spotify.com/v1"


SPOTIFY = Servers()


@dataclass
class Authorisation:
    """Gives a client of the Web API that carries a token which is still good."""

    client_id: str = field(repr=False)
    tokens: TokenFile
    offline: Callable[[], bool]  # asked before every request
    monitor: Monitor
    servers: Servers = SPOTIFY
    patience: Patience = USUAL
    _token: Token | None = field(default=None, init=False, repr=False)
    _client: Any = field(default=None, init=False, repr=False)
    _gate: Any = field(default=None, init=False, repr=False)

    def ask(self, port: int = 0) -> None:
        """Asks for consent in the browser and keeps the token. `port` 0: a free one.

        raises: Offline, Denied, Unusable, Unreachable, Cancelled
        """
        if self.offline():
            raise Offline
        state = secrets.token_urlsafe(32)
        with Loopback(state, port) as door:
            manager = self._manager(door.uri)
            self.monitor.link(manager.get_authorize_url(state))
            code = door.wait(self.monitor, self.patience.consent_s)
        self.monitor.report(0, None, "Connecting with Spotify")
        try:
            told = _told(lambda: manager.get_access_token(code, check_cache=False), manager)
        except HttpFault as fault:
            raise _refused(fault) from None
        self._token = self._read(told, None)
        self.tokens.save(self._token)
        self._client = None

    def client(self) -> Any:
        """The client, with a fresh token. Raises NotConnected, Revoked, Unreachable, Crowded, Offline."""
        if self.offline():
            raise Offline
        if self._token is None:
            self._token = self.tokens.load()
        if self._token is None or self._token.client != self.client_id:
            raise NotConnected
        if self._token.expires_at - time.time() < EARLY_S:
            self.renew()
        if self._client is None:
            api = self._spotipy().Spotify(
                auth=self._token.access, requests_session=self._way_out(), requests_timeout=self.patience.read_s
            )
            api.prefix = self.servers.api.rstrip("/") + "/"
            self._client = api
        return self._client

    def renew(self) -> None:
        """A new token for the old one; what another process has renewed meanwhile is taken."""
        old = self._token
        assert old is not None
        if not self._renewed_elsewhere(old):
            manager = self._manager(REDIRECT)
            try:
                told = _told(lambda: manager.refresh_access_token(old.refresh), manager)
            except HttpFault as fault:
                if fault.status not in (400, 401, 403):
                    raise _refused(fault) from None
                if not self._renewed_elsewhere(old):
                    self.tokens.forget(old)
                    self._token = None
                    raise Revoked from None
            else:
                self._token = self._read(told, old)
                self.tokens.renew(old, self._token)
        self._client = None

    def close(self) -> None:
        if self._gate is not None:
            self._gate.close()

    def _renewed_elsewhere(self, old: Token) -> bool:
        found = self.tokens.load()
        if found is None or found == old or found.client != self.client_id:
            return False
        self._token = found
        return True

    def _manager(self, redirect: str) -> Any:
        spotipy = self._spotipy()
        manager = spotipy.SpotifyPKCE(
            client_id=self.client_id,
            redirect_uri=redirect,
            scope=list(SCOPES),
            requests_session=self._way_out(),
            open_browser=False,
            cache_handler=spotipy.MemoryCacheHandler(),
        )
        accounts = self.servers.accounts.rstrip("/")
        manager.OAUTH_AUTHORIZE_URL, manager.OAUTH_TOKEN_URL = f"{accounts}/authorize", f"{accounts}/api/token"
        return manager

    def _spotipy(self) -> Any:
        try:
            import spotipy
        except ImportError as error:
            raise NotReady(MISSING) from error
        return spotipy

    def _way_out(self) -> Any:
        if self._gate is None:
            from musicdesk.integrations.gate import Gate

            self._gate = Gate(self.offline, self.monitor.check, self.patience)
        return self._gate

    def _read(self, told: Any, old: Token | None) -> Token:
        """The token in an answer. One without a refresh token keeps the old one. Raises Unreachable."""
        now = int(time.time())
        access, refresh = told.get("access_token"), told.get("refresh_token") or (old.refresh if old else "")
        scope, until = told.get("scope"), told.get("expires_at")
        texts = isinstance(access, str) and isinstance(refresh, str) and access and refresh
        if not texts or type(until) is not int or not now - LONGEST_S < until < now + LONGEST_S:
            raise Unreachable(ODD)
        granted = scope if isinstance(scope, str) else old.scope if old else " ".join(SCOPES)
        return Token(self.client_id, access, refresh, until, granted, old.since if old else now)


def _told(work: Callable[[], Any], manager: Any) -> dict[str, Any]:
    """What the token endpoint has answered; spotipy takes it as it comes, whatever it is. Raises Unreachable."""
    try:
        work()
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError):
        raise Unreachable(ODD) from None
    told = manager.cache_handler.get_cached_token()
    if not isinstance(told, dict):
        raise Unreachable(ODD)
    return told


def _refused(fault: HttpFault) -> Exception:
    """Why the token endpoint gave no token."""
    if fault.status == 429:
        return Crowded(fault.retry_after or 60.0)
    if fault.status >= 500:
        return Unreachable(f"Spotify has trouble of its own (answer {fault.status}). Try again later.")
    if fault.code in ("invalid_client", "unauthorized_client"):
        return Denied("Spotify does not know this client id, or not with this redirect address. Look at both again.")
    return Denied("Spotify did not accept the answer from the browser, so nothing was connected. Try again.")
