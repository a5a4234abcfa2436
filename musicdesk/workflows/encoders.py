"""The encoders: which there are, which one is in use, and the change from one to another.

A change never empties the library: the encoder in use stays in use, with all its embeddings, until the new one has
heard as much. Back is at once, since what an encoder has heard stays until it is removed.
"""

from __future__ import annotations

import logging
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from musicdesk.core.changes import Changes
from musicdesk.core.errors import NotFound, Unusable
from musicdesk.encoders.brought import BroughtCard
from musicdesk.encoders.weights import Card

if TYPE_CHECKING:
    from musicdesk.encoders.registry import Entry
    from musicdesk.workflows.desk import Desk

log = logging.getLogger(__name__)

LEAST_SHARE = 0.9  # of what the encoder in use has heard, or the new one does not take its place


@dataclass(frozen=True)
class Listed:
    """tracks: how many present ones it has heard; waiting: how many it has not; state: 'in use', 'coming' or ''
    taught: by this library, rather than brought
    """

    name: str
    encoder: str
    dim: int
    kind: str
    licence: str
    source: str
    own: bool
    tracks: int
    waiting: int
    state: str
    why_not: str
    taught: bool = False


@dataclass(frozen=True)
class Chosen:
    """state: 'in use' or 'coming'; waiting: tracks that it has not heard yet"""

    name: str
    encoder: str
    state: str
    waiting: int
    before: str
    changes: Changes = field(default=Changes.EMBEDDINGS | Changes.RUNS | Changes.FEEDBACK | Changes.SETTINGS)


def listed(desk: Desk) -> list[Listed]:
    """All encoders, the one in use first."""
    wanted = desk.catalog.encoders.wanted()
    found = [_listed(desk, entry, wanted.encoder if wanted else "") for _name, entry in desk.encoders().items()]
    gone = desk.catalog.encoders.in_use()
    if gone and gone.encoder not in [each.encoder for each in found]:
        found.append(_gone(desk, gone.name, gone.encoder))
    return sorted(found, key=lambda each: (each.state != "in use", each.state != "coming", not each.own, each.name))


def _listed(desk: Desk, entry: Entry, wanted: str) -> Listed:
    counts = desk.catalog.sound.count(entry.encoder_id or "?")
    state = "in use" if entry.encoder_id == desk.encoder else "coming" if entry.encoder_id == wanted else ""
    card = entry.card
    return Listed(
        name=entry.name,
        encoder=entry.encoder_id,
        dim=card.dim if card else 0,
        kind=card.kind if card else "",
        licence=card.licence if card else "",
        source=card.data if card else "",
        own=entry.own,
        tracks=counts["analyzed"],
        waiting=counts["waiting"],
        state=state if entry.encoder_id else "",
        why_not=entry.trouble,
        taught=isinstance(card, Card) and "taught_from" in card.training,
    )


def _gone(desk: Desk, name: str, encoder: str) -> Listed:
    counts = desk.catalog.sound.count(encoder)
    why = "It is not here any more; what it has heard is used until another one has heard as much."
    return Listed(name, encoder, 0, "", "", "", False, counts["analyzed"], counts["waiting"], "in use", why)


def use(desk: Desk, name: str) -> Chosen:
    """Puts an encoder to use at once when it has heard everything, else as soon as analysis has brought it so far.

    Naming the one in use takes a wish for another one back. Raises NotFound, Unusable.
    """
    from musicdesk.workflows.hearing import Hearing

    entry = desk.encoders()[name]
    if isinstance(entry.card, BroughtCard) and not entry.trouble:
        encoder = Hearing(desk, entry).encoder_id  # tries it out
    else:
        encoder = entry.ready()[0].encoder_id
    now = desk.encoder
    waiting = desk.catalog.sound.count(encoder)["waiting"]
    if encoder == now:
        with desk.catalog.write():
            desk.catalog.encoders.drop_wanted()
            desk.catalog.encoders.use(name, encoder, chosen=True)
        return Chosen(name, encoder, "in use", waiting, "")
    if waiting or not desk.catalog.sound.heard(encoder):
        desk.catalog.encoders.want(name, encoder, chosen=True)
        return Chosen(name, encoder, "coming", waiting, _name_of(desk))
    return _put_to_use(desk, name, encoder, chosen=True)


def back(desk: Desk) -> Chosen:
    """The encoder from before is in use again, with what it had heard. Raises NotFound when there was none."""
    before = desk.catalog.encoders.previous()
    if before is None or not desk.catalog.sound.heard(before.encoder):
        raise NotFound("No other encoder was in use before.")
    return _put_to_use(desk, before.name, before.encoder, chosen=True)


def before(desk: Desk) -> str:
    """The name of the encoder that `back` leads to; '' where there is none."""
    previous = desk.catalog.encoders.previous()
    return previous.name if previous is not None and desk.catalog.sound.heard(previous.encoder) else ""


@dataclass(frozen=True)
class Removed:
    """tracks: how many it had heard"""

    name: str
    tracks: int
    changes: Changes = field(default=Changes.EMBEDDINGS | Changes.MAP)


def remove(desk: Desk, name: str) -> Removed:
    """Deletes an encoder of one's own, its folder and all that it has heard. Raises Unusable for others."""
    entry = desk.encoders()[name]
    if not entry.own:
        raise Unusable(f"The encoder '{name}' comes with musicdesk and cannot be removed.")
    if entry.encoder_id and entry.encoder_id == desk.encoder:
        raise Unusable(f"The encoder '{name}' is in use; put another one to use first.")
    tracks = desk.catalog.encoders.forget(entry.encoder_id) if entry.encoder_id else 0
    if entry.folder.is_symlink():
        entry.folder.unlink()
    else:
        shutil.rmtree(entry.folder)
    return Removed(name, tracks)


def to_listen(desk: Desk) -> list[Entry]:
    """With which encoders analysis listens: the one in use, then the one that is to come.

    An encoder that came with an older musicdesk makes way for the one that comes with this, unless a person chose it.
    """
    encoders, uses = desk.encoders(), desk.catalog.encoders
    by_id = {entry.encoder_id: entry for _name, entry in encoders.items() if entry.encoder_id and not entry.trouble}
    default = encoders[desk.default_encoder]
    now, wanted = uses.in_use(), uses.wanted()
    if now is None:
        uses.use(default.name, default.ready()[0].encoder_id, chosen=False)
        return [default]
    if wanted and wanted.encoder not in by_id:
        log.warning("the encoder '%s' is not here any more; it is no longer waited for", wanted.name)
        uses.drop_wanted()
        wanted = None
    if wanted is None and default.encoder_id != now.encoder and (now.encoder not in by_id or not now.chosen):
        uses.want(default.name, default.encoder_id, chosen=False)
        wanted = uses.wanted()
    found = [by_id.get(each.encoder) for each in (now, wanted) if each]
    return [entry for entry in found if entry is not None]


def promote(desk: Desk) -> Chosen | None:
    """Puts the encoder that was waited for to use, when nothing is left that it has not heard; else None.

    One that failed where the one in use did not, at more than a tenth of the tracks, is not waited for any more.
    """
    wanted = desk.catalog.encoders.wanted()
    if wanted is None or desk.catalog.sound.count(wanted.encoder)["waiting"]:
        return None
    missed = desk.catalog.encoders.missed(wanted.encoder, desk.encoder)
    heard = desk.catalog.sound.heard(desk.encoder)
    if missed > (1 - LEAST_SHARE) * heard:
        desk.catalog.encoders.drop_wanted()
        raise Unusable(
            f"The encoder '{wanted.name}' could not hear {missed:,} of {heard:,} tracks, so the one in use stays."
        )
    return _put_to_use(desk, wanted.name, wanted.encoder, wanted.chosen)


def _put_to_use(desk: Desk, name: str, encoder: str, chosen: bool) -> Chosen:
    before, now = _name_of(desk), desk.encoder
    if desk.catalog.encoders.in_use() is None and desk.catalog.sound.heard(now):
        desk.catalog.encoders.use(before, now, chosen=False)  # ours, so far by default: the way back leads there
    desk.catalog.encoders.use(name, encoder, chosen)
    return Chosen(name, encoder, "in use", desk.catalog.sound.count(encoder)["waiting"], before)


def _name_of(desk: Desk) -> str:
    now = desk.catalog.encoders.in_use()
    return now.name if now else desk.default_encoder
