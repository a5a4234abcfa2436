"""Deleting all data where parts of a profile, or the whole of it, lie behind a link."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from musicdesk.cli.main import main
from musicdesk.core.paths import DEMO_FILES, DEMO_REPORT
from musicdesk.workflows.desk import open_desk


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    with open_desk(tmp_path / "profile") as desk:
        return desk.profile.folder


def delete(profile: Path) -> int:
    return main(["--profile", str(profile), "delete-all-data", "--yes"])


def test_links_in_a_profile_go_and_what_they_lead_to_stays(profile: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (profile / "models").rename(elsewhere)
    (elsewhere / "mine").write_text("kept")
    (profile / "models").symlink_to(elsewhere)
    (profile / "reports").symlink_to(tmp_path / "nowhere")
    assert delete(profile) == 0
    assert not os.path.lexists(profile) and (elsewhere / "mine").read_text() == "kept"


@pytest.mark.parametrize("leads", [True, False])
def test_a_library_behind_a_link_is_a_profile_too(profile: Path, tmp_path: Path, leads: bool) -> None:
    catalog = tmp_path / "catalog.sqlite"
    (profile / "catalog.sqlite").rename(catalog)
    (profile / "catalog.sqlite").symlink_to(catalog)
    if not leads:
        catalog.unlink()
    assert delete(profile) == 0
    assert not os.path.lexists(profile) and catalog.exists() is leads


def test_a_profile_behind_a_link_goes_with_the_link(profile: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(profile)
    assert delete(link) == 0
    assert not os.path.lexists(link) and not profile.exists()


def test_what_else_lies_behind_the_link_stays_with_it(profile: Path, tmp_path: Path) -> None:
    (profile / "diary.txt").write_text("mine")
    link = tmp_path / "link"
    link.symlink_to(profile)
    assert delete(link) == 0
    assert os.listdir(link) == ["diary.txt"]


def made_report(profile: Path) -> Path:
    report = profile / DEMO_REPORT
    (report / "dark").mkdir(parents=True)
    for name in DEMO_FILES:
        (report / name).write_text("what you like")
    return report


def test_the_demos_report_goes_as_well(profile: Path) -> None:
    made_report(profile)
    (profile / "music").mkdir()
    assert delete(profile) == 0
    assert os.listdir(profile) == ["music"]


def test_what_else_lies_beside_the_demos_report_stays(profile: Path) -> None:
    report = made_report(profile)
    (report / "thesis.odt").write_text("mine")
    assert delete(profile) == 0
    assert os.listdir(report) == ["thesis.odt"] and os.listdir(profile) == [DEMO_REPORT]
