"""Where a scan looks: folders a person names, sorted into the library's roots, live or not there."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from musicdesk.catalog.catalog import Catalog
from musicdesk.catalog.roots import Root
from musicdesk.core.errors import Unusable
from musicdesk.core.paths import absolute, shown, under
from musicdesk.core.types import RootId

_SEPARATOR = os.fsencode(os.sep)


@dataclass(frozen=True)
class Place:
    """A folder to walk and the root that its tracks belong to."""

    root: RootId
    folder: bytes


@dataclass
class Places:
    """`live` folders are walked; tracks under `gone` ones are offline. Neither list holds a folder twice.

    `roots` are all that are known. `nowhere` are those of them that earlier versions kept as they were typed, without
    where they lie: they are never walked, for from another folder they lead to somebody else's files.
    """

    live: list[Place] = field(default_factory=list)
    gone: list[bytes] = field(default_factory=list)
    roots: list[Root] = field(default_factory=list)
    nowhere: list[Root] = field(default_factory=list)

    def root_of(self, path: bytes) -> Root | None:
        """The root that a walked file belongs to: of folders that lie in one another the innermost. None when it was
        forgotten since."""
        around = [root for root in self.roots if under(path, root.path)]
        return max(around, key=lambda root: len(root.path), default=None)

    def typed(self) -> list[Root]:
        """The roots that lie nowhere, and those with dots in their path that lie in another one."""
        dotted = {root: absolute(root.path) for root in self.roots if absolute(root.path) != root.path}
        return [
            root
            for root, plain in dotted.items()
            if root in self.nowhere or any(under(plain, other.path) for other in self.roots if other != root)
        ]

    def looked_at(self) -> set[RootId]:
        """The roots that are there and of which this scan saw something."""
        seen = {root.id for root in self.roots if any(under(root.path, place.folder) for place in self.live)}
        seen |= {place.root for place in self.live}
        return {root.id for root in self.roots if root.id in seen and not self.is_gone(root.path)}

    def covers(self, path: bytes) -> bool:
        """Whether this scan says something about `path`."""
        return any(under(path, place.folder) for place in self.live) or self.is_gone(path)

    def is_gone(self, path: bytes) -> bool:
        return any(under(path, folder) for folder in self.gone)


def places(catalog: Catalog, folders: list[bytes]) -> Places:
    """Sorts `folders` (none: every root that is known), making new roots. Raises Unusable."""
    roots = catalog.roots.all()
    placed = [root for root in roots if os.path.isabs(root.path)]
    named = [_name(_whole(folder), placed) for folder in folders] if folders else [(root, root.path) for root in roots]
    found = Places(roots=roots, nowhere=[root for root in roots if not os.path.isabs(root.path)])
    for root, folder in named:
        if _is_there(folder):
            if root is None:
                root = Root(catalog.roots.add(folder), folder, True, None)
                roots.append(root)
            found.live.append(Place(root.id, folder))
        elif root is not None:
            found.gone.append(folder)
    found.live = _outermost(found.live)
    # A stick that was mounted inside another root and is a root of its own.
    found.gone += [root.path for root in roots if not _is_there(root.path) and found.covers(root.path)]
    found.gone = sorted(set(found.gone))
    return found


def _is_there(folder: bytes) -> bool:
    return os.path.isabs(folder) and os.path.isdir(folder)


def _whole(folder: bytes) -> bytes:
    """A folder as it was typed, absolute and without dots. Raises Unusable for an empty name."""
    if not folder:
        raise Unusable("The name of the folder is empty.")
    plain, typed = absolute(folder), os.path.expanduser(folder)
    # What lies above a link's target is not what lies above the link, which the text would lead to.
    above_link = os.path.exists(typed) and not (os.path.exists(plain) and os.path.samefile(typed, plain))
    return os.path.realpath(typed) if above_link else plain


def _name(folder: bytes, roots: list[Root]) -> tuple[Root | None, bytes]:
    """The known root that `folder` is or lies in (None: it is new), and the folder under that root's name."""
    around = [root for root in roots if under(folder, root.path)]
    if around:
        root = max(around, key=lambda root: len(root.path))
        return root, folder if os.path.isdir(folder) else root.path
    if not os.path.exists(folder):
        raise Unusable(f"There is no folder {shown(folder)}.")
    if not os.path.isdir(folder):
        raise Unusable(f"{shown(folder)} is a file; please give the folder that it lies in.")
    real = os.path.realpath(folder)
    for root in roots:
        if under(real, target := os.path.realpath(root.path)):
            return root, root.path + real[len(target.rstrip(_SEPARATOR)) :]
    return None, folder


def _outermost(live: list[Place]) -> list[Place]:
    """Without those that lie in another one."""
    kept: list[Place] = []
    for place in sorted(live, key=lambda place: len(place.folder)):
        if not any(under(place.folder, other.folder) for other in kept):
            kept.append(place)
    return kept
