"""Times as exports write them, to UTC epoch seconds."""

from __future__ import annotations

import datetime
import re
from functools import lru_cache

_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?)?\s*(Z|UTC|GMT|[+-]\d\d:?\d\d)?", re.ASCII
)
_SPOKEN = re.compile(r"(\d{1,2}) ([A-Za-z]{3})[a-z]* (\d{4}),? (\d\d):(\d\d)(?::(\d\d))?", re.ASCII)
_MONTHS = dict(zip(("jan", "feb", "mar", "apr", "may", "jun"), range(1, 7), strict=True)) | dict(
    zip(("jul", "aug", "sep", "oct", "nov", "dec"), range(7, 13), strict=True)
)
_EPOCH_DAY = datetime.date(1970, 1, 1).toordinal()


def iso(text: object) -> int | None:
    """`2024-04-14 09:54`, `2024-04-14T09:54:03.210Z`, with an offset or in UTC. None when it is no time."""
    found = _ISO.fullmatch(text.strip()) if isinstance(text, str) else None
    if found is None:
        return None
    year, month, day, hour, minute, second, zone = found.groups()
    return _utc(year, month, day, hour or "0", minute or "0", second or "0", zone)


def spoken(text: object) -> int | None:
    """`11 Jul 2024, 09:07` or `11 Jul 2024 09:07`, in UTC. None when it is no time."""
    found = _SPOKEN.fullmatch(text.strip()) if isinstance(text, str) else None
    if found is None:
        return None
    day, name, year, hour, minute, second = found.groups()
    month = _MONTHS.get(name.lower())
    return _utc(year, str(month), day, hour, minute, second or "0", None) if month else None


def epoch(value: object) -> int | None:
    """Seconds since 1970, as a number or its digits; milliseconds are told by their size."""
    if isinstance(value, str):
        text = value.strip()
        if not (text.isascii() and text.isdecimal() and len(text) <= 19):
            return None
        value = int(text)
    if isinstance(value, float):
        if not 0 <= value < 1e19:  # also what is no number
            return None
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 63:
        return None
    return value // 1000 if value >= 100_000_000_000 else value


def any_time(text: object) -> int | None:
    """The first of these readings that fits."""
    for reading in (iso, spoken, epoch):
        found = reading(text)
        if found is not None:
            return found
    return None


def _utc(year: str, month: str, day: str, hour: str, minute: str, second: str, zone: str | None) -> int | None:
    days = _days(year, month, day)
    if days is None or int(hour) > 23 or int(minute) > 59 or int(second) > 60:
        return None
    moment = days * 86_400 + int(hour) * 3600 + int(minute) * 60 + int(second)
    if zone and zone[0] in "+-":
        offset = int(zone[1:3]) * 3600 + int(zone[-2:]) * 60
        moment -= offset if zone[0] == "+" else -offset
    return moment


@lru_cache(maxsize=4096)
def _days(year: str, month: str, day: str) -> int | None:
    try:
        return datetime.date(int(year), int(month), int(day)).toordinal() - _EPOCH_DAY
    except ValueError:
        return None
