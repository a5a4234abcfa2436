"""Alike by words and alike by sound (experiments of PMRS): do they agree, and what is near in sound, far in words?"""

from __future__ import annotations

import numpy as np

from musicdesk.evaluation.intervals import interval
from musicdesk.evaluation.verdicts import auc
from musicdesk.reports.plots import histogram
from musicdesk.reports.report import Entry, Plot, Report, Table
from musicdesk.workflows.studies.sounds import NEEDS, Sounds, sounds
from musicdesk.workflows.studies.study import Given, Study

PAIRS = 200_000
NEAR = 20  # neighbours of each song that are looked at
SHOWN = 15
YEARS = 5  # apart at most, to count as of one time


def run(given: Given) -> Report:
    songs = sounds(given)
    draw = np.random.default_rng(given.seed)
    pairs = _mixed_pairs(songs, draw)
    words, away = alike_by_words(songs, pairs), distances(songs.sound, pairs)
    near = neighbours(songs.sound, NEAR)
    parts = (
        _classes(given, songs, pairs, away),
        _agreement(given, songs, words, away),
        _plot(songs, pairs, away),
        _neighbourhoods(given, songs, near, draw),
        _far_alike(given, songs, near),
    )
    return Report(STUDY.title, (songs.note,), parts)


def _mixed_pairs(songs: Sounds, draw: np.random.Generator) -> np.ndarray:
    """int64 (pairs, 2): half drawn at random, half from within artists, which random pairs hardly ever hit."""
    whole = draw.integers(0, len(songs), (PAIRS // 2, 2))
    _, code = np.unique(songs.artist.astype(str), return_inverse=True)
    order = np.argsort(code, kind="stable")
    starts = np.searchsorted(code[order], np.arange(code.max() + 1))
    sizes = np.bincount(code)
    one = draw.integers(0, len(songs), PAIRS // 2)
    other = order[starts[code[one]] + (draw.random(len(one)) * sizes[code[one]]).astype(int)]
    pairs = np.concatenate([whole, np.column_stack([one, other])])
    found: np.ndarray = np.unique(np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1), axis=0)
    return found


def same(words: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """bool (pairs,): both are known and equal."""
    one, other = words[pairs[:, 0]], words[pairs[:, 1]]
    found: np.ndarray = (one == other) & (one != "")
    return found


def alike_by_words(songs: Sounds, pairs: np.ndarray) -> np.ndarray:
    """float64 (pairs,), 0..1: mean of same artist, album, tag, and within five years."""
    years = np.abs(songs.year[pairs[:, 0]] - songs.year[pairs[:, 1]]) <= YEARS  # nan is not near
    told = [same(words, pairs) for words in (songs.artist, songs.album, songs.tag)]
    found: np.ndarray = np.mean([*told, years], axis=0)
    return found


def distances(sound: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """float64 (pairs,): Euclidean, per square root of the measures: random pairs are about 1.4 apart."""
    found: np.ndarray = np.sqrt(np.square(sound[pairs[:, 0]] - sound[pairs[:, 1]]).mean(axis=1))
    return found


def neighbours(sound: np.ndarray, count: int) -> np.ndarray:
    """int64 (n, count): the nearest others of each song, nearest first."""
    from sklearn.neighbors import NearestNeighbors

    finder = NearestNeighbors(n_neighbors=min(count, len(sound) - 1)).fit(sound)
    found: np.ndarray = finder.kneighbors(return_distance=False).astype(np.int64)
    return found


def _kinds(songs: Sounds, pairs: np.ndarray) -> dict[str, np.ndarray]:
    artist, album, tag = (same(words, pairs) for words in (songs.artist, songs.album, songs.tag))
    return {
        "same album": artist & album,
        "same artist, other album": artist & ~album,
        "same tag, other artist": tag & ~artist,
        "nothing in common": ~(artist | album | tag),
    }


def _classes(given: Given, songs: Sounds, pairs: np.ndarray, away: np.ndarray) -> Table:
    rows: list[tuple[Entry, ...]] = []
    for name, chosen in _kinds(songs, pairs).items():
        found = interval(away[chosen], given.seed, resamples=500)
        mean = given.figure(found.mean, (found.low, found.high)) if chosen.any() else given.figure(None)
        rows.append((name, given.figure(int(chosen.sum())), mean))
    return Table("How far apart in sound", ("pairs", "looked at", "mean distance"), tuple(rows), songs.note)


def _agreement(given: Given, songs: Sounds, words: np.ndarray, away: np.ndarray) -> Table:
    """Rank correlation, with random words as the control; AUC: can the distance tell who shares a word?"""
    from scipy.stats import spearmanr

    draw = np.random.default_rng(given.seed)
    rows: list[tuple[Entry, ...]] = []
    for name, told in (("words as they are", words), ("words shuffled (control)", draw.permutation(words))):
        area = auc((told > 0).astype(np.int64), -away, given.seed, resamples=100)
        known = None if np.isnan(area.mean) else area.mean
        span = (area.low, area.high) if known is not None else None
        rank = float(spearmanr(told, -away).statistic) if np.ptp(told) else None
        rows.append((name, given.figure(rank), given.figure(known, span)))
    columns = ("", "rank correlation", "AUC of sharing a word by distance")
    return Table("Alike by words and alike by sound", columns, tuple(rows), songs.note)


def _plot(songs: Sounds, pairs: np.ndarray, away: np.ndarray) -> Plot:
    series = {name: away[chosen] for name, chosen in _kinds(songs, pairs).items() if chosen.sum() >= 20}
    return histogram("distances", "Distance in sound of pairs of songs", series or {"all": away}, "distance")


def _neighbourhoods(given: Given, songs: Sounds, near: np.ndarray, draw: np.random.Generator) -> Table:
    """Of the nearest ones, how many share a word; beside as many drawn at random."""
    rows: list[tuple[Entry, ...]] = []
    anyone = draw.integers(0, len(songs), near.shape)
    for name, chosen in ((f"the {near.shape[1]} nearest", near), ("as many at random", anyone)):
        pairs = np.column_stack([np.repeat(np.arange(len(songs)), near.shape[1]), chosen.ravel()])
        cells: list[Entry] = []
        for words in (songs.artist, songs.tag):
            share = same(words, pairs).reshape(chosen.shape).mean(axis=1)
            found = interval(share, given.seed, resamples=500)
            cells.append(given.figure(found.mean, (found.low, found.high), 4))
        rows.append((name, *cells))
    return Table("What neighbours share", ("songs", "same artist", "same tag"), tuple(rows), songs.note)


def far_alike(songs: Sounds, near: np.ndarray, count: int) -> np.ndarray:
    """int64 (count, 2): the pairs nearest in sound of those that share no word; covers would come first."""
    pairs = np.column_stack([np.repeat(np.arange(len(songs)), near.shape[1]), near.ravel()])
    pairs = np.unique(np.sort(pairs, axis=1), axis=0)
    apart = pairs[alike_by_words(songs, pairs) == 0]
    found: np.ndarray = apart[np.argsort(distances(songs.sound, apart), kind="stable")[:count]]
    return found


def _far_alike(given: Given, songs: Sounds, near: np.ndarray) -> Table:
    pairs = far_alike(songs, near, SHOWN)
    away = distances(songs.sound, pairs)
    rows = tuple(
        (songs.called(int(one)), songs.called(int(other)), given.figure(float(far)))
        for (one, other), far in zip(pairs, away, strict=True)
    )
    return Table("Near in sound, nothing in common in words", ("song", "song", "distance"), rows, songs.note)


STUDY = Study(
    "similarity",
    "Alike by words, alike by sound",
    "Dudeja et al., Personalized Music Recommendation System (experiments)",
    NEEDS,
    run,
    library=True,
)
