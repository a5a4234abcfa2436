"""Taking an import back: what it told of a person goes, but for what another import told too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from musicdesk.core.changes import Changes
from musicdesk.core.progress import Monitor
from musicdesk.workflows.import_crowd import sweep

if TYPE_CHECKING:
    from musicdesk.catalog.listens import SourceRow
    from musicdesk.workflows.desk import Desk


@dataclass(frozen=True)
class Forgotten:
    name: str  # of the file, or of the crowd
    rows: int  # plays and mentions that are gone; of a crowd, its pairs of listener and song
    songs: int  # that nothing is left of
    changes: Changes = field(default=Changes.LISTENS | Changes.FEEDBACK)


def forget(desk: Desk, source: int, monitor: Monitor) -> Forgotten:
    """Takes one import of a person's history back. All of it or nothing. Raises NotFound."""
    monitor.report(0, None, "Taking the import back")
    listens = desk.catalog.listens
    with desk.catalog.write():
        before = listens.count()["songs"]
        name = listens.name_of(source)
        rows = listens.forget(source)
        listens.settle()
    desk.catalog.store.checkpoint()
    return Forgotten(name, rows, before - listens.count()["songs"])


def forget_all(desk: Desk, numbers: list[tuple[int, int]], monitor: Monitor) -> Forgotten:
    """Takes the imports back whose numbers lie in one of `numbers` (first, last); one that names a single import must
    find it. All of it or nothing. Raises NotFound, Cancelled."""
    listens = desk.catalog.listens
    with desk.catalog.write():
        before = listens.count()["songs"]
        found = {n for first, last in numbers for n in ([first] if first == last else listens.within(first, last))}
        rows = 0
        for done, source in enumerate(sorted(found)):
            monitor.check()
            monitor.report(done, len(found), "Taking imports back")
            rows += listens.forget(source)
        listens.settle()
    desk.catalog.store.checkpoint()
    return Forgotten(f"{len(found):,} imports", rows, before - listens.count()["songs"])


def together(sources: Sequence[SourceRow], chosen: SourceRow) -> list[SourceRow]:
    """Those of `sources` that came in one go with the chosen one, itself among them."""
    came = _came(chosen)
    return [source for source in sources if _came(source) == came]


def _came(source: SourceRow) -> tuple[object, ...]:
    """Imports that were made before it was noted what came with them stand alone: no name tells two archives apart."""
    if source.crowd:
        return ("crowd", source.crowd)
    noted = source.account.get("came")
    return ("with", noted) if noted else ("alone", source.id)


def forget_crowd(desk: Desk, name: str) -> Forgotten:
    """Takes a whole crowd back: its plays, songs and words. Raises NotFound."""
    crowd = desk.catalog.crowds.get(name)
    with desk.catalog.write():
        desk.catalog.crowds.remove(crowd.id)
    sweep(desk)
    return Forgotten(name, crowd.pairs, crowd.songs)
