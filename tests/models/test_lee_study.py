"""The study of Lee's Table 1 on small data: whole runs with and without sound, and what its figures must be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from musicdesk.core.progress import Silent
from musicdesk.demo.world import World, WorldSpec, grow
from musicdesk.workflows.desk import open_desk
from musicdesk.workflows.reproduce import Reproduced, reproduce
from tests.helpers.music import RATE

SETTINGS = {"users": 80, "songs": 90, "factors": 16, "dim": 32, "epochs": 6}
SPEC = WorldSpec(genres=4, artists=40, tracks=100, listeners=90, plays_median=0.25)


def ident(song: int) -> str:
    return f"SO{song:016d}"


def sung(taste: np.ndarray, seed: int) -> np.ndarray:
    """Three seconds whose partials are as loud as the track's taste says, float32 (samples,)."""
    t = np.arange(3 * RATE) / RATE
    partials = [np.exp(level) * np.sin(2 * np.pi * 150 * 1.33**d * t) for d, level in enumerate(taste)]
    noise = np.random.default_rng(seed).normal(size=len(t))
    return (0.01 * np.sum(partials, axis=0) + 0.002 * noise).clip(-1, 1).astype(np.float32)


@pytest.fixture(scope="module")
def world() -> World:
    return grow(SPEC)


@pytest.fixture(scope="module")
def folder(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("lee")
    counts = world.counts()
    rows = [f"{user:040x}\t{ident(song)}\t{counts[user, song]}" for user, song in zip(*counts.nonzero(), strict=True)]
    (made / "train_triplets.txt").write_text("\n".join(rows) + "\n")
    lines = [f"TR{s:016d}<SEP>{ident(s)}<SEP>Artist {world.tracks.artist[s]}<SEP>Song {s}" for s in range(SPEC.tracks)]
    (made / "unique_tracks.txt").write_text("\n".join(lines) + "\n")
    (made / "audio").mkdir()
    for song in range(SPEC.tracks):
        name = ident(song) if song % 2 else f"TR{song:016d}"
        soundfile.write(made / "audio" / f"{name}.wav", sung(world.tracks.taste[song], song), RATE)
    return made


def rows(found: Reproduced, table: int) -> dict[str, list[Any]]:
    return {row[0]: row[1:] for row in found.tables[table]["rows"]}


@pytest.fixture(scope="module")
def heard(folder: Path) -> Reproduced:
    with open_desk(folder / "p", "cpu") as desk:
        return reproduce(desk, "recommendation", Silent(), folder, folder / "out", 0, SETTINGS, made_up=True)


def test_every_row_stands_in_every_split(heard: Reproduced):
    titles = [table["title"] for table in heard.tables]
    assert titles == ["AUC, paper split", "AUC, corrected split", "AUC, artist-disjoint"]
    for table in range(3):
        found = rows(heard, table)
        assert len(found) == 6 and all(row[0]["value"] is not None for row in found.values()), found
    assert "80 busiest listeners and 90 songs" in heard.notes[0] and "90 of the songs" in heard.notes[1]
    assert heard.origin == "made up" and "published" not in heard.tables[0]["columns"]
    assert Path(heard.report).is_file()


def test_models_without_sound_know_nothing_of_cold_songs(heard: Reproduced):
    for table in range(3):
        found = rows(heard, table)
        assert found["WMF"][1]["value"] == 0.5
        assert found["WMF"][0]["value"] > 0.9
        assert found["DCUE, songs as numbers"][1]["value"] == pytest.approx(0.5, abs=0.15)


def test_models_that_hear_know_something_of_them(heard: Reproduced):
    """Which is more than chance: 18 cold songs and a few epochs allow no more to be asked."""
    for name in ("WMF + regression", "WMF + regression by ridge", "DCUE"):
        assert np.mean([rows(heard, table)[name][1]["value"] for table in range(3)]) > 0.6, name


def test_a_second_run_decodes_nothing_and_gives_the_same(heard: Reproduced, folder: Path):
    before = {path: path.stat().st_mtime_ns for path in (folder / "out" / "windows").glob("*.f16")}
    with open_desk(folder / "p", "cpu") as desk:
        again = reproduce(desk, "recommendation", Silent(), folder, folder / "out", 0, SETTINGS, made_up=True)
    assert again.tables == heard.tables
    assert before == {path: path.stat().st_mtime_ns for path in before}


def test_without_sound_the_rows_say_what_they_need(folder: Path, tmp_path: Path):
    (tmp_path / "triplets.txt").write_bytes((folder / "train_triplets.txt").read_bytes())
    with open_desk(tmp_path / "p", "cpu") as desk:
        found = reproduce(desk, "recommendation", Silent(), tmp_path, tmp_path / "out", 0, {**SETTINGS, "epochs": 1})
    assert [table["title"] for table in found.tables][:2] == ["AUC, paper split", "AUC, corrected split"]
    table = rows(found, 0)
    assert table["DCUE"][1]["value"] is None and "needs the sound of the songs" in table["DCUE"][4]
    assert table["DCUE"][0]["value"] == 0.7914 and table["WMF"][0]["value"] == 0.9302
    assert any("Artists of most songs are not known" in note for note in found.notes)
