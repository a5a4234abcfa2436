"""Table 1 of Lee et al. 2018: how well each model ranks the songs that a listener plays, known songs and unknown ones.

The protocol: the busiest 20,000 listeners and 10,000 songs, binarised; songs in order of popularity, split by rank
modulo 10. AUC per listener over the songs that are looked at, averaged; listeners with one class are skipped.
Popularity is counted on the songs that are looked at, so it is an oracle. The published figures are of train items;
ours stand beside what the same models do on songs that none of them has seen played.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from musicdesk.core.progress import Monitor
from musicdesk.evaluation.intervals import interval
from musicdesk.evaluation.metrics import Places, auc, joined, places
from musicdesk.evaluation.splits import Blocks, columns, disjoint, lee_blocks
from musicdesk.recommenders.base import CrowdFitted, TrainingData
from musicdesk.recommenders.content_user import ContentUser
from musicdesk.recommenders.crowd import CrowdPlays
from musicdesk.recommenders.factors import Factors
from musicdesk.recommenders.hearing import LEAST_SONGS
from musicdesk.recommenders.wmf_regression import WmfRegression
from musicdesk.reports.plots import bars
from musicdesk.reports.report import Cell, Entry, Part, Plot, Report, Table
from musicdesk.workflows.studies.lee_data import LeeData, read
from musicdesk.workflows.studies.published import cell, readings
from musicdesk.workflows.studies.study import Given, Study

BLOCK = 1_000  # listeners whose scores are held at once
KEYS = ("popularity", "wmf", "wmf_regression", "dcue", "item_index")
SPLITS = {
    "paper split": "ranks 0-6 modulo 10 train, 8 validates, 8 and 9 test: models are chosen on half of their test",
    "corrected split": "ranks 0-6 modulo 10 train, 7 validates, 8 and 9 test",
    "artist-disjoint": "70/10/20 % of the songs by whole artists; songs whose artist is not known go for themselves",
}
Score = Callable[[np.ndarray], np.ndarray]  # rows of listeners -> float32 (rows, songs)


@dataclass(frozen=True, eq=False)
class Row:
    """A line of the table: per-listener AUC over the train items and over the cold ones; None with the reason why."""

    key: str
    title: str
    warm: np.ndarray | None = None
    cold: np.ndarray | None = None
    why: str = ""


def run(given: Given) -> Report:
    data = read(given)
    blocks = {
        "paper split": lee_blocks(data.plays.shape[1], corrected=False),
        "corrected split": lee_blocks(data.plays.shape[1], corrected=True),
    }
    if (data.artists >= 0).mean() > 0.5:
        blocks["artist-disjoint"] = disjoint(data.artists, given.seed)
    parts: list[Part] = []
    known: dict[bytes, dict[str, Row]] = {}  # by train items: rows that validation does not touch
    for name, split in blocks.items():
        same = known.setdefault(split.train.tobytes() + split.test.tobytes(), {})
        rows = list(_Split(given, data, split, same, given.monitor.part(0.85 / len(blocks))).rows())
        parts.append(_table(given, f"AUC, {name}", SPLITS[name], rows))
        if name == "corrected split":
            parts.append(_plot(given, rows))
    notes = [data.source + ".", _heard(data)]
    if "artist-disjoint" not in blocks:
        notes.append(
            "Artists of most songs are not known (unique_tracks.txt beside the plays tells them): no disjoint split."
        )
    if not given.made_up:
        parts.append(readings(*(f"recommendation.{key}" for key in KEYS)))
    parts.append(
        "Train items are the songs that a model has learned from: its figure says how well it remembers them. "
        "Cold items were played by nobody as far as the model knows: one without sound cannot rank them; .5 is chance."
    )
    shutil.rmtree(given.out / "checkpoints", ignore_errors=True)  # done; they were for a run that is cut off
    return Report(STUDY.title, tuple(notes), tuple(parts))


def _heard(data: LeeData) -> str:
    if data.windows is None:
        return "There is no sound of these songs, so the models that hear cannot be run."
    return f"The sound of {int((data.tracks >= 0).sum()):,} of the songs is there; the models that hear know no others."


class _Split:
    """All rows of one split."""

    def __init__(self, given: Given, data: LeeData, blocks: Blocks, known: dict[str, Row], monitor: Monitor) -> None:
        self._given, self._data, self._blocks, self._known, self._monitor = given, data, blocks, known, monitor
        songs = data.plays.shape[1]
        self._train = columns(data.plays, blocks.train)
        none = np.zeros(songs, np.float32)
        self._crowd = CrowdPlays("study", lambda: self._train, data.tracks, data.artists, none, _digest(data, blocks))
        self._training = TrainingData(data.vectors, crowd=self._crowd, windows=data.windows, device=given.desk.device)

    def rows(self) -> Iterator[Row]:
        yield self._same("popularity", "Popularity", self._popularity)
        yield self._same("wmf", "WMF", lambda: self._folded(self._songs))
        yield self._hearing("wmf_regression", "WMF + regression", lambda: self._predicted("conv", self._songs))
        yield self._hearing(
            "wmf_regression", "WMF + regression by ridge", lambda: self._predicted("ridge", self._songs)
        )
        yield self._hearing("dcue", "DCUE", lambda: self._towers("sound"))
        yield self._same("item_index", "DCUE, songs as numbers", lambda: self._towers("index"))

    @cached_property
    def _songs(self) -> np.ndarray:
        """Factors from the plays of train items."""
        model = self._regression("ridge").wmf
        return model.factorize(self._train, self._given.seed, self._monitor.part(0.2))

    def _same(self, key: str, title: str, made: Callable[[], Score]) -> Row:
        """A row that is the same in every split with these train and test items."""
        if key not in self._known:
            self._known[key] = self._row(key, title, made())
        return self._known[key]

    def _popularity(self) -> Score:
        counts = self._data.counts.astype(np.float32)
        return lambda rows: np.tile(counts, (len(rows), 1))

    def _regression(self, tower: str) -> WmfRegression:
        given = self._given
        return WmfRegression(
            tower=tower, factors=given.count("factors"), width=given.count("dim"), epochs=given.count("epochs")
        )

    def _hearing(self, key: str, title: str, made: Callable[[], Score]) -> Row:
        known = self._data.tracks[self._blocks.train] >= 0
        if self._data.windows is None or known.sum() < LEAST_SONGS:
            why = f"needs the sound of the songs: files in a folder 'audio' beside the plays, {LEAST_SONGS} or more"
            return Row(key, title, why=why)
        return self._row(key, title, made(), self._data.tracks >= 0)

    def _folded(self, songs: np.ndarray) -> Score:
        """Listeners folded in over the factors `songs`, from their plays of train items."""
        model = self._regression("ridge").wmf
        return self._scored(model.fitted(Factors.of_songs(songs, self._crowd), self._training))

    def _scored(self, fitted: CrowdFitted) -> Score:
        return lambda rows: fitted.score_crowd(self._train[rows], rows)

    def _predicted(self, tower: str, songs: np.ndarray) -> Score:
        """Listeners' factors from plays, songs' factors from sound, for all songs that can be heard."""
        model = self._regression(tower)
        shown = columns(self._data.plays, np.union1d(self._blocks.train, self._blocks.validation))
        crowd = self._crowd.of(shown, self._crowd.digest + "+")
        data = replace(self._training, crowd=crowd, scratch=self._scratch(f"regression-{tower}"))
        learned = model.regression(songs, data, self._given.seed, self._monitor.part(0.2), self._blocks.validation)
        heard = np.flatnonzero(self._data.tracks >= 0)
        predicted = np.zeros_like(songs)
        predicted[heard] = learned.predict(np.searchsorted(data.vectors.ids, self._data.tracks[heard]))
        tastes = model.wmf.fitted(Factors.of_songs(songs, self._crowd), self._training)
        return lambda rows: tastes.fold_in(self._train[rows]) @ predicted.T

    def _towers(self, tower: str) -> Score:
        given, blocks = self._given, self._blocks
        model = ContentUser(
            dim=given.count("dim"), tower=tower, epochs=given.count("epochs"), listeners=self._train.shape[0]
        )
        data, validates = self._training, None
        if tower == "sound":
            shown = columns(self._data.plays, np.union1d(blocks.train, blocks.validation))
            data, validates = replace(data, crowd=self._crowd.of(shown, self._crowd.digest + "+")), blocks.validation
        data = replace(data, scratch=self._scratch(f"towers-{tower}"))
        return self._scored(model.fit(data, given.seed, self._monitor.part(0.2), validates))

    def _scratch(self, name: str) -> Path:
        folder = self._given.out / "checkpoints" / f"{name}-{self._crowd.digest[:12]}"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _row(self, key: str, title: str, score: Score, among: np.ndarray | None = None) -> Row:
        """among: bool (songs,), those that are looked at; all unless given"""
        warm, cold = self._blocks.train, self._blocks.test
        if among is not None:
            warm, cold = warm[among[warm]], cold[among[cold]]
        found: tuple[list[Places], list[Places]] = ([], [])
        for start in range(0, self._data.plays.shape[0], BLOCK):
            self._monitor.check()
            rows = np.arange(start, min(start + BLOCK, self._data.plays.shape[0]))
            scores = score(rows)
            for block, into in zip((warm, cold), found, strict=True):
                into.append(places(scores[:, block], self._data.plays[rows][:, block]))
        return Row(key, title, auc(joined(found[0])), auc(joined(found[1])))


def _digest(data: LeeData, blocks: Blocks) -> str:
    total = hashlib.sha256(data.source.encode())
    for array in (data.plays.indptr, data.plays.indices, blocks.train, blocks.validation, blocks.test, data.tracks):
        total.update(np.ascontiguousarray(array).data)
    return total.hexdigest()


def _table(given: Given, title: str, note: str, rows: list[Row]) -> Table:
    head = ("model", *(() if given.made_up else ("published",)), "AUC, train items", "AUC, cold items", "listeners", "")
    lines: list[tuple[Entry, ...]] = []
    for row in rows:
        theirs: tuple[Entry, ...] = () if given.made_up else (cell(f"recommendation.{row.key}"),)
        listeners = int((~np.isnan(row.cold)).sum()) if row.cold is not None else None
        ours = (_figure(given, row.warm), _figure(given, row.cold), given.figure(listeners))
        lines.append((row.title, *theirs, *ours, row.why))
    return Table(title, head, tuple(lines), note)


def _figure(given: Given, values: np.ndarray | None) -> Cell:
    if values is None or np.isnan(values).all():
        return given.figure(None)
    found = interval(values, given.seed)
    return given.figure(found.mean, (found.low, found.high), digits=4)


def _plot(given: Given, rows: list[Row]) -> Plot:
    values = {}
    for row in rows:
        for block, of in (("train", row.warm), ("cold", row.cold)):
            if of is not None and not np.isnan(of).all():
                found = interval(of, given.seed)
                values[f"{row.title}, {block}"] = (found.mean, found.low, found.high)
    return bars(
        "auc", "AUC on songs that were learned from and on cold ones, corrected split", values, "AUC", chance=0.5
    )


STUDY = Study(
    "recommendation",
    "Recommending songs from plays and from sound",
    "Lee et al. 2018, Table 1",
    "A file of plays, 'user<TAB>song<TAB>plays', or a folder with train_triplets.txt or triplets.txt; beside it, where "
    "there is such, unique_tracks.txt for artists and titles, and a folder 'audio' of files named by song or track id.",
    run,
    settings={"users": 20_000, "songs": 10_000, "factors": 256, "dim": 256, "epochs": 30},
)
