"""Files that a person names never take the place of what the profile keeps."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from musicdesk.cli.main import main
from musicdesk.core.errors import Unusable
from musicdesk.core.files import place_for
from musicdesk.core.progress import Silent
from musicdesk.core.types import PlaylistId
from musicdesk.workflows.backups import backup
from musicdesk.workflows.desk import Desk, open_desk
from musicdesk.workflows.embeddings import export as export_embeddings
from musicdesk.workflows.map_page import write_page
from musicdesk.workflows.picture import draw, write
from musicdesk.workflows.playlists import export
from musicdesk.workflows.recommend_crowd import EVERYBODY, recommend_crowd
from musicdesk.workflows.wishes import save_wishes

REFUSED = "keeps its own files"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path / "profile") as opened:
        yield opened


WRITERS: dict[str, Callable[[Desk, Path], object]] = {
    "backup": backup,
    "embeddings": export_embeddings,
    "playlist": lambda desk, target: export(desk, PlaylistId(1), target, "m3u8"),
    "picture": draw,
    "places": write,
    "page": write_page,
    "wishes": lambda desk, target: save_wishes(desk, target, []),
    "lists": lambda desk, target: recommend_crowd(desk, "c", EVERYBODY, 1, "", target, 0, Silent()),
}


@pytest.mark.parametrize("name", WRITERS)
def test_no_writer_takes_the_librarys_place(desk: Desk, name: str) -> None:
    before = desk.profile.catalog.stat().st_ino
    with pytest.raises(Unusable, match=REFUSED):
        WRITERS[name](desk, desk.profile.catalog)
    assert desk.profile.catalog.stat().st_ino == before


def test_figures_on_the_command_line_do_not_either(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    profile = tmp_path / "profile"
    open_desk(profile).close()
    assert main(["--profile", str(profile), "evaluate", "--json", str(profile / "settings.json")]) == 1
    assert REFUSED in capsys.readouterr().err


def test_what_is_the_profiles_own_by_whichever_way(desk: Desk, tmp_path: Path) -> None:
    folder = desk.profile.folder
    (tmp_path / "way").symlink_to(folder)
    (tmp_path / "link.sqlite").symlink_to(desk.profile.catalog)
    for target in (
        folder / "catalog.sqlite-wal",
        folder / "catalog.lock",
        folder / "catalog.lock" / ".." / "Catalog.SQLITE",
        folder / "models" / "x.npz",
        tmp_path / "way" / "catalog.sqlite",
        tmp_path / "link.sqlite",
    ):
        with pytest.raises(Unusable, match=REFUSED):
            desk.profile.spare(target)
    for target in (folder / "list.m3u8", tmp_path / "catalog.sqlite"):
        assert place_for(target, desk.profile) == target


def test_backups_lie_with_the_others_but_not_on_a_library(desk: Desk, tmp_path: Path) -> None:
    assert Path(backup(desk, desk.profile.backups / "mine.sqlite").file).is_file()
    with open_desk(tmp_path / "other") as other:
        other.save_settings(other.settings)
        with pytest.raises(Unusable, match="in use"):
            backup(desk, other.profile.catalog)
    with sqlite3.connect(other.profile.catalog) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    conn.close()
