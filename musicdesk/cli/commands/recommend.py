"""`recommend` and `similar`: lists, with a reason for every row."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from dataclasses import asdict
from pathlib import Path
from typing import Any

from musicdesk.cli import show
from musicdesk.cli.command import Command, Context, Result, count, job, named, seed
from musicdesk.cli.commands import lists
from musicdesk.core.errors import Unusable


def _recommend_arguments(parser: ArgumentParser) -> None:
    lists.arguments(parser)
    parser.add_argument("--extend", type=Path, metavar="FILE", help="a playlist file: what goes with it")
    parser.add_argument("--crowd", type=named, metavar="NAME", help="lists for this crowd's listeners, into a file")
    parser.add_argument("--listeners", metavar="FILE", help="whose: names, triplets, or 'all'")
    parser.add_argument("--out", type=Path, metavar="FILE.tsv", help="where the crowd's lists go")


def _for_crowd(context: Context, given: Namespace) -> Result:
    if given.out is None:
        raise Unusable("Lists for a crowd go into a file; name it with --out FILE.tsv.")
    whose = "all" if given.listeners is None else given.listeners
    request = {"crowd": given.crowd, "listeners": whose, "n": given.n, "model": given.model}
    request |= {"seed": _of_training(given.seed), "out": str(given.out.absolute())}
    return job(context, "recommend-crowd", request)


def _of_training(given: int | None) -> int | None:
    """A list's seed may be any number; a training's, which a crowd's lists come from, may not."""
    try:
        return None if given is None else seed(str(given))
    except ArgumentTypeError as error:
        raise Unusable(f"The seed {error}.") from error


def _recommend(context: Context, given: Namespace) -> Result:
    if given.crowd:
        return _for_crowd(context, given)
    if given.out or given.listeners is not None:
        raise Unusable("--out and --listeners are for a crowd's lists; name it with --crowd as well.")
    from musicdesk.workflows.extend import brought, request_for
    from musicdesk.workflows.playlists import items
    from musicdesk.workflows.recommend import prepare

    with context.desk() as desk:
        request = lists.request_of(desk, given)
        found: Result = {}
        if given.extend is not None:
            told = brought(desk, given.extend.absolute())
            request = request_for(told, request)
            counts = {"rows": told.rows, "found": told.owned, "by_name": told.by_name, "not_found": list(told.missing)}
            found = {"extends": {"name": told.name, **counts, "skipped": told.skipped, "account": told.account}}
        prepared = prepare(desk, request)
        drafted, made = prepared.compose(request)
        playlist = prepared.keep(drafted, request)
        head: dict[str, Any] = {"playlist": playlist.id, "name": playlist.name, "kind": playlist.kind}
        notices = {"model": playlist.model, "notices": list(made.notices), "dropped": made.dropped}
        return {**head, **notices, **found, "items": items(desk, playlist.picks)}


def show_list(result: Result) -> str:
    if "crowd" in result:
        named = ", ".join(show.printable(name) for name in result["examples"])
        unknown = f"\n{result['unknown']:,} are not in this crowd ({named})" if result["unknown"] else ""
        made = f"{result['rows']:,} songs for {result['listeners']:,} listeners by {result['model']}"
        run = f"run {result['run']} (seed {result['seed']}, {'learned now' if result['learned'] else 'learned before'})"
        return f"{made}, {run}, {result['seconds']:.0f} s{unknown}\n{result['out']}"
    lines = [
        (item["position"], item["title"], item["artist"], f"{item['score']:.3f}", "; ".join(item["reasons"][:2]))
        for item in result["items"]
    ]
    account = [result["extends"]["account"]] if "extends" in result else []
    told = "\n".join([result["name"], *account, *result.get("notices", [])])
    return f"{told}\n\n{show.table(lines, ('', 'title', 'artist', 'score', 'why'))}"


def _similar_arguments(parser: ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("track", nargs="?", metavar="TRACK_OR_FILE", help="a track's number, or any music file")
    what.add_argument("--artist", metavar="A", help="an artist of the library: which others are like it")
    parser.add_argument("-n", type=count, default=10, metavar="N")


def _similar(context: Context, given: Namespace) -> Result:
    if given.artist is not None:
        from musicdesk.workflows.artists import similar_artists

        with context.desk() as desk:
            return {"artist": given.artist, "items": [asdict(a) for a in similar_artists(desk, given.artist, given.n)]}
    from musicdesk.workflows.playlists import items
    from musicdesk.workflows.recommend import similar

    with context.desk() as desk:
        found = items(desk, tuple(similar(desk, given.track, given.n)))
    return {"items": [{**item, "similarity": item["score"]} for item in found]}


def _show_similar(result: Result) -> str:
    if "artist" in result:
        rows = [(f"{item['similarity']:.3f}", item["artist"], item["tracks"], item["by"]) for item in result["items"]]
        return show.table(rows, ("similar", "artist", "tracks", "by"))
    lines = [(f"{item['similarity']:.3f}", item["title"], item["artist"], item["track"]) for item in result["items"]]
    return show.table(lines, ("similar", "title", "artist", "track"))


def _questions_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("-n", type=count, metavar="N", help="how many tracks")
    parser.add_argument("--seed", type=seed, default=0, metavar="N", help="another one asks about other tracks")
    parser.add_argument("--teach", action="store_true", help="the five whose answers would change your list most")


def _lessons(context: Context, given: Namespace) -> Result:
    from musicdesk.core.types import Pick, TrackId
    from musicdesk.workflows.playlists import items

    asked = job(context, "lessons", {"n": given.n, "seed": given.seed})["questions"]
    with context.desk() as desk:
        rows = items(desk, tuple(Pick(TrackId(lesson["track"]), lesson["change"]) for lesson in asked))
    return {"questions": [{**row, **lesson} for row, lesson in zip(rows, asked, strict=True)]}


def _questions(context: Context, given: Namespace) -> Result:
    if given.teach:
        return _lessons(context, given)
    from musicdesk.core.types import Pick
    from musicdesk.workflows.playlists import items
    from musicdesk.workflows.questions import QUESTIONS, questions

    with context.desk() as desk:
        asked = questions(desk, QUESTIONS if given.n is None else given.n, given.seed).questions
        rows = items(desk, tuple(Pick(question.track, question.share) for question in asked))
    return {"questions": [{**row, "share": row["score"]} for row in rows]}


def _show_questions(result: Result) -> str:
    teaches = any("change" in row for row in result["questions"])
    last = "change" if teaches else "share"
    rows = [(row["track"], row["title"], row["artist"], f"{row[last]:.0%}") for row in result["questions"]]
    told = show.table(rows, ("track", "title", "artist", "changes of your list" if teaches else "stands for"))
    return f"{told}\n\nSay what you think: musicdesk rate TRACK like, or dislike."


def _lanes(context: Context, _given: Namespace) -> Result:
    return job(context, "lanes", {})


def _show_lanes(result: Result) -> str:
    mixes = [f"--kind daily-mix --mix {mix['number']}  {show.printable(mix['name'])}" for mix in result["mixes"]]
    rows = [
        (lane["genre"], f"{lane['share']:.0%}", lane["count"], f"{lane['confidence']:.0%}") for lane in result["genres"]
    ]
    genres = show.table(rows, ("genre", "of what you play", "tracks", "sure")) if rows else "No genre is known."
    return "\n".join([*(mixes or ["No daily mix yet: like or play some tracks."]), "", genres])


COMMANDS = [
    Command("lanes", "The daily mixes and genre lanes of this library.", _lanes, _show_lanes),
    Command(
        *("questions", "Ten tracks that stand for the library, to like or dislike.", _questions, _show_questions),
        _questions_arguments,
    ),
    Command("recommend", "Make a playlist.", _recommend, show_list, _recommend_arguments),
    Command("similar", "Tracks that sound like one, or artists like one.", _similar, _show_similar, _similar_arguments),
]
