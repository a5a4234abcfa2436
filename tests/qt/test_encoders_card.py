"""The encoders on the Models page: what is told of each, using another one, going back, removing, teaching."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from musicdesk.core.types import TrackId
from musicdesk.gui.main import Opened
from musicdesk.gui.pages.models import ModelsPage
from musicdesk.gui.pages.models_encoders import EncoderCard
from musicdesk.gui.pages.models_encoders_state import MARK, EncoderLine
from musicdesk.gui.shell import Goto
from musicdesk.gui.task import Outcome, worker_command
from musicdesk.workflows.desk import open_desk
from tests.helpers import planted_artists as planted
from tests.qt.windows import Answers, make_library, page_of, window

Spin = Callable[..., bool]
TRACKS = 60


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    """60 made-up tracks that the encoder in use has heard, and so has one that a person brought; and a broken one."""
    ids = make_library(tmp_path / "p", TRACKS)
    with open_desk(tmp_path / "p", "cpu") as desk:
        own = desk.profile.models / "encoders"
        encoder = planted.bring(own)
        vectors = np.random.default_rng(0).normal(size=(len(ids), 16)).astype(np.float32)
        with desk.catalog.write():
            for track, vector in zip(ids, vectors / np.linalg.norm(vectors, axis=1, keepdims=True), strict=True):
                desk.catalog.sound.save_vector(TrackId(int(track)), encoder, vector)
        (own / "broken").mkdir()
        (own / "broken" / "card.toml").write_text("name = 3", "utf-8")
    return tmp_path / "p"


def opened_page(opened: Opened, spin: Spin) -> ModelsPage:
    opened.window.resize(1280, 800)
    opened.window.show()
    page = page_of(opened, "models")
    assert isinstance(page, ModelsPage)
    assert spin(lambda: page.offers, 60)
    return page


def pick(page: ModelsPage, name: str) -> EncoderCard:
    texts = [
        page.list.item(row).text() or page.list.item(row).data(Qt.ItemDataRole.UserRole).name for row in rows(page)
    ]
    page.list.setCurrentRow(texts.index(MARK + name))
    return page.encoder


def rows(page: ModelsPage) -> range:
    return range(page.list.count())


def told(card: EncoderCard) -> str:
    return " ".join(label.text() for label in card.findChildren(QLabel) if label.isVisibleTo(card))


def test_another_encoder_is_used_brought_back_and_removed(app: QApplication, profile: Path, spin: Spin) -> None:
    answers = Answers()
    with window(app, profile, answers, command=worker_command()) as opened:
        opened.window.go(Goto("models", "encoder"))
        page, desk = opened_page(opened, spin), opened.shell.desk
        assert spin(lambda: page.chosen == MARK + desk.entry().name, 30), "Settings lead there"
        ours = desk.entry().name
        card = pick(page, "broken")
        assert "does not say" in told(card) and not card.use.isEnabled() and page.learn.isHidden()
        card = pick(page, ours)
        assert spin(lambda: f"{TRACKS} of {TRACKS} tracks heard" in told(card), 5) and "in use" in page.about.text()
        assert card.use.isHidden() and card.remove.isHidden() and card.back.isHidden()
        assert not card.teach.isEnabled() and "have been listened to" in card.lesson.text()
        card = pick(page, "small")
        assert spin(lambda: "CC0-1.0" in told(card) and "16 numbers" in told(card), 5)
        assert page.about.text() == "Brought by you."
        QTest.mouseClick(card.use, Qt.MouseButton.LeftButton)
        assert not card.use.isEnabled(), "not twice"
        assert spin(lambda: desk.entry().name == "small" and page.chosen == MARK + "small" and card.use.isHidden(), 120)
        assert spin(lambda: card.back.isVisible() and card.back.isEnabled(), 60)
        QTest.mouseClick(card.back, Qt.MouseButton.LeftButton)
        assert spin(lambda: desk.entry().name == ours and page.chosen == MARK + ours, 120)
        card = pick(page, "small")
        assert spin(lambda: card.remove.isVisible() and card.remove.isEnabled(), 60)
        QTest.mouseClick(card.remove, Qt.MouseButton.LeftButton)
        assert answers.asked == ["Remove the encoder small?"]
        gone = profile / "models" / "encoders" / "small"
        assert spin(lambda: not gone.exists() and not opened.shell.jobs.running(), 120)


def test_a_lesson_is_followed_and_its_result_stays_to_be_read(app: QApplication, profile: Path, spin: Spin) -> None:
    """The worker is a stand-in: what teaching itself does is tried where it is."""
    with window(app, profile) as opened:
        page = opened_page_with(opened)
        card = pick(page, "small")
        card.tell(EncoderLine({**facts("small"), "state": "in use"}), "", "other")
        assert card.teach.isEnabled() and "ten minutes at most" in card.lesson.text()
        result = {"name": "", "kept": False, "state": "not kept", "sentence": "It has .310, the one before .312."}
        assert card.ended(Outcome("finished", "teach", result=result)) == ""
        assert card.said.text() == result["sentence"] and not card.said.isHidden()
        assert "no sure gain" in opened.window.notices.text.text()
        kept = {**result, "name": "small-taught", "kept": True, "state": "in use", "before": "small"}
        assert card.ended(Outcome("finished", "teach", result=kept)) == MARK + "small-taught"
        assert opened.window.notices.action.text() == "Back to small"
        coming = {**kept, "state": "coming", "remaining": 1200}
        assert card.ended(Outcome("finished", "teach", result=coming)) == ""
        assert "1,200 more tracks" in opened.window.notices.text.text()
        for made in card.findChildren(QPushButton):
            assert made.accessibleName(), made.text()


def facts(name: str, **more: object) -> dict[str, object]:
    plain = {"name": name, "encoder": f"{name}-1", "dim": 16, "licence": "MIT", "source": "me", "own": True}
    return {**plain, "tracks": 9, "waiting": 3, "state": "", "why_not": "", "taught": False, **more}


def opened_page_with(opened: Opened) -> ModelsPage:
    opened.window.show()
    page = page_of(opened, "models")
    assert isinstance(page, ModelsPage)
    model = {"model": "wmf", "title": "WMF", "about": "", "why_not": "", "uses_crowd": False, "settings": {}}
    hearing = {"why_not": "", "back": "", "encoders": [facts("ours", state="in use", own=False), facts("small")]}
    result = {"models": [model], "ladder": {}, "encoder": hearing}
    page._answered(Outcome("finished", "offers", result=result))
    return page


@pytest.mark.parametrize(
    ("more", "state", "origin"),
    [
        ({}, "brought by you · 9 tracks heard", "brought by you"),
        ({"taught": True}, "taught here · 9 tracks heard", "taught here"),
        ({"own": False}, "comes with musicdesk · 9 tracks heard", "comes with musicdesk"),
        ({"state": "coming"}, "comes to use · 3 tracks to hear", "brought by you"),
        ({"why_not": "No."}, "cannot be used", "brought by you"),
    ],
)
def test_lines_say_what_an_encoder_is(more: dict[str, object], state: str, origin: str) -> None:
    line = EncoderLine(facts("small", **more))
    assert (line.state, line.origin, line.heard) == (state, origin, "9 of 12 tracks heard")
    assert ("Library", "9 of 12 tracks heard") in line.rows() and line.sign[0]
