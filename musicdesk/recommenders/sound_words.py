"""A track's sound as a bag of words: which of a codebook's frames it has, and how often.

Liang, Zhan, Ellis 2015 describe a track by a histogram of vector-quantised timbre frames, l1-normalised. Here a frame
is 13 mel cepstra with their first and second differences, standardised; the codebook is learned by k-means.
"""

from __future__ import annotations

import warnings

import numpy as np

from musicdesk.core.progress import Monitor
from musicdesk.learning.cepstra import mfcc_of_log_mel, with_differences
from musicdesk.learning.windows import MelWindows

MOST_FRAMES = 60_000  # that the codebook is learned from
STEP = 64  # tracks whose frames are held at once


def histograms(windows: MelWindows, words: int, seed: int, monitor: Monitor) -> np.ndarray:
    """float32 (tracks, words), rows >= 0 that sum to 1, in the order of `windows.ids`; the same for the same seed.

    Of fewer frames than words, fewer words are made; the rest of the columns stays 0.
    """
    from sklearn.cluster import MiniBatchKMeans

    rng = np.random.default_rng(seed)
    frames = windows.shape[0]
    share = min(1.0, MOST_FRAMES / max(1, len(windows.places) * frames))
    some = np.concatenate([part[rng.random(len(part)) < share] for _, part in _frames(windows, monitor)])
    mean, sd = some.mean(0), np.maximum(some.std(0), 1e-6)
    book = MiniBatchKMeans(min(words, len(some)), random_state=seed, n_init=1, batch_size=4_096)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # silence has fewer distinct frames than words, which is no fault
        book.fit((some - mean) / sd)
    found = np.zeros((len(windows), words), np.float32)
    for track, part in _frames(windows, monitor):
        counts = np.bincount(book.predict((part - mean) / sd), minlength=words)
        found[track] = counts / counts.sum()
    return found


def _frames(windows: MelWindows, monitor: Monitor):  # type: ignore[no-untyped-def]
    """(place, float32 (frames, 39)) of every track."""
    for track in range(len(windows)):
        if track % STEP == 0:
            monitor.check()
            monitor.report(track, len(windows), "Hearing what the tracks are made of")
        pictures = windows.take(windows.windows_of(np.array([track])))
        yield track, np.concatenate([with_differences(mfcc_of_log_mel(each)) for each in pictures])
