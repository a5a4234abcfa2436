"""Layers of the map: every point has a colour and a row of the legend, whatever its value is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musicdesk.catalog.sound import Facts
from musicdesk.core.errors import NotFound
from musicdesk.core.types import Found, PlayEnd, Tags, TrackId, Verdict
from musicdesk.space.layers import LARGEST, SMALLEST, Painted, Scale, by_category, by_choice, by_number, sizes
from musicdesk.workflows.desk import Desk, open_desk
from musicdesk.workflows.layers import AUTO, layers, measure, paint, telling

NUMBERS = st.lists(st.floats(-1e6, 1e6) | st.just(float("nan")), max_size=40)


def whole(painted: Painted, n: int) -> None:
    assert painted.colours.shape == (n, 4) and painted.colours.dtype == np.uint8
    assert (painted.colours[:, 3] == 255).all()
    counts = np.bincount(painted.codes, minlength=len(painted.legend.entries))
    assert counts.tolist() == [entry.count for entry in painted.legend.entries]
    assert sum(entry.count for entry in painted.legend.entries) == n


@settings(max_examples=60, deadline=None)
@given(
    NUMBERS, st.booleans(), st.booleans(), st.sampled_from([Scale((-10, 0, 5), ("a", "b", "c", "d")), Scale(step=10)])
)
def test_any_numbers_are_parted_by_their_legend(values: list[float], dark: bool, log: bool, scale: Scale) -> None:
    scale = Scale(scale.edges, scale.labels, scale.step, log)
    numbers = np.array(values, float)
    painted = by_number(numbers, scale, "Title", dark)
    whole(painted, len(values))
    unknown = [entry.count for entry in painted.legend.entries if entry.label == "Unknown"]
    assert sum(unknown) == np.isnan(numbers).sum()
    assert painted.legend.continuous == bool(np.isfinite(numbers).any())
    sized = sizes(numbers, scale, "Title")
    assert sized.sizes.dtype == np.float32 and len(sized.sizes) == len(values)
    assert not len(values) or SMALLEST - 1e-6 <= sized.sizes.min() <= sized.sizes.max() <= LARGEST + 1e-6
    order = np.argsort(numbers[np.isfinite(numbers)], kind="stable")
    assert (np.diff(sized.sizes[np.isfinite(numbers)][order]) >= -1e-6).all()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(["", "Rock", "Other", "x", *(f"g{i}" for i in range(20))]), max_size=60))
def test_any_labels_are_parted_by_their_legend(labels: list[str]) -> None:
    painted = by_category(labels, "Genre", True)
    whole(painted, len(labels))
    for code, label in zip(painted.codes, labels, strict=True):
        assert painted.legend.entries[code].label in (label, "Other")
    whole(by_choice(labels, (("Rock", (1, 2, 3)), ("x", (250, 0, 0))), "Chosen", False), len(labels))


def test_more_is_brighter_on_dark_and_the_span_may_be_fixed() -> None:
    scale = Scale((20, 40), ("low", "middle", "high"), span=(0, 100))
    painted = by_number(np.array([10.0, 30.0, 90.0]), scale, "Trust", True)
    assert [entry.label for entry in painted.legend.entries] == ["low", "middle", "high"]
    assert (np.diff(painted.colours[:, :3].astype(int).sum(axis=1)) > 0).all()
    assert (painted.legend.low, painted.legend.high) == ("0", "100")
    narrow = by_number(np.array([89.0, 90.0]), scale, "Trust", True)
    assert np.abs(np.diff(narrow.colours.astype(int), axis=0)).max() < 12  # not stretched over the whole scale


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with open_desk(tmp_path_factory.mktemp("layers") / "profile") as opened:
        _fill(opened)
        yield opened


def _fill(desk: Desk) -> None:
    root = desk.catalog.roots.add(b"/music")
    rng = np.random.default_rng(0)
    for number in range(30):
        tags = Tags(
            title=str(number), artist=f"a{number % 3}", genre=("Rock", "rock", "")[number % 3], year=1990 + number
        )
        track = desk.catalog.tracks.add(root, Found(f"/music/{number}.mp3".encode(), 1, 1), tags, "", "")
        vector = rng.normal(size=8).astype(np.float32)
        facts = Facts(60.0 + 4 * number, 1.0, -30.0 + number, 0.0, 1.0, "A minor", 1.0, 44_100, 2, "mp3")
        bins = (np.zeros(4, np.uint8), True)
        desk.catalog.sound.save(track, desk.encoder, vector / np.linalg.norm(vector), vector, facts, "h", bins, 100.0)
    ids = desk.vectors().ids
    xyz = rng.normal(size=(30, 3)).astype(np.float32)
    desk.catalog.layouts.save("pca", desk.encoder, ids, xyz, 0.9, 1.0, np.linspace(0, 1, 30), 0.8, "pca")
    first, second = TrackId(int(ids[0])), TrackId(int(ids[1]))
    desk.catalog.feedback.rate(first, Verdict.LIKE)
    desk.catalog.feedback.played(second, 40_000, 60_000, PlayEnd.FINISHED, at=time.time() - 3 * 86_400)


def test_every_layer_of_a_library(desk: Desk) -> None:
    ids = desk.vectors().ids
    named = layers(desk)
    assert {"genre", "artist", "year", "plays", "last-heard", "rating", "score", "trust", "tempo", "loudness", "key",
            "encoder"} <= set(named)  # fmt: skip
    for name, layer in named.items():
        for dark in (True, False):
            whole(paint(desk, name, ids, dark), 30)
        whole(paint(desk, name, np.empty(0, np.int64)), 0)
        gone = paint(desk, name, np.array([10**9, int(ids[3])]))  # a track that has left the library
        whole(gone, 2)
        if layer.is_number:
            assert len(measure(desk, name, ids).sizes) == 30
    with pytest.raises(NotFound, match="genre"):
        paint(desk, "gener", ids)
    with pytest.raises(NotFound, match="tempo"):
        measure(desk, "genre", ids)
    assert measure(desk, "none", ids).sizes.tolist() == [1.0] * 30


def test_what_the_layers_say(desk: Desk) -> None:
    ids = desk.vectors().ids

    def said(name: str) -> list[str]:
        painted = paint(desk, name, ids)
        return [painted.legend.entries[code].label for code in painted.codes]

    assert set(said("genre")) == {"Rock", "Other"}  # spellings are one
    assert said("year")[:11] == ["1990s"] * 10 + ["2000s"]
    assert said("plays")[:2] == ["Never played", "1 to 4 plays"]
    assert said("last-heard")[:2] == ["Never heard", "Within a week"]
    assert said("rating")[:2] == ["Liked", "Not rated"]
    assert said("tempo")[0] == "Under 80 BPM" and said("tempo")[-1] == "160 BPM and more"
    assert set(said("key")) == {"C major · A minor"}
    assert set(said("encoder")) == {desk.card().name}
    assert said("trust")[0] == "Under 20 %" and said("trust")[-1] == "80 % and more"
    assert said("score")[0] == "Top tenth"  # the one that is liked
    assert "Unknown" not in said("score")


def test_trust_is_kept_with_the_layout(desk: Desk) -> None:
    layout = desk.catalog.layouts.active()
    assert layout is not None and (layout.continuity, layout.placed_by) == (0.8, "pca")
    assert layout.trust == pytest.approx(np.linspace(0, 1, 30), abs=1e-6)
    desk.catalog.layouts.save("autoencoder", desk.encoder, layout.ids, layout.xyz, 0.9, 1.0)
    unmeasured = desk.catalog.layouts.active()
    assert unmeasured is not None and np.isnan(unmeasured.trust).all()
    assert paint(desk, "trust", layout.ids).legend.note.startswith("Draw the map anew")


@pytest.mark.parametrize(
    ("genres", "bands", "layer"),
    [
        *((30, 40, "genre"), (3, 3, "artist"), (3, 40, "tempo"), (0, 40, "tempo")),
        *((40, 3, "artist"), (40, 1, "tempo")),  # all of one genre, and by one band as well
    ],
)
def test_the_layer_shown_by_itself_is_the_first_that_tells_of_enough_points(
    tmp_path: Path, genres: int, bands: int, layer: str
) -> None:
    """40 tracks: so many have a genre, and so many artists share them. A map that is grey, or of one colour,
    would say nothing."""
    with open_desk(tmp_path / "profile") as desk:
        root = desk.catalog.roots.add(b"/music")
        for at in range(40):
            tags = Tags(title=f"Song {at}", artist=f"Band {at % bands}", genre="Jazz" if at < genres else "")
            desk.catalog.tracks.add(root, Found(f"/music/{at}.mp3".encode(), 1, 1), tags, "", "")
        ids = np.arange(1, 41)
        assert telling(desk, ids) == layer
        assert paint(desk, AUTO, ids).legend.title == layers(desk)[layer].title
