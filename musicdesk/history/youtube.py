"""YouTube Music in Google's takeout: `watch-history.json`, where music stands among everything else.

A row is music when its header says so or its channel is an artist's "Topic". The title is a sentence in the
person's language ("Watched X", "X angesehen"). There is no play time.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from musicdesk.core.wording import clean
from musicdesk.history.base import (
    NOT_MUSIC,
    UNREADABLE,
    Account,
    Format,
    Head,
    Item,
    Refused,
    Source,
    example,
    judged,
    latest,
)
from musicdesk.history.json_rows import Broken, array_rows
from musicdesk.history.text import blocks
from musicdesk.history.times import iso

MUSIC = "YouTube Music"
TOPIC = " - Topic"
# What stands before and behind a title.
SENTENCES = (
    ("已观看「", "」"),
    ("已觀看「", "」"),
    *((before, "") for before in ("Watched ", "Listened to ", "Has visto ", "Viste ", "Vous avez regardé ")),
    *((before, "") for before in ("Hai guardato ", "Você assistiu a ", "Viu ", "Bekeken: ", "Obejrzano: ")),
    *((before, "") for before in ("Просмотрено видео ", "Переглянуто відео ", "Du har sett på ", "Du så ")),
    *((before, "") for before in ("Zhlédli jste ", "Katsoit videon ", "已观看 ", "İzlediniz: ")),
    *(("", after) for after in (" angesehen", " を視聴しました", "を視聴しました", " 을(를) 시청했습니다.")),
    *(("", after) for after in ("을(를) 시청함", " megtekintve")),
)


def _detect(head: Head) -> bool:
    return {"header", "title", "time", "products"} <= head.keys and "YouTube" in head.text


def _read(source: Source, account: Account) -> Iterator[Item]:
    until = latest()
    with source.open() as stream:
        for number, row in enumerate(array_rows(blocks(stream, account), account), 1):
            if isinstance(row, dict):
                yield _play(number, row, until)
            else:
                yield Refused(row.reason if isinstance(row, Broken) else UNREADABLE, example(number))


def _play(number: int, row: dict[str, Any], until: int) -> Item:
    title, channel, when = _title(row), _channel(row), clean(row.get("time"))
    music = row.get("header") == MUSIC or channel.endswith(TOPIC)
    if not music or "details" in row:  # details: shown as an advertisement
        return Refused(NOT_MUSIC, example(number, title, when))
    return judged(number, iso(when), when, channel.removesuffix(TOPIC), title, None, until=until)


def _title(row: dict[str, Any]) -> str:
    text = clean(row.get("title"))
    for before, after in SENTENCES:
        if text.startswith(before) and text.endswith(after):
            return text.removeprefix(before).removesuffix(after).strip()
    return text


def _channel(row: dict[str, Any]) -> str:
    found = row.get("subtitles")
    first = found[0] if isinstance(found, list) and found else None
    return clean(first.get("name")) if isinstance(first, dict) else ""


FORMATS = (Format("youtube", "YouTube Music watch history", _detect, _read),)
