"""Scan against the least that any scan must do, both in one run; ratios are what counts.

    python tests/benchmarks/bench_scan.py [files]

rescan: 10,000 unchanged files against a bare os.scandir + stat walk (bar: 1.5)
first:  the same files, new, against bare mutagen.File on each (bar: 1.3)
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import mutagen
import numpy as np
import soundfile
from mutagen.flac import FLAC
from mutagen.id3 import ID3, TALB, TDRC, TIT2, TPE1, TRCK
from mutagen.oggvorbis import OggVorbis

from musicdesk.catalog.catalog import Catalog
from musicdesk.core.paths import Profile
from musicdesk.core.progress import Silent
from musicdesk.core.settings import Settings
from musicdesk.workflows.scan import scan

ALBUM = 12  # files to a folder
REPEATS = 7
FIRST_REPEATS = 3


def make_library(folder: Path, count: int) -> None:
    """`count` small real files, mp3, flac and ogg by turns, in artist/album folders with full tags."""
    sound = np.random.default_rng(0).normal(0, 0.1, 44_100).astype(np.float32)
    templates = {}
    for ending, kind in (("mp3", "MP3"), ("flac", "FLAC"), ("ogg", "OGG")):
        template = folder / f"template.{ending}"
        soundfile.write(template, sound, 44_100, format=kind)
        templates[ending] = template.read_bytes()
        template.unlink()
    endings = list(templates)
    for i in range(count):
        album = folder / f"Artist {i // (ALBUM * 5)}" / f"Album {i // ALBUM}"
        album.mkdir(parents=True, exist_ok=True)
        ending = endings[i % len(endings)]
        path = album / f"{i % ALBUM + 1:02} - Title {i}.{ending}"
        path.write_bytes(templates[ending])
        _tag(path, i)


def _tag(path: Path, i: int) -> None:
    texts = (f"Title {i}", f"Artist {i // (ALBUM * 5)}", f"Album {i // ALBUM}", "2001", str(i % ALBUM + 1))
    if path.suffix == ".mp3":
        frames = ID3()
        for kind, text in zip((TIT2, TPE1, TALB, TDRC, TRCK), texts, strict=True):
            frames.add(kind(encoding=3, text=[text]))
        frames.save(path)
        return
    opened: Any = FLAC(path) if path.suffix == ".flac" else OggVorbis(path)
    for name, text in zip(("title", "artist", "album", "date", "tracknumber"), texts, strict=True):
        opened[name] = text
    opened.save()


def bare_walk(folder: bytes) -> int:
    count, folders = 0, [folder]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir():
                    folders.append(entry.path)
                else:
                    entry.stat()
                    count += 1
    return count


def bare_mutagen(folder: Path) -> int:
    return sum(mutagen.File(path) is not None for path in folder.rglob("*.*"))


def seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def new_desk(folder: Path) -> Any:
    profile = Profile(folder).make()
    return SimpleNamespace(profile=profile, settings=Settings(), catalog=Catalog.open(profile.catalog))


def main() -> dict[str, float]:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as place:
        music = Path(place) / "music"
        music.mkdir()
        make_library(music, count)
        root = os.fsencode(music)
        bare_walk(root)
        bare_firsts, firsts = [], []
        for i in range(FIRST_REPEATS):
            bare_firsts.append(seconds(lambda: bare_mutagen(music)))
            desk = new_desk(Path(place) / f"profile{i}")
            firsts.append(seconds(lambda desk=desk: scan(desk, [root], Silent())))  # type: ignore[misc]
            if i + 1 < FIRST_REPEATS:
                desk.catalog.close()
        bare_first, first = statistics.median(bare_firsts), statistics.median(firsts)
        walks, rescans = [], []
        for _ in range(REPEATS):  # by turns, so that both meet the same weather
            walks.append(seconds(lambda: bare_walk(root)))
            rescans.append(seconds(lambda: scan(desk, [root], Silent())))
        total = desk.catalog.tracks.count()["present"]
        desk.catalog.close()
    assert total == count, total
    return {
        "files": count,
        "bare_mutagen_s": round(bare_first, 3),
        "first_scan_s": round(first, 3),
        "first_scan_ratio": round(first / bare_first, 3),
        "bare_walk_s": round(statistics.median(walks), 4),
        "rescan_s": round(statistics.median(rescans), 4),
        "rescan_ratio": round(statistics.median(rescans) / statistics.median(walks), 3),
    }


if __name__ == "__main__":
    print(json.dumps(main(), indent=2))
