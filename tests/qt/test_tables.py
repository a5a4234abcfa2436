"""The track table with 100,000 rows, and its columns."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from musicdesk.catalog.browse import Query
from musicdesk.catalog.catalog import Catalog
from musicdesk.core.feedback import NOW, Reach, Saying, Scope, of_stars
from musicdesk.core.types import Track, TrackId, Verdict
from musicdesk.gui.keys import verb_of
from musicdesk.gui.rating import summary
from musicdesk.gui.tables.columns import COLUMNS, LIBRARY, PLAYLIST, chosen
from musicdesk.gui.tables.model import BLOCK, BLOCKS, TrackModel
from musicdesk.gui.tables.view import fitted, fitting
from musicdesk.gui.verbs import BY_KEY, BY_KEY_WITH_STARS, VERBS, verb_after, with_keys
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
    for row in (0, 1, BLOCK - 1, 99_999, 99_998, 50_000):
        assert model.index(row, 0).data()
    assert fetch.calls == [BLOCK, MANY % BLOCK or BLOCK, BLOCK]
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


def test_rows_are_what_qt_makes_of_them_and_can_be_dragged(app: QApplication, catalog: Catalog) -> None:
    model = TrackModel(catalog.tracks.get_many, LIBRARY)
    model.show(catalog.browse.ids(Query())[:2])
    for index in (model.index(1, 0), model.index(0, 3)):
        assert model.flags(index) == QAbstractTableModel.flags(model, index) | Qt.ItemFlag.ItemIsDragEnabled
    assert model.flags(QModelIndex()) == QAbstractTableModel.flags(model, QModelIndex())


def test_a_table_that_has_become_shorter_is_painted_without_its_last_rows(app: QApplication, catalog: Catalog) -> None:
    model = TrackModel(catalog.tracks.get_many, LIBRARY)
    model.show(catalog.browse.ids(Query())[:5])
    assert model.track_at(4) is not None
    model.show(catalog.browse.ids(Query())[:2])
    assert model.track_at(4) is None


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
        "never",
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
    assert {key: BY_KEY[key].name for key in ("Return", "Space", "R", "Q", "M", "W", *"012345")} == {
        "Return": "play",
        "Space": "pause",
        "R": "radio",
        "Q": "queue",
        "M": "map",
        "W": "why",
        "0": "clear",
        "1": "not-now",
        "2": "not-here",
        "3": "never",
        "4": "like",
        "5": "dislike",
    }
    assert with_keys("like") == "More like this (4)" and with_keys("like", stars=True) == "More like this (Alt+4)"
    assert [BY_KEY_WITH_STARS[key].name for key in ("0", "5", "Alt+4", "Q")] == ["stars-0", "stars-5", "like", "queue"]


@pytest.mark.parametrize(
    ("key", "modifier", "stars", "verb"),
    [
        (Qt.Key.Key_4, Qt.KeyboardModifier.NoModifier, False, "like"),
        (Qt.Key.Key_4, Qt.KeyboardModifier.KeypadModifier, False, "like"),
        (Qt.Key.Key_4, Qt.KeyboardModifier.ShiftModifier, False, "like"),  # where figures are typed with Shift
        (Qt.Key.Key_4, Qt.KeyboardModifier.NoModifier, True, "stars-4"),
        (Qt.Key.Key_4, Qt.KeyboardModifier.AltModifier, True, "like"),
        (Qt.Key.Key_Q, Qt.KeyboardModifier.ShiftModifier, True, "next"),
    ],
)
def test_figures_are_verbs_or_stars(key: Qt.Key, modifier: Qt.KeyboardModifier, stars: bool, verb: str) -> None:
    found = verb_of(QKeyEvent(QEvent.Type.KeyPress, key, modifier), stars)
    assert found is not None and found.name == verb


def test_a_second_click_takes_back_and_what_was_said_is_told_with_its_effect() -> None:
    assert verb_after({"like"}, "like") == "clear" and verb_after({"like"}, "never") == "never"
    assert verb_after({"like", "not-now"}, "not-now") == "now"
    more = summary(Saying(Verdict.LIKE), ["Song"], 34, 212)
    assert more == "More like “Song”, in all lists · 34 up, 212 down in “For you”"
    assert summary(Saying(Verdict.DISLIKE), ["", ""], 0, 0) == "Less like 2 tracks, in all lists"
    assert summary(of_stars(4), ["Song"], 1, 0) == "4 stars for “Song” · 1 up, 0 down in “For you”"
    here = Saying(Verdict.DISLIKE, Scope(Reach.KIND, "for-you"))
    assert summary(here, ["Song"], 0, 1) == "Not in “For you”: “Song” stays out of it, and of it alone"
    assert summary(here, [""] * 3, 0, 1) == "Not in “For you”: 3 tracks stay out of it, and of it alone"
    assert summary(Saying(Verdict.DISLIKE, NOW), [""] * 3, 0, 0) == "Not now: 3 tracks rest for 7 days, in all lists"
    assert summary(Saying(Verdict.NEVER), [""] * 30, 0, 0) == "Never: 30 tracks are not picked or played any more"
    assert summary(Saying(Verdict.NEVER), ["Song"], 0, 0) == "Never: “Song” is not picked or played any more"
    assert summary(Saying(Verdict.DISLIKE, NOW), ["Song"], 0, 0) == "Not now: “Song” rests for 7 days, in all lists"
