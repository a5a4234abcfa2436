"""Hear why: of two tracks the two stretches of six seconds that are most alike, to be played one after the other.

By the encoder that comes with the program, whichever is in use: it hears the windows that analysis keeps.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from musicdesk.audio.contract import MEMORY_BYTES, deadline_s
from musicdesk.core.changes import Changes
from musicdesk.core.errors import SoundError, Unusable
from musicdesk.core.files import replacing
from musicdesk.core.killable import Fate, Pool
from musicdesk.core.progress import Monitor
from musicdesk.core.types import Track, TrackId

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk

SPAN_S = 6.0  # two windows of the encoder that follow each other
WINDOW_S = 3.02
KEPT = 4_000  # tracks whose spans are kept, 6 KB each
NEAR_S = 0.1  # two windows that are no further apart than this follow each other


@dataclass(frozen=True)
class Span:
    track: int
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Heard:
    """alike: cosine of the two spans; spans: of the track asked about, then of the other"""

    alike: float
    spans: tuple[Span, Span]
    changes: Changes = Changes.NOTHING


@dataclass(frozen=True, eq=False)
class Spans:
    """What a track sounds like span by span: starts float64 (n,) in seconds, vectors float32 (n, dim), unit rows."""

    starts: np.ndarray
    vectors: np.ndarray
    duration_s: float


def hear_why(desk: Desk, track: TrackId, other: TrackId, monitor: Monitor) -> Heard:
    """The pair of spans with the highest cosine. Raises NotFound, Unusable, SoundError when a file cannot be read."""
    if track == other:
        raise Unusable("A track is always like itself; name two different ones.")
    known = [desk.catalog.tracks.get(name) for name in (track, other)]
    one, two = _spans_of(desk, known, monitor)
    alike = one.vectors @ two.vectors.T
    first, second = np.unravel_index(int(np.argmax(alike)), alike.shape)
    spans = (_span(track, one, int(first)), _span(other, two, int(second)))
    return Heard(float(alike[first, second]), spans)


def likest(desk: Desk, track: TrackId) -> TrackId | None:
    """Of what the person likes, else plays, the track that is most like this one; None where there is none."""
    me, vectors = desk.catalog.feedback.listener(), desk.vectors()
    rows = vectors.rows_of([name for name in (me.liked or me.heard) if name != track])
    own = vectors.rows_of([track])
    if not len(rows) or not len(own):
        return None
    return TrackId(int(vectors.ids[rows[int(np.argmax(vectors.matrix[rows] @ vectors.matrix[own[0]]))]]))


def _span(track: TrackId, spans: Spans, at: int) -> Span:
    start = float(max(0.0, min(spans.starts[at], spans.duration_s - SPAN_S)))
    return Span(int(track), round(start, 2), round(min(start + SPAN_S, spans.duration_s), 2))


def _spans_of(desk: Desk, tracks: Sequence[Track], monitor: Monitor) -> list[Spans]:
    """Kept ones, and those of the others, which are decoded by a child and kept."""
    found: dict[TrackId, Spans] = {}
    for track in tracks:
        if (kept := _read(_file(desk, track))) is not None:
            found[track.id] = kept
    missing = [track for track in tracks if track.id not in found]
    if missing:
        for track, (starts, mel, duration_s) in zip(missing, _heard(missing, monitor), strict=True):
            found[track.id] = _embedded(desk, starts, mel, duration_s)
            _keep(_file(desk, track), found[track.id])
        _forget(desk)
    return [found[track.id] for track in tracks]


def _heard(tracks: Sequence[Track], monitor: Monitor) -> list[tuple[np.ndarray, np.ndarray, float]]:
    """(starts, windows, duration) of each track, by killable children."""
    requests = [{"path": os.fsdecode(track.path), "place": place} for place, track in enumerate(tracks)]
    told: dict[int, tuple[np.ndarray, np.ndarray, float]] = {}
    with Pool("musicdesk.audio.listen:windows", len(requests), MEMORY_BYTES) as pool:
        for request, answer in pool.run(requests, deadline_s(None), monitor):
            if answer.fate is not Fate.OK:
                raise SoundError(answer.text)
            arrays, place = answer.arrays, request["place"]
            told[place] = (arrays["starts"], arrays["mel"], float(answer.head["duration_s"]))
            monitor.report(len(told), len(requests), "Listening to what is alike")
    return [told[place] for place in range(len(tracks))]


def _embedded(desk: Desk, starts: np.ndarray, mel: np.ndarray, duration_s: float) -> Spans:
    from musicdesk.encoders.embed import Embedder
    from musicdesk.encoders.weights import Card, load_weights
    from musicdesk.learning.device import choose

    groups = _groups(starts)
    card, weights = desk.entry(desk.default_encoder).ready()
    assert isinstance(card, Card)
    embedder = Embedder(load_weights(weights, card), choose(desk.device), threads=1)
    vectors = embedder.embed([mel[group] for group in groups])
    return Spans(np.array([starts[group[0]] for group in groups]), vectors, duration_s)


def _groups(starts: np.ndarray) -> list[np.ndarray]:
    """Places of windows, two and two where they follow each other."""
    groups: list[list[int]] = []
    for place, start in enumerate(starts):
        if groups and len(groups[-1]) == 1 and start - starts[groups[-1][0]] < WINDOW_S + NEAR_S:
            groups[-1].append(place)
        else:
            groups.append([place])
    return [np.array(group) for group in groups]


def _file(desk: Desk, track: Track) -> Path:
    """Named by the file as it is, and by the encoder: another one has another name."""
    found = os.stat(track.path) if os.path.exists(track.path) else None
    size, moment = (found.st_size, found.st_mtime_ns) if found is not None else (0, 0)
    encoder = desk.card(desk.default_encoder).encoder_id.encode()
    name = hashlib.sha256(b"%s|%d|%d|%s" % (track.path, size, moment, encoder)).hexdigest()[:32]
    return desk.profile.cache / "spans" / f"{name}.npz"


def _read(path: Path) -> Spans | None:
    try:
        with np.load(path, allow_pickle=False) as kept:
            found = Spans(kept["starts"], kept["vectors"], float(kept["duration_s"]))
    except (OSError, ValueError, KeyError, EOFError):
        return None
    whole = found.vectors.ndim == 2 and len(found.starts) == len(found.vectors) > 0
    return found if whole and np.isfinite(found.vectors).all() else None


def _keep(path: Path, spans: Spans) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with replacing(path) as stream:
        np.savez(stream, starts=spans.starts, vectors=spans.vectors, duration_s=np.float64(spans.duration_s))


def _forget(desk: Desk) -> None:
    """The oldest of too many."""
    kept = sorted((desk.profile.cache / "spans").glob("*.npz"), key=lambda path: path.stat().st_mtime)
    for path in kept[: max(0, len(kept) - KEPT)]:
        path.unlink(missing_ok=True)
