"""What a composed song is: sections, chords, lines of notes, drum hits. Times are in beats from the start."""

from __future__ import annotations

from dataclasses import dataclass

from musicdesk.demo.recipes import Part, Style
from musicdesk.demo.theory import Chord, Key


@dataclass(frozen=True)
class Note:
    start: float
    beats: float
    pitch: int  # MIDI
    velocity: float  # 0..1


@dataclass(frozen=True)
class Hit:
    start: float
    drum: str
    velocity: float


@dataclass(frozen=True)
class Section:
    kind: str  # I A B C O
    start: float
    beats: float

    @property
    def end(self) -> float:
        return self.start + self.beats


@dataclass(frozen=True)
class Line:
    part: Part
    instrument: str
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Song:
    style: Style
    key: Key
    bpm: float
    lean: dict[str, float]  # named axes of taste, (-1, 1) around the style's centre
    sections: tuple[Section, ...]
    chords: tuple[Chord, ...]
    lines: tuple[Line, ...]
    hits: tuple[Hit, ...]
    kit: str
    seed: int

    @property
    def seconds(self) -> float:
        return self.sections[-1].end * 60.0 / self.bpm


# Bars of intro, A, B and A again by the number of two-bar units: phrases of two or four bars, never three.
_FORMS = {
    2: (0, 2, 2, 0),
    3: (0, 2, 2, 2),
    4: (2, 2, 2, 2),
    5: (2, 4, 4, 0),
    6: (2, 4, 4, 2),
    7: (2, 4, 4, 4),
    8: (4, 4, 4, 4),
    9: (2, 8, 4, 4),
    10: (4, 8, 4, 4),
}


def form(bars_wanted: float, bar_beats: int) -> tuple[Section, ...]:
    """Intro, A, B, A again and one closing bar.

    bars_wanted: how many bars the song should about last; 5 to 21 come out
    """
    units = min(max(_FORMS), max(min(_FORMS), round((bars_wanted - 1) / 2)))
    sections: list[Section] = []
    start = 0.0
    for kind, bars in zip("IABCO", (*_FORMS[units], 1), strict=True):
        if bars:
            sections.append(Section(kind, start, float(bars * bar_beats)))
            start = sections[-1].end
    return tuple(sections)


def chord_at(chords: tuple[Chord, ...], beat: float) -> Chord:
    """The chord sounding at `beat`; the first before the start, the last after the end."""
    found = chords[0]
    for chord in chords:
        if chord.start > beat + 1e-6:
            break
        found = chord
    return found
