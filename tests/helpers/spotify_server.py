"""Spotify on 127.0.0.1: the accounts service and the Web API, over real HTTP, with whatever may go wrong.

What it serves follows developer.spotify.com: authorize with PKCE (S256, really verified), the token endpoint with
rotating refresh tokens, /me, recently played by cursor, top and saved tracks by offset, search, playlists.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from musicdesk.core.settings import Settings
from musicdesk.integrations.authorisation import Servers
from musicdesk.integrations.patience import Patience

CLIENT = "c11e47c11e47c11e47c11e47c11e47c1"
USER = "canary-user-name"
EXPIRES_S = 3600


@dataclass
class Reply:
    """An answer to be given instead of the usual one."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    before_s: float = 0.0  # silence before the answer
    drip_s: float = 0.0  # between two bytes of it


def error(status: int, message: str = "canary-message", **headers: str) -> Reply:
    body = json.dumps({"error": {"status": status, "message": message}}).encode()
    return Reply(status, body, {name.replace("_", "-"): value for name, value in headers.items()})


class SpotifyServer:
    """`replies[path]` are given before the usual answers; `seen` has every request."""

    def __init__(self) -> None:
        self.codes: dict[str, dict[str, str]] = {}
        self.refresh_tokens: set[str] = set()
        self.access_tokens: dict[str, float] = {}  # token -> when it expires
        self.secrets: set[str] = {CLIENT, USER}  # whatever must never be seen elsewhere
        self.replies: dict[str, deque[Reply]] = defaultdict(deque)
        self.seen: list[tuple[str, str]] = []  # (method, path with query)
        self.expires_in: Any = EXPIRES_S
        self.rotate = True
        self.recent: list[dict[str, Any]] = []  # newest first
        self.top: dict[str, list[dict[str, Any]]] = {}
        self.saved: list[dict[str, Any]] = []
        self.catalog: list[dict[str, Any]] = []  # what search looks through
        self.playlists: dict[str, dict[str, Any]] = {}
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.world = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.servers = Servers(f"{self.url}/accounts", f"{self.url}/v1")

    def __enter__(self) -> SpotifyServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.down()

    def down(self) -> None:
        """Goes away, closed."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()

    def settings(self, **more: Any) -> Settings:
        """Settings of a profile that knows this server and a client id."""
        return Settings(
            spotify_client_id=CLIENT,
            spotify_accounts=self.servers.accounts,
            spotify_api=self.servers.api,
            **more,
        )

    def asked(self, path: str) -> list[str]:
        return [query for _method, query in self.seen if urlsplit(query).path == path]

    def new_access(self) -> str:
        token = f"canary-access-{secrets.token_hex(8)}"
        self.access_tokens[token] = time.time() + EXPIRES_S
        self.secrets.add(token)
        return token

    def new_refresh(self) -> str:
        token = f"canary-refresh-{secrets.token_hex(8)}"
        self.refresh_tokens.add(token)
        self.secrets.add(token)
        return token


def track(number: int, title: str, artist: str = "John Coltrane", length_ms: int = 180_000, **more: Any) -> Any:
    return {
        "type": "track",
        "id": f"{number:022d}",
        "uri": f"spotify:track:{number:022d}",
        "name": title,
        "artists": [{"name": artist}],
        "album": {"name": f"Album of {artist}", "artists": [{"name": artist}]},
        "duration_ms": length_ms,
        **more,
    }


class _Server(ThreadingMixIn, TCPServer):
    allow_reuse_address = True
    request_queue_size = 32
    daemon_threads = False
    block_on_close = True
    world: SpotifyServer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 5
    server: _Server

    def do_GET(self) -> None:
        self._serve("GET", b"")

    def do_POST(self) -> None:
        self._serve("POST", self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def _serve(self, method: str, body: bytes) -> None:
        world = self.server.world
        world.seen.append((method, self.path.replace("/?", "?").rstrip("/")))
        parts = urlsplit(self.path.replace("/?", "?").rstrip("/"))
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if world.replies[parts.path]:
            return self._give(world.replies[parts.path].popleft())
        if parts.path == "/accounts/authorize":
            return self._give(_authorize(world, query))
        if parts.path == "/accounts/api/token":
            form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
            return self._give(_token(world, form))
        scheme, _space, token = self.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or world.access_tokens.get(token, 0) < time.time():
            return self._give(error(401, "The access token expired"))
        return self._give(_api(world, method, parts.path.removeprefix("/v1"), query, body))

    def _give(self, reply: Reply) -> None:
        try:
            time.sleep(reply.before_s)
            self.send_response_only(reply.status)
            for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.send_header("Connection", "close")
            self.end_headers()
            pieces = [reply.body] if not reply.drip_s else [bytes((byte,)) for byte in reply.body]
            for piece in pieces:
                self.wfile.write(piece)
                self.wfile.flush()
                time.sleep(reply.drip_s)
        except OSError:
            pass  # the other side has gone
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        pass


def _json(value: Any, status: int = 200) -> Reply:
    return Reply(status, json.dumps(value).encode())


def _authorize(world: SpotifyServer, query: dict[str, str]) -> Reply:
    wrong = query.get("client_id") != CLIENT or query.get("response_type") != "code"
    back = urlsplit(query.get("redirect_uri", ""))
    if wrong or (back.scheme, back.hostname, back.path) != ("http", "127.0.0.1", "/callback"):
        return Reply(400, b"INVALID_CLIENT")
    if query.get("code_challenge_method") != "S256" or not query.get("code_challenge"):
        return Reply(400, b"code_challenge_method must be S256")
    if query.get("person") == "deny":
        return Reply(302, b"", {"Location": f"{back.geturl()}?error=access_denied&state={quote(query['state'])}"})
    code = f"canary-code-{secrets.token_hex(8)}"
    world.secrets |= {code, query["state"]}
    world.codes[code] = query
    return Reply(302, b"", {"Location": f"{back.geturl()}?{urlencode({'code': code, 'state': query['state']})}"})


def _token(world: SpotifyServer, form: dict[str, str]) -> Reply:
    if form.get("client_id") != CLIENT:
        return _json({"error": "invalid_client", "error_description": f"{CLIENT} canary"}, 400)
    if "client_secret" in form:
        return _json({"error": "invalid_request"}, 400)
    if form.get("grant_type") == "authorization_code":
        asked = world.codes.pop(form.get("code", ""), None)
        verifier = form.get("code_verifier", "")
        world.secrets.add(verifier)
        digest = hashlib.sha256(verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        good = asked and asked["code_challenge"] == challenge and asked["redirect_uri"] == form.get("redirect_uri")
        if not good or not 43 <= len(verifier) <= 128:
            return _json({"error": "invalid_grant", "error_description": "code_verifier was incorrect"}, 400)
        scope = asked["scope"] if asked else ""
    elif form.get("grant_type") == "refresh_token":
        if form.get("refresh_token") not in world.refresh_tokens:
            return _json({"error": "invalid_grant", "error_description": "Refresh token revoked"}, 400)
        if world.rotate:
            world.refresh_tokens.discard(form["refresh_token"])
        scope = "user-library-read"
    else:
        return _json({"error": "unsupported_grant_type"}, 400)
    answer = {"access_token": world.new_access(), "token_type": "Bearer", "scope": scope}
    answer |= {"expires_in": world.expires_in}
    if world.rotate or form["grant_type"] == "authorization_code":
        answer["refresh_token"] = world.new_refresh()
    return _json(answer)


def _api(world: SpotifyServer, method: str, path: str, query: dict[str, str], body: bytes) -> Reply:
    if method == "POST":
        return _write(world, path, json.loads(body))
    if path == "/me":
        return _json({"id": USER, "display_name": USER})
    if path == "/me/player/recently-played":
        return _recent(world, query)
    if path == "/me/top/tracks":
        return _page(world, path, world.top.get(query["time_range"], []), query)
    if path == "/me/tracks":
        return _page(world, path, world.saved, query)
    if path == "/search":
        return _search(world, query)
    return error(404, "Service not found")


def _recent(world: SpotifyServer, query: dict[str, str]) -> Reply:
    limit, before = int(query["limit"]), int(query.get("before", 1 << 62))
    if not 1 <= limit <= 50:
        return error(400, "Invalid limit")
    rows = [row for row in world.recent if _ms(row["played_at"]) < before][:limit]
    cursors = {"after": str(_ms(rows[0]["played_at"])), "before": str(_ms(rows[-1]["played_at"]))} if rows else None
    return _json({"items": rows, "limit": limit, "cursors": cursors, "next": f"{world.url}/v1/x" if rows else None})


def _ms(moment: str) -> int:
    import datetime

    return round(datetime.datetime.fromisoformat(moment.replace("Z", "+00:00")).timestamp() * 1000)


def _page(world: SpotifyServer, path: str, rows: list[Any], query: dict[str, str]) -> Reply:
    limit, offset = int(query["limit"]), int(query["offset"])
    if not 1 <= limit <= 50:
        return error(400, "Invalid limit")
    more = offset + limit < len(rows)
    address = f"http://127.0.0.1:1/elsewhere{path}" if more else None  # never to be followed
    return _json({"items": rows[offset : offset + limit], "total": len(rows), "next": address})


def _search(world: SpotifyServer, query: dict[str, str]) -> Reply:
    """By `isrc:...`, else every track that has all the words of the quoted parts."""
    if not 1 <= int(query["limit"]) <= 10 or query["type"] != "track":
        return error(400, "Invalid limit")
    wanted = query["q"]
    if wanted.startswith("isrc:"):
        code = wanted.removeprefix("isrc:")
        found = [one for one in world.catalog if one.get("external_ids", {}).get("isrc") == code]
    else:
        words = wanted.replace("track:", " ").replace("artist:", " ").replace('"', " ").casefold().split()
        found = [one for one in world.catalog if all(word in json.dumps(one).casefold() for word in words)]
    shown = [{name: value for name, value in one.items() if name != "external_ids"} for one in found]
    return _json({"tracks": {"items": shown[: int(query["limit"])], "total": len(found)}})


def _write(world: SpotifyServer, path: str, body: Any) -> Reply:
    if path == "/me/playlists":
        number = f"list{len(world.playlists) + 1:018d}"
        world.playlists[number] = {**body, "uris": [], "batches": []}
        return _json({"id": number, "external_urls": {"spotify": f"https://open.spotify.com/playlist/{number}"}}, 201)
    if path.startswith("/playlists/") and path.endswith("/items"):
        made = world.playlists.get(path.split("/")[2])
        if made is None:
            return error(404)
        if not isinstance(body, list) or not 1 <= len(body) <= 100:
            return error(400, "Too many ids requested")
        made["uris"] += body
        made["batches"].append(len(body))
        return _json({"snapshot_id": "s"}, 201)
    return error(404, "Service not found")


HASTY = Patience(connect_s=2, read_s=0.4, whole_s=1.0, longest_pause_s=5, tries=3, backoff_s=0.01, consent_s=5)
