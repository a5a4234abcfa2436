"""A profile as large as they are claimed to work: tracks with sound and a map, ratings, a long history, a big crowd.

python -m tests.helpers.big_profile FOLDER [tracks] [listens] [crowd songs] [ratings]
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from musicdesk.catalog.catalog import Catalog
from musicdesk.core.progress import Silent
from musicdesk.workflows.desk import Desk, open_desk
from musicdesk.workflows.import_history import import_history
from tests.helpers.big_catalog import FIRST, SECOND, THIRD, fill
from tests.helpers.big_history import fill_history

SIZES = (100_000, 10_000_000, 1_000_000, 100_000)
LISTENERS = 20_000


def fill_profile(folder: Path, tracks: int, listens: int, crowd_songs: int, ratings: int, seed: int = 0) -> None:
    """Makes the profile in `folder`; half of the songs of the history, and a share of the crowd's, are owned."""
    with open_desk(folder) as desk:
        ids = fill(desk.catalog, tracks, desk.encoder, layout=True)
        fill_history(desk.catalog, listens, 2 * tracks, ids)
        _rate(desk.catalog, ids, ratings, np.random.default_rng(seed + 1))
        _import_crowd(desk, crowd_songs, np.random.default_rng(seed + 2))
        desk.catalog.store.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _rate(catalog: Catalog, ids: np.ndarray, ratings: int, rng: np.random.Generator) -> None:
    """Events over three years, most of them likes; of each track the newest holds, as if said one by one."""
    rated = rng.choice(ids, ratings)
    said = rng.choice(("like", "dislike", "never"), ratings, p=(0.7, 0.25, 0.05))
    at = np.sort(time.time() - rng.uniform(0, 3 * 365 * 86_400, ratings))
    sql = "INSERT INTO feedback_event (track_id, verdict, scope, at) VALUES (?, ?, 'everywhere', ?)"
    with catalog.write() as db:
        rows = list(zip(rated.tolist(), said.tolist(), at.tolist(), strict=True))
        db.conn.executemany(sql, rows)
        db.conn.executemany("UPDATE track SET verdict = ? WHERE id = ?", ((v, t) for t, v, _at in rows))


def _import_crowd(desk: Desk, songs: int, rng: np.random.Generator) -> None:
    """Through the importers, as a person does: triplets, and the names of all songs."""
    with tempfile.TemporaryDirectory() as place:
        plays, names = Path(place) / "train_triplets.txt", Path(place) / "unique_tracks.txt"
        with plays.open("w") as file:
            whose = np.sort(rng.integers(0, LISTENERS, 2 * songs))
            which = np.concatenate([rng.permutation(songs), rng.permutation(songs)])
            count = rng.geometric(0.4, 2 * songs)
            file.writelines(f"{w:040x}\tSO{s:016d}\t{n}\n" for w, s, n in zip(whose, which, count, strict=True))
        with names.open("w") as file:
            for at in range(songs):
                artist = f"{FIRST[at % 10]} {SECOND[at // 10 % 10]} {at // 100 or ''}".strip()
                title = f"{SECOND[at % 10]} {THIRD[at // 10 % 8]} {at}"
                file.write(f"TR{at:016d}<SEP>SO{at:016d}<SEP>{artist}<SEP>{title}\n")
        import_history(desk, [plays, names], Silent(), crowd="everybody")


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[2:]]
    fill_profile(Path(sys.argv[1]), *[*given, *SIZES[len(given) :]])
