"""Where the browser comes back to after consent: one answer, on this machine alone."""

from __future__ import annotations

import os
import secrets
import time
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer
from urllib.parse import parse_qs, urlsplit

from musicdesk.core.errors import Unusable
from musicdesk.core.progress import Monitor
from musicdesk.integrations.faults import Denied

HOST, PATH = "127.0.0.1", "/callback"
LOOK_S = 0.1  # between two looks at the monitor
SILENT_S = 1.0  # given to a visitor that says nothing
LONGEST = 4_096  # characters of a code

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>musicdesk</title>
<body style="font: 16px system-ui; margin: 4em auto; max-width: 30em"><h1>musicdesk</h1><p>{text}</p></body></html>"""
THANKS = "Thank you. You can close this page and go back to musicdesk."
REFUSED = "Nothing was connected. You can close this page and go back to musicdesk."
ELSEWHERE = "There is nothing here."


class Loopback:
    """Listens on 127.0.0.1 (a free port unless one is named) until the browser brings the answer.

    with Loopback(state) as door:  # door.uri goes into the question
        code = door.wait(monitor, seconds=120)
    """

    def __init__(self, state: str, port: int = 0) -> None:
        self._state = state
        try:
            self._server = _Server((HOST, port), _Visitor)
        except (OSError, OverflowError) as error:
            raise Unusable(f"Port {port} of this computer is not free; choose another or none.") from error
        self._server.timeout = LOOK_S
        self.uri = f"http://{HOST}:{self._server.server_address[1]}{PATH}"

    def __enter__(self) -> Loopback:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.server_close()

    def wait(self, monitor: Monitor, seconds: float) -> str:
        """The authorisation code. Raises Denied, Cancelled."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            monitor.check()
            left = max(1, round(end - time.monotonic()))
            monitor.report(0, None, f"Waiting for your consent in the browser, {left} s left")
            self._server.handle_request()
            if self._server.answer is not None:
                return self._judged(self._server.answer)
        raise Denied(f"No consent came from the browser within {seconds:g} seconds; nothing was connected.")

    def _judged(self, answer: dict[str, list[str]]) -> str:
        state, code, error = (answer.get(name, []) for name in ("state", "code", "error"))
        if not _same(state, self._state):
            raise Denied(
                "The answer from the browser belongs to another question, so nothing was connected. Try again."
            )
        if error or len(code) != 1 or not 0 < len(code[0]) <= LONGEST:
            raise Denied("Spotify was not allowed to give access, so nothing was connected.")
        return code[0]


class _Server(TCPServer):
    """Not HTTPServer, which asks the name service who 127.0.0.1 is."""

    allow_reuse_address = os.name == "posix"  # elsewhere it would let another program take the port over
    answer: dict[str, list[str]] | None = None

    def handle_error(self, request: object, client_address: object) -> None:
        """A visitor that breaks off is no trouble of ours."""


class _Visitor(BaseHTTPRequestHandler):
    timeout = SILENT_S
    server: _Server

    def do_GET(self) -> None:
        where = urlsplit(self.path)
        if where.path != PATH or self.headers.get("Host") != f"{HOST}:{self.server.server_address[1]}":
            return self._say(404, ELSEWHERE)
        self.server.answer = parse_qs(where.query, keep_blank_values=True, max_num_fields=20, errors="replace")
        self._say(200, THANKS if "code" in self.server.answer else REFUSED)

    def _say(self, status: int, text: str) -> None:
        page = PAGE.format(text=text).encode()
        self.send_response_only(status)
        for name, value in (
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(page))),
            ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"),
            ("Referrer-Policy", "no-referrer"),
            ("Cache-Control", "no-store"),
            ("Connection", "close"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, format: str, *args: object) -> None:
        """The request line holds the code, so nothing is written."""


def _same(given: list[str], wanted: str) -> bool:
    return len(given) == 1 and secrets.compare_digest(given[0].encode("utf-8", "replace"), wanted.encode())
