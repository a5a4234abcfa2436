"""Numbers, times and states in words. No Qt."""

from __future__ import annotations

import time
from datetime import date

from musicdesk.core.counting import counted
from musicdesk.core.types import Analysis, Presence, Track

DASH = "–"
count = counted


def length(seconds: float | None) -> str:
    """'4:12', '1:02:03', or a dash when it is not known."""
    if seconds is None or seconds <= 0:
        return DASH
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


def long_length(seconds: float) -> str:
    """'2 h 51 min', '12 min', '40 s'."""
    if seconds < 60:
        return f"{round(seconds)} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min"


def eta(seconds: float | None) -> str:
    """'11 min left', 'about 20 s left', or nothing."""
    if seconds is None:
        return ""
    if seconds < 60:
        return f"about {max(5, round(seconds / 5) * 5)} s left"
    return f"{long_length(seconds)} left"


def rate(per_second: float | None) -> str:
    """'640/min' or '3.1/s'; nothing when unknown."""
    if not per_second:
        return ""
    return f"{per_second * 60:,.0f}/min" if per_second < 50 else f"{per_second:,.0f}/s"


def when(at: float, now: float | None = None) -> str:
    """'today 14:58', 'yesterday 9:05', or the date in the locale's form."""
    moment, today = time.localtime(at), time.localtime(time.time() if now is None else now)
    days = date(*today[:3]).toordinal() - date(*moment[:3]).toordinal()
    clock = f"{moment.tm_hour}:{moment.tm_min:02}"
    if days in (0, 1):
        return f"{'yesterday' if days else 'today'} {clock}"
    return time.strftime("%x", moment)


def size(number: int) -> str:
    """'3.4 MB'."""
    value = float(number)
    for unit in ("bytes", "kB", "MB"):
        if value < 1000:
            return f"{value:,.0f} {unit}" if unit == "bytes" else f"{value:,.1f} {unit}"
        value /= 1000
    return f"{value:,.1f} GB"


def status(track: Track) -> str:
    """One word for the Status column; the page has more where it matters."""
    if track.presence is Presence.OFFLINE:
        return "Offline"
    if track.presence is Presence.MISSING:
        return "Missing"
    if track.analysis is Analysis.FAILED:
        return "Could not be read"
    if track.excluded:
        return "Not in playlists"
    if track.analysis is Analysis.WAITING:
        return "Not heard yet"
    return ""


def credit(track: Track) -> str:
    """'Artist · Album · 1999', what there is of it."""
    tags = track.tags
    return " · ".join(part for part in (tags.artist, tags.album, str(tags.year or "")) if part)
