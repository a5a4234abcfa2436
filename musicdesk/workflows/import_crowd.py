"""Importing a crowd: plays of many people into one matrix, names of songs beside it."""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from musicdesk.catalog.crowds import CrowdRow, TitleRow
from musicdesk.core.errors import CatalogDamaged, Unusable
from musicdesk.core.progress import Monitor
from musicdesk.core.wording import clean
from musicdesk.history.base import Account, Refused
from musicdesk.history.crowd import Coded, Crowd, crowd_of, load, merged, save
from musicdesk.history.crowd_formats import CrowdFormat
from musicdesk.history.crowd_names import Title, Titles
from musicdesk.history.matching import keys
from musicdesk.history.sources import Opened
from musicdesk.workflows.crowd_words import Telling, put_words

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
        """Each file (each group of files that are read together) is whole in the catalog or not at all."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._listens.mark_stopped()
        sweep(self.desk)
        parts = _grouped(files)
        for done, (sources, form) in enumerate(parts):
            self.monitor.check()
            self.monitor.report(done, len(parts), f"Reading {form.title}")
            account = Account()
            if form.plays:
                coded, titles = form.plays(sources[0], account)
                self.monitor.check()
                with self.desk.catalog.write():
                    crowd = self._crowds.make(self.name)
                    self._put(crowd, crowd_of(coded), account)
                    self._crowds.name_songs(crowd.id, map(_row, titles))
                    self._note(crowd, form, sources, account)
            elif form.pairs:
                coded = form.pairs(sources[0], account)
                self.monitor.check()
                with self.desk.catalog.write():
                    crowd = self._crowds.make(self.name)
                    self._say(crowd, form, coded, account)
                    self._note(crowd, form, sources, account)
            else:
                self._name(form, sources, account)
            sweep(self.desk)
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
        try:
            (self._folder / folder).mkdir(mode=0o700, exist_ok=True)
            save(whole, self._folder / folder)
        except OSError as error:  # NumPy tells how much was written, not why no more was
            raise Unusable(f"The plays of the crowd could not be written; is the disk full? ({error})") from error
        songs = [name.decode() for name in whole.songs.tolist()]
        counts = (len(whole.listeners), whole.pairs, int(whole.plays.sum(dtype=np.int64)))
        self._crowds.put(crowd.id, folder, digest, counts, songs)
        self._matrix = whole

    def _old(self, crowd: CrowdRow) -> Crowd | None:
        if self._matrix is None and crowd.folder:
            self._matrix = matrix(self.desk, crowd)
        return self._matrix

    def _say(self, crowd: CrowdRow, form: CrowdFormat, coded: Coded, account: Account) -> None:
        used = account.rows - sum(account.rejected.values())
        account.imported = put_words(self.desk, crowd, form.kind, crowd_of(coded))
        account.duplicates = used - account.imported

    def _name(self, form: CrowdFormat, sources: list[Opened], account: Account) -> None:
        items = form.group(sources, account) if form.group else self._titles(form, sources[0], account)
        with closing(items), self.desk.catalog.write():
            crowd = self._crowds.make(self.name)
            words = Telling(self.desk, crowd, form.kind)
            while batch := list(islice(items, BATCH)):
                self.monitor.check()
                account.rows += len(batch)
                for item in batch:
                    if isinstance(item, Refused):
                        account.refuse(item)
                        continue
                    row = _row(item) if item.names else None
                    new = self._crowds.tell(crowd.id, row, item.name, item.tracks)
                    new |= words.add(item.name, item.words)
                    account.imported += new
                    account.duplicates += not new
            words.keep()
            self._note(crowd, form, sources, account)

    def _titles(self, form: CrowdFormat, source: Opened, account: Account) -> Titles:
        assert form.titles
        return form.titles(source, account)

    def _note(self, crowd: CrowdRow, form: CrowdFormat, sources: list[Opened], account: Account) -> None:
        more_of_them = f" and {len(sources) - 1:,} more" if len(sources) > 1 else ""
        number = self._listens.begin(form.name, clean(sources[0].name) + more_of_them, crowd=crowd.id)
        counts = (account.rows, account.imported, account.duplicates, sum(account.rejected.values()))
        more = {"rejected": account.rejected, "examples": account.examples, "notes": account.notes}
        self._listens.account(number, counts, more, finished=True)


def _grouped(files: list[tuple[Opened, CrowdFormat]]) -> list[tuple[list[Opened], CrowdFormat]]:
    """Files one by one, but those of a format that is read as a group together, where the first of them is."""
    parts: list[tuple[list[Opened], CrowdFormat]] = []
    groups: dict[str, list[Opened]] = {}
    for source, form in files:
        if form.name in groups:
            groups[form.name].append(source)
            continue
        parts.append(([source], form))
        if form.group:
            groups[form.name] = parts[-1][0]
    return parts


def matrix(desk: Desk, crowd: CrowdRow) -> Crowd:
    """The crowd's plays. Raises CatalogDamaged when their file is gone or broken."""
    try:
        return load(desk.profile.folder / "crowds" / crowd.folder)
    except (OSError, ValueError) as error:
        raise CatalogDamaged(f"The plays of the crowd '{crowd.name}' are damaged; import them again.") from error


def sweep(desk: Desk) -> None:
    """Removes matrices that no crowd uses: what a killed import has left, and those replaced."""
    used = desk.catalog.crowds.folders()
    place = desk.profile.folder / "crowds"
    for folder in place.iterdir() if place.is_dir() else ():
        if folder.name not in used:
            shutil.rmtree(folder) if folder.is_dir() else Path(folder).unlink()


def _row(title: Title) -> TitleRow:
    key = _key(title.artist, title.title)
    return TitleRow(title.name, title.artist, title.title, key, title.wrong, title.album, title.year, title.length_ms)


def _key(artist: str, title: str) -> str:
    by, called = keys(artist, title)
    return f"{by}|{called}" if by and called else ""
