"""Scan: look through the person's folders and bring the catalog up to date with them.

Nothing that is known is ever deleted: what is not there is missing, or offline when its folder is not there
either. Work is committed in small batches, so that one which is cut off loses little and is taken up by
simply scanning again.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from musicdesk.catalog.inventory import Stamp
from musicdesk.core.changes import Changes
from musicdesk.core.paths import absolute
from musicdesk.core.progress import Monitor
from musicdesk.core.types import Found, Presence
from musicdesk.library.find import Walk
from musicdesk.workflows.intake import Intake
from musicdesk.workflows.moves import Moves
from musicdesk.workflows.places import Places, places

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk


@dataclass(frozen=True)
class Scanned:
    """What a scan saw. `found` = added + updated + moved + unchanged + failed.

    `failed` files are in the library, but their tags could not be read. `missing` and `offline` count the
    tracks of the scanned folders that are not there now.
    """

    found: int = 0
    added: int = 0
    updated: int = 0
    moved: int = 0
    unchanged: int = 0
    missing: int = 0
    failed: int = 0
    ignored: int = 0  # files that are not music
    offline: int = 0
    unreadable: int = 0  # folders that could not be opened; their tracks count as offline
    seconds: float = 0.0
    changes: Changes = Changes.NOTHING


@dataclass
class _Seen:
    """What the walk saw, against what was known before."""

    same: int = 0  # files exactly as they were
    fresh: list[Stamp] = field(default_factory=list)
    back: list[bytes] = field(default_factory=list)  # absent tracks whose file is there again, as it was
    changed: list[Found] = field(default_factory=list)
    new: list[Found] = field(default_factory=list)
    lost: dict[bytes, Stamp] = field(default_factory=dict)  # tracks of this scan whose file was not seen
    elsewhere: set[Stamp] = field(default_factory=set)  # tracks that this scan says nothing about

    @property
    def found(self) -> int:
        return self.same + len(self.fresh)


def scan(desk: Desk, roots: list[bytes], monitor: Monitor) -> Scanned:
    """Looks through `roots` (none: all that are known). Raises Unusable, Cancelled, Busy."""
    begun = time.perf_counter()
    where = places(desk.catalog, roots)
    seen, walk = _look(desk, where, monitor)
    before = desk.catalog.inventory.absent()
    moves = _compare(desk, seen, before, where)
    intake = Intake(desk, where, moves, monitor)
    intake.run(seen.changed, seen.new)
    missing, offline, written = _settle(desk, seen, before, where, moves)
    failed_before = _failed_before(desk, where, intake.written.failed)
    changes = intake.written.changes | (Changes.TRACKS if written else Changes.NOTHING)
    _note_roots(desk, where, bool(changes))
    return Scanned(
        found=seen.found,
        added=intake.written.added,
        updated=intake.written.updated,
        moved=intake.written.moved,
        unchanged=seen.same + len(seen.back) - failed_before,
        failed=len(intake.written.failed) + failed_before,
        missing=missing + len(intake.written.displaced),
        offline=offline,
        ignored=walk.ignored,
        unreadable=len(walk.unreadable),
        seconds=time.perf_counter() - begun,
        changes=changes,
    )


def _look(desk: Desk, where: Places, monitor: Monitor) -> tuple[_Seen, Walk]:
    """Walks the live folders. What is left of the known stamps afterwards was not seen as it was."""
    known = desk.catalog.inventory.stamps()
    seen = _Seen()
    profile = absolute(desk.profile.folder)
    walk = Walk([place.folder for place in where.live], known, [profile])
    for stamps in walk:
        as_before = known.intersection(stamps)
        known -= as_before
        seen.same += len(as_before)
        if len(as_before) != len(stamps):
            seen.fresh += [stamp for stamp in stamps if stamp not in as_before]
        monitor.check()
        monitor.report(seen.found, None, "Looking for music")
    where.gone += walk.unreadable
    holding = [stamp[0] for stamp in known] if walk.empty else []
    where.gone += [folder for folder in walk.empty if any(path.startswith(folder) for path in holding)]
    seen.elsewhere = known
    return seen, walk


def _compare(desk: Desk, seen: _Seen, absent: dict[bytes, tuple[int, int, Presence]], where: Places) -> Moves:
    """Sorts the fresh files into back, changed and new, and the known ones that were not seen into lost."""
    unseen = {stamp[0]: stamp for stamp in seen.elsewhere}
    for path, size, mtime_ns in seen.fresh:
        found = Found(path, size, mtime_ns)
        if path in unseen:
            seen.elsewhere.discard(unseen.pop(path))
            seen.changed.append(found)
        elif path in absent:
            as_it_was = absent[path][:2] == (size, mtime_ns)
            seen.back.append(path) if as_it_was else seen.changed.append(found)
        else:
            seen.new.append(found)
    seen.lost = {path: stamp for path, stamp in unseen.items() if where.covers(path)}
    seen.elsewhere.difference_update(seen.lost.values())
    if not seen.new:
        return Moves(desk.catalog.inventory, (), ())
    fresh = {stamp[0] for stamp in seen.fresh}
    lost = [stamp for path, stamp in seen.lost.items() if not where.is_gone(path)]
    lost += [
        (path, size, mtime)
        for path, (size, mtime, presence) in absent.items()
        if path not in fresh and presence is Presence.MISSING
    ]
    return Moves(desk.catalog.inventory, lost, seen.elsewhere)


def _settle(
    desk: Desk,
    seen: _Seen,
    absent: dict[bytes, tuple[int, int, Presence]],
    where: Places,
    moves: Moves,
) -> tuple[int, int, int]:
    """Writes who is back, missing and offline. Returns (missing now, offline now, rows written)."""
    fresh = {stamp[0] for stamp in seen.fresh}
    away = {path for path in (*seen.lost, *absent) if path not in fresh and path not in moves.taken}
    away = {path for path in away if where.covers(path)}
    offline = {path for path in away if where.is_gone(path)}
    # A track that was missing before its folder went away stays missing.
    offline -= {path for path in offline if path in absent and absent[path][2] is Presence.MISSING}
    missing = away - offline
    if not away and not seen.back:
        return 0, 0, 0
    inventory = desk.catalog.inventory
    turned = {
        Presence.PRESENT: seen.back,
        Presence.OFFLINE: [path for path in offline if path not in absent],
        Presence.MISSING: [path for path in missing if path not in absent or absent[path][2] is Presence.OFFLINE],
    }
    if not any(turned.values()):
        return len(missing), len(offline), 0
    with desk.catalog.write():
        written = sum(inventory.set_presence(paths, presence) for presence, paths in turned.items())
    return len(missing), len(offline), written


def _failed_before(desk: Desk, where: Places, failed_now: set[bytes]) -> int:
    """How many of the files that are as they were have tags that could not be read."""
    failed = desk.catalog.sound.failed_tags() - failed_now
    if not failed:
        return 0
    absent = desk.catalog.inventory.absent()
    return sum(1 for path in failed if path not in absent and where.covers(path))


def _note_roots(desk: Desk, where: Places, changed: bool) -> None:
    """Which roots are there; written only where that is news, so that a quiet scan writes nothing."""
    live = {place.root for place in where.live if not where.is_gone(place.root_path)}
    for root in desk.catalog.roots.all():
        if root.online and where.is_gone(root.path):
            desk.catalog.roots.set_online(root.id, False)
        elif not root.online and root.id in live:
            desk.catalog.roots.set_online(root.id, True)
        if root.id in live and (changed or root.scanned_at is None):
            desk.catalog.roots.scanned(root.id)
