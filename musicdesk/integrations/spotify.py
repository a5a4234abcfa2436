"""The questions that we ask Spotify's Web API, and what its refusals mean.

Endpoints come and go: one that is not given is `Unsupported`, in a sentence, and the others are asked all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from musicdesk.core.errors import MusicdeskError
from musicdesk.integrations.authorisation import ODD, Authorisation
from musicdesk.integrations.faults import Broken, Crowded, Denied, HttpFault, Unsupported
from musicdesk.integrations.patience import pause

PAGE = 50  # rows of a page; more is refused
SEARCHED = 10  # results of a search; more is refused to client ids of one's own
ADDED = 100  # tracks that one request adds to a playlist
MOST_PAGES = 2_000
TROUBLES = (500, 502, 503, 504)
RANGES = {
    "short_term": "Top tracks, about 4 weeks",
    "medium_term": "Top tracks, about 6 months",
    "long_term": "Top tracks, about a year",
}

Ask = Callable[[Any], Any]  # takes spotipy's client


class Spotify:
    """Raises the sentences of faults.py, Offline and Cancelled."""

    def __init__(self, authorisation: Authorisation) -> None:
        self._authorisation = authorisation
        self._monitor = authorisation.monitor
        self._patience = authorisation.patience

    def check(self) -> None:
        """One small question, which tells whether the client id serves this person."""
        self._call("your profile", lambda client: client.me())

    # what comes in: rows as the Web API has them

    def recent(self) -> Iterator[Any]:
        """What was played last, newest first; Spotify keeps about 50."""
        before: int | None = None
        for _ in range(MOST_PAGES):
            ask = partial(_recent_page, before)
            page = self._call("what you played recently", ask)
            yield from _rows(page)
            cursors = page.get("cursors")
            cursor = str(cursors.get("before") or "") if isinstance(cursors, dict) else ""
            if not _rows(page) or not cursor.isdecimal() or (before is not None and int(cursor) >= before):
                return
            before = int(cursor)

    def top(self, span: str) -> Iterator[Any]:
        """The most played tracks of one of RANGES."""
        return self._pages(
            "your top tracks", lambda at, client: client.current_user_top_tracks(PAGE, at, time_range=span)
        )

    def saved(self) -> Iterator[Any]:
        """The tracks that the person has saved, the newest first."""
        return self._pages("your saved tracks", lambda at, client: client.current_user_saved_tracks(PAGE, at))

    # what goes out

    def search(self, query: str) -> list[dict[str, Any]]:
        """Tracks that answer a query such as `isrc:...` or `track:"..." artist:"..."`."""
        found = self._call("the search", lambda client: client.search(query, limit=SEARCHED, type="track"))
        tracks = found.get("tracks")
        return [row for row in _rows(tracks) if isinstance(row, dict)] if isinstance(tracks, dict) else []

    def create(self, name: str, text: str) -> tuple[str, str]:
        """(id, address) of a new, private playlist."""
        made = self._call(
            "new playlists",
            lambda client: client.current_user_playlist_create(name, public=False, description=text),
            repeatable=False,
        )
        number, links = made.get("id"), made.get("external_urls")
        if not isinstance(number, str) or not number.isalnum():
            raise Broken(ODD)
        address = links.get("spotify") if isinstance(links, dict) else ""
        return number, address if isinstance(address, str) else ""

    def add(self, playlist: str, uris: list[str]) -> Iterator[int]:
        """Adds tracks at the end, in batches; gives the number added after each."""
        for start in range(0, len(uris), ADDED):
            batch = uris[start : start + ADDED]
            self._call("changes of playlists", partial(_add, playlist, batch), repeatable=False)
            yield start + len(batch)

    # how a question is asked

    def _pages(self, what: str, ask: Callable[[int, Any], Any]) -> Iterator[Any]:
        """Rows of all pages, by offset; addresses that an answer names are not followed."""
        at = 0
        for _ in range(MOST_PAGES):
            page = self._call(what, partial(ask, at))
            rows = _rows(page)
            yield from rows
            at += len(rows)
            if not rows or not page.get("next"):
                return
            total = page.get("total")
            self._monitor.report(at, total if type(total) is int else None, f"Asking Spotify for {what}")

    def _call(self, what: str, ask: Ask, repeatable: bool = True) -> dict[str, Any]:
        """The answer, after renewing the token or waiting where that helps. `repeatable`: twice does no harm."""
        renewed = False
        turn = 0
        while True:
            self._monitor.check()
            try:
                answer = self._answer(ask)
            except HttpFault as fault:
                if fault.status == 401 and not renewed:
                    renewed = True
                    self._authorisation.renew()
                    continue
                turn += 1
                self._wait(what, fault, turn, repeatable)
                continue
            if not isinstance(answer, dict):
                raise Broken(ODD)
            return answer

    def _answer(self, ask: Ask) -> Any:
        from spotipy.exceptions import SpotifyBaseException

        client = self._authorisation.client()
        try:
            return ask(client)
        except (SpotifyBaseException, RecursionError):  # an answer that spotipy or JSON makes no sense of
            raise Broken(ODD) from None

    def _wait(self, what: str, fault: HttpFault, turn: int, repeatable: bool) -> None:
        """Waits before the next turn, or says why there is none."""
        seconds = self._patience.backoff_s * 2 ** (turn - 1)
        if fault.status == 429 and fault.retry_after is not None:
            seconds = fault.retry_after
        again = fault.status == 429 or (fault.status in TROUBLES and repeatable)
        if not again or turn >= self._patience.tries:
            raise _explained(what, fault) from None
        if seconds > self._patience.longest_pause_s:
            raise Crowded(seconds) from None
        pause(seconds, self._monitor, "Spotify asks to wait")


def _recent_page(before: int | None, client: Any) -> Any:
    return client.current_user_recently_played(limit=PAGE, before=before)


def _add(playlist: str, uris: list[str], client: Any) -> Any:
    return client.playlist_add_items(playlist, uris)


def _rows(page: dict[str, Any]) -> list[Any]:
    rows = page.get("items")
    if not isinstance(rows, list):
        raise Broken(ODD)
    return rows


def _explained(what: str, fault: HttpFault) -> MusicdeskError:
    if fault.status == 401:
        return Denied("Spotify does not accept this connection now. Connect again if it stays so.")
    if fault.status == 429:
        return Crowded(fault.retry_after or 60.0)
    if fault.status >= 500:
        return Broken(f"Spotify has trouble of its own (answer {fault.status}). Try again later.")
    return Unsupported(what, fault.status)
