"""The formats of one person's history, and telling which one a source has."""

from __future__ import annotations

from musicdesk.core.registry import Registry
from musicdesk.history import apple, itunes, lastfm, listenbrainz, plain, spotify_account, spotify_extended, youtube
from musicdesk.history.base import Format, Head


def _formats() -> Registry[Format]:
    formats: Registry[Format] = Registry("format")
    for room in (spotify_extended, spotify_account, lastfm, listenbrainz, apple, youtube, itunes, plain):
        for form in room.FORMATS:
            formats.add(form.name, form)
    return formats


FORMATS = _formats()  # plain CSV last: its heading is the least particular


def format_of(head: Head) -> Format | None:
    """The first format that knows this beginning as its own."""
    return next((form for _name, form in FORMATS.items() if form.detect(head)), None)
