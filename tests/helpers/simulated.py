"""Listeners of the planted world at a desk: their taste is known, so what a list would please them is known too."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

import numpy as np

from musicdesk.catalog import words
from musicdesk.core.types import TrackId, Verdict
from musicdesk.demo.world import World, WorldSpec
from musicdesk.workflows.desk import Desk
from musicdesk.workflows.questions import questions
from musicdesk.workflows.recommend import Request, draft
from tests.helpers import planted_taste
from tests.helpers.big_catalog import hear

SPEC = WorldSpec(genres=8, artists=60, tracks=480, listeners=400, plays_median=0.1, seed=3)
PLEASES = 0.4  # cosine to the listener's taste at which a track is liked every second time
SHARP = 8.0  # how fast liking rises with the cosine
LIST = 10  # tracks of a list that are rated before the next one is asked for


def plant(desk: Desk, world: World, covers: Mapping[int, int] | None = None, noise: float = 0.25) -> np.ndarray:
    """The world's tracks as a library with heard vectors; returns their ids, int64 (tracks,).

    covers: row -> row of the track that it sounds like, whatever its artist and style are
    noise:  how much of the sound has nothing to do with taste, as deviation per dimension of the taste space
    """
    tracks, now = world.tracks, time.time()
    root = desk.catalog.roots.add(b"/planted")
    columns = "root_id, path, path_text, size, mtime_ns, title, artist, album, genre, duration_s, added_at"
    rows = []
    for at, (artist, genre) in enumerate(zip(tracks.artist.tolist(), tracks.genre.tolist(), strict=True)):
        path = f"/planted/{at:05}.flac"
        named = (f"Song {at}", f"Artist {artist}", f"Album {artist}.{at % 3}", f"Style {genre}")
        rows.append((root, path.encode(), path, 1_000 + at, at, *named, 200.0, now))
    with desk.catalog.write() as db:
        db.conn.executemany(f"INSERT INTO track ({columns}) VALUES ({','.join('?' * 11)})", rows)
        words.index(db.conn, "t.root_id = ?", (root,))
        found = db.execute("SELECT id FROM track WHERE root_id = ? ORDER BY id", (root,)).fetchall()
        ids = np.array([row[0] for row in found], np.int64)
        hear(desk.catalog, ids, desk.encoder, _sound(world, covers or {}, noise))
    return ids


def _sound(world: World, covers: Mapping[int, int], noise: float) -> np.ndarray:
    """float32 (tracks, dim), unit rows."""
    matrix = planted_taste.vectors(world, noise).matrix.copy()
    rng = np.random.default_rng(8)
    for cover, original in covers.items():
        row = matrix[original] + 0.02 * rng.normal(size=matrix.shape[1])
        matrix[cover] = row / np.linalg.norm(row)
    return matrix


def forget(desk: Desk) -> None:
    """Somebody else sits down: nothing has been said or shown."""
    for table in ("feedback_event", "scoped", "playlist_item", "playlist", "play_event"):
        desk.catalog.store.conn.execute(f"DELETE FROM {table}")
    desk.catalog.store.conn.execute("UPDATE track SET verdict = NULL, stars = NULL, plays = 0, play_weight = 0")
    desk.memo.pop("ranks key", None)


class Simulated:
    """One listener: `chance` float64 (tracks,) is how probably each track is liked, by taste alone."""

    def __init__(self, world: World, ids: np.ndarray, number: int, seed: int = 0) -> None:
        affinity = world.affinity(np.array([number]))[0]
        self.chance = 1.0 / (1.0 + np.exp(-SHARP * (affinity - PLEASES)))
        self._row = {int(track): row for row, track in enumerate(ids)}
        self._draw = np.random.default_rng([seed, number])

    def say(self, desk: Desk, track: TrackId) -> None:
        liked = self._draw.random() < self.chance[self._row[int(track)]]
        desk.catalog.feedback.rate(track, Verdict.LIKE if liked else Verdict.DISLIKE)

    def get_started(self, desk: Desk, ratings: int) -> set[int]:
        """Answers the ten questions, then rates what *for you* shows, list after list. Returns what was rated."""
        said: set[int] = set()
        shown = [question.track for question in questions(desk).questions]
        seed = 0
        while True:
            with desk.catalog.write():
                for track in [track for track in shown if int(track) not in said][: ratings - len(said)]:
                    self.say(desk, track)
                    said.add(int(track))
            if len(said) == ratings:
                return said
            seed += 1
            shown = self._shown(desk, seed)

    def _shown(self, desk: Desk, seed: int) -> list[TrackId]:
        """A list; while nothing is liked, ten more questions."""
        if not desk.catalog.feedback.listener().liked:
            return [question.track for question in questions(desk).questions]
        return [pick.track for pick in draft(desk, Request(n=LIST, seed=seed))[0].picks]

    def pleased(self, tracks: Sequence[int]) -> float:
        """The share of these tracks that is liked, in expectation."""
        return float(np.mean([self.chance[self._row[int(track)]] for track in tracks]))


def like_rates(
    desk: Desk, world: World, ids: np.ndarray, listeners: Sequence[int], ratings: int = 30, n: int = 20
) -> dict[str, np.ndarray]:
    """What share of n unrated tracks each listener likes after so many ratings: in *for you*, among the tracks that
    all others play most, and at random; float64 (listeners,) each. Who has liked nothing yet gets no list: that counts
    as chance."""
    counts = world.counts()
    found: dict[str, list[float]] = {"for you": [], "popularity": [], "random": []}
    for number in listeners:
        forget(desk)
        person = Simulated(world, ids, number)
        rated = person.get_started(desk, ratings)
        unrated = [int(track) for track in ids if int(track) not in rated]
        request = Request(n=n, adventure=0.0, surprise=0.0, without=tuple(TrackId(track) for track in rated))
        known = desk.catalog.feedback.listener().liked
        shown = [int(pick.track) for pick in draft(desk, request)[0].picks] if known else unrated
        found["for you"].append(person.pleased(shown))
        others = counts.sum(axis=0) - counts[number]
        best = [int(track) for track in ids[np.argsort(-others, kind="stable")] if int(track) not in rated]
        found["popularity"].append(person.pleased(best[:n]))
        found["random"].append(person.pleased(unrated))
    return {name: np.array(values) for name, values in found.items()}
