"""What reports say of genres: lists with confidence, and the genre model's own measure with its confusions."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from musicdesk.core.types import TrackId, Verdict
from musicdesk.recommenders.genre_training import measured
from musicdesk.reports.report import Cell, Origin, Plot, Report, Table
from musicdesk.reports.write import write_report
from musicdesk.workflows.desk import open_desk
from musicdesk.workflows.genre_report import _quality, genre_parts
from tests.helpers.big_catalog import fill


def test_lists_under_the_listeners_genres(tmp_path: Path):
    with open_desk(tmp_path) as desk:
        assert genre_parts(desk, Origin.MEASURED) == []  # nothing there yet
        ids = fill(desk.catalog, 240, desk.encoder)
        for track in ids[:6]:
            desk.catalog.feedback.rate(TrackId(int(track)), Verdict.LIKE)
        (table,) = genre_parts(desk, Origin.MEASURED)
    assert isinstance(table, Table) and len(table.rows) > 5
    assert all(isinstance(row[2], Cell) and row[2].value == 1.0 and row[3] == "tagged" for row in table.rows)
    assert table.rows[0][0] and not table.rows[1][0]  # each genre is named once


def test_the_genre_models_measure_becomes_tables_and_pictures(tmp_path: Path):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 90)
    told = rng.dirichlet(np.ones(3), 90) + np.eye(3)[labels]
    told /= told.sum(1, keepdims=True)
    quality = {"genres": ["Dub", "Jazz", "Rock"], **measured(told, told, labels, 0)}
    parts = _quality(quality, Origin.MEASURED)
    assert [type(part) for part in parts] == [Table, Plot, Plot]
    written = write_report(Report("Genres", (), tuple(parts)), tmp_path)
    assert [plot.stem for plot in written.plots] == ["reliability", "confusion"]
    assert np.sum(quality["confusion"]) == 90
