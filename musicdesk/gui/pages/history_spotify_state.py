"""What the Spotify card says in each of its states. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from musicdesk.gui import words

OFFLINE = "musicdesk is offline by your choice, so nothing is asked of Spotify."
HOW = (
    "Spotify wants everybody to have a client id of their own: make an app in its dashboard, with the redirect address "
    "{redirect}. Then copy the app's client id to here; it stays on this computer, and no secret is needed."
)
INVITING = "Your browser opens, and Spotify asks whether musicdesk may read what you play and save, and make playlists."
WAITING = "Say yes in your browser. musicdesk waits here for two minutes."
WAITS_FOR_JOB = "Spotify is asked as soon as the job that runs now has ended."
ASKING = "Asking Spotify …"
READY = "Connected. Nothing was fetched yet."


@dataclass(frozen=True)
class Face:
    """One state of the card: a sentence or two, and which controls are there."""

    name: str  # offline, client, inviting, waiting, fetching, connected
    text: str
    controls: frozenset[str]
    lines: tuple[str, ...] = ()


def face(state: dict[str, Any], job: str = "", running: bool = True) -> Face:
    """`state` is that of workflows.spotify; `job` the one of ours that is under way, if any."""
    if job == "spotify-connect":
        return Face("waiting", WAITING, frozenset(("cancel", "again")))
    if job == "spotify-fetch":
        return Face("fetching", ASKING if running else WAITS_FOR_JOB, frozenset(("cancel",)), lines(state))
    if state["offline"]:
        return Face("offline", OFFLINE, frozenset(("settings",)), lines(state))
    if not state["client_id"]:
        return Face("client", HOW.format(redirect=state["redirect"]), frozenset(("field", "keep", "dashboard")))
    if not state["connected"]:
        return Face("inviting", INVITING, frozenset(("connect", "other")), lines(state))
    return Face("connected", summary(state), frozenset(("fetch", "disconnect")), lines(state))


def summary(state: dict[str, Any]) -> str:
    """'Fetched today 14:58: 250 rows, 12 new, 236 known already, 2 not usable.'"""
    parts = state["parts"]
    if not parts:
        return READY
    rows, new, known = (sum(part[name] for part in parts) for name in ("rows", "imported", "duplicates"))
    when = words.when(state["fetched_at"])
    refused = rows - new - known
    return f"Fetched {when}: {words.count(rows, 'row')}, {new:,} new, {known:,} known already, {refused:,} not usable."


def lines(state: dict[str, Any]) -> tuple[str, ...]:
    """A line for each thing that was asked for, then what Spotify does not give."""
    told: list[str] = []
    notes: list[str] = []
    for part in state["parts"]:
        refused = ", ".join(f"{count:,} {reason}" for reason, count in part["rejected"].items())
        name = f"{part['name'][:1].upper()}{part['name'][1:]}"
        told.append(f"{name}: {words.count(part['rows'], 'row')}, {part['imported']:,} new{refused and ', ' + refused}")
        notes += [note for note in part["notes"] if note not in notes]
    return (*told, *notes)
