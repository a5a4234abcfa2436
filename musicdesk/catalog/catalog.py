"""The catalog: one object with a part for each kind of fact."""

from __future__ import annotations

from pathlib import Path

from musicdesk.catalog.axes import Axes
from musicdesk.catalog.browse import Browse
from musicdesk.catalog.connection import Store, open_store
from musicdesk.catalog.crowds import Crowds
from musicdesk.catalog.duels import Duels
from musicdesk.catalog.edges import EdgeTable
from musicdesk.catalog.encoders import Encoders
from musicdesk.catalog.fates import Fates
from musicdesk.catalog.feedback import Feedback
from musicdesk.catalog.golden import Golden
from musicdesk.catalog.history import History
from musicdesk.catalog.inventory import Inventory
from musicdesk.catalog.jobs import Jobs
from musicdesk.catalog.layouts import Layouts
from musicdesk.catalog.listens import Listens
from musicdesk.catalog.matches import Matches
from musicdesk.catalog.measures import Measures
from musicdesk.catalog.playlists import Playlists
from musicdesk.catalog.roots import Roots
from musicdesk.catalog.runs import Runs
from musicdesk.catalog.sound import Sound
from musicdesk.catalog.tracks import Tracks


class Catalog:
    """Open with `Catalog.open(path)`, close when done; use from the thread that opened it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.write = store.write
        self.roots = Roots(store)
        self.tracks = Tracks(store)
        self.inventory = Inventory(store)
        self.browse = Browse(store)
        self.sound = Sound(store)
        self.edges = EdgeTable(store)
        self.encoders = Encoders(store)
        self.feedback = Feedback(store)
        self.layouts = Layouts(store)
        self.measures = Measures(store)
        self.runs = Runs(store)
        self.playlists = Playlists(store)
        self.duels = Duels(store)
        self.fates = Fates(store)
        self.golden = Golden(store)
        self.axes = Axes(store)
        self.jobs = Jobs(store)
        self.listens = Listens(store)
        self.crowds = Crowds(store)
        self.matches = Matches(store)
        self.history = History(store.conn)

    @classmethod
    def open(cls, path: Path) -> Catalog:
        return cls(open_store(path))

    def close(self) -> None:
        self.store.close()
