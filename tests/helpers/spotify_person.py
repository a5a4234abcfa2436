"""The person at Spotify's page: looks at it, allows or denies, and is sent back."""

from __future__ import annotations

import http.client
import threading
from urllib.parse import parse_qs, urlencode, urlsplit

from musicdesk.core.progress import Silent


class Person(Silent):
    """A monitor with a person behind it, who answers in the browser and sees what is reported."""

    def __init__(self, answer: str = "allow", state: str | None = None, absent: bool = False) -> None:
        super().__init__()
        self.reports: list[str] = []
        self.links: list[str] = []
        self.statuses: list[int] = []
        self._answer, self._state, self._absent = answer, state, absent
        self._thread: threading.Thread | None = None

    def report(self, done: int, total: int | None, message: str = "") -> None:
        self.reports.append(message)

    def link(self, url: str) -> None:
        self.links.append(url)
        if not self._absent:
            self._thread = threading.Thread(target=self._browse, args=(url,))
            self._thread.start()

    def _browse(self, url: str) -> None:
        self.statuses.append(browse(url, self._answer, self._state))

    def gone(self) -> None:
        if self._thread is not None:
            self._thread.join()


def browse(url: str, answer: str = "allow", state: str | None = None) -> int:
    """The person in the browser: opens the page, allows or denies, and is sent back. Returns the last status."""
    status, headers = _get(f"{url}&person={answer}")
    assert status == 302, status
    back = headers["Location"]
    if state is not None:
        parts = urlsplit(back)
        query = {**{name: values[0] for name, values in parse_qs(parts.query).items()}, "state": state}
        back = f"{parts.scheme}://{parts.netloc}{parts.path}?{urlencode(query)}"
    return _get(back)[0]


def _get(url: str) -> tuple[int, dict[str, str]]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    try:
        connection.request("GET", f"{parts.path}?{parts.query}")
        answer = connection.getresponse()
        answer.read()
        return answer.status, dict(answer.getheaders())
    finally:
        connection.close()
