"""Which of two encoders hears a library better: each looks for the tracks of an artist among those held out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from musicdesk.core.errors import Unusable
from musicdesk.core.progress import Monitor
from musicdesk.encoders.registry import input_of
from musicdesk.encoders.weights import Card
from musicdesk.evaluation.intervals import Difference, paired
from musicdesk.workflows.hearing import STANDARD

if TYPE_CHECKING:
    from musicdesk.encoders.embed import Embedder
    from musicdesk.encoders.networks import Network
    from musicdesk.encoders.parting import Parts
    from musicdesk.learning.windows import MelWindows
    from musicdesk.workflows.desk import Desk

AT_ONCE = 32  # tracks through the network together


@dataclass(frozen=True)
class Judged:
    """other: the encoder beside which it was judged
    before, after: mean average precision of finding an artist's other tracks, 0..1; gain: after - before
    halves: (before, after), how often the second half of a track is found by its first
    """

    other: str
    queries: int
    groups: int
    before: float
    after: float
    gain: Difference
    halves: tuple[float, float]

    @property
    def won(self) -> bool:
        """Surely better: the whole 95 % interval of the gain, drawn over artists, is above nothing."""
        return self.gain.low > 0

    def told(self) -> str:
        low, high = self.gain.low, self.gain.high
        return (
            f"it finds an artist's other tracks with a mean average precision of {self.after:.3f}, where "
            f"'{self.other}' has {self.before:.3f} "
            f"(difference {self.gain.mean:+.3f}, 95 % interval {low:+.3f} to {high:+.3f})."
        )

    def numbers(self) -> dict[str, float]:
        """For a card."""
        return {
            "map": round(self.after, 4),
            "map_before": round(self.before, 4),
            "map_gain_low": round(self.gain.low, 4),
            "map_gain_high": round(self.gain.high, 4),
            "halves": round(self.halves[1], 4),
            "halves_before": round(self.halves[0], 4),
            "queries": float(self.queries),
        }

    def metrics(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "map": {"before": self.before, "after": self.after},
            "gain": {"mean": self.gain.mean, "interval": [self.gain.low, self.gain.high], "p": self.gain.p},
            "halves": {"before": self.halves[0], "after": self.halves[1]},
            "queries": self.queries,
            "artists": self.groups,
        }


def judged(desk: Desk, network: Network, windows: MelWindows, parts: Parts, monitor: Monitor) -> Judged:
    """`network` beside the encoder in use, on the tracks that judge; both hear the very same windows.

    Where the one in use is none of ours, or hears other pictures, the one that comes with musicdesk stands for it.
    """
    from musicdesk.encoders.embed import Embedder
    from musicdesk.encoders.retrieval import average_precisions
    from musicdesk.encoders.weights import Encoder, load_weights
    from musicdesk.learning.device import choose

    name, card, weights = opponent(desk)
    shape = network.shape
    mine = Card("taught", shape.out, "", "", "", width=shape.dim, window_frames=shape.frames)
    label, heard = parts.label[parts.judge], []
    for encoder in (load_weights(weights, card), Encoder(mine, network)):
        heard.append(_heard(Embedder(encoder, choose(desk.device)), windows, parts.judge, monitor.part(0.5)))
    (before, old), (after, new) = heard
    one, other = average_precisions(after, label), average_precisions(before, label)
    asked = ~np.isnan(one)
    return Judged(
        name,
        int(asked.sum()),
        len(set(label[asked].tolist())),
        float(np.nanmean(other)),
        float(np.nanmean(one)),
        paired(one, other, blocks=label),
        (old, new),
    )


def opponent(desk: Desk) -> tuple[str, Card, Path]:
    """Name, card and weights of the encoder that has to be beaten. Raises Unusable."""
    for entry in (desk.entry(), desk.entry(desk.default_encoder)):
        card, weights = entry.ready()
        if isinstance(card, Card) and input_of(card) == STANDARD:
            return entry.name, card, weights
    raise Unusable("No encoder that comes with musicdesk can be read; install it again.")


def _heard(embedder: Embedder, windows: MelWindows, at: np.ndarray, monitor: Monitor) -> tuple[np.ndarray, float]:
    """float32 (len(at), dim) of the tracks at the places `at`, and how often a track's second half is found by its
    first among all of these; nan where no track has two windows."""
    from musicdesk.encoders.retrieval import half_recall

    counts = windows.counts[at]
    whole, first, second = [], [], []
    for start in range(0, len(at), AT_ONCE):
        monitor.check()
        monitor.report(start, len(at), "Judging by artists that it has not heard")
        pictures = [
            windows.take(windows.windows_of(at[row : row + 1])) for row in range(start, min(start + AT_ONCE, len(at)))
        ]
        whole.append(embedder.embed(pictures))
        long = [each for each in pictures if len(each) >= 2]
        first.append(embedder.embed([each[: len(each) // 2] for each in long]))
        second.append(embedder.embed([each[len(each) // 2 :] for each in long]))
    halves = half_recall(np.concatenate(first), np.concatenate(second)) if (counts >= 2).any() else float("nan")
    return np.concatenate(whole), halves
