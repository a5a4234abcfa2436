"""Where a scan looks: folders a person names, sorted into the library's roots, live or not there."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from musicdesk.catalog.catalog import Catalog
from musicdesk.catalog.roots import Root
from musicdesk.core.errors import Unusable
from musicdesk.core.paths import shown, under
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

    `roots` are all that are known.
    """

    live: list[Place] = field(default_factory=list)
    gone: list[bytes] = field(default_factory=list)
    roots: list[Root] = field(default_factory=list)

    def root_of(self, path: bytes) -> Root | None:
        """The root that a walked file belongs to: of folders that lie in one another the innermost. None when it was
        forgotten since."""
        around = [root for root in self.roots if under(path, root.path)]
        return max(around, key=lambda root: len(root.path), default=None)

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
    named = [_name(folder, roots) for folder in folders] if folders else [(root, root.path) for root in roots]
    found = Places(roots=roots)
    for root, folder in named:
        if os.path.isdir(folder):
            if root is None:
                root = Root(catalog.roots.add(folder), folder, True, None)
                roots.append(root)
            found.live.append(Place(root.id, folder))
        elif root is not None:
            found.gone.append(folder)
    found.live = _outermost(found.live)
    # A stick that was mounted inside another root and is a root of its own.
    found.gone += [root.path for root in roots if not os.path.isdir(root.path) and found.covers(root.path)]
    found.gone = sorted(set(found.gone))
    return found


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
