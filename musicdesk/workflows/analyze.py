"""Listening: every track that the encoder has not heard is decoded once, by killable children.

One decode gives embedding, descriptors, identity and waveform; they are committed together. Of the windows a few
are kept for models that hear, as long as there is room. There is no resume: the catalog is asked what is missing,
a batch is done and committed, and so on until nothing is.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from musicdesk.catalog.encoders import stage
from musicdesk.catalog.sound import Facts
from musicdesk.core.changes import Changes
from musicdesk.core.errors import Unusable
from musicdesk.core.killable import Answer, Fate
from musicdesk.core.progress import Monitor
from musicdesk.core.types import TrackId
from musicdesk.workflows.encoders import promote, to_listen
from musicdesk.workflows.exclusion import reapply
from musicdesk.workflows.grow import grow
from musicdesk.workflows.hearing import NOT_FINITE, Heard, Hearing
from musicdesk.workflows.windows import window_store

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk

T = TypeVar("T")
STAGE = "decode"
BATCH = 16  # tracks that go through the network, and into the catalog, together
AHEAD = 64  # attempts noted in one transaction


@dataclass(frozen=True)
class Analyzed:
    analyzed: int
    failed: int
    skipped: int  # failed before and unchanged since
    remaining: int
    audio_seconds: float  # length of the tracks that were listened to
    seconds: float
    device: str
    encoder: str = ""  # name of the one in use now
    placed: int = 0  # that found a place on the map that stands
    changes: Changes = field(default=Changes.EMBEDDINGS | Changes.TRACKS | Changes.FAILURES)


@dataclass(frozen=True)
class _Work:
    track: TrackId
    found: tuple[int, int]  # size, mtime_ns
    known: bool  # all but this encoder's embedding


def analyze(
    desk: Desk, monitor: Monitor, limit: int | None = None, encoder: str | None = None, edges: bool = False
) -> Analyzed:
    """Listens to what is missing, most-played first. Files that fail are counted, not raised.

    encoder: a name; None means the one in use, and after it the one that is to come, which is put to use when it has
             heard everything
    edges:   also what was heard before it was kept how tracks begin and end

    Raises Cancelled between batches, Unusable for an encoder that does not work.
    """
    begun = time.monotonic()
    desk.catalog.sound.try_late_again()
    desk.catalog.sound.try_opened_again()
    entries = [desk.entry(encoder)] if encoder else to_listen(desk) or [desk.entry()]
    runs: list[_Run] = []
    for entry in entries:
        left = None if limit is None else limit - sum(run.analyzed + run.failed for run in runs)
        if not runs or left is None or left > 0:
            runs.append(_Run(desk, Hearing(desk, entry), monitor, edges))
            runs[-1].listen(left)
    if any(run.described for run in runs):
        reapply(desk)  # listening has corrected lengths, and rules go by them
    changed = promote(desk)
    placed = grow(desk, monitor).placed if any(run.analyzed for run in runs) else 0
    counts = desk.catalog.sound.count(runs[-1].hearing.encoder_id)
    more = (changed.changes if changed else Changes.NOTHING) | (Changes.MAP if placed else Changes.NOTHING)
    return Analyzed(
        analyzed=sum(run.analyzed for run in runs),
        failed=sum(run.failed for run in runs),
        skipped=max(0, counts["failed"] - runs[-1].failed),
        remaining=counts["waiting"],
        audio_seconds=sum(run.audio_s for run in runs),
        seconds=time.monotonic() - begun,
        device=runs[-1].hearing.device,
        encoder=desk.entry().name,
        placed=placed,
        changes=Changes.EMBEDDINGS | Changes.TRACKS | Changes.FAILURES | more,
    )


class _Run:
    """One encoder's run over what is waiting for it."""

    def __init__(self, desk: Desk, hearing: Hearing, monitor: Monitor, edges: bool) -> None:
        if edges and not hearing.tells_edges:
            raise Unusable(f"The encoder '{hearing.card.name}' does not tell how tracks begin and end.")
        self._sound = desk.catalog.sound
        self._edges = desk.catalog.edges
        self._existing = desk.catalog.tracks.existing
        self._again = edges
        self._write = desk.catalog.write
        self._checkpoint = desk.catalog.store.checkpoint
        self.hearing = hearing
        self._encoder = hearing.encoder_id
        self._windows = window_store(desk)
        self._monitor = monitor
        self._processes = desk.settings.processes or os.cpu_count() or 1
        self._described = self._sound.described()
        self._at_work: dict[int, _Work] = {}
        self._heard: list[tuple[_Work, Answer]] = []
        self._total = 0
        self.analyzed = self.failed = self.described = 0
        self.audio_s = 0.0

    def listen(self, limit: int | None) -> None:
        """Two rounds: what crashed once is tried once more, after everything else."""
        left = limit
        with self.hearing.pool(self._processes) as pool:
            for _round in range(2):
                waiting = self._sound.waiting(self._encoder, left, self._again)
                self._total = self.analyzed + self.failed + len(waiting)
                for request, answer in pool.run(self._requests(waiting), self.hearing.deadline, self._monitor):
                    self._take(self._at_work.pop(request["track"]), answer, request["path"])
                self._flush()
                left = None if limit is None else limit - self.analyzed - self.failed
                if left is not None and left <= 0:
                    break

    def _requests(self, waiting: list[Any]) -> Iterator[dict[str, Any]]:
        for start in range(0, len(waiting), AHEAD):
            with self._write():
                part = self._known(waiting[start : start + AHEAD], lambda row: row[0])
                work = {row[0]: _Work(row[0], (row[2], row[3]), row[0] in self._described) for row in part}
                for each in work.values():
                    self._sound.attempt(each.track, self._stage(each), *each.found)
            for track, path, _size, _mtime_ns, duration in part:
                self._at_work[track] = work[track]
                request = self.hearing.request(path, work[track].known)
                yield {**request, "duration_s": duration, "track": track}

    def _known(self, some: list[T], track_of: Callable[[T], TrackId]) -> list[T]:
        """`some` without tracks of a folder that was forgotten meanwhile; asked in the transaction that writes."""
        there = self._existing(track_of(one) for one in some)
        known = [one for one in some if track_of(one) in there]
        self._total -= len(some) - len(known)
        return known

    def _stage(self, work: _Work) -> str:
        """Where a failure is noted: a track that is known can be heard, if not by this encoder."""
        return stage(self._encoder) if work.known else STAGE

    def _take(self, work: _Work, answer: Answer, path: str) -> None:
        if answer.fate is Fate.OK:
            self._heard.append((work, answer))
            if len(self._heard) >= BATCH:
                self._flush()
        elif not os.path.exists(path):  # a drive that was unplugged: no fault of the file, which waits
            self._sound.clear_failure(work.track, self._stage(work))
        else:
            with self._write():
                for each in self._known([work], lambda work: work.track):
                    self._fail(each, answer)
        self._report()

    def _fail(self, work: _Work, answer: Answer) -> None:
        crashed = answer.fate in (Fate.CRASH, Fate.HANG)
        where = stage(self._encoder) if answer.kind == "Unusable" else self._stage(work)
        if self._sound.fail(work.track, where, answer.text, work.found, crashed):
            self.failed += 1

    def _flush(self) -> None:
        """Through the network and into the catalog: one transaction for the batch."""
        if not self._heard:
            return
        batch, self._heard = self._heard, []
        heard = self.hearing.heard([answer for _work, answer in batch])
        with self._write():
            pairs = list(zip(batch, heard, strict=True))
            for (work, answer), found in self._known(pairs, lambda pair: pair[0][0].track):
                if isinstance(found, str):
                    self.failed += 1
                    where = "sound" if found == NOT_FINITE and not work.known else stage(self._encoder)
                    self._sound.fail(work.track, where, found, work.found)
                else:
                    self._keep(work, answer, found)
        self._windows.commit()
        self._checkpoint()
        self._report()

    def _keep(self, work: _Work, answer: Answer, heard: Heard) -> None:
        head = answer.head
        self.analyzed += 1
        if "mel" in answer.arrays:
            self._windows.put(work.track, head["audio_hash"], answer.arrays["mel"])
        if heard.edges is not None:
            self._edges.save(work.track, self._encoder, heard.edges)
        if work.known:
            self._sound.save_vector(work.track, self._encoder, heard.vector)
            self._sound.clear_failure(work.track, stage(self._encoder))
            return
        facts = Facts(**{name: head[name] for name in Facts.__slots__})
        waveform = (answer.arrays["waveform"], bool(head["waveform_exact"]))
        descriptors = answer.arrays["descriptors"]
        self._sound.save(
            *(work.track, self._encoder, heard.vector, descriptors, facts),
            *(head["audio_hash"], waveform, head["duration_s"]),
        )
        self.described += 1
        self.audio_s += head["duration_s"]

    def _report(self) -> None:
        done = self.analyzed + self.failed + len(self._heard)
        again = f" with '{self.hearing.card.name}'" if self._described else ""
        self._monitor.report(done, self._total, f"Listening to your music{again}")
