"""Importing a crowd: plays of many people into one matrix, names of songs beside it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from musicdesk.catalog.crowds import CrowdRow, TitleRow
from musicdesk.core.errors import CatalogDamaged
from musicdesk.core.progress import Monitor
from musicdesk.core.wording import clean
from musicdesk.history.base import Account, Refused
from musicdesk.history.crowd import Crowd, crowd_of, load, merged, save
from musicdesk.history.crowd_formats import CrowdFormat, Title
from musicdesk.history.matching import keys
from musicdesk.history.sources import Opened

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk

BATCH = 10_000  # titles that are committed together


@dataclass
class CrowdImport:
    """One import into the crowd `name`; `total` is the account of all its files."""

    desk: Desk
    name: str
    monitor: Monitor
    total: Account = field(default_factory=Account)

    def __post_init__(self) -> None:
        self._crowds = self.desk.catalog.crowds
        self._listens = self.desk.catalog.listens
        self._folder = self.desk.profile.folder / "crowds"
        self._matrix: Crowd | None = None

    def run(self, files: list[tuple[Opened, CrowdFormat]]) -> None:
        """Each file is whole in the catalog or not at all."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._listens.mark_stopped()
        sweep(self.desk)
        for done, (source, form) in enumerate(files):
            self.monitor.check()
            self.monitor.report(done, len(files), f"Reading {form.title}")
            account = Account()
            crowd = self._crowds.make(self.name)
            if form.plays:
                coded, titles = form.plays(source, account)
                self.monitor.check()
                with self.desk.catalog.write():
                    self._put(crowd, crowd_of(coded), account)
                    self._crowds.name_songs(crowd.id, map(_row, titles))
                    self._note(crowd, form, source, account)
                sweep(self.desk)
            else:
                self._name(crowd, form, source, account)
            self.desk.catalog.store.checkpoint()
            self.total.add(account)
        with self.desk.catalog.write():
            crowd = self._crowds.get(self.name)
            late = self._crowds.unkeyed(crowd.id)
            self._crowds.refresh_keys(crowd.id, ((_key(artist, title), name) for name, artist, title in late))

    def _put(self, crowd: CrowdRow, new: Crowd, account: Account) -> None:
        used = account.rows - sum(account.rejected.values())
        old = self._old(crowd)
        whole, fresh = merged(old, new) if old else (new, new.pairs)
        account.imported, account.duplicates = fresh, used - fresh
        if not fresh:
            return
        digest = whole.digest()
        folder = f"{crowd.id}-{digest[:16]}"
        (self._folder / folder).mkdir(mode=0o700, exist_ok=True)
        save(whole, self._folder / folder)
        songs = [name.decode() for name in whole.songs.tolist()]
        counts = (len(whole.listeners), whole.pairs, int(whole.plays.sum(dtype=np.int64)))
        self._crowds.put(crowd.id, folder, digest, counts, songs)
        self._matrix = whole

    def _old(self, crowd: CrowdRow) -> Crowd | None:
        if self._matrix is None and crowd.folder:
            self._matrix = matrix(self.desk, crowd)
        return self._matrix

    def _name(self, crowd: CrowdRow, form: CrowdFormat, source: Opened, account: Account) -> None:
        assert form.titles
        items = form.titles(source, account)
        with self.desk.catalog.write():
            while batch := list(islice(items, BATCH)):
                self.monitor.check()
                titles = [item for item in batch if isinstance(item, Title)]
                for item in batch:
                    if isinstance(item, Refused):
                        account.refuse(item)
                new = self._crowds.name_songs(crowd.id, map(_row, titles))
                account.rows += len(batch)
                account.imported += new
                account.duplicates += len(titles) - new
            self._note(crowd, form, source, account)

    def _note(self, crowd: CrowdRow, form: CrowdFormat, source: Opened, account: Account) -> None:
        number = self._listens.begin(form.name, clean(source.name), crowd=crowd.id)
        counts = (account.rows, account.imported, account.duplicates, sum(account.rejected.values()))
        more = {"rejected": account.rejected, "examples": account.examples, "notes": account.notes}
        self._listens.account(number, counts, more, finished=True)


def matrix(desk: Desk, crowd: CrowdRow) -> Crowd:
    """The crowd's plays. Raises CatalogDamaged when their file is gone or broken."""
    try:
        return load(desk.profile.folder / "crowds" / crowd.folder)
    except (OSError, ValueError) as error:
        raise CatalogDamaged(f"The plays of the crowd '{crowd.name}' are damaged; import them again.") from error


def sweep(desk: Desk) -> None:
    """Removes matrices that no crowd uses: what a killed import has left, and those replaced."""
    used = {crowd.folder for crowd in desk.catalog.crowds.all()}
    place = desk.profile.folder / "crowds"
    for folder in place.iterdir() if place.is_dir() else ():
        if folder.name not in used:
            shutil.rmtree(folder) if folder.is_dir() else Path(folder).unlink()


def _row(title: Title) -> TitleRow:
    return title.name, title.artist, title.title, _key(title.artist, title.title), title.wrong


def _key(artist: str, title: str) -> str:
    by, called = keys(artist, title)
    return f"{by}|{called}" if by and called else ""
