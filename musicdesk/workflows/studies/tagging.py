"""Table 2 of Lee et al. 2018: how well each model's vectors tell the tags of what they stand for."""

from __future__ import annotations

import numpy as np

from musicdesk.core.errors import NotReady
from musicdesk.core.types import TrackId
from musicdesk.evaluation.intervals import interval
from musicdesk.evaluation.tagging import CHANCE, MOST_TAGS, Items, Transfer, transfer
from musicdesk.recommenders.base import TrainingData
from musicdesk.recommenders.factors import FactorFitted
from musicdesk.recommenders.genre_cf import GenreFitted
from musicdesk.recommenders.registry import models
from musicdesk.recommenders.tags import tagged
from musicdesk.recommenders.wmf import Wmf
from musicdesk.reports.plots import bars
from musicdesk.reports.report import Entry, Report, Table
from musicdesk.workflows.studies.published import cell, readings
from musicdesk.workflows.studies.study import Given, Study
from musicdesk.workflows.studies.tagged_artists import NEEDS, read
from musicdesk.workflows.training_data import training_data

KEYS = {"wmf": "wmf", "wmf_regression": "wmf_regression", "content_user": "dcue"}  # ours -> Lee's
LEAST_ITEMS = 20


def run(given: Given) -> Report:
    items, source = _artists(given) if given.data else _library(given)
    items = items.known_to_all()
    if len(items.has) < LEAST_ITEMS:
        raise NotReady(f"Only {len(items.has)} tagged items are known to all models; this study needs {LEAST_ITEMS}.")
    found = {}
    for name, (_, vectors) in items.vectors.items():
        part = given.monitor.part(0.9 / len(items.vectors))
        found[name] = transfer(
            vectors, items.has, items.groups, given.seed, part, given.count("epochs"), given.desk.device
        )
    note = f"{len(items.has):,} items, {len(items.names)} tags: {', '.join(items.names[:10])} ..."
    parts = [_table(given, found, note), _plot(given, found)]
    parts += [] if given.made_up else [readings(*(f"tagging.{key}" for key in KEYS.values()))]
    told = (
        "The control is the same perceptron on the vectors of other items. Intervals are over tags. Lee's figures are "
        "of 50 tags and 10,000 songs of the Million Song Dataset."
    )
    return Report(STUDY.title, (source,), (*parts, told))


def _artists(given: Given) -> tuple[Items, str]:
    data = read(given, MOST_TAGS)
    songs = Wmf(factors=given.count("factors")).factorize(data.plays, given.seed, given.monitor.part(0.1))
    every = np.arange(len(data.rows))
    vectors = {"wmf": (every, songs[data.rows]), "17 measures of sound": (every, data.sound)}
    return Items(data.names, data.has, np.full(len(every), -1), vectors), data.source


def _library(given: Given) -> tuple[Items, str]:
    """Tagged tracks, with the encoder's embeddings, the descriptors, and the vectors of every trained model."""
    desk = given.desk
    data = training_data(desk)
    tags = tagged(data, data.vectors.ids, MOST_TAGS)
    codes: dict[str, int] = {}
    names = [data.artists.get(TrackId(int(track)), "").casefold() for track in tags.ids]
    groups = np.array([codes.setdefault(name, len(codes)) if name else -1 for name in names], np.int64)
    vectors = {}
    for name, table in (("embedding", data.vectors), ("descriptors", desk.catalog.sound.descriptors())):
        vectors[name] = _of(tags.ids, table.ids, table.matrix)
    for run in sorted(desk.catalog.runs.all(), key=lambda run: run.id):
        fitted = _fitted(given, run, data)
        if isinstance(fitted, FactorFitted):
            vectors[run.model] = _of(tags.ids, fitted.factors.ids, fitted.factors.rows)
        elif isinstance(fitted, GenreFitted):
            vectors["genre network"] = _of(tags.ids, fitted.genres.ids, fitted.genres.vectors)
    vectors = {name: found for name, found in vectors.items() if len(found[0]) >= LEAST_ITEMS}
    return Items(tags.names, tags.has, groups, vectors), f"The library: {len(tags.ids):,} tracks with a genre tag."


def _fitted(given: Given, run, data: TrainingData):  # type: ignore[no-untyped-def]
    from musicdesk.core.errors import MusicdeskError

    try:
        whole = training_data(given.desk, run.crowd) if run.crowd else data
        return models()[run.model].load(given.desk.profile.models / run.folder, whole)
    except MusicdeskError:  # a run of another encoder or with other songs has no vectors to ask about
        return None


def _of(wanted: np.ndarray, ids: np.ndarray, table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The rows of `wanted` that are in `ids` (ascending), and their vectors."""
    rows = np.flatnonzero(np.isin(wanted, ids))
    return rows, table[np.searchsorted(ids, wanted[rows])]


def _table(given: Given, found: dict[str, Transfer], note: str) -> Table:
    head = ("vectors of", *(() if given.made_up else ("published",)), "AUC of tags", "control", "tags")
    rows = []
    for name, told in found.items():
        theirs: tuple[Entry, ...] = ()
        if not given.made_up:
            theirs = (cell(f"tagging.{KEYS[name]}") if name in KEYS else "",)
        ours = interval(told.auc, given.seed)
        chance = interval(told.control, given.seed)
        rows.append(
            (
                name,
                *theirs,
                given.figure(ours.mean, (ours.low, ours.high), digits=4),
                given.figure(chance.mean, (chance.low, chance.high), digits=4),
                given.figure(int((~np.isnan(told.auc)).sum())),
            )
        )
    return Table("AUC of tags", head, tuple(rows), note)


def _plot(given: Given, found: dict[str, Transfer]):  # type: ignore[no-untyped-def]
    values = {}
    for name, told in found.items():
        mean = interval(told.auc, given.seed)
        values[name] = (mean.mean, mean.low, mean.high)
    return bars("tags", "AUC of tags told from each model's vectors", values, "AUC", chance=CHANCE)


STUDY = Study(
    "tagging",
    "Telling tags from the vectors of recommenders",
    "Lee et al. 2018, Table 2",
    NEEDS,
    run,
    library=True,
    settings={"factors": 128, "epochs": 60},
)
