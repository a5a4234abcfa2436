"""Campbell, "Music Recommendation with Autoencoder Model": 17 measures of a song folded into three numbers.

Two readings of the same protocol stand beside each other. Source-like: all rows as they are, the scaler from all of
them. Honest: clipped at the 0.1 and 99.9 per cent of the train rows, gaps at their median, the scaler from train alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from musicdesk.core.errors import Unusable
from musicdesk.reports.plots import bars, lines, points3
from musicdesk.reports.report import Cell, Entry, Part, Report, Table
from musicdesk.workflows.studies import msd_songs, published
from musicdesk.workflows.studies.msd_songs import Songs, read_songs
from musicdesk.workflows.studies.study import Given, Study

if TYPE_CHECKING:
    from musicdesk.learning.autoencoder import AutoencoderSpec, Learned

RADIUS = 0.025  # within which the source counts neighbours
HELD = 0.2
CUTS = (0.1, 99.9)  # per cent of the train rows, where the honest reading clips
SOURCE, HONEST = "source-like", "honest"
READINGS = (SOURCE, HONEST)
SHOWN_TAGS = 5
EXAMPLES = 5


@dataclass(frozen=True)
class Shape:
    """One of the architectures: widths down to the code, and the activity penalty on it."""

    name: str
    hidden: tuple[int, ...]
    norm: int
    penalty: float

    def spec(self, given: Given) -> AutoencoderSpec:
        from musicdesk.learning.autoencoder import AutoencoderSpec

        return AutoencoderSpec(
            self.hidden,
            "leaky",
            self.penalty,
            self.norm,
            given.count("epochs"),
            given.count("batch"),
            rate=4e-3,
            cosine=True,
        )


NAMED = Shape("128-64-3-64-128, L2 .01", (128, 64), 2, 0.01)
SHAPES = (
    NAMED,
    Shape("128-64-3-64-128, L1 .01", (128, 64), 1, 0.01),
    Shape("128-64-3-64-128, no penalty", (128, 64), 2, 0.0),
    Shape("64-3-64, L2 .01", (64,), 2, 0.01),
    Shape("256-128-64-3-64-128-256, L2 .01", (256, 128, 64), 2, 0.01),
)


@dataclass(frozen=True, eq=False)
class Split:
    """One split, standardised: train (n, 17), held (m, 17), and `all_rows` as the network sees them."""

    train: np.ndarray
    held: np.ndarray
    all_rows: np.ndarray


def split(sound: np.ndarray, reading: str, seed: int) -> Split:
    """80/20 by `seed`; the same rows for both readings."""
    order = np.random.default_rng(seed).permutation(len(sound))
    held, rows = order[: round(HELD * len(sound))], order[round(HELD * len(sound)) :]
    values = np.where(np.isfinite(sound), sound, np.nan)
    values = np.where(np.isnan(values), np.nanmedian(values[rows], axis=0), values)
    if reading == HONEST:
        values = np.clip(values, *np.percentile(values[rows], CUTS, axis=0))
    by = values[rows] if reading == HONEST else values
    spread = by.std(axis=0)
    scaled = (values - by.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    return Split(scaled[rows], scaled[held], scaled)


def pca_errors(part: Split, parts: int = 3) -> tuple[float, float]:
    """Mean squared error of train and held rows rebuilt from the first components of the train rows."""
    middle = part.train.mean(axis=0)
    axes = np.linalg.svd(part.train - middle, full_matrices=False)[2][:parts]
    left = [(rows - middle) - (rows - middle) @ axes.T @ axes for rows in (part.train, part.held)]
    return float(np.square(left[0]).mean()), float(np.square(left[1]).mean())


@dataclass(frozen=True, eq=False)
class Trained:
    shape: Shape
    reading: str
    learned: Learned

    @property
    def train(self) -> np.ndarray:
        return self.learned.train[:, -1]

    @property
    def held(self) -> np.ndarray:
        return self.learned.validation[:, -1]


def run(given: Given) -> Report:
    songs = read_songs(given.file("music.csv"))
    if given.count("seeds") < 1 or given.count("epochs") < 1:
        raise Unusable("The study needs at least one seed and one epoch.")
    splits = {
        reading: [split(songs.sound, reading, given.seed + k) for k in range(given.count("seeds"))]
        for reading in READINGS
    }
    trained = list(_trained(given, splits))
    honest = next(one for one in trained if one.shape == NAMED and one.reading == HONEST)
    best = int(np.argmin(honest.held))
    code = honest.learned.codes(np.stack([part.all_rows for part in splits[HONEST]]))[best]
    parts: list[Part] = [
        msd_songs.thin(_errors(given, trained, splits), songs),
        _bars(trained, splits),
        _curves(honest),
        msd_songs.thin(_neighbours(given, songs, code, splits[HONEST][best].all_rows), songs),
        _cloud(songs, code),
        _examples(songs, code),
    ]
    if not given.made_up:
        parts.append(published.readings("autoencoder.train", "autoencoder.validation"))
    return Report(STUDY.title, _notes(given, songs), tuple(parts))


def _trained(given: Given, splits: dict[str, list[Split]]) -> Iterator[Trained]:
    from musicdesk.learning.autoencoder import learn_beside

    share = 1.0 / (len(SHAPES) * len(READINGS))
    for number, shape in enumerate(SHAPES):
        for reading in READINGS:
            given.monitor.check()
            known = np.stack([part.train for part in splits[reading]])
            held = np.stack([part.held for part in splits[reading]])
            place = given.out / "checkpoints" / f"{number}-{reading}"
            monitor = given.monitor.part(share)
            learned = learn_beside(known, held, shape.spec(given), given.seed, monitor, place, given.desk.device)
            yield Trained(shape, reading, learned)


def _errors(given: Given, trained: list[Trained], splits: dict[str, list[Split]]) -> Table:
    """Medians over the splits: one broken row on the held-back side is worth ten times all others."""
    columns = ["network", "rows", "train", "validation", "lowest", "highest"]
    rows: list[tuple[Entry, ...]] = []
    for one in trained:
        theirs: list[Entry] = []
        if not given.made_up:
            named = one.shape == NAMED and one.reading == SOURCE
            keys = ("autoencoder.train", "autoencoder.validation")
            theirs = [published.cell(key) if named else "" for key in keys]
        rows.append((one.shape.name, one.reading, *_spread(given, one.train, one.held), *theirs))
    for reading in READINGS:
        errors = np.array([pca_errors(part) for part in splits[reading]])
        blank: list[Entry] = [] if given.made_up else ["", ""]
        rows.append(("three principal components", reading, *_spread(given, errors[:, 0], errors[:, 1]), *blank))
    if not given.made_up:
        columns += ["published train", "published validation"]
    count = given.count("seeds")
    note = f"Medians over {count} splits, with the lowest and highest validation error; penalties are not counted."
    return Table("Mean squared error per measure", tuple(columns), tuple(rows), note)


def _spread(given: Given, train: np.ndarray, held: np.ndarray) -> tuple[Cell, ...]:
    figures = (np.median(train), np.median(held), held.min(), held.max())
    return tuple(given.figure(float(value), digits=4) for value in figures)


def _neighbours(given: Given, songs: Songs, code: np.ndarray, sound: np.ndarray) -> Table:
    """Do songs near each other share a tag? Pairs by one artist are left out: tags here belong to artists."""
    near = pairs_within(code, RADIUS)
    plain = nearest_pairs(_components(sound), len(near)) if len(near) else near
    draw = np.random.default_rng(given.seed).integers(0, len(songs), (200_000, 2))
    kinds = {f"within {RADIUS} of the code": near, "as many nearest by three components": plain, "any two songs": draw}
    rows: tuple[tuple[Entry, ...], ...] = tuple(
        (name, *_agreement(given, songs, pairs)) for name, pairs in kinds.items()
    )
    note = f"The best of the {given.count('seeds')} honest networks of {NAMED.name}; pairs by one artist left out."
    return Table("Do neighbours share a tag?", ("pairs", "pairs looked at", "same tag", "by one artist"), rows, note)


def _agreement(given: Given, songs: Songs, pairs: np.ndarray) -> tuple[Cell, ...]:
    from musicdesk.evaluation.intervals import interval

    one, other = pairs[:, 0], pairs[:, 1]
    ours = songs.artist[one] == songs.artist[other]
    told = (songs.tag[one] != "") & (songs.tag[other] != "") & ~ours & (one != other)
    same = (songs.tag[one][told] == songs.tag[other][told]).astype(np.float64)
    apart = one != other
    artist = given.figure(float(ours[apart].mean()) if apart.any() else None, digits=4)
    if not len(same):
        return given.figure(0), given.figure(None), artist
    found = interval(same, given.seed, resamples=500)
    return given.figure(len(same)), given.figure(found.mean, (found.low, found.high), 4), artist


def pairs_within(points: np.ndarray, radius: float) -> np.ndarray:
    """int64 (pairs, 2): rows nearer to each other than `radius`, each pair once, of every point's 20 nearest."""
    pairs, away = _near(points)
    found: np.ndarray = pairs[away <= radius]
    return found


def _near(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of each point with its 20 nearest, each once, and their distances."""
    from scipy.spatial import cKDTree

    away, other = cKDTree(points).query(points, min(21, len(points)))
    one = np.repeat(np.arange(len(points)), away.shape[1] - 1)
    pairs = np.sort(np.column_stack([one, other[:, 1:].ravel()]), axis=1)
    once, first = np.unique(pairs, axis=0, return_index=True)
    return once, away[:, 1:].ravel()[first]


def nearest_pairs(points: np.ndarray, count: int) -> np.ndarray:
    """The `count` closest pairs, of every point's 20 nearest."""
    pairs, away = _near(points)
    found: np.ndarray = pairs[np.argsort(away, kind="stable")[:count]]
    return found


def _components(sound: np.ndarray) -> np.ndarray:
    centred = sound - sound.mean(axis=0)
    scores: np.ndarray = centred @ np.linalg.svd(centred, full_matrices=False)[2][:3].T
    return scores


def _bars(trained: list[Trained], splits: dict[str, list[Split]]) -> Part:
    values = {
        f"{one.shape.name} ({one.reading})": (float(np.median(one.held)), float(one.held.min()), float(one.held.max()))
        for one in trained
    }
    for reading in READINGS:
        held = [pca_errors(part)[1] for part in splits[reading]]
        values[f"three components ({reading})"] = (float(np.median(held)), min(held), max(held))
    caption = "Validation error: median over the splits, lines from the lowest to the highest"
    return bars("errors", caption, values, "mean squared error")


def _curves(honest: Trained) -> Part:
    epochs = list(range(1, honest.learned.train.shape[1] + 1))
    series = {
        "train": (epochs, np.median(honest.learned.train, axis=0).tolist()),
        "validation": (epochs, np.median(honest.learned.validation, axis=0).tolist()),
    }
    return lines("curves", f"{NAMED.name}, honest: error by epoch", series, "epoch", "mean squared error")


def _cloud(songs: Songs, code: np.ndarray) -> Part:
    names, counts = np.unique(songs.tag[songs.tag != ""], return_counts=True)
    most = set(names[np.argsort(-counts, kind="stable")][:SHOWN_TAGS])
    groups = [tag if tag in most else "" for tag in songs.tag]
    inside = np.abs(code - np.median(code, axis=0)).max(axis=1) <= np.percentile(np.abs(code), 99.5)
    shown = [group for group, keep in zip(groups, inside, strict=True) if keep]
    return points3("code", "The code of every song, by its tag", code[inside], shown, ("unit 1", "unit 2", "unit 3"))


def _examples(songs: Songs, code: np.ndarray) -> Table:
    from scipy.spatial import cKDTree

    chosen = np.argsort(-np.nan_to_num(songs.popularity), kind="stable")[:EXAMPLES]
    _, near = cKDTree(code).query(code[chosen], min(4, len(code)))
    rows = []
    for song, others in zip(chosen, near, strict=True):
        told = [f"{songs.title[n]} ({songs.artist[n]}; {songs.tag[n] or 'no tag'})" for n in others if n != song][:3]
        rows.append((f"{songs.title[song]} ({songs.artist[song]}; {songs.tag[song] or 'no tag'})", "; ".join(told)))
    return Table("Nearest in the code", ("song", "nearest"), tuple(rows))


def _notes(given: Given, songs: Songs) -> tuple[str, ...]:
    broken = songs.corrupt()
    corrupt = f"{len(broken)} broken row{'s' if len(broken) != 1 else ''} (a measure over 50 deviations away) "
    where = "decides the source-like figures by the side of the split on which it falls." if len(broken) else "here."
    differs = (
        "What differs from the source: the source gives one architecture's figures in its text and this program has "
        "no others of its table, so that four of the five architectures stand without a published figure; the code's "
        "units are leaky where the source's are ReLU, because ReLU units die in some starts; the rate falls to zero."
    )
    return (msd_songs.size_note(songs), corrupt + where) + (() if given.made_up else (differs,))


STUDY = Study(
    "autoencoder",
    "Music recommendation with an autoencoder",
    "Campbell, Music Recommendation with Autoencoder Model",
    msd_songs.NEEDS,
    run,
    settings={"seeds": 5, "epochs": 100, "batch": 32},
)
