"""A long made-up history, written fast: years of plays with taste, hours and habits, for the page at full size."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from musicdesk.catalog.catalog import Catalog
from musicdesk.history.matching import keys

FIRST, LAST = 1_262_300_400, 1_767_222_000  # 2010 to 2025
HOURS = np.array([1, 0.5, 0.3, 0.2, 0.2, 0.4, 1, 3, 4, 3, 2, 2, 3, 3, 2, 2, 3, 5, 6, 6, 7, 8, 6, 3], float)


def fill_history(
    catalog: Catalog, listens: int, songs: int, tracks: np.ndarray, seed: int = 0, unsure: int = 40
) -> None:
    """Adds `listens` plays by "me" of `songs` songs: half of them are `tracks`, `unsure` of the others ambiguous."""
    rng = np.random.default_rng(seed)
    owned = dict(zip(range(0, songs, 2), tracks.tolist(), strict=False))
    found = {track.id: track for track in catalog.tracks.get_many([*owned.values()])}
    weight = 1 / np.arange(3, songs + 3) ** 0.8
    of = rng.permutation(songs)[rng.choice(songs, listens, p=weight / weight.sum())]
    day = rng.integers(FIRST // 86_400, LAST // 86_400, listens)
    at = day * 86_400 + rng.choice(24, listens, p=HOURS / HOURS.sum()) * 3600 + rng.integers(0, 3600, listens)
    ms = np.where(
        rng.random(listens) < 0.12, rng.integers(500, 29_000, listens), rng.integers(90_000, 400_000, listens)
    )
    rows = np.unique(np.stack([of + 1, at, ms], axis=1), axis=0)
    names = [_name(at, found[owned[at]].tags if at in owned else None) for at in range(songs)]
    order = catalog.store.conn.execute("SELECT sql FROM sqlite_schema WHERE name = 'listen_by_time'").fetchone()[0]
    with catalog.write() as db:
        conn = db.conn
        me = catalog.listens.listener("me")
        source = catalog.listens.begin("spotify-extended", "Streaming_History_Audio_2010-2025.json", me)
        refused = {"podcast": len(rows) // 40, "played for 0 ms": len(rows) // 90}
        counts = (len(rows) + sum(refused.values()), len(rows), 0, sum(refused.values()))
        examples = {reason: [f"row {n:,}: an example" for n in range(1, 21)] for reason in refused}
        catalog.listens.account(source, counts, {"rejected": refused, "examples": examples, "notes": []}, True)
        conn.executemany(
            "INSERT INTO song (id, artist, title, length_ms, artist_key, title_key) VALUES (?, ?, ?, 200000, ?, ?)",
            ((n, artist, title, *keys(artist, title)) for n, (artist, title) in enumerate(names, 1)),
        )
        conn.execute("DROP INDEX listen_by_time")
        conn.executemany(
            "INSERT INTO listen (listener_id, song_id, at, kind, ms, ordinal, at_text, source_id)"
            " VALUES (?, ?, ?, 'spotify-extended', ?, 0, '', ?)",
            ((me, song, moment, length, source) for part in _parts(rows) for song, moment, length in part.tolist()),
        )
        conn.execute(order)
        conn.executemany("INSERT INTO match VALUES (?, ?, ?, ?, ?, ?)", _matches(songs, owned, unsure))
        doubts = [(n + 1, track, "fuzzy", 88.0 - place) for n in range(1, 2 * unsure, 2)
                  for place, track in enumerate(tracks[n : n + 3].tolist())]  # fmt: skip
        conn.executemany("INSERT INTO match_candidate VALUES (?, ?, ?, ?)", doubts)
        catalog.listens.settle()


def _parts(rows: np.ndarray) -> Iterator[np.ndarray]:
    return (rows[at : at + 100_000] for at in range(0, len(rows), 100_000))


def _name(at: int, tags) -> tuple[str, str]:  # type: ignore[no-untyped-def]
    return (tags.artist, tags.title) if tags else (f"Band {at % 4999}", f"Song {at}")


def _matches(songs: int, owned: dict[int, int], unsure: int) -> list[tuple[object, ...]]:
    now = time.time()
    rows: list[tuple[object, ...]] = []
    for at in range(songs):
        if at in owned:
            rows.append((at + 1, owned[at], "exact", 100.0, "matched", now))
        elif at < 2 * unsure:
            rows.append((at + 1, None, "fuzzy", 88.0, "ambiguous", now))
        else:
            rows.append((at + 1, None, "none", 0.0, "unmatched", now))
    return rows
