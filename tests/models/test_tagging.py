"""Tags told from vectors: what is planted is found, what is not there is chance, and the study runs on real artists."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from musicdesk.core.errors import NotFound, Unusable
from musicdesk.core.progress import Silent
from musicdesk.demo.world import WorldSpec, grow
from musicdesk.evaluation.tagging import Items, aucs, transfer
from musicdesk.workflows.desk import open_desk
from musicdesk.workflows.reproduce import reproduce
from musicdesk.workflows.studies.msd_songs import MEASURES

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


def test_tags_that_taste_decides_are_told_from_taste():
    world = grow(WorldSpec(tracks=160, artists=40, tags=6, listeners=5))
    found = transfer(world.tracks.taste, world.tracks.tags, world.tracks.artist, 1, Silent(), epochs=15)
    assert np.nanmean(found.auc) > 0.75
    assert abs(np.nanmean(found.control) - 0.5) < 0.1
    again = transfer(world.tracks.taste, world.tracks.tags, world.tracks.artist, 1, Silent(), epochs=15)
    assert np.array_equal(found.auc, again.auc, equal_nan=True)


def test_auc_is_asked_within_a_fold():
    folds = np.array([0, 0, 1, 1])
    has = np.array([[True, True], [False, True], [True, True], [False, True]])
    told = np.array([[0.2, 0.5], [0.1, 0.5], [0.9, 0.5], [0.8, 0.5]])  # scores of the second fold are all higher
    found = aucs(told, has, folds)
    assert found[0] == 1.0 and np.isnan(found[1])


def test_models_are_compared_on_what_all_of_them_know():
    table = np.arange(12.0).reshape(6, 2)
    vectors = {"a": (np.arange(6), table), "b": (np.array([1, 3, 5]), table[[1, 3, 5]] + 1)}
    items = Items(("x",), np.ones((6, 1), bool), np.arange(6), vectors).known_to_all()
    assert items.groups.tolist() == [1, 3, 5]
    assert np.array_equal(items.vectors["a"][1] + 1, items.vectors["b"][1])


def write(folder: Path, artists: int) -> Path:
    """Plays of artists in two camps, whose tag and sound follow the camp; columns of the real files."""
    rng = np.random.default_rng(1)
    lines = ["id\tname\turl\tpictureURL"] + [f"{n}\tArtist {n}\tu\tp" for n in range(artists)]
    (folder / "artists.dat").write_text("\n".join(lines) + "\n", "utf-8")
    plays = ["userID\tartistID\tweight"]
    for user in range(60):
        for n in rng.choice(artists, 12, replace=False):
            if n % 2 == user % 2:
                plays.append(f"{user}\t{n}\t{rng.integers(1, 50)}")
    (folder / "user_artists.dat").write_text("\n".join(plays) + "\n", "utf-8")
    rows = [
        ",".join(["artist.name", "title", "terms", "release.name", "year", "song.hotttnesss", "familiarity", *MEASURES])
    ]
    for n in range(artists):
        sound = ",".join(f"{value:.3f}" for value in rng.normal(size=17) + n % 2)
        rows.append(f"Artist {n},T,{('rock', 'jazz')[n % 2]},R,0,0.5,0.5,{sound}")
    (folder / "music.csv").write_text("\n".join(rows) + "\n", "utf-8")
    return folder


def test_the_study_tells_camps_from_plays(tmp_path: Path):
    with open_desk(tmp_path / "profile") as desk:
        data = write(tmp_path, 100)
        typed = {"factors": "8", "epochs": "20"}
        made = reproduce(desk, "tagging", Silent(), data, tmp_path / "out", typed=typed, made_up=True)
        rows = {row[0]: row for row in made.tables[0]["rows"]}
        assert rows["wmf"][1]["value"] > 0.8 and rows["17 measures of sound"][1]["value"] > 0.7
        assert 0.2 < rows["wmf"][2]["value"] < 0.8
        assert "published" not in made.tables[0]["columns"] and len(made.tables) == 1


def test_the_study_says_what_is_missing(tmp_path: Path):
    with open_desk(tmp_path / "profile") as desk:
        (tmp_path / "empty").mkdir()
        with pytest.raises(NotFound, match=r"artists\.dat"):
            reproduce(desk, "tagging", Silent(), tmp_path / "empty", tmp_path / "out")
        with pytest.raises(Unusable, match="50"):
            reproduce(desk, "tagging", Silent(), write(tmp_path, 50 - 2), tmp_path / "out")


@pytest.mark.real
@pytest.mark.skipif(not SHARED.is_dir(), reason="the real data are not beside the project")
def test_tags_of_real_artists_are_told_from_plays(tmp_path: Path):
    with open_desk(tmp_path / "profile") as desk:
        typed = {"factors": "32", "epochs": "15"}
        made = reproduce(desk, "tagging", Silent(), SHARED, tmp_path / "out", typed=typed)
        rows = {row[0]: row for row in made.tables[0]["rows"]}
        assert rows["wmf"][2]["value"] > 0.6 > rows["wmf"][3]["value"] > 0.4
        assert rows["wmf"][1]["value"] == 0.8683


def test_sound_places_artists_that_nobody_played(tmp_path: Path):
    with open_desk(tmp_path / "profile") as desk:
        typed = {"factors": "8", "epochs": "10", "iterations": "4"}
        made = reproduce(
            desk, "content-aware", Silent(), write(tmp_path, 100), tmp_path / "out", typed=typed, made_up=True
        )
        cold = {row[0]: row[1]["value"] for row in made.tables[1]["rows"]}
        assert cold["Content-aware"] > 0.65 > cold["the sound of other artists"]
        warm = {row[0]: row[1]["value"] for row in made.tables[0]["rows"]}
        assert warm["Content-aware"] > warm["Popularity"]
