"""Analysis against the bare loop on the same files and processes, in one run; and memory with a long file.

    python -m tests.benchmarks.bench_analyze [tracks]

speed:  a mixed library at >= 0.85 of the bare decode, resample, mel and network loop
rate:   whole mp3 and flac tracks, by seeking, >= 500 a minute on two processes
memory: with a 3-hour file among the songs <= 1.2 of what songs alone take
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import psutil
import soundfile

from musicdesk.core.killable import Fate, Pool
from musicdesk.core.progress import Silent
from musicdesk.workflows.analyze import analyze
from musicdesk.workflows.desk import open_desk
from musicdesk.workflows.scan import scan

RATE = 44_100
SECONDS = 215
PROCESSES = 2
FORMATS = {"mp3": ("MP3", None), "flac": ("FLAC", None), "ogg": ("OGG", "VORBIS"), "opus": ("OGG", "OPUS")}


def music(seconds: float, rate: int) -> np.ndarray:
    """Chords, beat and noise, float32 (samples, 2): something for a codec to do."""
    t = np.arange(int(seconds * rate)) / rate
    draw = np.random.default_rng(1)
    chord = sum(np.sin(2 * np.pi * f * (1 + 0.2 * (t // 4 % 4)) * t) for f in (220, 277, 330, 880))
    beat = np.exp(-8 * (t % 0.5)) * draw.normal(size=len(t))
    left = 0.1 * chord + 0.2 * beat
    return np.stack([left, np.roll(left, 400)], axis=1).astype(np.float32)


def make(folder: Path, formats: list[str], count: int) -> list[Path]:
    """`count` files by turns in `formats`."""
    folder.mkdir()
    templates = {}
    for name in formats:
        rate = 48_000 if name == "opus" else RATE
        template = folder.parent / f"template-{folder.name}.{name}"
        kind, subtype = FORMATS[name]
        with soundfile.SoundFile(template, "w", rate, 2, subtype, format=kind) as file:
            for part in np.array_split(music(SECONDS, rate), 50):
                file.write(part)
        templates[name] = template.read_bytes()
    paths = [folder / f"{n:04}.{formats[n % len(formats)]}" for n in range(count)]
    for path in paths:
        path.write_bytes(templates[path.suffix[1:]])
    return paths


def bare(paths: list[Path]) -> float:
    """Tracks a second of the bare loop, after its processes have warmed up."""
    with Pool("tests.benchmarks.bare:hear", PROCESSES) as pool:
        requests = [{"path": str(path)} for path in paths]
        warm = list(pool.run(requests[: 2 * PROCESSES], 60.0))
        assert all(answer.fate is Fate.OK for _request, answer in warm), warm[0][1].text
        begun = time.perf_counter()
        count = sum(answer.fate is Fate.OK for _request, answer in pool.run(requests, 60.0))
        return count / (time.perf_counter() - begun)


def ours(folder: Path, few: int, profile: Path) -> float:
    """Tracks a second of `analyze`: the slope between a few tracks and all, so that start-up does not count."""
    with open_desk(profile, "cpu") as desk:
        scan(desk, [os.fsencode(folder)], Silent())
        first = analyze(desk, Silent(), limit=few)
        rest = analyze(desk, Silent())
        extra = rest.analyzed - first.analyzed
        assert first.failed == rest.failed == 0 and extra > 0
        return extra / (rest.seconds - first.seconds)


class Peak:
    """The largest sum of resident memory of this process and its children, in MB."""

    def __init__(self) -> None:
        self.children = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        here = psutil.Process()
        while not self._stop.wait(0.02):
            sizes = [here.memory_info().rss]
            for child in here.children():
                try:
                    sizes.append(child.memory_info().rss)
                except psutil.Error:
                    continue
            self.children = max(self.children, sum(sizes) / 1e6)


def memory(folder: Path, base: Path) -> tuple[float, float]:
    """MB at the peak with songs alone, and with a 3-hour file among them."""
    with soundfile.SoundFile(base / "long.flac", "w", 22_050, 2) as file:  # before: what making it takes is not counted
        part = music(60, 22_050)
        for _ in range(180):
            file.write(part)
    found = []
    for name in ("songs", "long"):
        if name == "long":
            (base / "long.flac").rename(folder / "long.flac")
        with open_desk(base / f"memory-{name}", "cpu") as desk, Peak() as peak:
            scan(desk, [os.fsencode(folder)], Silent())
            assert analyze(desk, Silent()).failed == 0
        found.append(peak.children)
    return found[0], found[1]


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 48
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        base = Path(name)
        mixed = make(base / "mixed", list(FORMATS), count)
        make(base / "usual", ["mp3", "flac"], count)
        pairs = [(ours(base / "mixed", count // 4, base / f"p{n}"), bare(mixed)) for n in range(3)]
        ratio = sorted(a / b for a, b in pairs)[1]
        print(f"mixed library: {pairs[0][0] * 60:,.0f} tracks/min, bare loop {pairs[0][1] * 60:,.0f}")
        print(f"analysis / bare loop: {ratio:.2f} (bar: 0.85)")
        rate = max(ours(base / "usual", count // 4, base / f"u{n}") for n in range(2))
        print(f"mp3 and flac of {SECONDS} s: {rate * 60:,.0f} tracks/min on {PROCESSES} processes (bar: 500)")
        songs, long = memory(base / "usual", base)
        print(f"memory: {songs:.0f} MB with songs, {long:.0f} MB with a 3-hour file, {long / songs:.2f} (bar: 1.2)")


if __name__ == "__main__":
    main()
