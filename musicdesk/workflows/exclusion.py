"""Which tracks are kept out of playlists by the person's rules, kept up to date when the rules change."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from musicdesk.core.changes import Changes
from musicdesk.core.types import Tags
from musicdesk.library.rules import Rules, excluded

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk

FACT = "rules"  # the catalog's note of which rules its tracks were judged by


def rules_of(desk: Desk) -> Rules:
    """The person's rules. Where most of the library is short, being short says nothing: such is then allowed."""
    chosen = desk.settings
    short, known = desk.catalog.inventory.shorter_than(chosen.exclude_shorter_s)
    shorter_s = 0.0 if 2 * short > known else chosen.exclude_shorter_s
    return Rules(chosen.exclude_words, shorter_s, chosen.exclude_longer_s)


def reapply(desk: Desk) -> Changes:
    """Judges every track anew, except where the person has decided; writes only what comes out otherwise."""
    rules = rules_of(desk)
    inventory = desk.catalog.inventory
    turned: list[tuple[str, int]] = []
    for track in inventory.judged():
        tags = Tags(title=track.title, album=track.album, genre=track.genre)
        reason = excluded(tags, track.relative, track.duration_s, rules)
        if reason != track.excluded:
            turned.append((reason, int(track.id)))
    with desk.catalog.write():
        inventory.set_excluded(turned)
        inventory.note(FACT, _mark(rules))
    return Changes.TRACKS if turned else Changes.NOTHING


def reapply_if_changed(desk: Desk) -> Changes:
    """`reapply`, if the rules are not those that the tracks were judged by."""
    if desk.catalog.inventory.noted(FACT) == _mark(rules_of(desk)):
        return Changes.NOTHING
    return reapply(desk)


def _mark(rules: Rules) -> int:
    return zlib.crc32(repr(rules).encode("utf-8", "surrogatepass"))
