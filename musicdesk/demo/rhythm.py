"""Patterns in time: drum bars with fills and ghost notes, bass figures, strumming, arpeggios, swing."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from musicdesk.demo.recipes import Part, Style
from musicdesk.demo.score import Hit, Note, Section, chord_at
from musicdesk.demo.theory import Chord, Key, voice

STEPS_PER_BEAT = 4
_LOUD = {"x": 1.0, "o": 0.72, "-": 0.4}


def swung(beat: float, swing: float) -> float:
    """`beat` with every second sixteenth late by `swing` of a sixteenth."""
    step = round(beat * STEPS_PER_BEAT)
    late = swing / STEPS_PER_BEAT if step % 2 else 0.0
    return beat + late


def drums(style: Style, sections: tuple[Section, ...], busy: float, draw: np.random.Generator) -> tuple[Hit, ...]:
    """The drum part: one beat per song, its fill before each new section, a crash on the first stroke.

    busy: -1 plain .. 1 with many ghost notes
    """
    if not style.drum_beats:
        return ()
    beat = style.drum_beats[int(draw.integers(len(style.drum_beats)))]
    hits: list[Hit] = []
    for section in sections:
        if section.kind not in style.drums_play:
            continue
        bars = max(1, int(section.beats / style.beats))
        for number in range(bars):
            start = section.start + number * style.beats
            lines = dict(beat.lines)
            if number == bars - 1 and beat.fill:
                lines |= beat.fill
            if section.kind == "I":  # the band gathers: no snare yet
                lines = {name: line for name, line in lines.items() if name not in ("snare", "clap", "kick")}
            hits += _drum_bar(lines, start, busy, draw)
        if section.kind in "ABC" and "crash" not in beat.lines:
            hits.append(Hit(section.start, "crash", 0.55))
    end = sections[-1]
    if end.kind == "O" and "C" in style.drums_play:  # the last stroke falls on the last chord
        hits += [Hit(end.start, "kick", 0.9), Hit(end.start, "crash", 0.6)]
    return tuple(
        Hit(swung(hit.start, style.swing), hit.drum, hit.velocity) for hit in sorted(hits, key=lambda h: h.start)
    )


def _drum_bar(lines: dict[str, str], start: float, busy: float, draw: np.random.Generator) -> Iterator[Hit]:
    for drum, line in lines.items():
        for step, sign in enumerate(line.replace(" ", "").replace("|", "")):
            if sign not in _LOUD:
                continue
            if sign == "-" and draw.random() > 0.6 + 0.4 * busy:
                continue
            loud = _LOUD[sign] * float(draw.uniform(0.88, 1.0))
            yield Hit(start + step / STEPS_PER_BEAT, drum, loud)


def bass(
    part: Part,
    key: Key,
    chords: tuple[Chord, ...],
    sections: tuple[Section, ...],
    bar: int,
    draw: np.random.Generator,
) -> tuple[Note, ...]:
    """A bass line from a pattern of signs: r root, o octave, f fifth, t third, a step towards the next root."""
    patterns = _choose(part, 2, draw)
    notes: list[Note] = []
    for section in _playing(part, sections):
        pattern = patterns[section.kind == "B"]
        if section.kind == "O":
            pattern = "r" + "_" * (bar * STEPS_PER_BEAT - 1)
        for start, beats, sign, step in _signs(pattern, section, bar):
            chord = chord_at(chords, start)
            degree = _bass_degree(key, chord, sign, part.centre, chord_at(chords, start + 1.0))
            loud = 0.9 if step % STEPS_PER_BEAT == 0 else 0.74
            notes.append(Note(start, beats * 0.94, degree, loud + float(draw.normal(0, 0.03))))
    return tuple(notes)


def _bass_degree(key: Key, chord: Chord, sign: str, centre: int, following: Chord) -> int:
    octave = min(range(-1, 5), key=lambda o: abs(key.pitch(chord.root, o) - centre))
    root = key.pitch(chord.root, octave)
    if sign == "o":
        return root + 12
    if sign == "f":
        return key.pitch(chord.root + 4, octave)
    if sign == "t":
        return key.pitch(chord.root + 2, octave)
    if sign == "a" and following.root % 7 != chord.root % 7:
        target = min((key.pitch(following.root, o) for o in range(-1, 5)), key=lambda p: abs(p - root))
        below = [p for p in range(target - 2, target) if p % 12 in key.classes()]
        return below[-1] if below else root
    return root


def comp(
    part: Part,
    key: Key,
    chords: tuple[Chord, ...],
    sections: tuple[Section, ...],
    bar: int,
    draw: np.random.Generator,
) -> tuple[Note, ...]:
    """Chords struck on a pattern: x loud, o soft, u an upward strum, _ holds on. Strings are strummed."""
    patterns = _choose(part, 2, draw)
    voicings = voiced(part, key, chords)
    notes: list[Note] = []
    for section in _playing(part, sections):
        pattern = patterns[section.kind == "B"]
        if section.kind == "O":
            pattern = "x" + "_" * (bar * STEPS_PER_BEAT - 1)
        for start, beats, sign, _step in _signs(pattern, section, bar):
            pitches = voicings[chord_at(chords, start).start]
            spread = 0.012 if sign != "u" else -0.012
            for number, pitch in enumerate(pitches if spread > 0 else pitches[::-1]):
                loud = (0.85 if sign == "x" else 0.6) + float(draw.normal(0, 0.03))
                late = abs(spread) * number if part.role == "comp" else 0.0
                notes.append(Note(start + late, beats * 0.95, pitch, loud))
    return tuple(notes)


def pad(part: Part, key: Key, chords: tuple[Chord, ...], sections: tuple[Section, ...]) -> tuple[Note, ...]:
    """Chords held as long as they last; notes common to two chords are tied."""
    notes: list[Note] = []
    voicings = voiced(part, key, chords)
    held: dict[int, Note] = {}
    for chord in chords:
        section = next(s for s in sections if s.start <= chord.start < s.end)
        now = set(voicings[chord.start]) if section.kind in part.plays else set()
        for pitch in [p for p in held if p not in now or held[p].beats >= 8]:
            notes.append(held.pop(pitch))
        for pitch in sorted(now):
            before = held.get(pitch)
            start, beats = (before.start, before.beats) if before else (chord.start, 0.0)
            held[pitch] = Note(start, beats + chord.beats, pitch, 0.7)
    notes += held.values()
    return tuple(sorted(notes, key=lambda n: (n.start, n.pitch)))


def arpeggio(
    part: Part,
    key: Key,
    chords: tuple[Chord, ...],
    sections: tuple[Section, ...],
    bar: int,
    draw: np.random.Generator,
) -> tuple[Note, ...]:
    """Broken chords from a pattern of digits (chord notes from below, beyond the top an octave up), . rests."""
    patterns = _choose(part, 2, draw)
    voicings = voiced(part, key, chords)
    notes: list[Note] = []
    for section in _playing(part, sections):
        pattern = patterns[section.kind == "B"]
        if section.kind == "O":
            pattern = "01234" + "_" * (bar * STEPS_PER_BEAT - 5)
        for start, beats, sign, step in _signs(pattern, section, bar):
            pitches = voicings[chord_at(chords, start).start]
            octave, index = divmod(int(sign), len(pitches))
            loud = 0.8 if step % STEPS_PER_BEAT == 0 else 0.62
            ring = max(beats, 1.5) if part.centre >= 48 and len(pattern) > 0 and "_" in pattern else beats
            notes.append(Note(start, ring * 0.98, pitches[index] + 12 * octave, loud + float(draw.normal(0, 0.04))))
    return tuple(notes)


def voiced(part: Part, key: Key, chords: tuple[Chord, ...]) -> dict[float, tuple[int, ...]]:
    """Pitches of every chord in the part's range, led smoothly; keyed by the chord's start."""
    before: tuple[int, ...] = ()
    found: dict[float, tuple[int, ...]] = {}
    for chord in chords:
        before = voice(key, chord, part.centre, before)
        found[chord.start] = before
    return found


def _choose(part: Part, count: int, draw: np.random.Generator) -> list[str]:
    order = draw.permutation(len(part.patterns))
    return [part.patterns[order[i % len(order)]].replace(" ", "").replace("|", "") for i in range(count)]


def _playing(part: Part, sections: tuple[Section, ...]) -> list[Section]:
    return [section for section in sections if section.kind in part.plays]


def _signs(pattern: str, section: Section, bar: int) -> Iterator[tuple[float, float, str, int]]:
    """(start, beats, sign, step in the bar) of every struck sign; `_` lengthens the sign before it."""
    bar_steps = bar * STEPS_PER_BEAT
    total = int(section.beats * STEPS_PER_BEAT)
    signs = (pattern * (total // len(pattern) + 1))[:total]
    step = 0
    while step < total:
        sign = signs[step]
        length = 1
        while step + length < total and signs[step + length] == "_":
            length += 1
        if sign not in "._":
            yield section.start + step / STEPS_PER_BEAT, length / STEPS_PER_BEAT, sign, step % bar_steps
        step += length
