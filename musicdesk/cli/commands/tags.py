"""`tags`: what the library, or one track of it, sounds like in words."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from typing import TYPE_CHECKING

from musicdesk.cli import show
from musicdesk.cli.command import Command, Context, Result, count
from musicdesk.core.errors import Unusable

if TYPE_CHECKING:
    from musicdesk.core.types import TrackId
    from musicdesk.workflows.desk import Desk

SHOWN = 12  # tags of a track in a terminal
LISTED = 30  # tracks of a list, unless told otherwise


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("track", nargs="?", metavar="TRACK", help="a track's number or file; without: the library")
    parser.add_argument("--sounds", nargs="+", default=[], metavar="TAG", help="the tracks that sound like these tags")
    parser.add_argument("-n", type=count, default=LISTED, metavar="N", help=f"how many of them ({LISTED})")


def _run(context: Context, given: Namespace) -> Result:
    from musicdesk.workflows.sounds_like import NONE_TOLD, tag_names

    if given.track and given.sounds:
        raise Unusable("Ask for a track's tags, or for the tracks that sound like some; not both at once.")
    with context.desk() as desk:
        found: Result = {"encoder": desk.encoder, "why_not": "" if tag_names(desk) else NONE_TOLD}
        if given.track:
            return found | _of_track(desk, desk.catalog.tracks.resolve(given.track))
        if given.sounds:
            return found | _alike(desk, given.sounds, given.n)
        return found | _overview(desk)


def _of_track(desk: Desk, track: TrackId) -> Result:
    from musicdesk.workflows.sounds_like import spoken, tags_of

    tags = tags_of(desk, track)
    title = desk.catalog.tracks.get(track).tags.title
    return {"track": int(track), "title": title, "sounds_like": spoken(tags), "tags": [asdict(tag) for tag in tags]}


def _alike(desk: Desk, words: list[str], count: int) -> Result:
    from musicdesk.catalog.browse import Query
    from musicdesk.workflows.sounds_like import matching, sounding, spoken, tags_of

    matching(desk, words)
    ids = sounding(desk, desk.catalog.browse.ids(Query()), words)[: max(count, 0)]
    items = [
        {"track": int(track.id), "title": track.tags.title, "artist": track.tags.artist}
        | {"sounds_like": spoken(tags_of(desk, track.id))}
        for track in desk.catalog.tracks.get_many(ids.tolist())
    ]
    return {"sounds": words, "items": items}


def _overview(desk: Desk) -> Result:
    from musicdesk.workflows.sounds_like import library

    told = library(desk)
    if told is None:
        return {"tracks": 0, "tags": []}
    counts = told.leaning().sum(axis=0).tolist()
    tags = [
        {"name": name, "kind": kind, "tracks": count, "agreement": agreement}
        for name, kind, count, agreement in zip(told.names, told.kinds, counts, told.agreement, strict=True)
    ]
    return {"tracks": len(told.ids), "tags": sorted(tags, key=lambda tag: -tag["tracks"])}


def _show(result: Result) -> str:
    if result["why_not"]:
        return f"{result['why_not']} 'musicdesk encoders' lists what there is."
    if "items" in result:
        rows = [tuple(each.values()) for each in result["items"]]
        return show.table(rows, ("track", "title", "artist", "sounds like"))
    if "track" not in result:
        rows = [(tag["name"], tag["kind"], tag["tracks"], f"{tag['agreement']:.2f}") for tag in result["tags"]]
        told = f"{result['tracks']:,} tracks listened to; how many sound like what, and how far that agrees (AUC):"
        return f"{told}\n{show.table(rows, ('tag', '', 'tracks', 'agreement'))}"
    if not result["tags"]:
        return f"{show.printable(result['title'])} has not been listened to yet: musicdesk analyze."
    said = result["sounds_like"] or "nothing that is likely enough to be told"
    lines = [f"{show.printable(result['title'])} sounds like: {said}"]
    lines += [f"  {tag['probability']:>4.0%}  {tag['name']}" for tag in result["tags"][:SHOWN]]
    return "\n".join(lines)


COMMANDS = [Command("tags", "What a track, or the library, sounds like in words.", _run, _show, _arguments)]
