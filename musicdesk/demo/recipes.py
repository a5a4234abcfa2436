"""Styles, instruments, drum kits and word lists, read from `resources/demo`. Data only, no logic in them."""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from musicdesk.core.paths import resources


@dataclass(frozen=True)
class Instrument:
    """How one note is made. Times in seconds, `open_hz` and `close_hz` are low-pass corners."""

    engine: str = "table"  # table | fm | string | struck
    shape: str = "saw"  # table: saw square pulse triangle sine organ
    voices: int = 1  # table: detuned copies
    detune: float = 0.0  # cents between the outermost copies
    open_hz: float = 6_000.0  # at the note's start
    close_hz: float = 2_000.0  # after the sweep
    sweep: float = 0.3
    attack: float = 0.005
    decay: float = 0.3
    sustain: float = 0.7  # level 0..1
    release: float = 0.1
    vibrato: float = 0.0  # cents
    breath: float = 0.0  # level of the noise in the tone
    ratio: float = 1.0  # fm: modulator over carrier
    index: float = 1.0  # fm: depth at the start
    index_decay: float = 0.5
    ring: float = 2.0  # string, struck: seconds to -60 dB at middle C
    hardness: float = 0.5  # string, struck: 0 soft .. 1 hard
    gain: float = 1.0
    half: bool = False  # nothing above 10 kHz: made at half the rate


@dataclass(frozen=True)
class Drum:
    """A drum as a falling tone plus filtered noise. Hz, seconds, levels 0..1."""

    tone: float = 0.0
    start_hz: float = 200.0
    end_hz: float = 50.0
    bend: float = 0.03
    tone_decay: float = 0.2
    noise: float = 0.0
    low_hz: float = 200.0
    high_hz: float = 16_000.0
    noise_decay: float = 0.1
    metal: float = 0.0
    bursts: int = 1
    click: float = 0.0
    drive: float = 0.0
    gain: float = 1.0
    pan: float = 0.0


@dataclass(frozen=True)
class Part:
    """One player of the band. `plays` names the sections: I(ntro) A B C(A again) O(utro)."""

    role: str  # pad comp arp bass melody counter
    instruments: tuple[str, ...]
    patterns: tuple[str, ...] = ("x",)
    plays: str = "IABCO"
    centre: int = 60  # MIDI, the middle of its range
    gain_db: float = -12.0
    pan: float = 0.0
    reverb: float = 0.2
    delay: float = 0.0
    chorus: float = 0.0
    drive: float = 0.0
    duck: float = 0.0  # how far the bass drum pushes it down
    density: float = 0.5  # melody: share of grid steps that sound
    chance: float = 1.0  # share of the artists who have this player


@dataclass(frozen=True)
class Beat:
    """Drum lines of one bar, 4 steps a beat: x loud, o medium, - soft, . silent."""

    lines: dict[str, str]
    fill: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Style:
    """A genre: what its songs have in common. `axes` places it in the taste space (-1..1 each)."""

    name: str
    file: str
    palette: tuple[str, ...]
    tempo: tuple[float, float]  # beats a minute
    axes: dict[str, float]
    modes: tuple[str, ...]  # dark to bright
    progressions: tuple[tuple[int, ...], ...]  # degrees 1..7
    shapes: tuple[str, ...]  # plain to rich
    beats: int = 4
    swing: float = 0.0  # share of a half beat by which every second sixteenth is late
    chord_beats: int = 4
    pentatonic: bool = True
    humanise: float = 0.006  # seconds
    kits: tuple[str, ...] = ()
    drums_db: float = -6.0
    drums_play: str = "ABC"
    drums_reverb: float = 0.06
    reverb_s: float = 1.4
    texture: str = ""  # vinyl | wind | tape
    texture_db: float = -40.0
    tilt_db: float = 0.0
    parts: tuple[Part, ...] = ()
    drum_beats: tuple[Beat, ...] = ()


@dataclass(frozen=True)
class Recipes:
    styles: tuple[Style, ...]
    instruments: dict[str, Instrument]
    kits: dict[str, dict[str, Drum]]
    words: dict[str, Any]


@functools.cache
def recipes() -> Recipes:
    folder = resources() / "demo"
    instruments = _read(folder / "instruments.toml")
    kits = _read(folder / "kits.toml")
    return Recipes(
        styles=tuple(_style(path) for path in sorted((folder / "styles").glob("*.toml"))),
        instruments={name: Instrument(**values) for name, values in instruments.items()},
        kits={kit: {name: Drum(**values) for name, values in drums.items()} for kit, drums in kits.items()},
        words=_read(folder / "words.toml"),
    )


def _read(path: Path) -> dict[str, Any]:
    with path.open("rb") as stream:
        return tomllib.load(stream)


def _style(path: Path) -> Style:
    values = _read(path)
    parts = tuple(Part(**_tuples(part)) for part in values.pop("part", []))
    beats = tuple(
        Beat({n: p for n, p in beat.items() if n != "fill"}, beat.get("fill", {})) for beat in values.pop("beat", [])
    )
    values["progressions"] = tuple(tuple(line) for line in values["progressions"])
    return Style(file=path.stem, parts=parts, drum_beats=beats, **_tuples(values))


def _tuples(values: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
