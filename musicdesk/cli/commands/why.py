"""`why`: why a track is in a list, or why it is not and what would let it in."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from musicdesk.cli import show
from musicdesk.cli.command import Command, Context, Result, job
from musicdesk.cli.commands import lists
from musicdesk.core.types import TrackId


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("track", metavar="TRACK", help="a track's number or file")
    lists.arguments(parser)


def _run(context: Context, given: Namespace) -> Result:
    from musicdesk.workflows.recommend import prepare
    from musicdesk.workflows.why_not import why_not

    with context.desk() as desk:
        track = desk.catalog.tracks.resolve(given.track)
        request = lists.request_of(desk, given)
        told = why_not(desk, track, request)
        found: Result = {
            "track": int(track),
            "title": desk.catalog.tracks.get(track).tags.title,
            "list": told.list,
            "in_list": told.place is not None,
            "position": None if told.place is None else told.place + 1,
            "rank": told.rank,
            "of": told.of,
            "score": told.score,
            "parts": told.parts or {},
            "sentence": told.sentence,
            "hindrances": [
                {"rule": each.rule, "text": each.text, "enough": each.enough, "step": each.step}
                for each in told.hindrances
            ],
            "reasons": [],
        }
        if told.place is not None:
            playlist, _made = prepare(desk, request).compose(request)
            pick = next((pick for pick in playlist.picks if pick.track == track), None)
            reasons = pick.reasons if pick else ()
            found["reasons"] = [{"text": r.text, "share": r.share, "points": r.points} for r in reasons]
    return found


def _show(result: Result) -> str:
    lines = [f"{show.printable(result['title'])}: {result['sentence']}"]
    lines += [f"  {reason['share']:>4.0%}  {show.printable(reason['text'])}" for reason in result["reasons"]]
    for each in result["hindrances"]:
        step = f" (recommend --relax '{each['rule']}')" if each["step"] == "relax" else ""
        lines.append(f"  {show.printable(each['text'])}{step}")
    if result["parts"]:
        parts = ", ".join(f"{name} {value:+.2f}" for name, value in result["parts"].items() if round(value, 2))
        lines.append(f"  score {result['score']:.2f} = {parts}")
    return "\n".join(lines)


def _hear_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("track", metavar="TRACK", help="a track's number or file")
    parser.add_argument("other", metavar="OTHER", help="what it is said to be like")


def _hear(context: Context, given: Namespace) -> Result:
    with context.desk() as desk:
        track, other = (int(desk.catalog.tracks.resolve(name)) for name in (given.track, given.other))
        titles = [desk.catalog.tracks.get(TrackId(name)).tags.title for name in (track, other)]
    told = job(context, "hear-why", {"track": track, "other": other})
    spans = [{**span, "title": title} for span, title in zip(told["spans"], titles, strict=True)]
    return {"alike": told["alike"], "spans": spans}


def _show_hear(result: Result) -> str:
    lines = [f"{result['alike']:.0%} alike, at their most alike:"]
    lines += [f"  {each['start_s']:7.2f} to {each['end_s']:7.2f} s  {each['title']}" for each in result["spans"]]
    return "\n".join(lines)


COMMANDS = [
    Command("why", "Why a track is in a list, or why not and what would let it in.", _run, _show, _arguments),
    Command("hear-why", "Where two tracks are most alike.", _hear, _show_hear, _hear_arguments),
]
