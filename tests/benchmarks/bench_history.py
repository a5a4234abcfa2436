"""Histories at size: personal rows, a crowd against a bare scan, matching on a planted set.

    python -m tests.benchmarks.bench_history [personal rows] [crowd rows] [songs] [tracks]

personal: one JSON of about 2 kB a row (bars for 1,000,000 rows, 2 GB: 40 s, 300 MB)
crowd:    triplets in the Taste Profile's form against polars' scan of the same file (bars: 3 times, 6 GB)
matching: (bars for 20,000 songs and 100,000 tracks: 10 s, recall .98, precision .99)
"""

from __future__ import annotations

import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from musicdesk.history.matching import Library, Owned, Song, keys
from tests.helpers.histories import extended
from tests.helpers.planted import library, measured, songs

SIZES = (50_000, 1_000_000, 4_000, 20_000)
SONGS = 384_546
BYTES = 2_000  # of one personal row
RUN = """
import json, resource, sys, time
from pathlib import Path
from musicdesk.core.progress import Silent
from musicdesk.workflows.desk import open_desk
from musicdesk.workflows.import_history import import_history
with open_desk(Path(sys.argv[1])) as desk:
    begun = time.perf_counter()
    done = import_history(desk, [Path(sys.argv[2])], Silent())
    seconds = time.perf_counter() - begun
assert done.rows == done.imported + done.duplicates + sum(done.rejected.values())
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([seconds, peak, done.rows, done.imported]))
"""
SCAN = """
import sys, time
import polars as pl
begun = time.perf_counter()
scan = pl.scan_csv(sys.argv[1], separator="\\t", has_header=False, new_columns=["u", "s", "n"], quote_char=None)
scan.select(pl.len(), pl.col("n").sum(), pl.col("u").str.len_bytes().sum(), pl.col("s").str.len_bytes().sum()).collect()
print(time.perf_counter() - begun)
"""


def program(text: str, *arguments: Path) -> str:
    return subprocess.run(
        [sys.executable, "-c", text, *map(str, arguments)], check=True, capture_output=True, text=True
    ).stdout


def write_plays(path: Path, rows: int) -> None:
    """A history of `rows` plays of rows / 20 songs, with rows padded to their size."""
    draw = random.Random(1)
    padding = "x" * (BYTES - len(json.dumps(extended())) - 20)
    with path.open("w") as file:
        for n in range(rows):
            song = int(draw.paretovariate(0.7)) % max(1, rows // 20)
            at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1_300_000_000 + n * 200))
            row = extended(ts=at, ms_played=draw.randrange(300_000), user_agent_decrypted=padding)
            row["master_metadata_track_name"], row["master_metadata_album_artist_name"] = (
                f"Song {song}",
                f"B {song % 997}",
            )
            file.write(("[" if not n else ",\n") + json.dumps(row))
        file.write("]")


def write_triplets(path: Path, rows: int) -> None:
    """Listeners one after the other, each with songs in order and 47 of them on average."""
    rng = np.random.default_rng(0)
    signs = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", np.uint8)
    digits = np.frombuffer(b"0123456789abcdef", np.uint8)
    names = np.sort(signs[rng.integers(0, 36, (SONGS, 16))].view("S16").ravel()).view(np.uint8).reshape(-1, 16)
    popular = rng.permutation(SONGS).astype(np.int64)
    with path.open("wb") as file:
        for start in range(0, rows, 1_000_000):
            count = min(1_000_000, rows - start)
            users = digits[rng.integers(0, 16, (count // 47 + 1, 40))]
            table = np.full((count, 62), 9, np.uint8)
            song = popular[(rng.random(count) ** 3 * SONGS).astype(int)]
            pairs = np.sort(rng.integers(0, len(users), count) * SONGS + song)  # as in the true file
            table[:, :40] = users[pairs // SONGS]
            table[:, 41:43] = np.frombuffer(b"SO", np.uint8)
            table[:, 43:59] = names[pairs % SONGS]
            table[:, 60] = 48 + np.minimum(9, rng.geometric(0.5, count))
            table[:, 61] = 10
            file.write(table.tobytes())


def personal(place: Path, rows: int) -> dict[str, float]:
    path = place / "endsong_0.json"
    write_plays(path, rows)
    seconds, peak, counted, _imported = json.loads(program(RUN, place / "personal", path))
    assert counted == rows
    size = path.stat().st_size
    path.unlink()
    return {
        "personal_rows": rows,
        "personal_mb": round(size / 1e6),
        "personal_s": round(seconds, 2),
        "personal_peak_mb": round(peak),
    }


def crowd(place: Path, rows: int) -> dict[str, float]:
    path = place / "train_triplets.txt"
    write_triplets(path, rows)
    scans, takes, peak = [], [], 0.0
    for n in range(3):  # by turns, so that both meet the same weather
        scans.append(float(program(SCAN, path)))
        seconds, peak, counted, _imported = json.loads(program(RUN, place / f"crowd{n}", path))
        takes.append(seconds)
        assert counted == rows
    path.unlink()
    scan, take = statistics.median(scans), statistics.median(takes)
    return {
        "crowd_rows": rows,
        "crowd_s": round(take, 2),
        "crowd_scan_s": round(scan, 2),
        "crowd_ratio": round(take / scan, 2),
        "crowd_peak_mb": round(peak),
    }


def matching(count: int, size: int) -> dict[str, float]:
    draw = random.Random(3)
    tracks = library(size, draw)
    wanted = songs(tracks, count, draw)
    begun = time.perf_counter()
    owned = [Owned(n, *keys(by, title), "", seconds) for n, (by, title, seconds) in enumerate(tracks)]
    asked = [Song(n, *keys(s[0], s[1]), "", s[2]) for n, (s, _place, _change) in enumerate(wanted)]
    answers = list(Library.of(owned).match(asked))
    seconds = time.perf_counter() - begun
    same = [(track.artist_key, track.title_key) for track in owned]
    found = []
    for song, answer in answers:
        place = wanted[song.id][1]
        alike = place is not None and answer.track is not None and same[place] == same[answer.track]
        found.append((place, place if alike else answer.track))
    recall, precision = measured(found)
    return {
        "matching_songs": count,
        "matching_tracks": size,
        "matching_s": round(seconds, 2),
        "matching_recall": round(recall, 4),
        "matching_precision": round(precision, 4),
    }


def main() -> dict[str, float]:
    given = [int(text) for text in sys.argv[1:]]
    rows, triplets, count, size = [*given, *SIZES[len(given) :]]
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        return {**personal(place, rows), **crowd(place, triplets), **matching(count, size)}


if __name__ == "__main__":
    print(json.dumps(main(), indent=2))
