"""Collects music of Debian's packages of free games, as a list for `study_encoder`.

    python -m tests.benchmarks.study_packages FOLDER

Needs `apt-get` and `dpkg`. Every package is downloaded and only its music kept; FOLDER gets `packages.csv`. Packages
of games whose music is held back for measuring are not among them.
"""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

from musicdesk.audio.decode import opened
from musicdesk.core.errors import SoundError

# package: licence of its music, as its copyright file states it
PACKAGES = {
    "ardentryst": "CC-BY-SA-3.0 and GPL-3.0-or-later",
    "asc-music": "GPL-2.0-or-later",
    "btanks-data": "Battle-Tanks-License (GPL-2.0-or-later with exceptions)",
    "cube2-data": "as in its copyright file (CC-BY, CC-BY-SA, public domain)",
    "drascula-music": "Drascula-License (free redistribution)",
    "fretsonfire-songs-muldjord": "CC-BY-SA-3.0",
    "fretsonfire-songs-sectoid": "MIT",
    "hyperrogue-music": "CC-BY-SA-3.0, CC-BY-SA-4.0 and CC-BY-3.0",
    "planetblupi-music-ogg": "GPL-3.0-or-later",
    "scorched3d-data": "GPL-2.0-or-later and CC-BY-SA-3.0",
    "supertuxkart-data": "CC-BY-SA-3.0, CC-BY-SA-4.0 and GPL-3.0-or-later",
    "trackballs-data": "Ethymonics Free Music License and CC0-1.0",
    "ufoai-music": "GPL-2.0-or-later, CC-BY-3.0 and CC-BY-SA-3.0",
    "wesnoth-1.16-music": "GPL-2.0-or-later",
    "widelands-data": "GPL-2.0-or-later",
    "zaz-data": "CC-BY-SA-3.0 and GPL-3.0-or-later",
}
ENDS = ("*.ogg", "*.oga", "*.mp3", "*.opus", "*.flac", "*.wav")
ARCHIVE = "*.pk3"  # of some games: a zip
SMALLEST = 250_000  # bytes; below that, effects
NO_MUSIC = ("sfx", "/sound", "/voice", "/speech", "engine", "/kart")
LONG_S = 45.0  # from here on two stretches are heard
PLACES = (0.22, 0.62)


def collected(package: str, folder: Path) -> list[Path]:
    """Downloads one package and keeps its music. Raises CalledProcessError."""
    home = folder.resolve() / package
    if not home.exists():
        subprocess.run(["apt-get", "download", "-q", package], cwd=folder, check=True, capture_output=True)
        (archive,) = folder.glob(f"{package}_*.deb")
        home.mkdir()
        tar = subprocess.Popen(["dpkg", "--fsys-tarfile", str(archive)], stdout=subprocess.PIPE)
        command = ["tar", "-x", "-C", str(home), "--wildcards", "--no-anchored", *ENDS, ARCHIVE]
        subprocess.run(command, stdin=tar.stdout, check=False)
        tar.wait()
        archive.unlink()
        for packed in list(home.rglob(ARCHIVE)):
            shutil.unpack_archive(packed, packed.with_suffix(""), "zip")
            packed.unlink()
    files = sorted(
        {path.resolve() for end in ENDS for path in home.rglob(end) if path.is_file()}
    )  # some are linked under more names
    found = [path for path in files if path.stat().st_size >= SMALLEST]
    return [path for path in found if not any(word in str(path).lower() for word in NO_MUSIC)]


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
