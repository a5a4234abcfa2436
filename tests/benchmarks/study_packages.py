"""Collects music of Debian's packages of free games, as a list for `study_encoder`.

    python -m tests.benchmarks.study_packages FOLDER

Needs `apt-get` and `dpkg`, and for what is kept as notes `openmpt123` (modules) and `fluidsynth` with sound fonts of
`study_grooves` (MIDI). Every package is downloaded and only its music kept; FOLDER gets `packages.csv`. Packages of
games whose music is held back for measuring are not among them.
"""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path

from musicdesk.audio.decode import opened
from musicdesk.core.errors import SoundError
from tests.benchmarks.study_grooves import FONTS, LIMIT_S, RATE

# package: licence of its music, as its copyright file states it
PACKAGES = {
    "0ad-data": "CC-BY-SA-3.0",
    "adonthell-data": "GPL-2.0-or-later",
    "amoebax-data": "Free Art License 1.2",
    "angrydd": "GPL-2.0",
    "ardentryst": "CC-BY-SA-3.0 and GPL-3.0-or-later",
    "asc-music": "GPL-2.0-or-later",
    "bb": "GPL-2.0-or-later",
    "berusky2-data": "GPL-2.0-or-later",
    "biniax2-data": "Zlib",
    "bomberclone-data": "GPL-2.0",
    "brainparty-data": "GPL-3.0-or-later",
    "btanks-data": "Battle-Tanks-License (GPL-2.0-or-later with exceptions)",
    "bugsquish": "GPL-2.0",
    "circuslinux-data": "GPL-2.0",
    "csmash-demosong": "EFF Open Audio License 1.0",
    "cube2-data": "as in its copyright file (CC-BY, CC-BY-SA, public domain)",
    "davegnukem-data": "MIT or GPL-2.0 or GPL-3.0",
    "drascula-music": "Drascula-License (free redistribution)",
    "extremetuxracer-data": "GPL-2.0-or-later",
    "flare-game": "CC-BY-SA-3.0",
    "freeciv-data": "GPL-2.0-or-later",
    "freecol": "CC-BY-4.0",
    "fretsonfire-songs-muldjord": "CC-BY-SA-3.0",
    "fretsonfire-songs-sectoid": "MIT",
    "funnyboat": "GPL-2.0",
    "gigalomania-data": "CC-BY-3.0",
    "gl-117-data": "GPL-2.0",
    "gltron": "GPL-2.0-or-later",
    "heroes-sound-tracks": "GPL-2.0-or-later",
    "hex-a-hop-data": "CC-BY-SA-3.0 and GPL-2.0-or-later",
    "hyperrogue-music": "CC-BY-SA-3.0, CC-BY-SA-4.0 and CC-BY-3.0",
    "liquidwar-data": "GPL-2.0-or-later",
    "lordsawar-data": "GPL-3.0-or-later",
    "madbomber-data": "GPL-2.0",
    "marsshooter-data": "CC-BY-SA-3.0",
    "miceamaze": "CC-BY-3.0",
    "njam-data": "GPL-2.0-or-later",
    "open-invaders-data": "GPL-2.0-or-later",
    "openttd-openmsx": "GPL-2.0",
    "pachi-data": "GPL-2.0-or-later",
    "pangzero": "GPL-2.0-or-later",
    "pathological": "GPL-2.0-or-later",
    "pax-britannica-data": "MIT",
    "phlipple-data": "GPL-3.0-or-later",
    "pinball-data": "GPL-2.0",
    "pinball-table-gnu-data": "CC-BY-SA-3.0",
    "pinball-table-hurd-data": "GPL-2.0-or-later",
    "planetblupi-music-ogg": "GPL-3.0-or-later",
    "plee-the-bear-data": "CC-BY-SA-3.0",
    "powermanga-data": "GPL-3.0-or-later",
    "pushover-data": "GPL-3.0-or-later",
    "rafkill-data": "LGPL-2.0",
    "raincat-data": "CC-BY-SA-3.0",
    "ri-li-data": "GPL-2.0 or GPL-3.0",
    "rockdodger": "GPL-2.0-or-later",
    "scorched3d-data": "GPL-2.0-or-later and CC-BY-SA-3.0",
    "seahorse-adventures": "GPL-2.0",
    "simutrans-data": "Artistic-1.0",
    "solarwolf": "LGPL-2.1",
    "supertuxkart-data": "CC-BY-SA-3.0, CC-BY-SA-4.0 and GPL-3.0-or-later",
    "tecnoballz-data": "GPL-3.0-or-later",
    "trackballs-data": "Ethymonics Free Music License and CC0-1.0",
    "ufoai-music": "GPL-2.0-or-later, CC-BY-3.0 and CC-BY-SA-3.0",
    "vodovod": "GPL-2.0-or-later",
    "vonsh": "CC0-1.0 and CC-BY-3.0",
    "wesnoth-1.16-music": "GPL-2.0-or-later",
    "widelands-data": "GPL-2.0-or-later",
    "wizznic-data": "GPL-3.0",
    "zaz-data": "CC-BY-SA-3.0 and GPL-3.0-or-later",
}
ENDS = (".ogg", ".oga", ".mp3", ".opus", ".flac", ".wav")
MODULES, MIDI = (".xm", ".it", ".s3m", ".mod"), (".mid", ".midi")
ARCHIVES = (".pk3", "public.zip")  # of some games: a zip
SMALLEST = 250_000  # bytes of sound; below that, effects
NO_MUSIC = ("sfx", "/sound", "/voice", "/speech", "engine", "/kart", "/campaigns/", "/audio/ambient", "/actor/")
LONG_S = 45.0  # from here on two stretches are heard
PLACES = (0.22, 0.62)


def collected(package: str, folder: Path) -> list[Path]:
    """Downloads one package and keeps its music; notes are played. Raises CalledProcessError."""
    home = folder.resolve() / package
    if not home.exists():
        subprocess.run(["apt-get", "download", "-q", package], cwd=folder, check=True, capture_output=True)
        (archive,) = folder.glob(f"{package}_*.deb")
        home.mkdir()
        tar = subprocess.Popen(["dpkg", "--fsys-tarfile", str(archive)], stdout=subprocess.PIPE)
        wanted = [f"*{end}" for end in (*ENDS, *MODULES, *MIDI, *ARCHIVES)]
        command = ["tar", "-x", "-C", str(home), "--wildcards", "--no-anchored", *wanted]
        subprocess.run(command, stdin=tar.stdout, check=False)
        tar.wait()
        archive.unlink()
        for packed in _files(home, ARCHIVES):
            _unpack(packed)
    played = [sound for notes in _files(home, MODULES + MIDI) if (sound := _played(notes))]
    sounds = [path for path in _files(home, ENDS) if path.stat().st_size >= SMALLEST]
    return [path for path in sorted({*sounds, *played}) if not any(word in str(path).lower() for word in NO_MUSIC)]


def _files(home: Path, ends: Iterable[str]) -> set[Path]:
    """Each once: some are linked under more names."""
    return {path.resolve() for end in ends for path in home.rglob(f"*{end}") if path.is_file()}


def _unpack(packed: Path) -> None:
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(packed.with_suffix(""), [name for name in archive.namelist() if name.endswith(ENDS)])
    packed.unlink()


def _played(notes: Path) -> Path | None:
    """The sound of a module or a MIDI file, beside it; None where the player fails. Which sound font a MIDI file gets
    hangs on its name."""
    sound = notes.with_name(f"{notes.name}.wav")
    font = FONTS[("fluid", "timgm")[sum(notes.name.encode()) % 2]]
    command = (
        ["openmpt123", "--batch", "--quiet", "--end-time", "180", "--output", str(sound), str(notes)]
        if notes.suffix in MODULES
        else ["fluidsynth", "-niq", "-g", "0.5", "-r", str(RATE), "-T", "wav", "-F", str(sound), font, str(notes)]
    )
    if not sound.exists():
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=LIMIT_S)
        except (OSError, subprocess.SubprocessError) as error:
            sound.unlink(missing_ok=True)
            print(f"{notes}: {error}", file=sys.stderr)
    return sound if sound.exists() else None


def starts(path: Path) -> str:
    """Where the stretches begin that are heard, in seconds. Raises SoundError."""
    with opened(os.fsencode(path)) as source:
        duration = source.info.duration_s or 0.0
    return " ".join(f"{place * duration:.1f}" for place in PLACES) if duration >= LONG_S else "0"


def main(folder: Path) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "packages.csv").open("w", encoding="utf-8", newline="") as stream:
        table = csv.DictWriter(stream, ("path", "source", "artist", "style", "licence", "start_s"))
        table.writeheader()
        for package, licence in PACKAGES.items():
            for path in collected(package, folder):
                try:
                    row = {"source": f"Debian: {package}", "licence": licence, "start_s": starts(path)}
                except SoundError as error:
                    print(f"{path}: {error}", file=sys.stderr)
                    continue
                table.writerow({"path": path.relative_to(folder.resolve()), **row})
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
