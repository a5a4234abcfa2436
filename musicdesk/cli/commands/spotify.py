"""`spotify connect|fetch|playlist|disconnect|status`: the person's own account there, when they want that."""

from __future__ import annotations

import sys
import webbrowser
from argparse import ArgumentParser, Namespace

from musicdesk.cli import show
from musicdesk.cli.command import Command, Context, Result, number, whole
from musicdesk.core.progress import Dividing, Monitor


class Browsing(Dividing):
    """Opens the pages that a job wants seen, and says where they are for those who have no browser here."""

    def __init__(self, inner: Monitor, browser: bool) -> None:
        self._inner = inner
        self._browser = browser

    def report(self, done: int, total: int | None, message: str = "") -> None:
        self._inner.report(done, total, message)

    def check(self) -> None:
        self._inner.check()

    def link(self, url: str) -> None:
        print(
            f"Allow the connection in your browser, on this page:\n{show.printable(url)}", file=sys.stderr, flush=True
        )
        if self._browser:
            webbrowser.open(url)


def _arguments(parser: ArgumentParser) -> None:
    inner = parser.add_subparsers(dest="action", required=True, metavar="connect|fetch|playlist|disconnect|status")
    connect = _action(inner.add_parser("connect", help="ask for your consent in the browser"))
    connect.add_argument("--client-id", metavar="ID", help="your own, from developer.spotify.com/dashboard; it is kept")
    connect.add_argument(
        "--port", type=whole(0, 65_535), default=0, metavar="N", help="of the redirect address; any unless named"
    )
    connect.add_argument("--no-browser", action="store_true", help="only say which page to open")
    fetch = _action(inner.add_parser("fetch", help="take in recently played, top and saved tracks"))
    fetch.add_argument("--listener", metavar="NAME", help="whose history it is (you, unless named)")
    send = _action(inner.add_parser("playlist", help="make one of your playlists at Spotify, private"))
    send.add_argument("id", type=number, metavar="ID")
    send.add_argument("--name", default="", help="its name there")
    _action(inner.add_parser("disconnect", help="forget the connection"))
    _action(inner.add_parser("status", help="where the connection stands; nothing is asked of Spotify"))


def _action(parser: ArgumentParser) -> ArgumentParser:
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    return parser


def _run(context: Context, given: Namespace) -> Result:
    from musicdesk.workflows.jobs import run_job
    from musicdesk.workflows.spotify import choose_client, disconnect, state

    with context.desk() as desk:
        if given.action == "status":
            return {"action": "status", **state(desk)}
        if given.action == "disconnect":
            return {"action": "disconnect", "was_connected": disconnect(desk).was_connected}
        monitor = Browsing(context.monitor, browser=not getattr(given, "no_browser", False))
        if given.action == "connect" and given.client_id is not None:
            choose_client(desk, given.client_id)
        request: Result = {
            "connect": lambda: {"port": given.port},
            "fetch": lambda: {"listener": given.listener},
            "playlist": lambda: {"playlist": given.id, "name": given.name},
        }[given.action]()
        return {"action": given.action, **run_job(desk, f"spotify-{given.action}", request, monitor).result}


def _show(result: Result) -> str:
    shown = {"connect": _connected, "fetch": _fetched, "playlist": _sent, "status": _status}
    if result["action"] == "disconnect":
        return "The connection is forgotten." if result["was_connected"] else "There was no connection."
    return shown[result["action"]](result)


def _connected(result: Result) -> str:
    return "\n".join(["musicdesk is connected with Spotify; 'musicdesk spotify fetch' takes in.", *result["notes"]])


def _fetched(result: Result) -> str:
    refused = sum(result["rejected"].values())
    lines = [
        f"{result['rows']:,} rows: {result['imported']:,} imported, {result['duplicates']:,} known already, "
        f"{refused:,} not usable",
        *(f"    {count:,} {reason}" for reason, count in sorted(result["rejected"].items(), key=lambda r: -r[1])),
        *(f"  {part['name']}: {part['rows']:,} rows, {part['imported']:,} new" for part in result["parts"]),
        f"  {result['songs']:,} songs: {result['matched']:,} are in the library, {result['ambiguous']:,} perhaps, "
        f"{result['not_owned']:,} are not",
        *(f"  {show.printable(note)}" for note in result["notes"]),
    ]
    return "\n".join(lines)


def _sent(result: Result) -> str:
    lines = [
        f"“{show.printable(result['name'])}” is at Spotify with {result['added']:,} of {result['tracks']:,} tracks. "
        f"{show.printable(result['address'])}",
        *(
            f"  {row['position']}. {show.printable(row['artist'])} - {show.printable(row['title'])}: {row['reason']}"
            for row in result["missing"]
        ),
        *(f"  {show.printable(note)}" for note in result["notes"]),
    ]
    return "\n".join(lines)


def _status(result: Result) -> str:
    if result["offline"]:
        return "musicdesk is offline by your choice; no connection is made."
    if not result["client_id"]:
        return (
            "Spotify asks everybody for a client id of their own: make an app at developer.spotify.com/dashboard with "
            f"the redirect address {result['redirect']}.\nThen: musicdesk spotify connect --client-id ID"
        )
    if not result["connected"]:
        return "Not connected; 'musicdesk spotify connect' asks for your consent."
    lines = [f"  {part['name']}: {part['rows']:,} rows, {part['imported']:,} new" for part in result["parts"]]
    return "\n".join(["Connected with Spotify.", *(["The last time came:", *lines] if lines else [])])


COMMANDS = [Command("spotify", "Connect with your Spotify account, if you want that.", _run, _show, _arguments)]
