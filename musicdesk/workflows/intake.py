"""Taking in what a scan found: reading tags, and telling files that have moved from those that are new."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from musicdesk.catalog.inventory import Kept
from musicdesk.core.errors import Cancelled
from musicdesk.core.killable import Fate, Pool
from musicdesk.core.progress import Monitor
from musicdesk.core.types import Found
from musicdesk.library.reader import BATCH, Read, read_all
from musicdesk.workflows.ledger import Ledger
from musicdesk.workflows.moves import Moves
from musicdesk.workflows.places import Places

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk

IDENTITY = "musicdesk.audio.listen:identity"
MEMORY = 2 << 30  # bytes of address space of a child that decodes


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A file whose identity is open. `kept` is the track at its path, `digest` the hash of its sound: None before it
    was listened to, '' when nothing could be heard."""

    read: Read
    kept: Kept | None = None
    digest: str | None = None


class Intake:
    def __init__(self, desk: Desk, where: Places, moves: Moves, monitor: Monitor) -> None:
        self.written = Ledger(desk, where)
        self._inventory = desk.catalog.inventory
        self._moves = moves
        self._monitor = monitor
        self._processes = desk.settings.processes or os.cpu_count() or 1
        self._done = 0
        self._total = 0

    @property
    def moved_from(self) -> set[bytes]:
        """Paths that tracks have left for others."""
        return self._moves.taken

    def run(self, changed: list[Found], new: list[Found]) -> None:
        """Takes in files at known paths (`changed`) and at others. Raises Cancelled, keeping what is done."""
        self._total = len(changed) + len(new)
        try:
            replaced = self._renew(changed)
            self._take(new, replaced)
        except Cancelled:
            self.written.write()
            raise
        self.written.write()

    def _renew(self, changed: list[Found]) -> list[_Candidate]:
        """Files that were changed in place. Returns those that are perhaps not the same recording any more."""
        unheard: list[_Candidate] = []
        doubtful: list[_Candidate] = []
        for read in self._read(changed):
            kept = self._inventory.kept(read.found.path)
            (doubtful if kept and kept.audio_hash else unheard).append(_Candidate(read, kept))
        replaced = list(unheard)
        for heard in self._listen(doubtful):
            assert heard.kept
            if heard.digest and heard.digest == heard.kept.audio_hash:
                self.written.renew(heard.kept, heard.read, same_sound=True)
            else:
                replaced.append(heard)
        for candidate in replaced:
            if candidate.kept:
                self._moves.displace(candidate.kept)
        return replaced

    def _take(self, new: list[Found], replaced: list[_Candidate]) -> None:
        """New files and those that have replaced others: moved ones first, since they free what they leave."""
        unmatched = self._heard_out([candidate for candidate in replaced if not self._matched(candidate)])
        doubtful: list[_Candidate] = []
        for read in self._read(new):
            candidate = _Candidate(read)
            if self._matched(candidate):
                continue
            if self._in_doubt(candidate) or self._moves.may_sound_like(read.found, read.tags.duration_s):
                doubtful.append(candidate)
            else:
                self.written.add(read)
        for heard in self._listen(doubtful):
            if not self._matched(heard):
                self.written.add(heard.read)
        for candidate in unmatched:
            kept = candidate.kept
            if kept is None or kept.path in self._moves.taken:
                self.written.add(candidate.read)
            else:
                self.written.renew(kept, candidate.read, same_sound=False)

    def _heard_out(self, candidates: list[_Candidate]) -> list[_Candidate]:
        """Those that are no lost track's file, also when the doubtful ones have been listened to."""
        doubtful = [candidate for candidate in candidates if self._in_doubt(candidate)]
        rest = [candidate for candidate in candidates if candidate not in doubtful]
        return rest + [heard for heard in self._listen(doubtful) if not self._matched(heard)]

    def _in_doubt(self, candidate: _Candidate) -> bool:
        return candidate.digest is None and self._moves.in_doubt(candidate.read.found, candidate.read.tags)

    def _matched(self, candidate: _Candidate) -> bool:
        """Whether the file is that of a lost track, which then has moved here."""
        read = candidate.read
        kept = self._moves.same_file(read.found, read.tags, candidate.digest)
        if kept is None and candidate.digest:
            kept = self._moves.same_sound(candidate.digest, read.found, read.tags.duration_s)
        if kept:
            self.written.move(kept, read)
        return kept is not None

    def _read(self, files: list[Found]) -> Iterator[Read]:
        if not files:
            return
        children = min(self._processes, -(-len(files) // BATCH))
        for read in read_all(files, children, self._monitor):
            yield read
            self._done += 1
            self._monitor.report(self._done, self._total, "Reading tags")

    def _listen(self, candidates: list[_Candidate]) -> Iterator[_Candidate]:
        """The candidates with the hash of their sound, which a decoder finds in a process of its own."""
        if not candidates:
            return
        requests = [{"number": i, "path": os.fsdecode(c.read.found.path)} for i, c in enumerate(candidates)]
        with Pool(IDENTITY, min(self._processes, len(candidates)), MEMORY) as pool:
            answers = pool.run(requests, lambda request: _deadline(candidates[request["number"]].read), self._monitor)
            for done, (request, answer) in enumerate(answers, 1):
                candidate = candidates[request["number"]]
                digest = str(answer.head.get("audio_hash") or "") if answer.fate is Fate.OK else ""
                yield _Candidate(candidate.read, candidate.kept, digest)
                self._monitor.report(done, len(candidates), "Recognising files by their sound")


def _deadline(read: Read) -> float:
    """Seconds that decoding may take: 20, and 0.2 for each minute of sound."""
    return 20.0 + 0.2 * (read.tags.duration_s or 0.0) / 60
