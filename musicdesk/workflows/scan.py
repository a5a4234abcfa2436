"""Scan: look through the person's folders and bring the catalog up to date with them.

Nothing that is known is ever deleted: what is not there is missing, or offline when its folder is not there
either. Work is committed in small batches, so that one which is cut off loses little and is taken up by
simply scanning again.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from musicdesk.core.changes import Changes
from musicdesk.core.paths import absolute, shown, under
from musicdesk.core.progress import Monitor
from musicdesk.core.types import Found, Presence
from musicdesk.library.find import Walk
from musicdesk.workflows.exclusion import reapply_if_changed
from musicdesk.workflows.intake import Intake
from musicdesk.workflows.moves import Candidates, Moves
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
    notices: tuple[str, ...] = ()
    changes: Changes = Changes.NOTHING


Absent = dict[bytes, tuple[int, int, Presence]]  # path -> size, mtime_ns, offline or missing


@dataclass
class _Seen:
    """What the walk saw, against what was known before."""

    same: int  # files exactly as they were
    fresh: list[Found]  # files at paths that held no present track
    changed: list[Found]
    unseen: set[bytes]  # tracks that were present and not seen, in this scan's folders or elsewhere
    absent: Absent = field(default_factory=dict)  # tracks that were not present before, if that matters
    back: list[bytes] = field(default_factory=list)  # of those the ones whose file is there again, as it was
    new: list[Found] = field(default_factory=list)
    fresh_paths: set[bytes] = field(default_factory=set)

    @property
    def found(self) -> int:
        return self.same + len(self.fresh) + len(self.changed)


def scan(desk: Desk, roots: list[bytes], monitor: Monitor) -> Scanned:
    """Looks through `roots` (none: all that are known). Raises Unusable, Cancelled, Busy."""
    begun = time.perf_counter()
    where = places(desk.catalog, roots)
    judged = reapply_if_changed(desk)
    desk.catalog.sound.try_opened_again()
    known = desk.catalog.inventory.signatures()
    walk = Walk([place.folder for place in where.live], known, [absolute(desk.profile.folder)])
    seen = _look(walk, known, monitor)
    where.gone += walk.unreadable
    where.gone += [folder for folder in walk.empty if any(under(path, folder) for path in known)]
    if known or seen.fresh:
        seen.absent = desk.catalog.inventory.absent()
    _compare(seen)
    intake = Intake(desk, where, _moves(desk, seen, where), monitor)
    intake.run(seen.changed, seen.new)
    missing, offline, turned = _settle(desk, seen, where, intake.moved_from)
    failed_before = _failed_before(desk, where, intake.written.failed)
    if intake.written.changes:
        judged |= reapply_if_changed(desk)  # a rule can hang on what the whole library is like
    changes = judged | intake.written.changes | (Changes.TRACKS if turned else Changes.NOTHING)
    _note_roots(desk, where, bool(changes))
    notices = _about_typed(desk, where)
    return Scanned(
        found=seen.found - intake.written.dropped,
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
        notices=notices,
        changes=changes,
    )


def _look(walk: Walk, known: dict[bytes, int | None], monitor: Monitor) -> _Seen:
    """Goes through the live folders; `known` holds afterwards what was not seen."""
    fresh: list[Found] = []
    for stamps in walk:
        fresh += [Found(*stamp) for stamp in stamps]
        monitor.check()
        monitor.report(walk.same + len(fresh), None, "Looking for music")
    unseen = {path for path, before in known.items() if before is not None}
    return _Seen(walk.same, fresh, [Found(*stamp) for stamp in walk.changed], unseen)


def _compare(seen: _Seen) -> None:
    """Sorts the fresh files into those that are back as they were, back but changed, and new."""
    for found in seen.fresh:
        before = seen.absent.get(found.path)
        if before is None:
            seen.new.append(found)
        elif before[:2] == (found.size, found.mtime_ns):
            seen.back.append(found.path)
        else:
            seen.changed.append(found)
    seen.fresh_paths = {found.path for found in seen.fresh}


def _moves(desk: Desk, seen: _Seen, where: Places) -> Moves:
    """The tracks that new files may turn out to be: missing, seen elsewhere, or in a folder that is not there."""
    inventory = desk.catalog.inventory
    if not (seen.new or seen.changed):
        return Moves(inventory, Candidates())
    among = Candidates()
    for stamp in inventory.stamps(seen.unseen) if seen.unseen else []:
        gone = where.is_gone(stamp[0])
        (among.away if gone else among.lost if where.covers(stamp[0]) else among.elsewhere).append(stamp)
    for path, (size, mtime_ns, presence) in seen.absent.items():
        if path not in seen.fresh_paths:
            (among.lost if presence is Presence.MISSING else among.away).append((path, size, mtime_ns))
    return Moves(inventory, among, [root.path for root in where.roots])


def _settle(desk: Desk, seen: _Seen, where: Places, moved_from: set[bytes]) -> tuple[int, int, bool]:
    """Writes who is back, missing and offline. Returns (missing now, offline now, whether that is news)."""
    away = {path for path in (*seen.unseen, *seen.absent) if where.covers(path)} - seen.fresh_paths - moved_from
    were_missing = {path for path in away if path in seen.absent and seen.absent[path][2] is Presence.MISSING}
    offline = {path for path in away - were_missing if where.is_gone(path)}
    missing = away - offline
    turned = {
        Presence.PRESENT: seen.back,
        Presence.OFFLINE: [path for path in offline if path not in seen.absent],
        Presence.MISSING: list(missing - were_missing),
    }
    if any(turned.values()):
        with desk.catalog.write():
            for presence, paths in turned.items():
                desk.catalog.inventory.set_presence(paths, presence)
    return len(missing), len(offline), any(turned.values())


def _failed_before(desk: Desk, where: Places, failed_now: set[bytes]) -> int:
    """How many of the files that are as they were have tags that could not be read."""
    failed = desk.catalog.sound.failed_tags() - failed_now
    if not failed:
        return 0
    absent = desk.catalog.inventory.absent()
    return sum(1 for path in failed if path not in absent and where.covers(path))


def _note_roots(desk: Desk, where: Places, changed: bool) -> None:
    """Which roots are there; written only where that is news, so that a quiet scan writes nothing."""
    live = where.looked_at()
    for root in desk.catalog.roots.all():
        if root.online and where.is_gone(root.path):
            desk.catalog.roots.set_online(root.id, False)
        elif not root.online and root.id in live:
            desk.catalog.roots.set_online(root.id, True)
        if root.id in live and (changed or root.scanned_at is None):
            desk.catalog.roots.scanned(root.id)


def _about_typed(desk: Desk, where: Places) -> tuple[str, ...]:
    """Roots that earlier versions kept as they were typed go as soon as their tracks are found by a whole path; a
    sentence for each of those that nobody can find."""
    roots, notices = desk.catalog.roots, []
    for root in where.typed():
        going, staying = roots.parting(root.id)
        if not going + staying:
            roots.remove(root.id)
        elif root in where.nowhere:
            notices.append(
                f"It is not known where the folder '{shown(root.path)}' lies, which was added without its whole path; "
                "scan it once by its whole path, and its tracks keep all that is known of them."
            )
    return tuple(notices)
