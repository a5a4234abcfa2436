"""Plays a composed song: every line on its instrument, drums, texture, rooms, and a level master."""

from __future__ import annotations

from collections import Counter

import numpy as np
from scipy import signal

from musicdesk.demo import effects
from musicdesk.demo.drums import Kit
from musicdesk.demo.instruments import Player
from musicdesk.demo.loudness import lufs
from musicdesk.demo.recipes import Recipes
from musicdesk.demo.score import Line, Song

RATE = 44_100
TARGET_LUFS = -16.0
CEILING = 10 ** (-1.8 / 20)  # leaves room for what a lossy encoder adds
_TAIL_S = 1.6  # after the last bar, for rooms to die away
_FADE_S = 1.8


def play(song: Song, recipes: Recipes) -> np.ndarray:
    """The finished song: int16 (samples, 2) at 44.1 kHz, about -16 LUFS, peak below -1 dBFS."""
    count = int((song.seconds + _TAIL_S) * RATE)
    dry = np.zeros((2, count), dtype=np.float32)
    rooms = np.zeros(count, dtype=np.float32)
    echoes = np.zeros(count, dtype=np.float32)
    duck = _ducking(song, count)
    for number, line in enumerate(song.lines):
        stem = _stem(song, line, recipes, count, number)
        if line.part.duck:
            stem *= 1 - np.float32(line.part.duck) * duck
        rooms += stem * np.float32(line.part.reverb)
        echoes += stem * np.float32(line.part.delay)
        _place(dry, stem, line.part.pan, line.part.chorus)
    if song.hits:
        rooms += _drums(song, recipes, dry)
    return _master(song, dry, rooms, echoes)


def _stem(song: Song, line: Line, recipes: Recipes, count: int, number: int) -> np.ndarray:
    """One line, mono float32 (count,). Dark instruments are made at half the rate and doubled at the end."""
    instrument = recipes.instruments[line.instrument]
    rate = RATE // 2 if instrument.half else RATE
    size = count // 2 + 1 if instrument.half else count
    player = Player(line.instrument, instrument, rate, 0.8 * song.lean["brightness"], song.seed + number)
    out = np.zeros(size, dtype=np.float32)
    per_beat = 60.0 / song.bpm
    for note in line.notes:
        sound = player.note(note.pitch, note.beats * per_beat, note.velocity)
        at = int(note.start * per_beat * rate)
        end = min(size, at + len(sound))
        if end > at:
            out[at:end] += sound[: end - at]
    if instrument.half:
        out = signal.resample_poly(out, 2, 1)[:count].astype(np.float32)
    if line.part.drive:
        amount = line.part.drive * (1 + 0.5 * song.lean["dirt"])
        out = effects.drive(out, RATE, amount)
    shift = 2.0 * song.lean["low"] if line.part.role == "bass" else 0.0
    # Lines are balanced by loudness, not by how an instrument happens to be made.
    return out * np.float32(10 ** ((line.part.gain_db + shift) / 20) * _even(out))


def _even(sound: np.ndarray) -> float:
    """The gain that brings the sounding parts of `sound` to RMS 0.25."""
    frames = np.sqrt(np.mean(sound[: len(sound) // 4410 * 4410].reshape(-1, 4410) ** 2, axis=1))
    loud = frames[frames > 0.1 * frames.max()] if frames.size and frames.max() > 0 else frames
    return 0.25 / float(np.sqrt(np.mean(loud**2))) if loud.size and loud.max() > 0 else 1.0


def _place(dry: np.ndarray, stem: np.ndarray, pan: float, chorus: float) -> None:
    """Adds a stem at `pan` (-1 left .. 1 right, constant power), widened by chorus."""
    angle = (pan + 1) * np.pi / 4
    gains = np.array([[np.cos(angle)], [np.sin(angle)]], dtype=np.float32)
    dry += (effects.chorus(stem, RATE, chorus) if chorus else stem[None, :]) * gains


def _drums(song: Song, recipes: Recipes, dry: np.ndarray) -> np.ndarray:
    """Adds the drums to `dry`; returns what they send to the room."""
    kit = Kit(recipes.kits[song.kit], RATE, song.lean["brightness"], song.seed)
    bus = np.zeros_like(dry)
    turns: Counter[str] = Counter()
    for hit in song.hits:
        if not kit.has(hit.drum):
            continue
        sound = kit.stroke(hit.drum, turns[hit.drum])
        turns[hit.drum] += 1
        at = int(hit.start * 60.0 / song.bpm * RATE)
        end = min(bus.shape[1], at + len(sound))
        angle = (kit.drums[hit.drum].pan + 1) * np.pi / 4
        for ear, gain in enumerate((np.cos(angle), np.sin(angle))):
            bus[ear, at:end] += sound[: end - at] * np.float32(gain * hit.velocity)
    bus *= np.float32(10 ** (song.style.drums_db / 20) * 0.9)
    dry += bus
    return np.asarray(bus.mean(axis=0) * np.float32(song.style.drums_reverb))


def _ducking(song: Song, count: int) -> np.ndarray:
    """0..1 after each bass drum stroke, falling within a fifth of a second: float32 (count,)."""
    level = np.zeros(count, dtype=np.float32)
    t = np.arange(int(0.28 * RATE), dtype=np.float32) / RATE
    shape = np.minimum(t / 0.008, 1.0) * np.exp(-(np.maximum(t - 0.05, 0) / 0.09))
    shape *= np.linspace(1, 0, len(t), dtype=np.float32) ** 0.5
    for hit in song.hits:
        if hit.drum == "kick":
            at = int(hit.start * 60.0 / song.bpm * RATE)
            end = min(count, at + len(shape))
            np.maximum(level[at:end], shape[: end - at], out=level[at:end])
    return level


def _texture(song: Song, count: int) -> np.ndarray:
    """Crackle, hiss or wind under the music: float32 (2, count)."""
    draw = np.random.default_rng([song.seed, 51])
    level = np.float32(10 ** ((song.style.texture_db + 5 * song.lean["dirt"]) / 20))
    hiss = draw.standard_normal((2, count), dtype=np.float32)
    if song.style.texture == "vinyl":
        crackle = np.zeros((2, count), dtype=np.float32)
        where = draw.integers(0, count, size=int(count / RATE * 14))
        crackle[:, where] = draw.exponential(4.0, size=len(where)).astype(np.float32)
        soft = signal.butter(2, [900, 6_000], "band", fs=RATE, output="sos").astype(np.float32)
        return np.asarray(level * signal.sosfilt(soft, np.float32(0.25) * hiss + crackle, axis=1))
    if song.style.texture == "wind":
        soft = signal.butter(1, [250, 900], "band", fs=RATE, output="sos").astype(np.float32)
        t = np.arange(count, dtype=np.float32) / RATE
        gusts = 0.6 + 0.4 * np.sin(2 * np.pi * 0.11 * t + 1) * np.sin(2 * np.pi * 0.071 * t)
        return np.asarray(3 * level * signal.sosfilt(soft, hiss, axis=1) * gusts)
    return level * hiss


def _master(song: Song, dry: np.ndarray, rooms: np.ndarray, echoes: np.ndarray) -> np.ndarray:
    space = 1 + 0.5 * song.lean["space"]
    mixed = dry
    if echoes.any():
        bounced = effects.echo(echoes, RATE, 0.75 * 60.0 / song.bpm)
        mixed += bounced
        rooms += 0.3 * bounced.mean(axis=0)
    mixed += np.float32(space) * effects.reverb(rooms, RATE, song.style.reverb_s * space, song.seed)
    if song.style.texture == "vinyl":
        mixed = effects.wow(mixed, RATE, 0.0016)
    if song.style.texture:
        mixed += _texture(song, mixed.shape[1]) * np.float32(np.sqrt(np.mean(mixed**2)) / 0.1)
    mixed = effects.tilt(mixed, RATE, song.style.tilt_db + 4.0 * song.lean["brightness"])
    low_cut = signal.butter(2, 28.0, "high", fs=RATE, output="sos").astype(np.float32)
    mixed = signal.sosfilt(low_cut, mixed, axis=1)
    return _levelled(_faded(mixed))


def _faded(mixed: np.ndarray) -> np.ndarray:
    rise, fall = int(0.01 * RATE), int(_FADE_S * RATE)
    mixed[:, :rise] *= np.linspace(0, 1, rise, dtype=np.float32)
    mixed[:, -fall:] *= (0.5 + 0.5 * np.cos(np.linspace(0, np.pi, fall, dtype=np.float32))).astype(np.float32)
    return mixed


def _levelled(mixed: np.ndarray) -> np.ndarray:
    """To the target loudness under the ceiling: int16 (samples, 2). Twice, since limiting takes some away."""
    for _ in range(2):
        gain = TARGET_LUFS - lufs(mixed, RATE)
        if abs(gain) < 0.05:
            break
        mixed = effects.limiter(mixed * np.float32(10 ** (gain / 20)), RATE, CEILING)
    return np.ascontiguousarray(np.round(mixed.T * 32767.0).astype(np.int16))
