"""What tracks sound like, in the window: a line on the card of a track, and a filter of the Library."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from musicdesk.core.types import TrackId
from musicdesk.encoders.tags import beside
from musicdesk.gui.pages.library import LibraryPage
from musicdesk.gui.why import WhyCard
from musicdesk.workflows.desk import open_desk
from tests.helpers.big_catalog import fill
from tests.helpers.tag_head import NAME, give_tags, plant, vector
from tests.qt.conftest import Spin
from tests.qt.windows import make_library, page_of, window


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, np.ndarray]:
    """A profile of twelve tracks, of which the first two have a piano, the second less surely."""
    give_tags(tmp_path / "models", monkeypatch)
    with open_desk(tmp_path / "p") as desk:
        ids = fill(desk.catalog, 12, "")
        heard = [vector(piano=0.6, no_vocals=0.6), vector(piano=0.45, female_voice=0.6), *[vector(rock=0.6)] * 10]
        plant(desk.catalog, desk.encoder, ids, heard)
    return tmp_path / "p", ids


def test_the_library_is_filtered_by_sound_typed_or_chosen(
    app: QApplication, told: tuple[Path, np.ndarray], spin: Spin
) -> None:
    profile, ids = told
    with window(app, profile) as opened:
        page = page_of(opened, "library")
        assert isinstance(page, LibraryPage)
        opened.window.resize(1280, 800)
        opened.window.show()
        shown = lambda: page.table.tracks.ids.tolist()  # noqa: E731
        page.words.setText("sounds:piano")
        assert spin(lambda: shown() == ids[:2].tolist()), "the likeliest first"
        assert page.subtitle.whole_text() == "2 of 12 tracks · the likeliest first"
        assert page.sounds.currentData() == "piano" and page.clear.isVisible()
        page.table.sorted_by.emit("title", True)
        assert sorted(shown()) == ids[:2].tolist() and "likeliest" not in page.subtitle.whole_text()
        page.sounds.setCurrentIndex(page.sounds.findData("no voice"))
        page.sounds.activated.emit(page.sounds.currentIndex())
        assert page.words.text() == 'sounds:"no voice"', "where it can be read and learned"
        assert spin(lambda: shown() == ids[:1].tolist())
        places = [box.geometry() for box in (page.genre, page.artist, page.sounds, page.status, page.clear)]
        assert all(a.right() < b.left() for a, b in pairwise(places)), places
        page.words.setText("sounds:calm")
        assert spin(lambda: not shown()) and "clearly sounds like “calm”" in page.nothing.title.text()
        page.words.setText("sounds:tuba")
        assert spin(lambda: "tuba" in page.nothing.title.text()) and "piano" in page.nothing.text.text()
        page.clear.click()
        assert len(shown()) == 12 and page.sounds.currentIndex() == 0 and not page.words.text()


def test_the_card_of_a_track_says_what_it_sounds_like(app: QApplication, told: tuple[Path, np.ndarray]) -> None:
    profile, ids = told
    with window(app, profile) as opened:
        opened.window.show()
        page = page_of(opened, "library")
        assert isinstance(page, LibraryPage)
        assert page.table.select_track(TrackId(int(ids[1])))
        QTest.keyClick(page.table, "w")
        card: WhyCard = opened.window._why
        line = next(made for made in card.findChildren(QLabel) if made.text().startswith("Sounds like"))
        assert line.text() == "Sounds like: maybe piano, female voice"
        assert "73% piano" in line.toolTip() and "Sounds like" in card.accessibleName()


def test_where_no_tags_are_told_nothing_is_offered(
    app: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spin: Spin
) -> None:
    give_tags(tmp_path / "models", monkeypatch)
    beside(tmp_path / "models", NAME).unlink()
    make_library(tmp_path / "p", 12)
    with window(app, tmp_path / "p") as opened:
        opened.window.show()
        page = page_of(opened, "library")
        assert isinstance(page, LibraryPage)
        assert spin(lambda: len(page.table.tracks.ids) == 12) and not page.sounds.isVisible()
        page.words.setText("sounds:piano")
        assert spin(lambda: not len(page.table.tracks.ids))
        assert "does not tell tags" in page.nothing.text.text()
