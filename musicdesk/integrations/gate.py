"""The one way out: every connection of the program is a request of this session.

It refuses while the program is offline, speaks only https (or to this machine), follows no redirects, reads no
netrc, and ends answers that are endless or too slow. No other file may import a network library; a test looks.
"""

from __future__ import annotations

import email.utils
import logging
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3

from musicdesk.core.errors import Offline
from musicdesk.integrations.faults import HttpFault, Unreachable
from musicdesk.integrations.patience import USUAL, Patience

LARGEST = 16 << 20  # bytes of one answer
CHUNK = 1 << 16
HERE = ("127.0.0.1", "::1")

for _name in ("spotipy", "urllib3", "requests"):  # their lines hold addresses, names and tokens
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)


class Gate(requests.Session):
    """`offline` is asked before every request, `check` (a monitor's) while an answer comes in."""

    def __init__(
        self, offline: Callable[[], bool], check: Callable[[], None] = lambda: None, patience: Patience = USUAL
    ) -> None:
        super().__init__()
        self.auth = _as_it_is
        self._offline = offline
        self._check = check
        self._patience = patience

    def request(self, method: Any, url: Any, *args: Any, **options: Any) -> requests.Response:
        """raises: Offline, Unreachable, Cancelled, HttpFault for an answer of 400 or more"""
        where = urlsplit(str(url))
        if self._offline():
            raise Offline
        if where.scheme != "https" and not (where.scheme == "http" and where.hostname in HERE):
            raise Unreachable("A connection without encryption was refused.")
        wait = self._patience
        options |= {"timeout": (wait.connect_s, wait.read_s), "stream": True, "allow_redirects": False}
        try:
            with super().request(method, url, *args, **options) as answer:
                self._read(answer)
        except (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError):
            raise Unreachable(f"Spotify did not answer within {wait.read_s:g} seconds. Try again later.") from None
        except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError):
            raise Unreachable("Spotify cannot be reached now. Is this computer connected? Try again later.") from None
        if answer.is_redirect:
            raise Unreachable("Spotify answered with another address, which is not followed.")
        if answer.status_code >= 400:
            raise HttpFault(answer.status_code, retry_after(answer.headers.get("Retry-After")), _code(answer))
        return answer

    def _read(self, answer: requests.Response) -> None:
        """The whole body, as far as it comes in time and is of a sane size."""
        end = time.monotonic() + self._patience.whole_s
        parts: list[bytes] = []
        size = 0
        while part := answer.raw.read1(CHUNK, decode_content=True):
            self._check()
            parts.append(part)
            size += len(part)
            if size > LARGEST or time.monotonic() > end:
                raise Unreachable("Spotify's answer was too long or too slow, and was stopped. Try again later.")
        answer._content = b"".join(parts)
        answer._content_consumed = True


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """An `auth` that adds nothing: with none, requests would look into the person's netrc."""
    return request


def _code(answer: requests.Response) -> str:
    try:
        found = answer.json()
    except (ValueError, RecursionError):
        return ""
    error = found.get("error") if isinstance(found, dict) else None
    return error[:40] if isinstance(error, str) else ""


def retry_after(value: str | None, now: float | None = None) -> float | None:
    """Seconds to wait, from seconds or an HTTP date; None when it says nothing."""
    if not value:
        return None
    text = value.strip()
    if text.isascii() and text.isdecimal():
        return float(text[:12])
    try:
        then = email.utils.parsedate_to_datetime(text)
        return max(0.0, then.timestamp() - (time.time() if now is None else now))
    except (ValueError, OverflowError, OSError):
        return None
