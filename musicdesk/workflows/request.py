"""What a list is asked for by: what it is about, and the levers that only weigh what is known of the library."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

from musicdesk.core.dates import MONTHS
from musicdesk.core.errors import Unusable
from musicdesk.core.types import TrackId
from musicdesk.playlists.rules import HALF_LIFE_DAYS, HARD, RULES
from musicdesk.playlists.wish import ALBUM_MOST, MOST_TRACKS, WAYS, Wish

# What may change without the library being scored again; a list whose levers were moved is the same list still.
LEVERS = (
    "n",
    "adventure",
    "sound_taste",
    "era",
    "year",
    "pinned",
    "held",
    "relaxed",
    "minutes",
    "album_most",
    "varied_by",
    "smooth",
    "surprise",
    "axis",
    "lean",
)
SEQUENCING = ("one artist in ten", "few of an album")  # rules of the order, that can be relaxed as the others are
# Rules that a person may set aside for one list; the others are about the track itself, or keep a list one.
RELAXABLE = tuple(rule for rule in RULES if rule not in (*HARD, "unheard", "version", "genre", "artist"))

FORMS = (("%Y-%m-%d", "day"), ("%Y-%m", "month"), ("%Y", "year"))  # of a date in the past
EARLIEST = 1900  # year; before it there is nothing that could have been played
AS_OF = ", as of "  # of a list's name, before the day that it is of
BYGONE = ("for-you", "unplayed")  # kinds that can be asked of a day in the past


@dataclass(frozen=True)
class Request:
    """The same request and seed give the same list as long as nothing else changes."""

    kind: str = "for-you"
    seed_tracks: tuple[TrackId, ...] = ()
    n: int = 30
    adventure: float = 0.3  # 0..1
    seed: int = 0
    model: str = ""
    genre: str = ""
    artist: str = ""
    to: TrackId | None = None  # where a path ends
    minus: tuple[TrackId, ...] = ()  # what is taken away in sound
    mix: int = 1  # which of the daily mixes
    sound_taste: float = 1.0  # 0: likeness in sound alone, 1: the model's scores alone
    era: float = 0.0  # how much nearness to `year` weighs, 0..1
    year: int | None = None  # None: the middle of what the list starts from
    pinned: tuple[tuple[int, TrackId], ...] = ()  # (position from 0, track) that stay where they are
    held: tuple[tuple[int, TrackId], ...] = ()  # as pinned, until the next draw: what was played or liked in this list
    relaxed: tuple[str, ...] = ()  # rules that do not count this time
    minutes: float = 0.0  # how long the list shall be, instead of n
    rest_days: float = 0.0  # what was heard within so many days is left out
    memory_days: float = HALF_LIFE_DAYS  # half-life of having been shown; 0: no memory
    album_most: int = ALBUM_MOST  # tracks of one album; 0: any
    varied_by: str = "mmr"
    smooth: bool = True  # what follows well comes a few places earlier
    surprise: float = 0.1  # share of the rows that are tried out, in kinds that do
    title: str = ""  # what the list starts from is called, where it has a name
    axis: int = 0  # number of an axis that was named, 0 for none
    lean: float = 0.0  # -1..1: towards the axis' low or high end
    as_of: float = 0.0  # nothing after this moment is known, epoch seconds; 0: all that is known now
    without: tuple[TrackId, ...] = ()  # what shall not come (again), though the list does not start from it

    def again(self) -> Request:
        """Another draw of the same."""
        return replace(self, seed=self.seed + 1, held=())

    @property
    def stays(self) -> tuple[tuple[int, TrackId], ...]:
        """What the list has in any case and where; what the person pinned goes before what is only held."""
        places = {place for place, _ in self.pinned}
        tracks = {track for _, track in self.pinned}
        held = [pair for pair in self.held if pair[0] not in places and pair[1] not in tracks]
        return tuple(sorted((*self.pinned, *held)))

    def kept(self) -> dict[str, Any]:
        """As it is stored with the playlist."""
        return asdict(self)

    def subject(self) -> Request:
        """The request with its levers as they are at first: what the library is scored for."""
        first = {field.name: field.default for field in fields(self) if field.name in LEVERS}
        return Request(**{**{field.name: getattr(self, field.name) for field in fields(self)}, **first})

    def wish(self, leave_out: tuple[TrackId, ...], ordered: bool, year: float | None) -> Wish:
        plain = Wish()
        return Wish(
            n=self.n,
            adventure=self.adventure,
            leave_out=tuple(dict.fromkeys((*leave_out, *self.without))),
            artist_window=1 if SEQUENCING[0] in self.relaxed else plain.artist_window,
            ordered=ordered,
            taste=self.sound_taste,
            era=self.era,
            year=year if self.year is None else float(self.year),
            pinned=self.stays,
            relaxed=self.relaxed,
            minutes=self.minutes,
            album_most=0 if SEQUENCING[1] in self.relaxed else self.album_most,
            varied_by=self.varied_by,
            smooth=self.smooth,
            surprise=self.surprise,
            lean=self.lean if self.axis else 0.0,
        )


def request_of(kept: dict[str, Any]) -> Request:
    """The request that a playlist was made by; what this version does not know is passed over."""
    known = {field.name for field in fields(Request)}
    values = {name: value for name, value in kept.items() if name in known}
    for name in ("seed_tracks", "minus", "relaxed", "without"):
        values[name] = tuple(values.get(name, ()))
    for name in ("pinned", "held"):
        values[name] = tuple((int(place), TrackId(track)) for place, track in values.get(name, ()))
    return Request(**values)


def check(request: Request) -> None:
    """Raises Unusable with one sentence about what cannot be asked for."""
    if not 1 <= request.n <= MOST_TRACKS:
        raise Unusable("A playlist needs at least one track." if request.n < 1 else f"{MOST_TRACKS:,} tracks at most.")
    for name in ("adventure", "sound_taste", "era", "surprise"):
        if not 0 <= getattr(request, name) <= 1:
            raise Unusable(f"{name.replace('_', ' and ').capitalize()} is a number from 0 to 1.")
    if not -1 <= request.lean <= 1:
        raise Unusable("How far a list leans along an axis is a number from -1 to 1.")
    if request.as_of and request.kind not in BYGONE:
        raise Unusable("Of a day in the past only 'for-you' and 'unplayed' can be asked.")
    if request.minutes < 0 or request.rest_days < 0 or request.memory_days < 0 or request.album_most < 0:
        raise Unusable("Minutes, days and tracks of an album cannot be below 0.")
    if request.varied_by not in WAYS:
        raise Unusable(f"A list is varied by {' or '.join(WAYS)}.")
    if unknown := set(request.relaxed) - set(RULES) - set(SEQUENCING):
        raise Unusable(f"There is no rule '{min(unknown)}'; known are {', '.join((*RULES, *SEQUENCING))}.")


def moment_of(text: str) -> float:
    """The end of a day, month or year (2019-05-12, 2019-05, 2019), local time, in epoch seconds; of one that is not
    over, now. Raises Unusable."""
    for form, unit in FORMS:
        try:
            start = datetime.strptime(text.strip(), form)
        except ValueError:
            continue
        now = datetime.now()
        if start > now:
            raise Unusable(f"'{text}' has not come yet; a list can be of a day in the past.")
        if start.year < EARLIEST:
            raise Unusable(f"Nothing is known of '{text}'; {EARLIEST} is the earliest year.")
        return min(_after(start, unit), now).timestamp() or -1.0  # 0 stands for no day at all
    raise Unusable(f"'{text}' is no date; say 2019, 2019-05 or 2019-05-12.")


def _after(start: datetime, unit: str) -> datetime:
    """When the next day, month or year begins, by the calendar: a day may have 23 or 25 hours."""
    if unit == "year":
        return start.replace(year=start.year + 1)
    if unit == "month":
        return start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)
    return start + timedelta(days=1)


def said_of(moment: float) -> str:
    """'12 May 2019': the last whole day before the moment."""
    day = datetime.fromtimestamp(moment - 1)
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
