"""Four years of listening that the simulated listener had elsewhere, as a service would export them.

What they play follows their plays in the world; tastes drift by artist, evenings and weekends are busier. A
fifth of the plays is of songs that are not in the library, some titles are written otherwise than in the files,
and there are podcasts, skips and rows of no length, so that every part of the History page has something to show.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from musicdesk.core.files import write_text
from musicdesk.demo.library import DemoLibrary
from musicdesk.demo.names import Names
from musicdesk.demo.recipes import recipes

DAYS = 4 * 365
A_DAY = 4.0  # plays, in the mean
OTHERS = 60  # songs that are not in the library
AWAY = 0.2  # share of plays that are of these
SKIPPED, PODCASTS, EMPTY = 0.08, 0.02, 0.01
WEEK = np.array([1.0, 1.0, 1.0, 1.1, 1.4, 1.5, 1.2])  # Monday to Sunday
WORK = np.array([1, 0.4, 0.2, 0.1, 0.1, 0.3, 2, 5, 4, 2, 2, 2, 3, 2, 2, 2, 3, 6, 7, 6, 7, 8, 6, 3])
FREE = np.array([3, 2, 1, 0.5, 0.2, 0.2, 0.4, 1, 2, 4, 6, 6, 5, 5, 5, 4, 4, 5, 6, 6, 7, 8, 8, 6])
DAY_S = 86_400
ODD = 6  # songs whose title is half remembered
SMALL_WORDS = frozenset(("the", "a", "in", "of", "by", "to", "on", "my", "and"))


def write_history(library: DemoLibrary, file: Path, until: float, seed: int = 1) -> Path:
    """Writes the plays of the four years before `until` (epoch seconds); what is played depends on the seed alone."""
    write_text(file, json.dumps(history(library, until, seed), ensure_ascii=False, indent=1))
    return file


def history(library: DemoLibrary, until: float, seed: int = 1) -> list[dict[str, Any]]:
    """The rows of the export, in order of time."""
    rng = np.random.default_rng([seed, 91])
    names, weights, groups, lengths = _songs(library, seed)
    first = int(until) // DAY_S - DAYS
    phase = rng.uniform(0, 2 * np.pi, groups.max() + 1)
    rows = []
    for day in range(first, first + DAYS):
        weekday = (day + 3) % 7
        growth = 0.5 + (day - first) / DAYS
        count = rng.poisson(A_DAY * WEEK[weekday] * growth)
        drift = weights * np.exp(1.6 * np.sin(2 * np.pi * (day - first) / 900 + phase))[groups]
        hours = FREE if weekday > 4 else WORK
        at = np.sort(rng.choice(24, count, p=hours / hours.sum()) * 3600 + rng.integers(0, 3600, count))
        for moment, song in zip(
            at.tolist(), rng.choice(len(names), count, p=drift / drift.sum()).tolist(), strict=True
        ):
            rows.append(_row(rng, day * DAY_S + moment, names[song], lengths[song]))
    return rows


def _songs(library: DemoLibrary, seed: int) -> tuple[list[tuple[str, str, str]], np.ndarray, np.ndarray, np.ndarray]:
    """(artist, title, album) of every song there is, its weight, its artist's number, its length in ms."""
    plays = library.plays()
    own = [(at, plan) for at, plan in enumerate(library.plans) if library.paths[at] in plays]
    names = [(plan.artist, plan.title, plan.album) for _at, plan in own]
    weights = [float(plays[library.paths[at]]) for at, _plan in own]
    groups = [int(library.world.tracks.artist[at]) for at, _plan in own]
    lengths = [plan.seconds * 1000 for _at, plan in own]
    for at in range(0, min(len(own), 4 * ODD), 4):
        names.append((names[at][0], _half_remembered(names[at][1]), ""))
        weights.append(weights[at] * 0.3)
        groups.append(groups[at])
        lengths.append(40_000.0)
    made, styles = Names(recipes().words, seed + 1000), recipes().styles
    total = sum(weights) * AWAY / (1 - AWAY)
    share = 1 / np.arange(2, OTHERS + 2) ** 0.7
    artist = ""
    for number in range(OTHERS):
        style = styles[number // 4 % len(styles)].file
        artist = artist if number % 4 else made.make("artists", style)
        names.append((artist, made.make("titles", style), made.make("albums", style, avoid=artist)))
        weights.append(total * share[number] / share.sum())
        groups.append(max(groups[: len(own)], default=0) + 1 + number // 4)
        lengths.append(200_000.0)
    return names, np.array(weights), np.array(groups), np.array(lengths)


def _half_remembered(title: str) -> str:
    """A title as somebody else may have typed it: small words are missing, or there is one too many."""
    kept = [word for word in title.split() if word.lower() not in SMALL_WORDS and not word.isdecimal()]
    short = " ".join(kept)
    return short if short != title else f"{title} Song"


def _row(rng: np.random.Generator, at: int, song: tuple[str, str, str], length_ms: float) -> dict[str, Any]:
    chance = rng.random()
    podcast, empty = chance < PODCASTS, PODCASTS <= chance < PODCASTS + EMPTY
    skipped = not empty and chance > 1 - SKIPPED
    share = 0.0 if empty else float(rng.uniform(0.02, 0.3) if skipped else rng.uniform(0.85, 1.0))
    artist, title, album = (None, None, None) if podcast else song
    return {
        "ts": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at)),
        "ms_played": int(length_ms * share),
        "master_metadata_track_name": title,
        "master_metadata_album_artist_name": artist,
        "master_metadata_album_album_name": album,
        "spotify_track_uri": None,
        "episode_name": "An episode" if podcast else None,
        "episode_show_name": "A programme about sound" if podcast else None,
        "spotify_episode_uri": None,
        "reason_end": "fwdbtn" if skipped else "trackdone",
        "skipped": skipped,
    }
