"""Studies from the command line to the pages, on small data with known truth."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from musicdesk.core.errors import Unusable
from musicdesk.core.progress import Silent
from musicdesk.reports.report import Origin
from musicdesk.workflows.desk import open_desk
from musicdesk.workflows.reproduce import Reproduced, reproduce
from musicdesk.workflows.studies import autoencoder, kkbox
from musicdesk.workflows.studies.kkbox_data import read_listens
from musicdesk.workflows.studies.msd_songs import read_songs
from tests.helpers.programs import ask, run
from tests.helpers.study_data import kkbox_folder, songs_csv


def reproduced(name: str, data: Path | None, out: Path, made_up: bool = True, **settings: object) -> Reproduced:
    with open_desk() as desk:
        return reproduce(desk, name, Silent(), data, out, typed=settings, made_up=made_up)


def column(found: Reproduced, table: int, name: str) -> dict[tuple[str, ...], float]:
    """Figures of one column by the words of their row."""
    part = found.tables[table]
    at = part["columns"].index(name)
    words = [tuple(entry for entry in row if isinstance(entry, str)) for row in part["rows"]]
    return {key: row[at]["value"] for key, row in zip(words, part["rows"], strict=True) if isinstance(row[at], dict)}


def test_autoencoder(tmp_path: Path) -> None:
    data = songs_csv(tmp_path / "music.csv")
    found = reproduced("autoencoder", data, tmp_path / "out", seeds=2, epochs=30)
    errors = column(found, 0, "validation")
    assert len(errors) == 12 and found.tables[0]["note"].startswith("On 120 of the 10,000 songs")
    named = errors[autoencoder.NAMED.name, "honest"]
    assert named < errors["three principal components", "honest"]
    assert found.origin == "made up" and "published" not in json.dumps(found.tables)
    assert {path.name for path in (tmp_path / "out").glob("*.png")} == {"errors.png", "curves.png", "code.png"}
    again = reproduced("autoencoder", data, tmp_path / "out", seeds=2, epochs=30)  # finished trainings are kept
    assert again.seconds < found.seconds and again.tables == found.tables


def test_the_honest_reading_learns_nothing_from_what_it_is_asked(tmp_path: Path) -> None:
    sound = read_songs(songs_csv(tmp_path / "music.csv")).sound
    one = autoencoder.split(sound, autoencoder.HONEST, 3)
    held = np.random.default_rng(3).permutation(len(sound))[: len(one.held)]
    spoilt = sound.copy()
    spoilt[held] *= 1e6
    assert np.array_equal(autoencoder.split(spoilt, autoencoder.HONEST, 3).train, one.train)
    assert not np.array_equal(autoencoder.split(spoilt, autoencoder.SOURCE, 3).train, one.train)
    assert np.allclose(one.train.mean(axis=0), 0) and np.allclose(one.train.std(axis=0), 1)
    within = autoencoder.pca_errors(one, len(one.train[0]))
    assert within == pytest.approx((0, 0), abs=1e-20)


def test_kkbox(tmp_path: Path) -> None:
    data = kkbox_folder(tmp_path / "kkbox", 3_000)
    found = reproduced("kkbox", data, tmp_path / "out", epochs=30)
    tested = column(found, 0, "accuracy")["at random", "test"]
    assert tested > column(found, 0, "majority class")["at random", "test"] + 0.1
    ablation = column(found, 1, "AUC")
    assert ablation["as the source has it",] > 0.75 > 0.6 > ablation["without the dot product",]  # planted interaction
    plots = {
        "loss-random",
        "accuracy-random",
        "confusion-random",
        "loss-time",
        "accuracy-time",
        "confusion-time",
        "roc",
    }
    assert {plot["name"] for plot in found.plots} == plots
    assert "3,000 of 7,377,418" in found.tables[0]["note"] and "songs.csv tells about 7" in found.notes[0]
    again = reproduced("kkbox", data, tmp_path / "out", epochs=30)
    assert again.tables == found.tables  # finished trainings are kept


def test_kkbox_splits_are_whole_and_in_order() -> None:
    for order in (kkbox.RANDOM, kkbox.TIME):
        parts = kkbox.split(1_003, order, 7)
        assert np.array_equal(np.sort(np.concatenate(parts)), np.arange(1_003))
        assert [len(part) for part in parts] == [501, 251, 251]
    assert parts[0].max() < parts[1].min() and parts[1].max() < parts[2].min()


def test_what_only_later_rows_know_is_unknown(tmp_path: Path) -> None:
    listens = read_listens(kkbox_folder(tmp_path / "kkbox"))
    first = np.arange(20)
    pairs = listens.pairs(first, with_time=True)
    names = listens.frame["msno"].to_numpy()
    seen = np.isin(names, names[first])
    assert ((pairs.member > 0) == seen).all() and pairs.member.max() == pairs.members - 1
    assert pairs.categories.max() < pairs.levels and pairs.categories.shape[1] == 14


def test_published_figures_stand_beside_real_ones_alone(tmp_path: Path) -> None:
    data = songs_csv(tmp_path / "music.csv", 60)
    real = reproduced("autoencoder", data, tmp_path / "out", made_up=False, seeds=1, epochs=1)
    origins = {entry["origin"] for row in real.tables[0]["rows"] for entry in row if isinstance(entry, dict)}
    assert origins == {Origin.MEASURED.value, Origin.PUBLISHED.value}
    assert ("cannot" in json.dumps(real.tables)) or "read closely" in json.dumps(real.tables)


def test_from_the_command_line(tmp_path: Path) -> None:
    songs_csv(tmp_path / "data.csv", 60)
    names = {study["study"] for study in ask(tmp_path / "p", "reproduce", "--list")["studies"]}
    assert {"autoencoder", "kkbox"} <= names
    told = ask(
        *(tmp_path / "p", "reproduce", "autoencoder", "--data", str(tmp_path / "data.csv"), "--made-up"),
        *("--set", "seeds=1", "--set", "epochs=1"),
    )
    assert Path(told["report"]).is_file() and told["study"] == "autoencoder"
    assert "needs data: music.csv" in run(tmp_path / "p", "reproduce", "autoencoder", code=1)
    (tmp_path / "wrong.csv").write_text("a,b\n1,2\n")
    assert "is not the table" in run(
        tmp_path / "p", "reproduce", "autoencoder", "--data", str(tmp_path / "wrong.csv"), code=1
    )


def test_too_few_songs_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="at least 50"):
        read_songs(songs_csv(tmp_path / "music.csv", 20))
