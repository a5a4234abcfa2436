"""Reading ahead: what the first list of a large library waits for, read before it is asked for."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from musicdesk.core.errors import MusicdeskError

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk

SMALL = 2_000  # tracks that are read in a moment


def few(desk: Desk) -> bool:
    """Whether the library is read in a moment, whatever is asked of it."""
    return desk.catalog.sound.heard(desk.encoder) < SMALL


def at_hand(desk: Desk) -> bool:
    """Whether a list can be made at once: its model, vectors and names are read, or there are few of them."""
    if few(desk):
        return True
    if not desk.memo or not desk.has_vectors:
        return False
    from musicdesk.workflows import names  # models are imported with what reads them, in its thread
    from musicdesk.workflows.taste import stands

    return stands(desk) and names.are_read(desk)


def table_at_hand(desk: Desk) -> bool:
    """Whether the Library can show itself at once."""
    return few(desk) or desk.catalog.browse.at_hand


def plays_at_hand(desk: Desk) -> bool:
    """Whether it is read what was played, too; without it a list is late by a part of a moment."""
    return few(desk) or desk.catalog.feedback.heard_is_read


def read_table(desk: Desk) -> None:
    """Reads what the Library shows first, and offers to filter by."""
    from musicdesk.workflows import sounds_like

    desk.catalog.browse.read_ahead()
    with suppress(MusicdeskError):
        sounds_like.tag_names(desk)


def read_ahead(desk: Desk) -> None:
    """Reads all that, and draws one list that nobody sees: what a first one computes for those after it is then there.
    What cannot be read is told when it is asked for."""
    from musicdesk.workflows import names, sounds_like
    from musicdesk.workflows.recommend import Request, draft
    from musicdesk.workflows.taste import standing, standing_ranks

    with suppress(MusicdeskError):
        names.written(desk)
        standing(desk)
        standing_ranks(desk)
        sounds_like.library(desk)
        draft(desk, Request())
