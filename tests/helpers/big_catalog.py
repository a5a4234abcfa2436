"""A catalog with many made-up tracks, filled fast: for tables, searches and the map at full size."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from musicdesk.catalog import words
from musicdesk.catalog.catalog import Catalog
from musicdesk.core.types import TrackId, Verdict
from musicdesk.workflows.desk import Desk, open_desk

GENRES = ("Rock", "Jazz", "Electronic", "Folk", "Classical", "Hip-Hop", "Ambient", "Soul", "Metal", "Pop", "Dub", "")
FIRST = ("Silver", "Quiet", "Broken", "Northern", "Electric", "Golden", "Hollow", "Paper", "Velvet", "Distant")
SECOND = ("River", "Morning", "Engine", "Garden", "Signal", "Harbour", "Letter", "Winter", "Mirror", "Station")
THIRD = ("Song", "Blues", "Theme", "Waltz", "Dream", "Story", "Dance", "Hymn")
DIM = 64


def fill(
    catalog: Catalog, tracks: int, encoder: str = "", seed: int = 0, folder: Path = Path("/music"), layout: bool = False
) -> np.ndarray:
    """Adds `tracks` tracks by tracks/12 artists; with `encoder` also unit vectors. Returns their ids, int64."""
    rng = np.random.default_rng(seed)
    root = catalog.roots.add(str(folder).encode())
    names = [f"{FIRST[i % 10]} {SECOND[i // 10 % 10]} {i // 100 or ''}".strip() for i in range(max(1, tracks // 12))]
    year, length = rng.integers(1960, 2026, tracks), rng.uniform(90, 420, tracks)
    artist_of = np.sort(rng.integers(0, len(names), tracks))
    genre_of = rng.integers(0, len(GENRES), len(names))
    plays = rng.poisson(0.7, tracks)
    rows = []
    for at in range(tracks):
        artist = names[artist_of[at]]
        title = f"{SECOND[at % 10]} {THIRD[at // 10 % 8]} {at}"
        album = f"{FIRST[at // 7 % 10]} {THIRD[at // 11 % 8]}"
        path = f"{folder}/{artist}/{album}/{at:06}.flac"
        genre = GENRES[genre_of[artist_of[at]]]
        named = (title, artist, album, artist, genre, int(year[at]))
        rest = (at % 12 + 1, float(length[at]), int(plays[at]), float(plays[at]), time.time())
        rows.append((root, path.encode(), path, 1000 + at, at, *named, *rest))
    columns = (
        "root_id, path, path_text, size, mtime_ns, title, artist, album, album_artist, genre, year, track_no,"
        " duration_s, plays, play_weight, added_at"
    )
    with catalog.write() as db:
        db.conn.executemany(f"INSERT INTO track ({columns}) VALUES ({','.join('?' * 16)})", rows)
        words.index(db.conn, "t.root_id = ?", (root,))
        found = db.execute("SELECT id FROM track WHERE root_id = ? ORDER BY id", (root,)).fetchall()
        ids = np.array([row[0] for row in found], np.int64)
        if encoder:
            _embed(catalog, ids, encoder, genre_of[artist_of], rng)
        if layout:
            _lay_out(catalog, ids, encoder, genre_of[artist_of], rng)
    return ids


def _embed(catalog: Catalog, ids: np.ndarray, encoder: str, groups: np.ndarray, rng: np.random.Generator) -> None:
    centres = rng.normal(size=(len(GENRES), DIM))
    vectors = centres[groups] + 0.8 * rng.normal(size=(len(ids), DIM))
    hear(catalog, ids, encoder, (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32))


def hear(catalog: Catalog, ids: np.ndarray, encoder: str, vectors: np.ndarray) -> None:
    """Gives tracks their vectors, unit rows float32 (ids, dim), and one and the same set of plain descriptors."""
    now = time.time()
    rows = ((int(i), encoder, len(vector), vector.tobytes(), now) for i, vector in zip(ids, vectors, strict=True))
    connection = catalog.store.conn
    connection.executemany("INSERT INTO embedding (track_id, encoder, dim, vector, at) VALUES (?, ?, ?, ?, ?)", rows)
    zeros = np.zeros(4, np.float32).tobytes()
    facts = (120.0, 0.9, -14.0, -4.0, 0.9, "C major", 0.8, 44_100, 2, "flac")
    connection.executemany(
        "INSERT OR REPLACE INTO descriptor (track_id, dim, vector, tempo, tempo_confidence, loudness_lufs, gain_db,"
        f" peak, key, key_confidence, rate_hz, channels, codec) VALUES ({','.join('?' * 13)})",
        ((int(i), 4, zeros, *facts) for i in ids),
    )
    connection.execute("UPDATE fact SET value = value + 1 WHERE name = 'embeddings'")


def _lay_out(catalog: Catalog, ids: np.ndarray, encoder: str, groups: np.ndarray, rng: np.random.Generator) -> None:
    centres = rng.normal(size=(len(GENRES), 3))
    xyz = (centres[groups] + 0.25 * rng.normal(size=(len(ids), 3))).astype(np.float32)
    catalog.layouts.save("pca", encoder, ids, xyz, 0.9, 1.0)


@contextmanager
def liked_library(folder: Path) -> Iterator[Desk]:
    """A desk with 360 tracks that were heard, three of them liked."""
    with open_desk(folder) as desk:
        fill(desk.catalog, 360, desk.encoder)
        for track in (3, 50, 200):
            desk.catalog.feedback.rate(TrackId(track), Verdict.LIKE)
        yield desk
