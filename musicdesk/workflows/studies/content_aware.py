"""Liang, Zhan, Ellis 2015 on real artists: does what is heard help where plays are few, and where there are none?

In-matrix: a fifth of every listener's artists is hidden, and ranked among all that he has not played. Out-of-matrix: a
fifth of the artists with sound is hidden from all listeners, and these alone are ranked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from musicdesk.core.types import Vectors
from musicdesk.evaluation.intervals import interval
from musicdesk.evaluation.metrics import auc, places
from musicdesk.evaluation.splits import columns, items
from musicdesk.recommenders.base import TrainingData
from musicdesk.recommenders.content_aware import ContentAware
from musicdesk.recommenders.crowd import CrowdPlays
from musicdesk.recommenders.factors import FactorFitted, Factors
from musicdesk.recommenders.prior_factors import Heard
from musicdesk.recommenders.tags import Tagged
from musicdesk.reports.report import Entry, Report, Table
from musicdesk.workflows.studies.study import Given, Study
from musicdesk.workflows.studies.tagged_artists import TaggedArtists, read

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

SHARE = 0.2  # hidden


def run(given: Given) -> Report:
    data = read(given)
    model = ContentAware(
        factors=given.count("factors"), iterations=given.count("iterations"), epochs=given.count("epochs")
    )
    tables = (_in_matrix(given, data, model), _out_of_matrix(given, data, model))
    told = (
        "Sound is 17 measures of each artist's songs, medians, where the paper has histograms of timbre; tags are one "
        "per artist. The control has the sound of other artists."
    )
    return Report(STUDY.title, (data.source,), (*tables, told))


def _hidden(given: Given, data: TaggedArtists, model: ContentAware, known: np.ndarray) -> np.ndarray:
    """float32 (m, d): what is heard in all artists with sound, from the tags of the `known` ones, bool (m,)."""
    ids = np.arange(len(data.rows))
    tags = Tagged(ids[known], data.names, data.has[known])
    training = TrainingData(Vectors(ids, data.sound.astype(np.float32)), device=given.desk.device)
    part = given.monitor.part(0.15)
    return model.hidden(data.sound.astype(np.float32), tags, ids, given.seed, part, training)


def _scores(given: Given, model: ContentAware, plays: csr_matrix, heard: Heard, asked: csr_matrix) -> np.ndarray:
    beta, _ = model.factorize(plays, heard, given.seed, given.monitor.part(0.15))
    crowd = CrowdPlays.bare(plays)
    nothing = TrainingData(Vectors(np.zeros(0, np.int64), np.zeros((0, 0), np.float32)), crowd=crowd)
    fitted = FactorFitted(
        model.name, {}, Factors.of_songs(beta, crowd), model.confidence, model.regularization, nothing
    )
    return fitted.score_crowd(asked)


def _in_matrix(given: Given, data: TaggedArtists, model: ContentAware) -> Table:
    held = items(data.plays, given.seed, SHARE)
    hidden = _hidden(given, data, model, np.ones(len(data.rows), bool))
    few = data.rows
    counts = np.asarray(held.train.sum(axis=0), np.float32).ravel()
    found = {"Popularity": np.tile(counts, (held.shown.shape[0], 1))}
    for name, heard in (
        ("Factorization alone", Heard(few[:0], hidden[:0])),
        ("Content-aware", Heard(few, hidden)),
    ):
        found[name] = _scores(given, model, held.train, heard, held.shown)
    inside = columns(held.hidden, few)
    rows = []
    for name, scores in found.items():
        whole, sounding = (auc(places(scores, wanted, held.shown)) for wanted in (held.hidden, inside))
        rows.append((name, _figure(given, whole), _figure(given, sounding)))
    head = ("model", "AUC, hidden artists", "AUC, those with sound")
    return Table("In the matrix", head, tuple(rows), "A fifth of every listener's artists is hidden.")


def _out_of_matrix(given: Given, data: TaggedArtists, model: ContentAware) -> Table:
    rng = np.random.default_rng(given.seed)
    cold = np.zeros(len(data.rows), bool)
    cold[rng.permutation(len(cold))[: round(SHARE * len(cold))]] = True
    songs = data.rows[cold]
    train = columns(data.plays, np.setdiff1d(np.arange(data.plays.shape[1]), songs))
    truth = data.plays[:, songs].tocsr()
    hidden = _hidden(given, data, model, ~cold)
    mixed = rng.permutation(len(hidden))
    rows: list[tuple[Entry, ...]] = []
    popular = np.tile(np.asarray(truth.sum(axis=0), np.float32).ravel(), (truth.shape[0], 1))
    rows.append(("Popularity, an oracle", _figure(given, auc(places(popular, truth)))))
    for name, heard in (("Content-aware", hidden), ("the sound of other artists", hidden[mixed])):
        scores = _scores(given, model, train, Heard(data.rows, heard), train)[:, songs]
        rows.append((name, _figure(given, auc(places(scores, truth)))))
    note = f"{len(songs)} artists are hidden from all listeners and their tags from the network; they alone are ranked."
    return Table("Out of the matrix", ("model", "AUC, cold artists"), tuple(rows), note)


def _figure(given: Given, values: np.ndarray) -> Entry:
    found = interval(values, given.seed)
    return given.figure(found.mean, (found.low, found.high), digits=4)


STUDY = Study(
    "content-aware",
    "Sound as the prior of what people play",
    "Liang, Zhan, Ellis 2015",
    "A folder with user_artists.dat and artists.dat (HetRec 2011, Last.fm) and music.csv (the Million Song subset).",
    run,
    settings={"factors": 50, "iterations": 10, "epochs": 60},
)
