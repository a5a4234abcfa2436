"""The demo library's music: in key, clean, level."""

from __future__ import annotations

import numpy as np
import pytest

from musicdesk.demo.compose import Character, compose
from musicdesk.demo.effects import limiter
from musicdesk.demo.loudness import lufs
from musicdesk.demo.mix import RATE, play
from musicdesk.demo.oscillators import fm, hertz, phases, read, string, wavetable
from musicdesk.demo.recipes import Style, recipes
from musicdesk.demo.score import chord_at
from musicdesk.demo.theory import MODES, Chord, Key, chord_degrees, voice
from musicdesk.demo.world import AXES

STYLES = recipes().styles
MIDDLE = dict.fromkeys(AXES, 0.0)


def made(style: Style, seconds: float = 9.0, **lean: float) -> np.ndarray:
    return play(compose(style, {**MIDDLE, **lean}, Character(7), 21, seconds), recipes())


@pytest.fixture(scope="module", params=STYLES, ids=lambda style: style.file)
def track(request: pytest.FixtureRequest) -> np.ndarray:
    return made(request.param)


# -- the sound of every style ----------------------------------------------------------------------


def test_samples_are_clean_and_level(track: np.ndarray) -> None:
    assert track.dtype == np.int16 and track.shape[1] == 2
    sound = track.T / 32768.0
    assert np.abs(sound).max() < 10 ** (-1 / 20), "1 dB below full scale at least"
    assert np.abs(sound.mean(axis=1)).max() < 1e-3, "no direct current"
    assert np.abs(sound[:, :4]).max() < 0.001 and np.abs(sound[:, -40:]).max() < 0.001, "silent at both ends"
    assert -16.8 < lufs(sound, RATE) < -15.2
    assert sound.std(axis=1).min() > 0.02, "both ears hear something"
    assert np.corrcoef(sound)[0, 1] > 0.1, "and it survives being played in mono"


def test_no_sample_jumps(track: np.ndarray) -> None:
    """A click is a step: the second difference far above its surroundings, alone in its millisecond."""
    left = track[:, 0] / 32768.0
    bend = np.abs(np.diff(left, 2))
    assert bend.max() < 0.9
    assert np.mean(bend > 0.4) < 1e-3


@pytest.mark.parametrize("name", ["house", "piano"])
def test_the_same_seed_gives_the_same_samples(name: str) -> None:
    style = next(style for style in STYLES if style.file == name)
    song = compose(style, MIDDLE, Character(7), 21, 9.0)
    first = play(song, recipes())
    np.testing.assert_array_equal(first, play(song, recipes()))
    other = play(compose(style, MIDDLE, Character(7), 22, 9.0), recipes())
    assert other.shape != first.shape or np.mean(other != first) > 0.5


def test_taste_is_heard() -> None:
    """The named axes reach the sound: brightness moves the spectrum, pace the beat, mode the scale."""
    style = next(style for style in STYLES if style.file == "lofi")
    dull, bright = (_centroid(made(style, brightness=b)) for b in (-0.9, 0.9))
    assert bright > 1.2 * dull
    slow, quick = (compose(style, {**MIDDLE, "pace": p}, Character(7), 21, 25.0).bpm for p in (-0.9, 0.9))
    assert style.tempo[0] <= slow < quick - 5 and quick <= style.tempo[1]
    modes = [compose(style, {**MIDDLE, "mode": m}, Character(7), 21, 25.0).key.mode for m in (-0.9, 0.9)]
    assert modes == [style.modes[0], style.modes[-1]]


def _centroid(track: np.ndarray) -> float:
    power = np.abs(np.fft.rfft(track.mean(axis=1)))
    return float((power * np.fft.rfftfreq(len(track), 1 / RATE)).sum() / power.sum())


# -- the notes -------------------------------------------------------------------------------------


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.file)
def test_every_note_is_in_key_and_inside_the_song(style: Style) -> None:
    draw = np.random.default_rng(5)
    for seed in range(12):
        lean = {axis: float(draw.uniform(-1, 1)) for axis in AXES}
        song = compose(style, lean, Character(seed), seed, 25.0)
        pitches = {note.pitch for line in song.lines for note in line.notes}
        assert {pitch % 12 for pitch in pitches} <= song.key.classes()
        assert min(pitches) > 20 and max(pitches) < 108
        ends = [note.start for line in song.lines for note in line.notes] + [hit.start for hit in song.hits]
        assert min(ends) >= 0 and max(ends) < song.sections[-1].end
        assert song.chords[-1].root % 7 == 0, "it ends on the tonic"
        assert len(song.sections) >= 4 and len(song.lines) >= 3


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.file)
def test_chords_and_tunes_agree(style: Style) -> None:
    """No unprepared tritone chord or semitone ninth; long notes of the tune are notes of their chord."""
    for seed in range(16):
        lean = {**MIDDLE, "mode": seed / 8 - 0.95, "richness": (seed % 4) / 2 - 0.8}
        song = compose(style, lean, Character(seed), seed, 25.0)
        for chord in song.chords:
            pitches = [song.key.pitch(degree) - song.key.pitch(chord.root) for degree in chord.degrees]
            assert 13 not in pitches
            assert len(pitches) > 3 or 6 not in pitches
        for line in song.lines:
            if line.part.role == "melody":
                for note in line.notes:
                    chord = chord_at(song.chords, round(note.start * 2) / 2)
                    classes = {song.key.pitch(degree) % 12 for degree in chord.degrees}
                    assert note.beats < 1.0 or note.pitch % 12 in classes


def test_songs_keep_their_motif() -> None:
    """A and C state the same tune, B another one: onsets within the first bar tell."""
    style = next(style for style in STYLES if style.file == "folk")
    song = compose(style, {**MIDDLE, "pace": 0.9}, Character(3), 4, 26.0)
    melody = next(line for line in song.lines if line.part.role == "melody")
    bars = {}
    for section in song.sections:
        inside = [n for n in melody.notes if section.start - 0.1 <= n.start < section.start + style.beats - 0.2]
        bars[section.kind] = [round((n.start - section.start) * 2) for n in inside]
    assert bars["A"] == bars.get("C", bars["A"]) and bars["A"] != bars["B"]


def test_voices_move_little_between_chords() -> None:
    key = Key(0, "major")
    before: tuple[int, ...] = ()
    for degree in (0, 3, 4, 0, 5, 1):
        now = voice(key, Chord(0.0, 4.0, chord_degrees(degree, "triad")), 60, before)
        assert {p % 12 for p in now} == {key.pitch(degree + step) % 12 for step in (0, 2, 4)}
        if before:
            assert max(min(abs(p - q) for q in before) for p in now) <= 3
        before = now


def test_modes_are_sevens_of_rising_steps() -> None:
    for steps in MODES.values():
        assert len(steps) == 7 and steps[0] == 0 and list(steps) == sorted(set(steps)) and steps[-1] < 12


# -- tones -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", ["saw", "square", "pulse", "triangle", "organ", "sine"])
@pytest.mark.parametrize("pitch", [40, 76, 100])
def test_tables_are_in_tune_and_free_of_aliases(shape: str, pitch: int) -> None:
    hz = hertz(pitch)
    tone = read(wavetable(shape, hz, RATE, 20_000.0), phases(hz, RATE, RATE)) * np.hanning(RATE)
    spectrum = np.abs(np.fft.rfft(tone))
    f = np.arange(len(spectrum))
    harmonic = np.abs(f / hz - np.round(f / hz)) * hz < 12
    assert spectrum[~harmonic].max() < 2e-3 * spectrum.max()


@pytest.mark.parametrize("pitch", [40, 57, 76, 88])
def test_strings_are_in_tune(pitch: int) -> None:
    hz = hertz(pitch)
    tone = string(hz, RATE, RATE, 0.6, 3.0, np.random.default_rng(1))
    spectrum = np.abs(np.fft.rfft(tone * np.hanning(len(tone)), 8 * len(tone)))
    f = np.arange(len(spectrum)) / 8
    near = (f > 0.94 * hz) & (f < 1.06 * hz)
    found = f[near][spectrum[near].argmax()]
    assert abs(1200 * np.log2(found / hz)) < 6, "cents"


def test_fm_stays_below_the_nyquist_frequency() -> None:
    for pitch in (60, 84, 100):
        tone = fm(hertz(pitch), RATE // 4, RATE // 2, 7.0, 3.0, 1.0)
        spectrum = np.abs(np.fft.rfft(tone * np.hanning(len(tone))))
        hz = np.fft.rfftfreq(len(tone), 2 / RATE)
        assert spectrum[hz > 10_700].max() < 0.05 * spectrum.max()


def test_loudness_of_the_reference_tone() -> None:
    """BS.1770: a full-scale sine of 997 Hz in one channel reads -3.01 LUFS."""
    t = np.arange(4 * RATE) / RATE
    tone = np.stack([np.sin(2 * np.pi * 997 * t), np.zeros(len(t))])
    assert lufs(tone, RATE) == pytest.approx(-3.01, abs=0.05)
    assert lufs(0.1 * tone, RATE) == pytest.approx(-23.01, abs=0.05)
    gated = np.concatenate([tone, np.zeros_like(tone)], axis=1)
    assert lufs(gated, RATE) == pytest.approx(-3.01, abs=0.1)
    assert lufs(np.zeros((2, RATE)), RATE) == float("-inf")


def test_the_limiter_keeps_its_ceiling() -> None:
    loud = np.random.default_rng(2).normal(0, 0.6, (2, RATE)).astype(np.float32)
    held = limiter(loud, RATE, 0.8)
    assert np.abs(held).max() <= 0.8 + 1e-6
    quiet = 0.1 * loud
    assert limiter(quiet, RATE, 0.8) is quiet
