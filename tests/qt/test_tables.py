"""The track table with 100,000 rows, and its columns."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from musicdesk.catalog.browse import Query
from musicdesk.catalog.catalog import Catalog
from musicdesk.core.types import Track, TrackId, Verdict
from musicdesk.gui.tables.columns import COLUMNS, LIBRARY, PLAYLIST, chosen
from musicdesk.gui.tables.model import BLOCK, BLOCKS, TrackModel
from musicdesk.gui.tables.view import fitted, fitting
from musicdesk.gui.verbs import BY_KEY, VERBS, rating_after, summary, with_keys
from tests.helpers.big_catalog import fill

MANY = 100_000


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    found = Catalog.open(tmp_path_factory.mktemp("many") / "catalog.sqlite")
    fill(found, MANY)
    yield found
    found.close()


class Counting:
    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self.calls: list[int] = []

    def __call__(self, ids: list[TrackId]) -> list[Track]:  # type: ignore[override]
        self.calls.append(len(ids))
        return self._catalog.tracks.get_many(ids)


def test_only_what_is_looked_at_is_fetched(app: QApplication, catalog: Catalog) -> None:
    fetch = Counting(catalog)
    model = TrackModel(fetch, LIBRARY)  # type: ignore[arg-type]
    model.show(catalog.browse.ids(Query()))
    assert model.rowCount() == MANY and fetch.calls == []
    for row in (0, 1, 150, 99_999, 99_990, 50_000):
        assert model.index(row, 0).data()
    assert fetch.calls == [BLOCK, BLOCK, BLOCK]
    for block in range(BLOCKS + 2):
        model.index(block * BLOCK, 0).data()
    assert len(model._blocks) == BLOCKS


def test_100_000_rows_open_sort_and_search_without_a_hitch(app: QApplication, catalog: Catalog) -> None:
    """Generous limits, for busy machines; the figures are in the benchmark."""
    model = TrackModel(catalog.tracks.get_many, LIBRARY)
    begun = time.perf_counter()
    for query in (Query(), Query(order="title", descending=True), Query(words="gar wal")):
        model.show(catalog.browse.ids(query))
        for row in range(min(40, model.rowCount())):
            model.index(row, 0).data()
    assert time.perf_counter() - begun < 3.0


def test_a_track_that_has_gone_leaves_an_empty_row(app: QApplication, catalog: Catalog) -> None:
    model = TrackModel(catalog.tracks.get_many, LIBRARY)
    model.show(np.array([1, 10_000_000, 2]))
    assert [bool(model.index(row, 0).data()) for row in range(3)] == [True, False, True]


def test_text_is_shown_as_it_is(app: QApplication, catalog: Catalog) -> None:
    model = TrackModel(catalog.tracks.get_many, LIBRARY)
    model.show(catalog.browse.ids(Query())[:5])
    track = model.track_at(0)
    assert track is not None
    tool_tip = model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert track.tags.title in tool_tip and tool_tip.startswith("<span>")


def test_a_screen_reader_hears_the_rating(app: QApplication, tmp_path: Path) -> None:
    with_ratings = Catalog.open(tmp_path / "catalog.sqlite")
    ids = fill(with_ratings, 3)
    with_ratings.feedback.rate(TrackId(int(ids[0])), Verdict.NEVER)
    model = TrackModel(with_ratings.tracks.get_many, ("rating",))
    model.show(ids)
    assert [model.index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(2)] == [
        "never play",
        "not rated",
    ]
    with_ratings.close()


@pytest.mark.parametrize("room", [420, 600, 742, 1000, 1500])
@pytest.mark.parametrize("names", [LIBRARY, PLAYLIST])
def test_columns_fill_the_room_and_the_title_stays(names: tuple[str, ...], room: int) -> None:
    columns = [COLUMNS[name] for name in names]
    widths = fitted(columns, room)
    assert sum(widths) == room or room <= 420
    assert widths[0] >= 88
    assert columns[0] in fitting(columns, room) and columns[0].name in ("title", "both")


def test_chosen_columns_keep_their_order_and_the_title() -> None:
    assert chosen(("rating", "artist")) == ("title", "artist", "rating")
    assert chosen(()) == LIBRARY


def test_one_key_means_one_thing() -> None:
    assert len(BY_KEY) == sum(len(verb.keys) for verb in VERBS)
    assert {key: BY_KEY[key].name for key in ("Return", "Space", "R", "Q", "M", "W", "1", "2", "3", "4", "5")} == {
        "Return": "play",
        "Space": "pause",
        "R": "radio",
        "Q": "queue",
        "M": "map",
        "W": "why",
        "1": "never",
        "2": "dislike",
        "3": "clear",
        "4": "like",
        "5": "like",
    }
    assert with_keys("like") == "Like (4 or 5)"


def test_rating_twice_takes_back_and_is_told_with_its_effect() -> None:
    assert rating_after(Verdict.LIKE, Verdict.LIKE) is Verdict.CLEAR
    assert rating_after(Verdict.LIKE, Verdict.NEVER) is Verdict.NEVER
    assert summary(Verdict.LIKE, ["Song"], 34, 212) == "Liked “Song” · 34 tracks up, 212 down"
    assert summary(Verdict.DISLIKE, ["", ""], 0, 0) == "Disliked 2 tracks"
