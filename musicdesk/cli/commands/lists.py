"""What a list is asked for by on the command line: the same words for every command that makes or explains one."""

from __future__ import annotations

import math
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from typing import TYPE_CHECKING

from musicdesk.cli.command import count, days, is_number, minutes, number, real, share, whole
from musicdesk.core.errors import Unusable
from musicdesk.core.types import TrackId
from musicdesk.playlists.kinds import kinds
from musicdesk.playlists.rules import HALF_LIFE_DAYS
from musicdesk.playlists.wish import ALBUM_MOST, WAYS

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk
    from musicdesk.workflows.request import Request

LARGEST = 10**18  # the catalog keeps no much larger one
LEAST_YEAR = 1000.0  # numbers from here on are years, smaller ones weights


def era(text: str) -> float:
    """A weight 0..1, or a year."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (0 <= value <= 1 or LEAST_YEAR <= value < 10_000):
        raise ArgumentTypeError(f"'{text}' is neither a year nor a number from 0 to 1")
    return value


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--kind", default="for-you", help=", ".join(kinds()))
    parser.add_argument("--model", default="", metavar="M", help="the model to use; the active one unless given")
    parser.add_argument("-n", type=count, default=30, metavar="N", help="how many tracks")
    parser.add_argument("--minutes", type=minutes, default=0.0, metavar="M", help="how long it shall be, instead of -n")
    about = parser.add_argument_group("what it is about")
    about.add_argument("--seed-track", action="append", default=[], metavar="T", help="a track's number or file")
    about.add_argument("--through", action="append", default=[], metavar="T", help="a track that a path leads through")
    about.add_argument("--to", metavar="T", help="where a path ends")
    about.add_argument("--minus", action="append", default=[], metavar="T", help="what to take away in sound")
    about.add_argument("--artist", default="", metavar="A")
    about.add_argument("--genre", default="", metavar="G", help="for --kind genre; your strongest unless given")
    about.add_argument("--mix", type=count, default=1, metavar="N", help="which daily mix, from 1")
    about.add_argument("--as-of", default="", metavar="DATE", help="as of a day, month or year in the past: 2019-05-12")
    like = parser.add_argument_group("what it is like")
    like.add_argument("--adventure", type=share, default=0.3, metavar="0..1", help="0 stays close, 1 goes far")
    like.add_argument(
        *("--sound-taste", "--taste"), type=share, default=1.0, metavar="0..1", help="0: by sound alone, 1: by taste"
    )
    like.add_argument(
        "--era", type=era, default=0.0, metavar="YEAR|0..1", help="near that year, or near what it starts from"
    )
    hint = "share of the rows that are tried out, in for-you and artist-radio"
    like.add_argument("--surprise", type=share, default=0.1, metavar="0..1", help=hint)
    like.add_argument(
        "--axis", type=number, default=0, metavar="N", help="an axis that you named, see 'musicdesk axis'"
    )
    like.add_argument(
        "--lean", type=real(-1, 1), default=0.0, metavar="-1..1", help="towards the axis' first or other end"
    )
    like.add_argument("--varied-by", choices=WAYS, default=WAYS[0], help="how a varied set is chosen")
    like.add_argument("--no-smooth", dest="smooth", action="store_false", help="strictly by rank, however rough it is")
    like.add_argument(
        "--seed", type=whole(-LARGEST, LARGEST), metavar="N", help="the same seed gives the same list; 0 unless given"
    )
    rules = parser.add_argument_group("its rules")
    rules.add_argument(
        "--pin", action="append", default=[], metavar="PLACE=T", help="a track that stands at this place"
    )
    rules.add_argument("--relax", action="append", default=[], metavar="RULE", help="a rule that shall not count")
    rules.add_argument("--rest", type=days, default=0.0, metavar="DAYS", help="leave out what was heard within")
    rules.add_argument(
        *("--memory",),
        type=days,
        default=HALF_LIFE_DAYS,
        metavar="DAYS",
        help="half-life of having been shown; 0: none",
    )
    rules.add_argument(
        "--album-most", type=whole(0, 1_000_000), default=ALBUM_MOST, metavar="N", help="tracks of an album; 0: any"
    )


def request_of(desk: Desk, given: Namespace) -> Request:
    """Raises NotFound for tracks, axes and mixes that are not there, Unusable for a pin that is none."""
    from musicdesk.workflows.artists import mix_request

    request = _plain(desk, given)
    return mix_request(desk, request) if request.kind == "daily-mix" else request


def _plain(desk: Desk, given: Namespace) -> Request:
    """As it was said."""
    from musicdesk.workflows.request import Request, moment_of

    if given.lean and not given.axis:
        raise Unusable("--lean leans along an axis; name it with --axis as well.")
    resolve = desk.catalog.tracks.resolve
    year = int(given.era) if given.era >= LEAST_YEAR else None
    return Request(
        kind=given.kind,
        n=given.n,
        minutes=given.minutes,
        seed_tracks=tuple(resolve(track) for track in (*given.seed_track, *given.through)),
        adventure=given.adventure,
        sound_taste=given.sound_taste,
        era=1.0 if year is not None else given.era,
        year=year,
        seed=given.seed or 0,
        model=given.model,
        artist=given.artist,
        genre=given.genre,
        to=resolve(given.to) if given.to else None,
        minus=tuple(resolve(track) for track in given.minus),
        mix=given.mix,
        axis=desk.catalog.axes.get(given.axis).id if given.axis else 0,
        lean=given.lean,
        as_of=moment_of(given.as_of) if given.as_of else 0.0,
        pinned=tuple(_pin(desk, text) for text in given.pin),
        relaxed=tuple(given.relax),
        rest_days=given.rest,
        memory_days=given.memory,
        album_most=given.album_most,
        varied_by=given.varied_by,
        smooth=given.smooth,
        surprise=given.surprise,
    )


def _pin(desk: Desk, text: str) -> tuple[int, TrackId]:
    place, mark, track = text.partition("=")
    place = place.strip()
    if not mark or not is_number(place) or not int(place):
        raise Unusable(f"'{text}' pins nothing; say --pin PLACE=TRACK, for example --pin 1=42.")
    return int(place) - 1, desk.catalog.tracks.resolve(track)
