"""Listening: every track that the encoder has not heard is decoded once, by killable children.

One decode gives embedding, descriptors, identity and waveform; they are committed together. Of the windows a few
are kept for models that hear, as long as there is room. There is no resume: the catalog is asked what is missing,
a batch is done and committed, and so on until nothing is.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from musicdesk.audio.contract import MEMORY_BYTES, deadline_s
from musicdesk.catalog.sound import Facts
from musicdesk.core.changes import Changes
from musicdesk.core.errors import MusicdeskError
from musicdesk.core.killable import Answer, Fate, Pool
from musicdesk.core.progress import Monitor
from musicdesk.core.types import TrackId
from musicdesk.workflows.exclusion import reapply
from musicdesk.workflows.windows import window_store

if TYPE_CHECKING:
    from musicdesk.encoders.embed import Embedder
    from musicdesk.workflows.desk import Desk

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
    changes: Changes = field(default=Changes.EMBEDDINGS | Changes.TRACKS | Changes.FAILURES)


@dataclass(frozen=True)
class _Work:
    track: TrackId
    found: tuple[int, int]  # size, mtime_ns


def analyze(desk: Desk, monitor: Monitor, limit: int | None = None, encoder: str | None = None) -> Analyzed:
    """Listens to what is missing, most-played first. Files that fail are counted, not raised.

    `encoder` is a name from `models/`; None means the one in use. Raises Cancelled between batches.
    """
    from musicdesk.encoders.embed import Embedder
    from musicdesk.encoders.weights import available, load
    from musicdesk.learning.device import choose

    begun = time.monotonic()
    card = desk.card(encoder)
    embedder = Embedder(load(available(desk.encoder_folders)[card.name], card.name), choose(desk.device), threads=1)
    run = _Run(desk, card.encoder_id, embedder, monitor)
    run.listen(limit)
    if run.analyzed:
        reapply(desk)  # listening has corrected lengths, and rules go by them
    counts = desk.catalog.sound.count(card.encoder_id)
    return Analyzed(
        analyzed=run.analyzed,
        failed=run.failed,
        skipped=counts["failed"] - run.failed,
        remaining=counts["waiting"],
        audio_seconds=run.audio_s,
        seconds=time.monotonic() - begun,
        device=str(embedder.device),
    )


class _Run:
    """One run over what is waiting."""

    def __init__(self, desk: Desk, encoder: str, embedder: Embedder, monitor: Monitor) -> None:
        self._sound = desk.catalog.sound
        self._write = desk.catalog.write
        self._checkpoint = desk.catalog.store.checkpoint
        self._encoder = encoder
        self._embedder = embedder
        self._windows = window_store(desk)
        self._monitor = monitor
        self._processes = desk.settings.processes or os.cpu_count() or 1
        self._at_work: dict[int, _Work] = {}
        self._heard: list[tuple[_Work, Answer]] = []
        self._total = 0
        self.analyzed = self.failed = 0
        self.audio_s = 0.0

    def listen(self, limit: int | None) -> None:
        """Two rounds: what crashed once is tried once more, after everything else."""
        left = limit
        with Pool("musicdesk.audio.listen:listen", self._processes, MEMORY_BYTES) as pool:
            for _round in range(2):
                waiting = self._sound.waiting(self._encoder, left)
                self._total = self.analyzed + self.failed + len(waiting)
                for request, answer in pool.run(self._requests(waiting), _deadline, self._monitor):
                    self._take(self._at_work.pop(request["track"]), answer)
                self._flush()
                left = None if limit is None else limit - self.analyzed - self.failed
                if left is not None and left <= 0:
                    break

    def _requests(self, waiting: list[Any]) -> Iterator[dict[str, Any]]:
        for start in range(0, len(waiting), AHEAD):
            part = waiting[start : start + AHEAD]
            with self._write():
                for track, _path, size, mtime_ns, _duration in part:
                    self._sound.attempt(track, STAGE, size, mtime_ns)
            for track, path, size, mtime_ns, duration in part:
                self._at_work[track] = _Work(track, (size, mtime_ns))
                yield {"path": os.fsdecode(path), "duration_s": duration, "track": track}

    def _take(self, work: _Work, answer: Answer) -> None:
        if answer.fate is Fate.OK:
            self._heard.append((work, answer))
            if len(self._heard) >= BATCH:
                self._flush()
        else:
            crashed = answer.fate in (Fate.CRASH, Fate.HANG)
            if self._sound.fail(work.track, STAGE, answer.text, work.found, crashed):
                self.failed += 1
        self._report()

    def _flush(self) -> None:
        """Through the network and into the catalog: one transaction for the batch."""
        if not self._heard:
            return
        batch, self._heard = self._heard, []
        vectors = self._embed([answer.arrays["mel"] for _work, answer in batch])
        with self._write():
            for (work, answer), vector in zip(batch, vectors, strict=True):
                if vector is None:
                    self.failed += 1
                    self._sound.fail(work.track, "sound", "The sound holds numbers that are not finite.", work.found)
                else:
                    self._keep(work, answer, vector)
        self._windows.commit()
        self._checkpoint()
        self._report()

    def _embed(self, pictures: list[np.ndarray]) -> list[np.ndarray | None]:
        """One vector per track, None where there can be none.

        On the processor each track goes alone: it costs nothing there, and makes a vector the same to
        the last bit whatever else was in its batch, also after a crash and a second start.
        """
        if self._embedder.device.type == "cpu":
            return [self._alone(picture) for picture in pictures]
        try:
            return list(self._embedder.embed(pictures))
        except MusicdeskError:
            return [self._alone(picture) for picture in pictures]

    def _alone(self, picture: np.ndarray) -> np.ndarray | None:
        try:
            vector: np.ndarray = self._embedder.embed([picture])[0]
        except MusicdeskError:
            return None
        return vector

    def _keep(self, work: _Work, answer: Answer, vector: Any) -> None:
        head = answer.head
        facts = Facts(**{name: head[name] for name in Facts.__slots__})
        waveform = (answer.arrays["waveform"], bool(head["waveform_exact"]))
        descriptors = answer.arrays["descriptors"]
        self._sound.save(
            work.track, self._encoder, vector, descriptors, facts, head["audio_hash"], waveform, head["duration_s"]
        )
        self._windows.put(work.track, head["audio_hash"], answer.arrays["mel"])
        self.analyzed += 1
        self.audio_s += head["duration_s"]

    def _report(self) -> None:
        done = self.analyzed + self.failed + len(self._heard)
        self._monitor.report(done, self._total, "Listening to your music")


def _deadline(request: dict[str, Any]) -> float:
    return deadline_s(request["duration_s"])
