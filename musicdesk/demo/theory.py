"""Scales, chords and voice leading. Pitches are MIDI numbers, degrees count scale steps from the tonic (0)."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

# From dark to bright, the order in which the modes trade a flat for a natural.
MODES = {
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "major": (0, 2, 4, 5, 7, 9, 11),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
}
_PENTATONIC = {True: (0, 1, 2, 4, 5), False: (0, 2, 3, 4, 6)}  # degrees, by "has a major third"


@dataclass(frozen=True)
class Key:
    tonic: int  # pitch class 0..11
    mode: str

    @property
    def major(self) -> bool:
        return MODES[self.mode][2] == 4

    def pitch(self, degree: int, octave: int = 0) -> int:
        """MIDI pitch of a scale degree; octave 0 starts at MIDI 12 * 1 + tonic."""
        steps = MODES[self.mode]
        return 12 * (octave + 1 + degree // 7) + self.tonic + steps[degree % 7]

    def classes(self) -> frozenset[int]:
        return frozenset((self.tonic + step) % 12 for step in MODES[self.mode])

    def pentatonic(self) -> tuple[int, ...]:
        """The five degrees that sound well over every chord of the key."""
        return _PENTATONIC[self.major]


@dataclass(frozen=True)
class Chord:
    """A chord of the key from `start` for `beats`; `degrees` root first, as stacked thirds."""

    start: float  # beats
    beats: float
    degrees: tuple[int, ...]

    @property
    def root(self) -> int:
        return self.degrees[0]

    def has(self, degree: int) -> bool:
        return degree % 7 in {d % 7 for d in self.degrees}


SHAPES = {
    "power": (0, 4, 7),
    "triad": (0, 2, 4),
    "sus": (0, 3, 4),
    "seventh": (0, 2, 4, 6),
    "ninth": (0, 2, 4, 6, 8),
}


def chord_degrees(root: int, shape: str) -> tuple[int, ...]:
    return tuple(root + step for step in SHAPES[shape])


def kind_degrees(key: Key, root: int, shape: str) -> tuple[int, ...]:
    """The chord on `root`, without what sounds harsh when nobody prepared it.

    A plain chord with a diminished fifth gives way to the one a third below, which shares two of its notes;
    a ninth that would be a semitone above the root is left out; a suspended fourth that would be a tritone
    becomes a third again.
    """
    if shape in ("power", "triad", "sus") and _above(key, root, 4) == 6:
        root -= 2
    if (shape == "ninth" and _above(key, root, 8) == 13) or (shape == "sus" and _above(key, root, 3) == 6):
        shape = "seventh" if shape == "ninth" else "triad"
    return chord_degrees(root, shape)


def _above(key: Key, root: int, steps: int) -> int:
    return key.pitch(root + steps) - key.pitch(root)


def voice(key: Key, chord: Chord, centre: int, before: tuple[int, ...] = ()) -> tuple[int, ...]:
    """The chord's pitches placed so that the hand moves least from the chord `before`.

    Every inversion whose notes lie within an octave or so of `centre` is tried; the one with the least
    total movement wins, the distance of its mean from `centre` decides between equals.
    returns: ascending MIDI pitches
    """
    classes = [key.pitch(degree) % 12 for degree in dict.fromkeys(d % 7 for d in chord.degrees)]
    best: tuple[float, tuple[int, ...]] | None = None
    for order in itertools.permutations(classes) if len(classes) < 4 else _rotations(classes):
        for bottom in range(centre - 10, centre + 3):
            if bottom % 12 != order[0]:
                continue
            pitches = [bottom]
            for cls in order[1:]:
                pitches.append(pitches[-1] + 1 + (cls - pitches[-1] - 1) % 12)
            mean = sum(pitches) / len(pitches)
            cost = 0.4 * abs(mean - centre) + 0.3 * max(0, pitches[-1] - pitches[0] - 14)
            if before:
                cost += sum(min(abs(p - q) for q in before) for p in pitches)
            # Semitones at the bottom of a voicing sound muddy.
            cost += 3.0 * (pitches[1] - pitches[0] < 3 and bottom < 55) if len(pitches) > 1 else 0.0
            if best is None or cost < best[0]:
                best = (cost, tuple(pitches))
    assert best is not None
    return best[1]


def _rotations(classes: list[int]) -> list[tuple[int, ...]]:
    ordered = sorted(classes)
    return [tuple(ordered[i:] + ordered[:i]) for i in range(len(ordered))]
