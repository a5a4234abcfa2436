"""What the map decides without a window: which points are lit, what its words are, where names belong."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from musicdesk.core.types import Tags, Track, TrackId
from musicdesk.gui.pages import map_reading
from musicdesk.gui.pages.map_state import FADED, Choice, Look, Points, card, heading, lines, standing
from musicdesk.space.layers import Sized, by_category
from musicdesk.space.regions import regions
from musicdesk.workflows.desk import open_desk
from tests.helpers.big_catalog import fill

LABELS = ["Jazz", "Jazz", "Jazz", "Rock", "", "Dub"]


def look() -> Look:
    return Look(by_category(LABELS, "Genre", True), Sized(np.ones(6, np.float32), "", ()))


def points(n: int = 6) -> Points:
    xyz = np.arange(3 * n, dtype=np.float32).reshape(n, 3)
    return Points(np.arange(10, 10 + n), xyz, np.linspace(0, 1, n).astype(np.float32), 0.91)


def test_the_legend_filters_and_counts_every_point_once() -> None:
    seen = look()
    assert sum(entry.count for entry in lines(seen.painted.legend, frozenset())) == 6
    choice = Choice().toggled("Jazz")
    lit = seen.lit(choice.only)
    assert lit.tolist() == [True, True, True, False, False, False]
    colours, sizes = seen.drawn(lit)
    assert (colours[3:, 3] == FADED).all() and (colours[:3, 3] == 255).all() and sizes[3] < sizes[0]
    assert (seen.painted.colours[:, 3] == 255).all(), "the layer itself stays as it was read"
    assert [entry.shown for entry in lines(seen.painted.legend, choice.only)] == [True, False, False, False]
    assert choice.toggled("Jazz").only == frozenset()
    assert choice.coloured("year").only == frozenset(), "another colouring begins without a filter"
    assert choice.sized("plays").only == {"Jazz"}


def test_rows_are_found_by_id_and_strangers_left_out() -> None:
    assert points().rows_of([15, 3, 10, 99]).tolist() == [5, 0]
    assert points().holds(TrackId(12)) and not points().holds(TrackId(9))
    assert len(points(0).rows_of([1])) == 0
    assert points().trust_of(TrackId(15)) == 1.0 and np.isnan(points().trust_of(TrackId(1)))


def test_words_of_the_map() -> None:
    def track(number: int) -> Track:
        return Track(TrackId(number), b"/a.flac", Tags(title="Song", artist="Ann"))

    assert card(track(1), [track(2)]) == ("Song", "Ann", "Sounds like “Song”")
    assert heading(points()).endswith("trustworthiness 0.91") and heading(None) == ""
    around = Points(*(getattr(points(), name) for name in ("ids", "xyz", "trust")), around=TrackId(10), title="Song")
    assert heading(around).startswith("“Song” and 5 tracks around it")
    assert standing(0.9, 8).startswith("9 of its 10") and standing(0.2, 8).startswith("Only 2")
    assert standing(float("nan"), 8) == ""


def test_a_name_stands_where_its_points_are_densest() -> None:
    rng = np.random.default_rng(0)
    xyz = np.vstack(
        [rng.normal(size=(60, 3)) * 0.1 + 4, rng.normal(size=(40, 3)) * 2, rng.normal(size=(50, 3)) * 4 - 5]
    )
    xyz[0] = np.nan
    names = ["Jazz"] * 100 + ["Rock"] * 48 + ["Two"] * 2
    found = regions(xyz, names, most=5)
    assert [region.name for region in found] == ["Jazz", "Rock"], "two points are no region"
    assert np.abs(np.array(found[0].place) - 4).max() < 0.2, "where most of it is, not in the middle of everything"
    assert found[0].count == 99
    assert [region.name for region in regions(xyz, names, most=5, close=True)] == ["Jazz"]
    assert regions(xyz, [""] * 150, most=5) == [] and regions(np.empty((0, 3)), [], most=5) == []


def test_a_map_is_read_with_its_layers_and_names(tmp_path: Path) -> None:
    with open_desk(tmp_path) as desk:
        assert map_reading.read(desk, Choice(), True).instead == "welcome"
        ids = fill(desk.catalog, 120)
        assert map_reading.read(desk, Choice(), True).instead == "unheard"
    with open_desk(tmp_path / "heard") as desk:
        ids = fill(desk.catalog, 120, desk.encoder, layout=True)
        reading = map_reading.read(desk, Choice("score-of-a-model-that-is-gone", "plays"), False)
        assert reading.points is not None and reading.points.ids.tolist() == ids.tolist()
        assert reading.look is not None and reading.look.painted.legend.title == "Genre"
        assert len(set(reading.look.sized.sizes.tolist())) > 1
        assert {"genre", "tempo", "trust"} <= {offer.name for offer in reading.offers}
        assert reading.names.genres
        assert len(map_reading.near(desk, TrackId(int(ids[4])))) == map_reading.NEAR
        with desk.beside() as other:
            assert other.has_vectors and other.vectors() is desk.vectors(), (
                "what one desk has read another goes on with"
            )
