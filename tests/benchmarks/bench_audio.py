"""How fast tracks are heard, and what is paid beyond decoding. Everything is measured in one run, by turns.

    python -m tests.benchmarks.bench_audio [--seconds 215] [--rounds 5] [--json]

"obvious" is what a careful programmer writes first for the same windows (av.AudioResampler per frame,
numpy mean, soxr, log-mel); "bare" does the same with this program's decoder. `listen` adds the descriptors,
loudness, identity, overview. The times are CPU seconds of this process.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import av
import numpy as np
import soxr

from musicdesk.audio.decode import opened
from musicdesk.audio.gather import SOUGHT_WINDOWS, STRETCH_S, joined, mono_at, starts_of, trimmed
from musicdesk.audio.listen import identity, listen
from musicdesk.audio.packing import Block
from musicdesk.audio.spectrogram import log_mel
from musicdesk.core.types import MelSpec
from tests.helpers.sound import encode, tones

SPEC = MelSpec()
KINDS = ("mp3", "flac", "ogg", "opus", "m4a", "wav")


def obvious(path: Path) -> None:
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        for start in starts_of(container.duration / av.time_base, SOUGHT_WINDOWS):
            container.seek(int(start * av.time_base))
            resampler, parts, seconds = av.AudioResampler(format="flt"), [], 0.0
            for frame in container.decode(stream):
                frame.pts = None
                rate = frame.sample_rate
                for packed in resampler.resample(frame):
                    parts.append(packed.to_ndarray().reshape(-1, packed.layout.nb_channels))
                seconds += frame.samples / rate
                if seconds >= STRETCH_S:
                    break
            samples = np.concatenate(parts)
            mono = samples @ np.full(samples.shape[1], 1 / samples.shape[1], np.float32)
            log_mel(soxr.resample(mono, rate, SPEC.rate_hz, "HQ"), SPEC)


def bare(path: Path) -> None:
    for block in decoded(path):
        log_mel(mono_at(block, SPEC.rate_hz), SPEC)


def decoded(path: Path) -> list[Block]:
    """Only the decoding of what `listen` decodes."""
    with opened(os.fsencode(path)) as source:
        starts = starts_of(source.info.duration_s or 0.0, SOUGHT_WINDOWS)
        return [block for at in starts for block in joined(list(trimmed(source.blocks(at, STRETCH_S), STRETCH_S)))]


def timed(tasks: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Least CPU seconds of each task; the tasks take turns, so that a busy machine is fair to all."""
    best = dict.fromkeys(tasks, float("inf"))
    for _ in range(rounds):
        for name, task in tasks.items():
            begun = time.process_time()
            task()
            best[name] = min(best[name], time.process_time() - begun)
    return best


def measure(path: Path, rounds: int) -> dict[str, float]:
    request = {"path": str(path)}
    tasks: dict[str, Callable[[], object]] = {
        "obvious": lambda: obvious(path),
        "bare": lambda: bare(path),
        "decode": lambda: decoded(path),
        "listen": lambda: listen(request),
        "identity": lambda: identity(request),
        "whole": lambda: listen({**request, "whole": True}),
    }
    best = timed(tasks, rounds)
    return {
        "tracks_per_min_core": 60 / best["listen"],
        "whole_per_min_core": 60 / best["whole"],
        "speed_of_obvious": best["obvious"] / best["listen"],
        "speed_of_bare": best["bare"] / best["listen"],
        "share_decode": best["decode"] / best["listen"],
        "share_mel": (best["bare"] - best["decode"]) / best["listen"],
        "share_rest": 1 - best["bare"] / best["listen"],
        "identity_ms": best["identity"] * 1000,
    }


def main(arguments: list[str] | None = None) -> dict[str, dict[str, float]]:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=215.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    results: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        sound = tones(10.0, 48_000)
        sound = np.tile(sound, (int(options.seconds / 10) + 1, 1))[: round(options.seconds * 48_000)]
        for kind in KINDS:
            path = encode(Path(folder) / f"track.{kind}", sound, 48_000)
            results[kind] = measure(path, options.rounds)
            path.unlink()
    if options.json:
        print(json.dumps(results))
    else:
        print(f"{'':24}" + "".join(f"{kind:>9}" for kind in results))
        for name in results[KINDS[0]]:
            print(f"{name:24}" + "".join(f"{result[name]:9.2f}" for result in results.values()))
    return results


if __name__ == "__main__":
    main(sys.argv[1:])
