"""`rate` and `feedback`: say what you think of a track, see what you said, take it back."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from musicdesk.cli import show
from musicdesk.cli.command import Command, Context, Result, count, number
from musicdesk.core.types import Verdict

STARS = ("0", "1", "2", "3", "4", "5")
WORDS = "like: more of it; dislike: less of it, or with a scope: not there; never: not at all; or 0 to 5 stars"
SCOPES = "where a dislike holds: everywhere, now (it rests some days), kind:KIND or list:NAME (not in these lists)"


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("track", metavar="TRACK", help="a track's number or file")
    parser.add_argument("verdict", choices=[*(verdict.value for verdict in Verdict), *STARS], help=WORDS)
    parser.add_argument("--scope", default="everywhere", metavar="SCOPE", help=SCOPES)
    parser.add_argument("--preview", action="store_true", help="tell what it would move, and keep nothing")


def _run(context: Context, given: Namespace) -> Result:
    from musicdesk.core.feedback import Reach, Saying, Scope, of_stars
    from musicdesk.playlists.kinds import kinds
    from musicdesk.workflows.rate import preview, rate

    scope = Scope.parse(given.scope)
    if scope.reach is Reach.KIND:
        kinds()[scope.name]  # raises NotFound: of a misspelt kind there will never be a list
    stars = int(given.verdict) if given.verdict in STARS else None
    verdict = of_stars(stars).verdict if stars is not None else Verdict(given.verdict)
    said = Saying(verdict, scope, stars)
    with context.desk() as desk:
        track = desk.catalog.tracks.resolve(given.track)
        effect = preview(desk, track, said) if given.preview else rate(desk, track, said)
    return {
        "feedback": getattr(effect, "event", None),
        "track": int(track),
        "verdict": said.verdict.value,
        "scope": str(scope),
        "stars": stars,
        "effect": {"up": effect.up, "down": effect.down},
    }


def _show(result: Result) -> str:
    effect = result["effect"]
    said = f"{result['stars']} stars" if result["stars"] is not None else result["verdict"]
    where = "" if result["scope"] == "everywhere" else f" ({result['scope']})"
    moved = _moved(result["verdict"], result["scope"], effect)
    if result["feedback"] is None:
        return f"Nothing was kept: {said}{where}. {moved}"
    return f"Noted: {said}{where}. {moved}"


def _moved(verdict: str, scope: str, effect: Result) -> str:
    """What it does; what holds in some lists only moves nothing else."""
    from musicdesk.core.feedback import Reach, Scope
    from musicdesk.workflows.sayings import where

    held = Scope.parse(scope)
    if held.reach not in (Reach.KIND, Reach.LIST):
        return f"In 'for you', {effect['up']:,} tracks rise and {effect['down']:,} fall."
    if verdict == "clear":
        return f"It may come in '{where(held)}'."
    return f"It leaves '{where(held)}'." if effect["down"] else f"It is kept out of '{where(held)}' already."


def _ledger_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("-n", type=count, default=50, metavar="N", help="how many, newest first")
    parser.add_argument("--undo", type=number, metavar="NUMBER", help="take this one back, whatever came after it")


def _ledger(context: Context, given: Namespace) -> Result:
    from musicdesk.workflows.rate import undo
    from musicdesk.workflows.sayings import entries

    with context.desk() as desk:
        undone = undo(desk, given.undo) if given.undo is not None else None
        found = [entry.row() for entry in entries(desk, given.n)]
    return {"undone": undone.event if undone else None, "feedback": found}


def _show_ledger(result: Result) -> str:
    rows = [
        (row["feedback"], row["at"][:16].replace("T", " "), row["words"], row["title"], row["artist"], row["moved"])
        for row in result["feedback"]
    ]
    head = f"Taken back: number {result['undone']}.\n\n" if result["undone"] else ""
    return head + show.table(rows, ("", "when", "what you said", "title", "artist", "moved"))


COMMANDS = [
    Command("rate", "Like, dislike or never play a track.", _run, _show, _arguments),
    Command("feedback", "What you said of tracks; take any of it back.", _ledger, _show_ledger, _ledger_arguments),
]
