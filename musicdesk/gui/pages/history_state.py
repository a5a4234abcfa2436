"""What the History page decides and says. No Qt."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from musicdesk.core.dates import DAYS, written
from musicdesk.gui import words
from musicdesk.gui.pages.history_draw import named
from musicdesk.workflows.listening import DAY_S, Lookback

HOW = (
    (
        "Spotify",
        "On spotify.com, under Account, Privacy, Download your data, ask for the extended streaming history. "
        "It comes by mail within some days; drop the ZIP here as it is.",
    ),
    ("Last.fm", "Save your scrobbles as a CSV with an export page such as lastfm-to-csv, and drop the file here."),
    ("ListenBrainz", "Under Settings, Export data, you get a ZIP."),
    ("Apple Music", "On privacy.apple.com ask for a copy of Apple Media Services; it holds the play activity."),
    ("YouTube Music", "On takeout.google.com choose YouTube, with the history as JSON."),
    ("iTunes", "File, Library, Export Library writes the XML that is read here."),
    ("Anything else", "A CSV with the columns time, artist and title will do; album and ms may follow."),
)


NARROW = "\u00a0"  # a space that does not break a line


@dataclass(frozen=True)
class Period:
    """since, until: seconds of the local clock, until not in it; None: no bound."""

    key: str
    title: str
    since: int | None = None
    until: int | None = None


ALL = Period("all", "All time")


def periods(first: int, last: int, now: float | None = None) -> list[Period]:
    """What can be looked at: all, what is recent if anything is, and every year from the last to the first."""
    moment = time.time() if now is None else now
    clock = int(moment) + time.localtime(moment).tm_gmtoff
    today = clock // DAY_S * DAY_S
    offered = [ALL]
    if not last:
        return offered
    for key, title, days in (("month", "Last 30 days", 30), ("twelve", "Last 12 months", 365)):
        if first < today - days * DAY_S <= last:
            offered.append(Period(key, title, today - days * DAY_S))
    years = range(_year(last), _year(first) - 1, -1)
    if len(years) > 1:
        offered += [Period(str(year), str(year), _begin(year), _begin(year + 1)) for year in years]
    return offered


def _year(second: int) -> int:
    return time.gmtime(second).tm_year


def _begin(year: int) -> int:
    return int(np.datetime64(f"{year:04}-01-01", "s").astype(np.int64))


def listener_name(name: str) -> str:
    return "Me" if name == "me" else name


def subtitle(back: Lookback | None, first: int, any_source: bool) -> str:
    if back is None:
        return "Reading what you played …" if any_source else "What you played elsewhere, and what of it you own."
    if not back.plays:
        return "Nothing was played here."
    since = f" since {written('%B %Y', time.gmtime(first))}" if first else ""
    return f"{words.count(back.plays, 'play')}{since} · {share(back.by_plays[2], back.plays)} of them of music you own"


def share(part: int, whole: int) -> str:
    """'61 %' that never breaks; '< 1 %' for what is little and '> 99 %' for what is not all."""
    if not part or not whole or part == whole:
        text = "100 %" if part and part == whole else "0 %"
    else:
        value = 100 * part / whole
        text = "< 1 %" if value < 1 else "> 99 %" if value > 99 else f"{value:.0f} %"
    return text.replace(" ", NARROW)


def tiles(back: Lookback) -> list[tuple[str, str]]:
    """(number, what it counts)"""
    return [
        (f"{back.plays:,}", "plays"),
        (f"{back.hours:,.0f}" if back.hours >= 1 else f"{back.hours:.1f}", "hours"),
        (f"{back.songs:,}", "songs"),
        (f"{back.artists:,}", "artists"),
        (share(back.by_plays[2], back.plays), "of plays owned"),
    ]


def bars_words(back: Lookback) -> str:
    """What a screen reader says of the plays over time."""
    if not back.bins:
        return "No plays with a time."
    most = max(back.bins, key=lambda b: b.plays)
    first, last, best = (named(back.unit, b.start) for b in (back.bins[0], back.bins[-1], most))
    if len(back.bins) == 1:
        return f"{first}: {words.count(most.plays, 'play')}."
    where = "on" if back.unit == "day" else "in"
    return f"{first} to {last}; most {where} {best}, {words.count(most.plays, 'play')}."


def clock_words(clock: np.ndarray) -> str:
    """'Mostly on Friday around 21:00; least at 4:00.'"""
    if not clock.sum():
        return "No plays with a time."
    day, hour = np.unravel_index(int(clock.argmax()), clock.shape)
    return f"Most on {DAYS[int(day)]} at {int(hour)}:00, least at {int(clock.sum(0).argmin())}:00."


def parts_words(back: Lookback) -> str:
    plays, songs = sum(back.by_plays), sum(back.by_songs)
    of_plays, of_songs = share(back.by_plays[2], plays), share(back.by_songs[2], songs)
    return f"You own {of_plays} of what you played, and {of_songs} of the songs."


# The account of an import


def account_line(result: Mapping[str, Any]) -> str:
    """'1,204 rows: 1,100 new, 80 known already, 24 not usable · 300 songs, 120 of them yours.'"""
    refused = sum(result.get("rejected", {}).values())
    parts = [f"{result.get('imported', 0):,} new", f"{result.get('duplicates', 0):,} known already"]
    parts.append(f"{refused:,} not usable")
    owned = f" · {words.count(result.get('songs', 0), 'song')}, {result.get('matched', 0):,} of them in your library"
    return f"{words.count(result.get('rows', 0), 'row')}: {', '.join(parts)}{owned}."


def sum_line(rows: int, imported: int, duplicates: int, rejected: Mapping[str, int]) -> str:
    """'1,204 rows = 1,100 new + 80 known already + 24 not usable'"""
    refused = sum(rejected.values())
    return f"{words.count(rows, 'row')} = {imported:,} new + {duplicates:,} known already + {refused:,} not usable"


def format_title(name: str) -> str:
    """What people call a format."""
    from musicdesk.history.crowd_formats import CROWD_FORMATS
    from musicdesk.history.formats import FORMATS

    for formats in (FORMATS, CROWD_FORMATS):
        if name in formats:
            return str(formats[name].title)
    return name


def state_word(state: str) -> str:
    return {"finished": "", "running": "being read", "stopped": "not read to the end"}.get(state, state)


def forget_question(name: str, crowd: str, imported: int) -> tuple[str, str]:
    """Title and text of the question before an import or a crowd goes."""
    if crowd:
        return f"Remove the crowd “{crowd}”?", "All its plays and songs go, from whatever file they came."
    kept = "Plays that another import told too stay. The file itself is not touched; it can be imported again."
    return f"Take “{name}” back?", f"{words.count(imported, 'row')} came in with it. {kept}"


def forget_all_question(imports: int, imported: int) -> tuple[str, str]:
    """As `forget_question`, of all that came in one go."""
    kept = "Plays that another import told too stay. The files themselves are not touched; they can be imported again."
    title = f"Take the {imports:,} imports that came in one go back?"
    return title, f"{words.count(imported, 'row')} came in with them. {kept}"


def looking_line(paths: Sequence[Path]) -> str:
    what = f"“{paths[0].name or paths[0]}”" if len(paths) == 1 else f"{len(paths)} things"
    return f"Looking at what {what} is …"


def unknown_line(paths: Sequence[Path]) -> str:
    what = f"“{paths[0].name}” is" if len(paths) == 1 else f"These {len(paths)} files are"
    return f"{what} neither music nor a history that is known. Nothing was changed."


# Match review


@dataclass(frozen=True)
class Candidate:
    track: int
    title: str
    artist: str
    album: str = ""
    length_s: float | None = None
    score: float | None = None  # 0..100; None: found by searching


@dataclass(frozen=True)
class Doubt:
    """A song whose track is not sure."""

    song: int
    title: str
    artist: str
    plays: int
    candidates: tuple[Candidate, ...] = ()

    @staticmethod
    def of(row: Mapping[str, Any]) -> Doubt:
        candidates = tuple(
            Candidate(c["track"], c["title"], c["artist"], c.get("album", ""), c.get("length_s"), c["score"])
            for c in sorted(row["candidates"], key=lambda c: -c["score"])
        )
        return Doubt(row["song"], row["title"], row["artist"], row["plays"], candidates)


@dataclass(frozen=True)
class ReviewState:
    doubts: tuple[Doubt, ...] = ()
    at: int = 0
    decided: tuple[tuple[int, Doubt], ...] = field(default=())  # (place, song), the newest last

    @property
    def current(self) -> Doubt | None:
        return self.doubts[self.at] if self.doubts else None

    def show(self, doubts: Sequence[Doubt]) -> ReviewState:
        """Read anew: the same song stays the current one where it is still there."""
        now = self.current.song if self.current else None
        place = next((at for at, doubt in enumerate(doubts) if doubt.song == now), min(self.at, len(doubts) - 1))
        return replace(self, doubts=tuple(doubts), at=max(0, place))

    def go(self, at: int) -> ReviewState:
        return replace(self, at=min(max(at, 0), max(0, len(self.doubts) - 1)))

    def settled(self) -> ReviewState:
        """The current song is decided; the next one moves into its place."""
        if self.current is None:
            return self
        left = self.doubts[: self.at] + self.doubts[self.at + 1 :]
        kept = (*self.decided, (self.at, self.current))
        return ReviewState(left, min(self.at, max(0, len(left) - 1)), kept)

    def taken_back(self, song: int) -> ReviewState:
        """The decision about `song` is undone: it is back where it was, and current."""
        found = next((item for item in reversed(self.decided) if item[1].song == song), None)
        if found is None:
            return self
        place = min(found[0], len(self.doubts))
        doubts = (*self.doubts[:place], found[1], *self.doubts[place:])
        return ReviewState(doubts, place, tuple(item for item in self.decided if item is not found))


def review_line(left: int, done: int) -> str:
    told = f"{words.count(left, 'song')} may be in your library, but it is not sure as which track."
    return f"{told} {done:,} decided." if done else told


def decided_line(title: str, track: str) -> str:
    return f"“{title}” is “{track}”." if track else f"“{title}” is none of your tracks."
