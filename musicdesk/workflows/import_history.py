"""Importing histories: every row of every file is imported, known already, or refused with a reason."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from musicdesk.catalog.listens import Listen, Mentioned
from musicdesk.catalog.songs import SongBook
from musicdesk.core.changes import Changes
from musicdesk.core.errors import Cancelled, NotReady, Unusable
from musicdesk.core.progress import Brief, Monitor
from musicdesk.core.registry import Registry
from musicdesk.core.wording import clean
from musicdesk.history.base import Account, Format, Item, Mention, Play, Refused
from musicdesk.history.crowd_formats import CROWD_FORMATS, CrowdFormat, crowd_format_of
from musicdesk.history.formats import FORMATS, format_of
from musicdesk.history.matching import keys
from musicdesk.history.sources import Opened, SourceFault, Sources
from musicdesk.history.text import head_of
from musicdesk.workflows.crowd_songs import owned
from musicdesk.workflows.import_crowd import CrowdImport
from musicdesk.workflows.match import match

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk

BATCH = 5_000  # rows that are committed together
ME = "me"
WAITS_S = 1.0  # who has cancelled does not wait longer for what came to be matched
SHOWN_OTHERS = 10
NOTHING = ("", "[]", "{}")  # what stands in a file of which nothing is to be imported
LONGEST_NAME = 100  # of a listener or a crowd


@dataclass(frozen=True)
class Imported:
    """rows = imported + duplicates + sum(rejected.values())"""

    format: str
    files: int
    rows: int
    imported: int
    duplicates: int
    rejected: dict[str, int]
    examples: dict[str, list[str]]  # the first 20 refused rows per reason
    notes: list[str]
    songs: int  # distinct ones in these files
    matched: int
    ambiguous: int
    not_owned: int
    listener: str = ME
    crowd: str = ""
    seconds: float = 0.0
    changes: Changes = field(default=Changes.LISTENS | Changes.FEEDBACK)


@dataclass(frozen=True)
class Stream:
    """One source of one person's history: a file, or what a service has answered."""

    name: str  # as it is shown
    kind: str  # the format's name
    read: Callable[[Account], Iterator[Item]]


def import_history(
    desk: Desk, paths: list[Path], monitor: Monitor, form: str = "", listener: str = ME, crowd: str = ""
) -> Imported:
    """Imports what `paths` (files, folders, ZIPs) hold. Nothing is written when no format is recognised.

    raises: NotFound, Unusable, Cancelled between batches with what came before kept
    """
    begun = time.monotonic()
    if not paths:
        raise NotReady("Name the files, folders or ZIPs to import.")
    listener, crowd = _named(listener) or ME, _named(crowd)
    if crowd.replace("-", "", 1).isdecimal():  # 5-9 are imports too
        raise Unusable("Give the crowd a name that is no number; numbers are those of imports.")
    with Sources(paths) as found:
        chosen, crowds = _recognised(found, form)
        if crowds or crowd:
            if chosen:
                raise Unusable(f"{clean(chosen[0][0].name)} is one person's history, no crowd; import it apart.")
            if desk.catalog.listens.known_as(listener) != ME:
                raise Unusable(f"{clean(crowds[0][0].name)} is many people's plays; import it without a listener.")
            return _crowd(desk, crowds, crowd or crowds[0][1].family, found.notes, monitor)
        streams = [Stream(clean(source.name), form.name, partial(form.read, source)) for source, form in chosen]
        return take_in(desk, streams, monitor, listener, found.notes, begun)


def take_in(
    desk: Desk,
    streams: list[Stream],
    monitor: Monitor,
    listener: str = ME,
    notes: Sequence[str] = (),
    begun: float | None = None,
) -> Imported:
    """Keeps what the streams of one person's history give, matches it, and tells the account of all.

    raises: Cancelled between batches with what came before kept
    """
    begun = time.monotonic() if begun is None else begun
    listener = desk.catalog.listens.known_as(clean(listener) or ME)
    run = _Run(desk, listener, monitor)
    run.total.notes += notes
    try:
        for stream in streams:
            run.take(stream)
    except Cancelled:
        _keep_what_came(desk)
        raise
    match(desk, monitor)
    desk.catalog.listens.settle()
    states = desk.catalog.matches.states(run.songs)
    return Imported(
        format=", ".join(sorted({stream.kind for stream in streams})),
        files=len(streams),
        songs=len(run.songs),
        matched=states["matched"],
        ambiguous=states["ambiguous"],
        not_owned=states["unmatched"] + states["never"],
        listener=listener,
        seconds=time.monotonic() - begun,
        **_told(run.total),
    )


def _keep_what_came(desk: Desk) -> None:
    """Matches what came before an import was cancelled, as far as that is quickly done; the next job does the rest."""
    with suppress(Cancelled):
        mend(desk, Brief(WAITS_S))


def mend(desk: Desk, monitor: Monitor) -> None:
    """What came of imports that were cancelled or killed is matched and counted. Raises Cancelled between batches."""
    desk.catalog.listens.mark_stopped()
    match(desk, monitor)
    desk.catalog.listens.settle()


def _crowd(
    desk: Desk, files: list[tuple[Opened, CrowdFormat]], name: str, notes: list[str], monitor: Monitor
) -> Imported:
    begun = time.monotonic()
    work = CrowdImport(desk, name, monitor)
    work.total.notes += notes
    work.run(files)
    made = desk.catalog.crowds.get(name)
    matched = int((owned(desk, made) >= 0).sum())
    return Imported(
        format=", ".join(sorted({form.name for _source, form in files})),
        files=len(files),
        songs=made.songs,
        matched=matched,
        ambiguous=0,
        not_owned=made.songs - matched,
        listener="",
        crowd=name,
        seconds=time.monotonic() - begun,
        **_told(work.total),
    )


def _named(name: str) -> str:
    name = clean(name)
    if len(name) > LONGEST_NAME:
        raise Unusable(f"'{name[:20]}...' is too long for a name; {LONGEST_NAME} characters are the most.")
    return name


def _told(account: Account) -> dict[str, Any]:
    names = ("rows", "imported", "duplicates", "rejected", "examples", "notes")
    return {name: getattr(account, name) for name in names}


def _recognised(found: Sources, form: str) -> tuple[list[tuple[Opened, Format]], list[tuple[Opened, CrowdFormat]]]:
    """The sources with their formats, those of persons and those of crowds.

    Raises Unusable when there is none, NotFound for a format unknown.
    """
    forced = _formats()[form] if form else None
    persons: list[tuple[Opened, Format]] = []
    crowds: list[tuple[Opened, CrowdFormat]] = []
    others: list[str] = []
    for source in found.found:
        try:
            head = head_of(source)
        except SourceFault as fault:
            found.notes.append(str(fault))
            continue
        its_format = forced or crowd_format_of(head) or format_of(head)
        empty = "".join(head.text.split()) in NOTHING
        if its_format is None or empty:
            others.append(f"{clean(source.name)} is {'empty' if empty else 'no history'}.")
        elif isinstance(its_format, CrowdFormat):
            crowds.append((source, its_format))
        else:
            persons.append((source, its_format))
    if not persons and not crowds:
        raise Unusable(_nothing(found.notes, others))
    found.notes += others if len(others) <= SHOWN_OTHERS else [f"{len(others):,} other files are no histories."]
    return persons, crowds


def _formats() -> Registry[Format | CrowdFormat]:
    both: Registry[Format | CrowdFormat] = Registry(FORMATS.kind)
    for name, form in FORMATS.items():
        both.add(name, form)
    for name, crowd in CROWD_FORMATS.items():
        both.add(name, crowd)
    return both


def _nothing(faults: list[str], others: list[str]) -> str:
    """Why there is nothing to import, in one line."""
    if faults and not others:
        return f"Nothing was imported: {faults[0]}"
    if all(text.endswith("is empty.") for text in others):
        return "There is nothing in it; nothing was imported."
    named = f" {others[0]}" if len(others) == 1 else f" None of the {len(others):,} files is one."
    known = ", ".join([*FORMATS, *CROWD_FORMATS])
    return f"No history was recognised; nothing was imported.{named} Known formats are {known}."


class _Run:
    """One import: its files one after the other, a batch per transaction, the account in the same one."""

    def __init__(self, desk: Desk, listener: str, monitor: Monitor) -> None:
        self._listens = desk.catalog.listens
        self._write = desk.catalog.write
        self._checkpoint = desk.catalog.store.checkpoint
        self._book = SongBook(desk.catalog.store, keys)
        self._monitor = monitor
        self._listener_name = listener
        self.total = Account()
        self.songs: set[int] = set()
        self._first = 0  # number of the first file, by which those that came with it are known
        self._listens.mark_stopped()

    def take(self, stream: Stream) -> None:
        account = Account()
        ordinals = _Ordinals()
        with self._write():
            listener = self._listens.listener(self._listener_name)
            number = self._listens.begin(stream.kind, stream.name, listener)
        self._first = self._first or number
        items = stream.read(account)
        done = self.total.rows
        more = True
        while more:
            self._monitor.check()
            batch = list(islice(items, BATCH))
            more = len(batch) == BATCH
            with self._write():
                self._keep(batch, stream.kind, listener, number, ordinals, account)
                self._note(number, account, finished=not more)
            self._checkpoint()
            self._monitor.report(done + account.rows, None, "Reading the history")
        self.total.add(account)

    def _note(self, number: int, account: Account, finished: bool) -> None:
        counts = (account.rows, account.imported, account.duplicates, sum(account.rejected.values()))
        more: dict[str, Any] = {"rejected": account.rejected, "examples": account.examples, "notes": account.notes}
        more["came"] = self._first
        self._listens.account(number, counts, more, finished)

    def _keep(
        self, batch: list[Item], kind: str, listener: int, number: int, ordinals: _Ordinals, account: Account
    ) -> None:
        listens: list[Listen] = []
        mentions: list[Mentioned] = []
        for item in batch:
            if isinstance(item, Refused):
                account.refuse(item)
                continue
            song = self._book.song(item.artist, item.title, item.album, item.uri, item.length_ms)
            self.songs.add(song)
            if isinstance(item, Play):
                listens.append(_listen(item, song, ordinals))
            else:
                mentions.append(_mentioned(item, song))
        new = self._listens.add(listener, number, kind, listens)
        new += self._listens.mention(listener, number, kind, mentions)
        account.rows += len(batch)
        account.imported += new
        account.duplicates += len(listens) + len(mentions) - new


class _Ordinals:
    """Numbers the rows of one file that are the same in every part: 0, 1, 2 ..."""

    def __init__(self) -> None:
        self._seen: set[int] = set()  # hashes, to hold a million rows in little room
        self._again: dict[tuple[int, int, int], int] = {}

    def next(self, at: int, song: int, ms: int) -> int:
        row = (at, song, ms)
        mark = hash(row)
        if mark not in self._seen:
            self._seen.add(mark)
            return 0
        self._again[row] = self._again.get(row, 0) + 1
        return self._again[row]


def _listen(play: Play, song: int, ordinals: _Ordinals) -> Listen:
    ms = -1 if play.ms is None else play.ms
    ordinal = ordinals.next(play.at, song, ms)
    return Listen(song, play.at, ms, ordinal, play.at_text, play.skipped)


def _mentioned(mention: Mention, song: int) -> Mentioned:
    return Mentioned(song, mention.verb, mention.name, mention.plays, mention.at, mention.at_text)
