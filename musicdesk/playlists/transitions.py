"""How roughly one track follows another: the last seconds of the one beside the first of the next, in sound and
loudness, and the tempo and key of both. Arrays in, costs out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SOUND, TEMPO, KEY, LOUDNESS = 1.0, 0.5, 0.25, 0.25  # weights
FAR_DB = 12.0  # loudness levels so far apart are as unlike as can be
NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
FLATS = {"Db": "C#", "Eb": "D#", "Gb": "F#", "Ab": "G#", "Bb": "A#"}


@dataclass(frozen=True, eq=False)
class Manner:
    """Of k tracks, each float64 (k,); NaN for unknown.

    tempo: beats per minute; tempo_sure, key_sure: 0..1; key: place on the circle of fifths, 0..11
    opening, ending: loudness of the first and of the last seconds, LUFS
    """

    tempo: np.ndarray
    tempo_sure: np.ndarray
    key: np.ndarray
    key_sure: np.ndarray
    opening: np.ndarray
    ending: np.ndarray


def place_of(key: str) -> float:
    """Place on the circle of fifths, 0..11, of 'C major' or 'A minor' (which share one); NaN for anything else."""
    name, _, mode = key.partition(" ")
    name = FLATS.get(name, name)
    if name not in NAMES or mode not in ("major", "minor"):
        return float("nan")
    semitone = NAMES.index(name) + (3 if mode == "minor" else 0)
    return float(semitone * 7 % 12)


def costs(endings: np.ndarray, openings: np.ndarray, manner: Manner) -> np.ndarray:
    """float64 (k, k), 0..2: row, column: how rough it is that the one's end is followed by the other's beginning.

    endings, openings: float32 (k, dim), unit rows, how the last and the first seconds of each track sound
    What is not known of a track costs nothing.
    """
    total: np.ndarray = SOUND * (1.0 - (endings @ openings.T).astype(np.float64)) / 2.0
    sure = _both(manner.tempo_sure)
    total += TEMPO * np.nan_to_num(_octaves(manner.tempo) * sure)
    total += KEY * np.nan_to_num(_fifths(manner.key) * _both(manner.key_sure))
    apart = np.abs(manner.ending[:, None] - manner.opening)
    total += LOUDNESS * np.nan_to_num(np.minimum(apart / FAR_DB, 1.0))
    return total


def _both(sure: np.ndarray) -> np.ndarray:
    """How sure it is of two."""
    least: np.ndarray = np.minimum(sure[:, None], sure)
    return least


def _octaves(tempo: np.ndarray) -> np.ndarray:
    """0 for the same tempo, its half or its double, 1 for what lies in the middle between them."""
    with np.errstate(divide="ignore", invalid="ignore"):
        octaves = np.log2(tempo[:, None] / tempo)
        apart: np.ndarray = 2.0 * np.abs(octaves - np.round(octaves))  # inf where one of them has no tempo
    return apart


def _fifths(key: np.ndarray) -> np.ndarray:
    """Steps on the circle of fifths, as a share of the most there can be."""
    steps = np.abs(key[:, None] - key)
    apart: np.ndarray = np.minimum(steps, 12.0 - steps) / 6.0
    return apart
