"""Renders songs of known style for the training of the encoder: accompaniment patterns, played by sampled instruments.

    python -m tests.benchmarks.study_grooves FOLDER [SONGS [FIRST_SEED]]

Needs the programs `mma` (Musical MIDI Accompaniment, GPL, with its library of patterns) and `fluidsynth`, and the
sound fonts below; all are packages of Debian. Every song has a random pattern, chords, key, tempo, instruments of a
tune, sound font and mixing. FOLDER gets 24 s WAV files and `songs0.csv`, a list for `study_encoder`.
"""

from __future__ import annotations

import csv
import re
import subprocess
import sys
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.signal import butter, lfilter, sosfilt

PATTERNS = Path("/usr/share/mma/lib")
FONTS = {
    "fluid": "/usr/share/sounds/sf2/FluidR3_GM.sf2",
    "timgm": "/usr/share/sounds/sf2/TimGM6mb.sf2",
    "opl3": "/usr/share/sounds/sf2/OPL-3_FM_128M.sf2",
}
CHANCE_OF_FONT = (0.5, 0.4, 0.1)
RATE, SECONDS = 22_050, 24.0
LIMIT_S = 60  # for one run of a program
SONGS = 1_200
COLUMNS = ("path", "source", "artist", "style", "licence", "pattern", "font")
LICENCE = "rendered; patterns of Musical MIDI Accompaniment GPL-2.0-or-later, sound fonts MIT and GPL-2.0"

# The first word that a pattern's name holds decides; the names are those of the library.
STYLES = {
    "hip-hop": "hiphop|hip-hop|triphop|trip|thr$",
    "metal": "metal|mtl|hrk|heavy",
    "punk": "punk",
    "reggae": "reggae|ska",
    "disco": "disco|boneym|dancepop|8beatdance|60ssoul|beatmotown",
    "dance": "techno|trance|rave|house|dance|dnb|electricpop",
    "blues": "blues|bogg?ie|boogie",
    "country": "country|cntry|western|bluegrass|zydeco|bluefolk|hillcountry",
    "latin": "bossa|samba|salsa|mambo|cha|rhumba|calypso|merengue|beguine|bolero|cuban|latin|son$|quando|tango|afro",
    "funk": "funk|strut|soul|r\\+b|rb|rnb|fusion|fus16",
    "rock": "rock|twist|16beat|8beat|beat8|beat16|shuffle$|happyshuffle",
    "ballad": "ballad|bald|lullaby|oldie|serenade",
    "jazz": "jazz|swing|bebop|bigband|foxtrot|dixie|charleston|evansish|ragtime|jive|quickstep|basie|jz|highfive",
    "march": "march|polka|2beatp|hymn|spiritual",
    "waltz": "waltz|arpeggio|classical",
    "ambient": "ambient",
    "folk": "folk",
    "pop": "pop|broadway|showtune",
}
LEADS = {
    "jazz": "AltoSax TenorSax MutedTrumpet Vibraphone Piano1 JazzGuitar Trumpet Clarinet",
    "blues": "Harmonica CleanGuitar OverdriveGuitar Piano1 TenorSax Organ1 JazzGuitar",
    "rock": "OverdriveGuitar DistortedGuitar Organ3 CleanGuitar VoiceOohs",
    "metal": "DistortedGuitar OverdriveGuitar",
    "punk": "DistortedGuitar OverdriveGuitar",
    "country": "Fiddle SteelGuitar Harmonica Banjo NylonGuitar VoiceOohs",
    "waltz": "Violin Flute Oboe Clarinet Piano1 Strings Cello Harpsichord",
    "march": "Trumpet Trombone FrenchHorn BrassSection Piccolo",
    "reggae": "VoiceOohs Organ2 Trumpet CleanGuitar ChoirAahs",
    "hip-hop": "VoiceOohs SquareLead SynthVox PanFlute Piano1",
    "dance": "SawLead SquareLead SynthStrings SynthBrass1 VoiceOohs",
    "disco": "Strings VoiceOohs ChoirAahs SynthStrings BrassSection",
    "latin": "Flute NylonGuitar Trumpet Piano1 AltoSax Trombone VoiceOohs",
}
ANY_LEAD = "VoiceOohs ChoirAahs Piano1 Flute Strings NylonGuitar SynthVox AltoSax Organ1"
PROGRESSIONS = (
    "I vi IV V", "I V vi IV", "I IV V IV", "ii V I I", "I vi ii V", "i VII VI VII", "i iv VII III", "i i iv V",
    "I I IV I", "IV IV I I", "V IV I V", "I IV I V", "i VI III VII", "I iii IV V", "vi IV I V", "I bVII IV I",
)  # fmt: skip
TWELVE_BARS = ("I", "I", "I", "I", "IV", "IV", "I", "I", "V", "IV", "I", "V")
STEPS = {"I": 0, "II": 2, "III": 4, "IV": 5, "V": 7, "VI": 9, "VII": 11}
NAMES = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
USUAL = {"ballad": 75, "bolero": 85, "swing": 150, "metal": 150, "mtl": 150, "punk": 170, "hiphop": 90, "hip-hop": 92}
DISTORTED = {"metal": 0.9, "punk": 0.9, "rock": 0.35, "blues": 0.2}


@dataclass(frozen=True)
class Song:
    pattern: str  # folder:file, as mma wants it
    style: str
    font: str


def patterns() -> dict[str, list[str]]:
    """By style, the groove names of the library that begin a file."""
    found: dict[str, list[str]] = {}
    for path in sorted(PATTERNS.glob("*/*.mma")):
        style = next((style for style, words in STYLES.items() if re.search(words, path.stem.lower())), "")
        if style:
            found.setdefault(style, []).append(f"{path.parent.name}:{path.stem}")
    return found


def groove_names(pattern: str) -> list[str]:
    folder, stem = pattern.split(":")
    text = (PATTERNS / folder / f"{stem}.mma").read_text("latin-1")
    names = re.findall(r"^\s*DefGroove\s+(\S+)", text, re.MULTILINE | re.IGNORECASE)
    return [name for name in names if not re.search(r"end|intro|fill|ret", name, re.IGNORECASE)] or names[:1]


def sheet(song: Song, chance: np.random.Generator) -> str:
    """The song as mma reads it."""
    folder = song.pattern.split(":")[0]
    names = groove_names(song.pattern)
    tempo = _tempo(song.pattern, chance)
    bars = max(4, int(SECONDS * tempo / 240) + 2)
    key, seventh = int(chance.integers(12)), chance.random() < {"jazz": 0.9, "blues": 0.8}.get(song.style, 0.25)
    chords = [_chord(word, key, seventh) for word in str(chance.choice(PROGRESSIONS)).split()]
    if song.style == "blues" and chance.random() < 0.7:
        chords = [
            _chord(word, key, True, "7") for word in ["I", "I", "I", "I", "IV", "IV", "I", "I", "V", "IV", "I", "V"]
        ]
    lead = str(chance.choice(LEADS.get(song.style, ANY_LEAD).split()))
    sung = chance.random() < 0.75
    lines = [f"Tempo {tempo:.0f}", f"RndSeed {int(chance.integers(1 << 30))}"]
    lines += [f"Solo Voice {lead}", f"Solo Octave {int(chance.integers(4, 7))}"] if sung else []
    lines += [f"Groove {folder}:{names[0]}"]
    changes = chance.random() < 0.5 and len(names) > 1
    for bar in range(bars):
        if changes and bar == bars // 2:
            lines.append(f"Groove {folder}:{chance.choice(names[1:])}")
        tune = _tune(chords[bar % len(chords)], key, chance) if sung else ""
        lines.append(f"{bar + 1} {chords[bar % len(chords)]} {tune}")
    return "\n".join(lines) + "\n"


def _tempo(pattern: str, chance: np.random.Generator) -> float:
    """That of the pattern's own file, varied."""
    folder, stem = pattern.split(":")
    found = re.search(r"^\s*Tempo\s+(\d+)", (PATTERNS / folder / f"{stem}.mma").read_text("latin-1"), re.M | re.I)
    guess = next((value for word, value in USUAL.items() if word in stem), 115)
    return float(np.clip((int(found[1]) if found else guess) * chance.uniform(0.8, 1.25), 50, 230))


def _chord(word: str, key: int, seventh: bool, kind: str = "") -> str:
    flat, word = word.startswith("b"), word.removeprefix("b")
    root = NAMES[(key + STEPS[word.upper()] - flat) % 12]
    minor = word.islower()
    return root + (kind or ("m" if minor else "") + (("7" if minor or word == "V" else "M7") if seventh else ""))


def _tune(chord: str, key: int, chance: np.random.Generator) -> str:
    """Two beats or so of notes of the scale, in mma's words."""
    named = [NAMES[(key + step) % 12] for step in (0, 2, 4, 5, 7, 9, 11)]
    scale = [name[0].lower() + "&" * (len(name) - 1) for name in named]
    rhythm = ("4 4", "8 8 4", "4 8 8", "2", "8 8 8 8", "8 4 8")[int(chance.integers(6))].split()
    notes = [f"{length}{scale[int(chance.integers(7))]}" for length in rhythm]
    return "{" + "".join(f"{note};" for note in notes) + "}" if chance.random() < 0.8 else ""


def played(song: Song, seed: int, folder: Path) -> np.ndarray:
    """float32 (samples,) at 22,050 Hz. Raises OSError or CalledProcessError when a program fails."""
    chance = np.random.default_rng(seed)
    text, midi, sound = (folder / f"{seed}.{end}" for end in ("mma", "mid", "wav"))
    try:
        text.write_text(sheet(song, chance), "latin-1")
        _run("mma", "-f", str(midi), str(text))
        reverb = f"{chance.uniform(0.1, 0.9):.2f}"
        options = ["-o", f"synth.reverb.room-size={reverb}", "-o", f"synth.reverb.level={chance.uniform(0, 0.6):.2f}"]
        _run("fluidsynth", "-niq", "-g", "0.5", "-r", str(RATE), *options, "-T", "wav", "-F", str(sound),
             FONTS[song.font], str(midi))  # fmt: skip
        with wave.open(str(sound)) as stream:
            data = np.frombuffer(stream.readframes(stream.getnframes()), "<i2").reshape(-1, 2)
    finally:
        for path in (text, midi, sound):
            path.unlink(missing_ok=True)
    return mixed(data.mean(axis=1).astype(np.float32)[: round(RATE * SECONDS)] / 32_768, song.style, chance)


def mixed(samples: np.ndarray, style: str, chance: np.random.Generator) -> np.ndarray:
    """As another studio, another decade would have left it; float32, peak 0.9."""
    out = samples / max(1e-4, float(np.abs(samples).max()))
    if chance.random() < DISTORTED.get(style, 0.03):
        drive = 10 ** chance.uniform(0.3, 1.3)
        out = np.tanh(drive * out) + 0.1 * out
    elif chance.random() < 0.4:  # what loud masters do
        out = np.tanh(chance.uniform(1.0, 3.0) * out)
    for _ in range(int(chance.integers(0, 3))):  # broad bells
        centre, width = 2 ** chance.uniform(6.5, 12.5), chance.uniform(0.5, 1.2)
        edges = np.clip([centre * 2**-width, centre * 2**width], 30, 10_000)
        band = sosfilt(butter(1, edges, "band", fs=RATE, output="sos"), out)
        out = out + (10 ** (chance.uniform(-8, 8) / 20) - 1) * band
    if chance.random() < 0.3:
        out = sosfilt(butter(2, 2 ** chance.uniform(11.3, 13.2), fs=RATE, output="sos"), out)
    if chance.random() < 0.2:
        out = sosfilt(butter(1, 2 ** chance.uniform(5.5, 7.5), "high", fs=RATE, output="sos"), out)
    if chance.random() < 0.25:  # tape and shellac
        noise = lfilter([1], [1, -0.7], chance.standard_normal(len(out)))
        out = out + 10 ** (chance.uniform(-60, -32) / 20) * noise
    finished: np.ndarray = (0.9 * out / max(1e-4, float(np.abs(out).max()))).astype(np.float32)
    return finished


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=LIMIT_S)


def main(folder: Path, songs: int = SONGS, first: int = 0) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    by_style = patterns()
    styles = sorted(by_style)
    with (folder / f"songs{first}.csv").open("a", encoding="utf-8", newline="") as stream:
        table = csv.DictWriter(stream, COLUMNS)
        if not stream.tell():
            table.writeheader()
        for seed in range(first, first + songs):
            chance = np.random.default_rng([11, seed])
            style = styles[int(chance.integers(len(styles)))]
            song = Song(str(chance.choice(by_style[style])), style, str(chance.choice(list(FONTS), p=CHANCE_OF_FONT)))
            try:
                samples = played(song, seed, folder)
            except (OSError, subprocess.SubprocessError, ValueError, IndexError) as error:
                print(f"{song.pattern}: {error}", file=sys.stderr)
                continue
            if len(samples) < RATE * 10 or float(np.abs(samples).mean()) < 1e-3:
                continue
            with wave.open(str(folder / f"{seed:05d}.wav"), "wb") as out:
                out.setparams((1, 2, RATE, 0, "NONE", ""))
                out.writeframes((samples * 32_000).astype("<i2").tobytes())
            table.writerow(
                {
                    "path": f"{seed:05d}.wav",
                    "source": f"rendered: {song.style}",
                    "licence": LICENCE,
                    "pattern": song.pattern,
                    "font": song.font,
                }
            )
            stream.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *(int(argument) for argument in sys.argv[2:4])))
