"""Melodies: a rhythmic motif and a contour, stated, varied, moved with the harmony, and brought to rest."""

from __future__ import annotations

import numpy as np

from musicdesk.demo.recipes import Part
from musicdesk.demo.score import Note, Section, chord_at
from musicdesk.demo.theory import Chord, Key

_STEPS = np.array([-3, -2, -1, 0, 1, 2, 3])
_STEP_WEIGHTS = np.array([0.04, 0.14, 0.29, 0.1, 0.29, 0.1, 0.04])
_ARC = (0, 1, 2, 0)  # where the four bars of a phrase lie, in scale steps above its anchor


class Motif:
    """One bar: onsets in half beats with a contour in scale steps."""

    def __init__(self, beats: int, density: float, draw: np.random.Generator) -> None:
        slots = beats * 2
        strength = np.array([1.0 if slot == 0 else 0.62 if slot % 2 == 0 else 0.36 for slot in range(slots)])
        wanted = int(np.clip(round(density * slots + draw.normal(0, 0.6)), 2, slots))
        weights = strength / strength.sum()
        onsets = np.sort(draw.choice(slots, size=wanted, replace=False, p=weights))
        self.onsets = onsets / 2.0  # beats
        self.contour = np.cumsum(draw.choice(_STEPS, size=wanted, p=_STEP_WEIGHTS))
        self.contour -= self.contour[0]
        self.contour = np.clip(self.contour, -4, 5)

    def varied(self, draw: np.random.Generator) -> np.ndarray:
        """The contour with its tail changed; the head stays, that is what makes it the same tune."""
        contour = self.contour.copy()
        half = (len(contour) + 1) // 2
        contour[half:] += int(draw.choice([-1, 1, 2]))
        return np.asarray(np.clip(contour, -4, 6))


def sing(
    part: Part,
    key: Key,
    chords: tuple[Chord, ...],
    sections: tuple[Section, ...],
    bar: int,
    density: float,
    pentatonic: bool,
    draw: np.random.Generator,
) -> tuple[Note, ...]:
    """The melody of a whole song: A and C share their motif, B has its own, a step higher."""
    motifs = {kind: Motif(bar, density * factor, draw) for kind, factor in (("A", 1.0), ("B", 0.8))}
    notes: list[Note] = []
    for section in sections:
        if section.kind not in part.plays:
            continue
        if section.kind == "O":
            notes.append(_last(part, key, chords, section))
            continue
        motif = motifs["B" if section.kind == "B" else "A"]
        lift = 2 if section.kind == "B" else 0
        for number in range(int(section.beats / bar)):
            start = section.start + number * bar
            place = number % 4 if section.beats >= 4 * bar else (0, 3)[number % 2]
            notes += _bar(part, key, chords, motif, start, bar, place, lift, pentatonic, draw)
    return tuple(notes)


def _bar(
    part: Part,
    key: Key,
    chords: tuple[Chord, ...],
    motif: Motif,
    start: float,
    bar: int,
    place: int,
    lift: int,
    pentatonic: bool,
    draw: np.random.Generator,
) -> list[Note]:
    contour = motif.varied(draw) if place == 1 else motif.contour
    onsets = motif.onsets
    if place == 3:  # cadence: the motif's head, then rest on a chord tone
        keep = max(1, int(np.sum(onsets < bar / 2)))
        onsets, contour = onsets[:keep], contour[:keep]
        onsets = np.append(onsets, bar / 2)
        contour = np.append(contour, 0)
    ends = np.append(onsets[1:], bar)
    anchor = _nearest_degree(key, part.centre) + lift + _ARC[place]
    notes = []
    for onset, end, step in zip(onsets, ends, contour, strict=True):
        at = start + float(onset)
        length = float(end - onset)
        chord = chord_at(chords, at)
        degree = int(anchor + step)
        if length >= 1.0 or (onset == int(onset) and int(onset) % 2 == 0):
            degree = _nearest(degree, {d % 7 for d in chord.degrees[:4]})
        elif pentatonic:
            degree = _nearest(degree, set(key.pentatonic()))
        loud = 0.85 if onset == 0 else 0.72 if onset == int(onset) else 0.6
        sounding = length * (0.92 if length <= 1 else 0.85)
        after = chord_at(chords, chord.start + chord.beats)
        if not after.has(degree):  # do not hang over into a chord that it does not belong to
            sounding = min(sounding, max(0.4, chord.start + chord.beats - at))
        notes.append(Note(at, min(sounding, 3.0), key.pitch(degree), loud + float(draw.normal(0, 0.04))))
    return notes


def _last(part: Part, key: Key, chords: tuple[Chord, ...], section: Section) -> Note:
    chord = chord_at(chords, section.start)
    degree = _nearest(_nearest_degree(key, part.centre), {chord.root % 7, chord.degrees[1] % 7})
    return Note(section.start, section.beats, key.pitch(degree), 0.7)


def _nearest_degree(key: Key, centre: int) -> int:
    return min(range(70), key=lambda degree: abs(key.pitch(degree) - centre))


def _nearest(degree: int, allowed: set[int]) -> int:
    """The degree nearest to `degree` whose place in the scale is in `allowed`; the lower one of two."""
    return min(range(degree - 4, degree + 5), key=lambda d: (d % 7 not in allowed, abs(d - degree), d))
