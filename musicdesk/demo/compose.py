"""Writes a song: key, tempo and form from taste, harmony from the style's progressions, then each player's part."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from musicdesk.demo import rhythm
from musicdesk.demo.melody import sing
from musicdesk.demo.recipes import Part, Style
from musicdesk.demo.score import Line, Note, Section, Song, form
from musicdesk.demo.theory import Chord, Key, kind_degrees


@dataclass(frozen=True)
class Character:
    """What all songs of one artist share: a home key, favourite instruments, a drum kit, who is in the band."""

    seed: int

    def tonic(self) -> int:
        return int(self._draw(0).integers(12))

    def instrument(self, part: Part, number: int) -> str:
        return part.instruments[int(self._draw(1, number).integers(len(part.instruments)))]

    def kit(self, style: Style) -> str:
        return style.kits[int(self._draw(2).integers(len(style.kits)))] if style.kits else ""

    def has(self, part: Part, number: int) -> bool:
        return bool(self._draw(3, number).random() < part.chance)

    def _draw(self, *what: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, *what])


def compose(style: Style, lean: dict[str, float], artist: Character, seed: int, seconds: float) -> Song:
    """A song of about `seconds` in `style`.

    lean: named axes of taste in (-1, 1): pace moves the tempo through the style's range, mode its scale,
          richness its chords, busy its drums and melody
    """
    draw = np.random.default_rng([seed, 11])
    bpm = tempo(style, lean["pace"])
    # Neighbouring keys of the artist's home, a fifth up or down.
    tonic = (artist.tonic() + int(draw.choice([0, 0, 7, 5]))) % 12
    key = Key(tonic, _pick(style.modes, lean["mode"]))
    sections = form(seconds * bpm / 60.0 / style.beats, style.beats)
    chords = _harmony(style, key, sections, lean["richness"], draw)
    lines = []
    for number, part in enumerate(style.parts):
        if artist.has(part, number):
            part_draw = np.random.default_rng([seed, 12, number])
            played = _play(part, style, key, chords, sections, lean, part_draw)
            notes = _timed(played, style, bpm, part_draw)
            lines.append(Line(part, artist.instrument(part, number), notes))
    hits = rhythm.drums(style, sections, lean["busy"], np.random.default_rng([seed, 13]))
    return Song(style, key, bpm, lean, sections, chords, tuple(lines), hits, artist.kit(style), seed)


def tempo(style: Style, pace: float) -> float:
    """Beats a minute; `pace` -1..1 runs through the style's range on a logarithmic scale."""
    low, high = style.tempo
    return float(low * (high / low) ** ((pace + 1) / 2))


def _pick(choices: tuple[str, ...], lean: float) -> str:
    return choices[min(len(choices) - 1, int((lean + 1) / 2 * len(choices)))]


def _harmony(
    style: Style, key: Key, sections: tuple[Section, ...], richness: float, draw: np.random.Generator
) -> tuple[Chord, ...]:
    """A and C share a progression, B has another, the intro leads into A, the end rests on the tonic."""
    order = draw.permutation(len(style.progressions))
    first = style.progressions[order[0]]
    second = style.progressions[order[-1]]
    shape = _pick(style.shapes, richness)
    chords: list[Chord] = []
    for section in sections:
        if section.kind == "O":
            last = "sus" if shape == "sus" else style.shapes[0]
            chords.append(Chord(section.start, section.beats, kind_degrees(key, 0, last)))
            continue
        line = second if section.kind == "B" else first
        step = float(style.chord_beats)
        phrase = next((s.beats for s in sections if s.kind == "A"), section.beats)
        while step > 2 and step * len(line) > (section.beats if section.kind == "B" else phrase):
            step /= 2  # a slow song has room for the progression only at twice the speed
        count = round(section.beats / step)
        for number in range(count):
            degree = line[number % len(line)] - 1
            chords.append(Chord(section.start + number * step, step, kind_degrees(key, degree, shape)))
    return tuple(chords)


def _play(
    part: Part,
    style: Style,
    key: Key,
    chords: tuple[Chord, ...],
    sections: tuple[Section, ...],
    lean: dict[str, float],
    draw: np.random.Generator,
) -> tuple[Note, ...]:
    if part.role in ("melody", "counter"):
        density = part.density * (1 + 0.3 * lean["busy"])
        return sing(part, key, chords, sections, style.beats, density, style.pentatonic, draw)
    if part.role == "bass":
        return rhythm.bass(part, key, chords, sections, style.beats, draw)
    if part.role == "arp":
        return rhythm.arpeggio(part, key, chords, sections, style.beats, draw)
    if part.role == "comp":
        return rhythm.comp(part, key, chords, sections, style.beats, draw)
    return rhythm.pad(part, key, chords, sections)


def _timed(notes: tuple[Note, ...], style: Style, bpm: float, draw: np.random.Generator) -> tuple[Note, ...]:
    """Swing, and the small lateness of hands."""
    jitter = draw.normal(0, style.humanise * bpm / 60.0, size=len(notes))
    return tuple(
        replace(note, start=max(0.0, rhythm.swung(note.start, style.swing) + float(late)))
        for note, late in zip(notes, jitter, strict=True)
    )
