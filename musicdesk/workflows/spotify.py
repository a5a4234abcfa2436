"""The person's own account at Spotify: connecting, fetching what was played and saved, ending the connection."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from musicdesk.core import settings as preferences
from musicdesk.core.changes import Changes
from musicdesk.core.errors import Cancelled, MusicdeskError, NotReady, Unusable
from musicdesk.core.progress import Monitor
from musicdesk.history import spotify_web
from musicdesk.history.base import Account, Item
from musicdesk.integrations.authorisation import REDIRECT, Authorisation, Servers
from musicdesk.integrations.faults import Broken, Denied, Unsupported
from musicdesk.integrations.patience import USUAL, Patience
from musicdesk.integrations.spotify import RANGES, Spotify
from musicdesk.integrations.token_file import TokenFile
from musicdesk.workflows.import_history import ME, Stream, take_in

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk

MARK = "Spotify connection: "  # names of sources that were fetched, not read from a file
RECENT, SAVED = f"{MARK}recently played", f"{MARK}saved tracks"
NO_CLIENT = (
    "Spotify asks everybody for a client id of their own: make an app at developer.spotify.com/dashboard with the "
    f"redirect address {REDIRECT}, then give its client id here (Settings, or --client-id)."
)
NOTHING_GIVEN = (
    "Spotify gave nothing of what was asked for (answer 403): connect again and consent to all of it, and see that the "
    "app names your account (in the dashboard, under User Management)."
)
_CLIENT = re.compile(r"[0-9A-Za-z]{16,64}", re.ASCII)


@dataclass(frozen=True)
class Connected:
    connected: bool
    notes: list[str] = field(default_factory=list)
    changes: Changes = Changes.SETTINGS


@dataclass(frozen=True)
class Fetched:
    """rows = imported + duplicates + sum(rejected.values()), in all and in each of `parts`."""

    rows: int
    imported: int
    duplicates: int
    rejected: dict[str, int]
    examples: dict[str, list[str]]
    notes: list[str]  # also what Spotify does not give
    songs: int
    matched: int
    ambiguous: int
    not_owned: int
    listener: str
    seconds: float
    parts: list[dict[str, Any]]
    changes: Changes = Changes.LISTENS | Changes.FEEDBACK


@dataclass(frozen=True)
class Disconnected:
    was_connected: bool
    changes: Changes = Changes.SETTINGS


@contextmanager
def spotify_of(desk: Desk, monitor: Monitor, patience: Patience = USUAL) -> Iterator[tuple[Authorisation, Spotify]]:
    """The connection as the settings have it. Raises NotReady without a client id."""
    chosen = desk.settings
    if not chosen.spotify_client_id:
        raise NotReady(NO_CLIENT)
    authorisation = Authorisation(
        chosen.spotify_client_id,
        TokenFile(desk.profile.folder),
        lambda: preferences.load(desk.profile.settings).offline,  # as it stands now, also in the middle of a job
        monitor,
        Servers(chosen.spotify_accounts, chosen.spotify_api),
        patience,
    )
    try:
        yield authorisation, Spotify(authorisation)
    finally:
        authorisation.close()


def choose_client(desk: Desk, client_id: str) -> Changes:
    """Keeps the person's client id; a connection made with another one ends. Raises Unusable."""
    chosen = client_id.strip()
    if chosen and not _CLIENT.fullmatch(chosen):
        raise Unusable("This is no client id: Spotify's dashboard shows it as 32 letters and digits.")
    if chosen == desk.settings.spotify_client_id:
        return Changes.NOTHING
    tokens = TokenFile(desk.profile.folder)
    found = tokens.load()
    if found is not None and found.client != chosen:
        tokens.forget()
    return desk.save_settings(replace(desk.settings, spotify_client_id=chosen))


def connect(desk: Desk, monitor: Monitor, port: int = 0, patience: Patience = USUAL) -> Connected:
    """Asks for consent in the browser (`monitor.link`) and waits for it. Raises what `Authorisation.ask` raises."""
    with spotify_of(desk, monitor, patience) as (authorisation, spotify):
        authorisation.ask(port)
        try:
            spotify.check()
        except (Unsupported, Broken) as fault:
            hint = " In the dashboard, under User Management, the app may have to name your account."
            return Connected(True, [f"{fault}{hint}" if isinstance(fault, Unsupported) else str(fault)])
    return Connected(True)


def fetch(desk: Desk, monitor: Monitor, listener: str = ME, patience: Patience = USUAL) -> Fetched:
    """Takes in what was played recently, the top tracks and the saved ones, like an import.

    What Spotify does not give any more is a note; the rest comes all the same.
    raises: NotReady, Offline, Unreachable, Crowded, Unsupported (when nothing came), Cancelled
    """
    with spotify_of(desk, monitor, patience) as (_authorisation, spotify):
        with suppress(Unsupported, Broken):
            spotify.check()  # says what is missing, or that nobody answers, before anything is written
        asked = _Asked()
        streams = [
            Stream(RECENT, spotify_web.RECENT, partial(asked.items, spotify.recent, spotify_web.recent)),
            Stream(SAVED, spotify_web.SAVED, partial(asked.items, spotify.saved, spotify_web.saved)),
        ]
        for span, name in RANGES.items():
            read = partial(asked.items, partial(spotify.top, span), partial(_top, name))
            streams.append(Stream(f"{MARK}{name.lower()}", spotify_web.TOP, read))
        done = take_in(desk, streams, monitor, listener)
    if asked.fault is not None and not done.rows:
        raise asked.fault
    if not asked.answered and not done.rows:
        raise asked.refusal()
    values = {name: getattr(done, name) for name in Fetched.__dataclass_fields__ if hasattr(done, name)}
    if any(isinstance(fault, Unsupported) for fault in asked.refused):
        values["notes"] = [*done.notes, "The rest works."]
    return Fetched(**values, parts=_parts(desk, len(streams)))


def disconnect(desk: Desk) -> Disconnected:
    """Forgets the token. Spotify's own page 'Manage apps' is where access is taken back for good."""
    return Disconnected(TokenFile(desk.profile.folder).forget())


def state(desk: Desk) -> dict[str, Any]:
    """Where the connection stands; no question is asked for it, and no secret is in it."""
    token = TokenFile(desk.profile.folder).load()
    client = desk.settings.spotify_client_id
    connected = token is not None and token.client == client
    parts = _parts(desk, len(RANGES) + 2)
    return {
        "client_id": bool(client),
        "connected": connected,
        "offline": desk.settings.offline,
        "since": token.since if token is not None and connected else None,
        "redirect": REDIRECT,
        "fetched_at": max((part["at"] for part in parts), default=None),
        "parts": parts,
    }


class _Asked:
    """Asks one question after the other; what ends one is noted, what ends all is kept and ends the asking."""

    def __init__(self) -> None:
        self.fault: MusicdeskError | None = None
        self.refused: list[Unsupported | Broken] = []
        self.answered = 0  # questions, to the end

    def items(
        self, ask: Callable[[], Iterator[Any]], read: Callable[[int, Any], Item], account: Account
    ) -> Iterator[Item]:
        if self.fault is not None:
            return
        try:
            for number, row in enumerate(ask(), 1):
                yield read(number, row)
            self.answered += 1
        except Cancelled:
            raise
        except (Unsupported, Broken) as fault:
            account.note(str(fault))
            self.refused.append(fault)
        except MusicdeskError as fault:
            account.note(str(fault))
            self.fault = fault

    def refusal(self) -> MusicdeskError:
        """Why nothing came at all."""
        if all(isinstance(fault, Unsupported) and fault.status == 403 for fault in self.refused):
            return Denied(NOTHING_GIVEN)
        return self.refused[0]


def _top(name: str, number: int, row: Any) -> Item:
    return spotify_web.top(number, row, name)


def _parts(desk: Desk, count: int) -> list[dict[str, Any]]:
    """The accounts of the newest fetch, in the order in which it asked."""
    found = [source for source in desk.catalog.listens.sources() if source.name.startswith(MARK)][:count]
    newest = {source.name: source for source in reversed(found)}
    return [
        {
            "name": source.name.removeprefix(MARK),
            "at": source.started_at,
            "rows": source.rows,
            "imported": source.imported,
            "duplicates": source.duplicates,
            "rejected": source.account.get("rejected", {}),
            "notes": source.account.get("notes", []),
        }
        for source in newest.values()
    ]
