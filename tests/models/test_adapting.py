"""Adapting: who teaches and who judges, what the time allows, and that what was planted is heard afterwards."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from musicdesk.core.errors import Cancelled, NotFound, NotReady, Unusable
from musicdesk.core.paths import resources
from musicdesk.core.progress import Silent
from musicdesk.encoders.adapting import PLAN, Plan, adapt, fitting, lessons
from musicdesk.encoders.embed import Embedder
from musicdesk.encoders.parting import LEAST_JUDGES, MOST_OF_GROUP, parted, some, too_few
from musicdesk.encoders.retrieval import mean_average_precision
from musicdesk.encoders.training import TrainedEncoder, TrainingConfig, configured, read_config
from musicdesk.encoders.weights import Card, Encoder
from musicdesk.learning.network import Tower
from musicdesk.learning.windows import MelWindows
from tests.helpers import planted_artists as planted

CONFIG = configured(read_config(resources() / "adapt.training.toml"), planted.LESSON)


@pytest.fixture(scope="module")
def heard() -> MelWindows:
    return planted.windows()


class StopAfter(Silent):
    def __init__(self, epochs: int) -> None:
        super().__init__()
        self.epochs = epochs

    def report(self, done: int, total: int | None, message: str = "") -> None:
        if total and done >= self.epochs:
            self.stop.set()


def taught(heard: MelWindows, folder: Path, config: TrainingConfig = CONFIG, **more: object) -> TrainedEncoder:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    parts = parted(planted.names())
    lesson = lessons(heard, parts.learn, parts.label)
    values = {"minutes": 0.0, "monitor": Silent(), **more}
    try:
        return adapt(planted.untaught(), lesson, config, folder=folder, device=torch.device("cpu"), **values)  # type: ignore[arg-type]
    finally:
        torch.set_num_threads(threads)


def found(heard: MelWindows, network: Tower) -> float:
    """Mean average precision on the artists that it was not taught by."""
    parts = parted(planted.names())
    card = Card("x", 16, "", "", "", width=32)
    pictures = [heard.take(heard.windows_of(np.array([at]))) for at in parts.judge]
    return mean_average_precision(Embedder(Encoder(card, network)).embed(pictures), parts.label[parts.judge])


def test_what_artists_have_in_common_is_heard_of_artists_it_was_not_taught_by(
    heard: MelWindows, tmp_path: Path
) -> None:
    before, after = (found(heard, network) for network in (planted.untaught(), taught(heard, tmp_path).network))
    assert before < 0.5 and after > 0.7


def test_cut_off_it_goes_on_to_the_same_weights(heard: MelWindows, tmp_path: Path) -> None:
    short = replace(CONFIG, epochs=3)
    whole = taught(heard, tmp_path / "whole", short)
    with pytest.raises(Cancelled):
        taught(heard, tmp_path / "cut", short, monitor=StopAfter(2))
    resumed = taught(heard, tmp_path / "cut", short)
    assert resumed.losses == whole.losses
    for key, value in whole.network.state_dict().items():
        assert torch.equal(value, resumed.network.state_dict()[key]), key


def test_the_plan_is_measured_kept_and_followed(heard: MelWindows, tmp_path: Path) -> None:
    quick = replace(CONFIG, epochs=4)
    made = taught(heard, tmp_path, quick, minutes=1e-3)
    plan = json.loads((tmp_path / PLAN).read_text())
    assert plan["epochs"] == 3 and plan["track_s"] > 0, "hardly any time: the least number of passes is planned"
    assert len(made.losses) == 1, "and the first is the last, when the time is over"
    (tmp_path / PLAN).write_text(json.dumps({**plan, "belongs": plan["belongs"].replace("0.001", "9"), "epochs": 2}))
    assert len(taught(heard, tmp_path, quick, minutes=9).losses) == 2, "the plan that lies there is followed"
    (tmp_path / PLAN).write_text("{")
    assert len(taught(heard, tmp_path, quick, minutes=9).losses) == 4 and not (tmp_path / "pace").exists()


def test_fewer_passes_first_then_fewer_tracks() -> None:
    config = TrainingConfig(epochs=20)
    assert fitting(config, 1_000, 0.01, 10) == Plan(20, 1_000, 0.01)
    assert fitting(config, 1_000, 0.1, 10) == Plan(6, 1_000, 0.1)
    assert fitting(config, 6_000, 0.1, 10) == Plan(3, 2_000, 0.1)
    assert fitting(config, 6_000, 100.0, 10) == Plan(3, 40, 100.0), "however slow, some are heard"
    assert fitting(config, 6_000, 100.0, 0).epochs == 20, "no limit"
    for plan in (fitting(config, 5_000, pace, 10) for pace in (0.001, 0.01, 0.05, 0.2)):
        assert plan.epochs * plan.tracks * plan.track_s <= 600


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 30), min_size=40, max_size=300))
def test_no_artist_teaches_and_judges(numbers: list[int]) -> None:
    names = [f"artist {n}" for n in numbers]
    if too_few(names):
        with pytest.raises(NotReady, match="12 artists with two tracks or more"):
            parted(names)
        return
    parts = parted(names)
    assert sorted([*parts.learn, *parts.judge]) == list(range(len(names)))
    of = np.array(names)
    assert not set(of[parts.learn]) & set(of[parts.judge])
    judges = [name for name in set(of[parts.judge]) if names.count(name) >= 2]
    assert len(judges) >= LEAST_JUDGES
    assert all((parts.label[at] >= 0) == (names.count(name) >= 2) for at, name in enumerate(names))
    shuffled = np.random.default_rng(0).permutation(len(names))
    again = parted([names[at] for at in shuffled])
    assert set(of[shuffled][again.judge]) == set(of[parts.judge]), "it hangs on names alone"


def test_an_artist_that_judged_still_judges_in_a_library_that_has_grown() -> None:
    names = [f"artist {n}" for n in range(100) for _ in range(2)]
    more = names + [f"artist {n}" for n in range(100, 200) for _ in range(2)]
    before, after = ({names_[at] for at in parted(names_).judge} for names_ in (names, more))
    assert before == {name for name in after if name in names} and len(after) > len(before) > 10


def test_big_libraries_are_heard_in_part_and_no_artist_drowns_the_others() -> None:
    names = ["artist big"] * 500 + [f"artist {n}" for n in range(200) for _ in range(3)]
    assert len(some(names)) == 600 + MOST_OF_GROUP
    few = some(names, 100)
    assert len(few) == 100 and (np.diff(few) > 0).all()
    assert few.tolist() == some(names, 100).tolist()


def test_too_few_tracks_or_artists_are_told() -> None:
    assert "40 tracks or more; 39 have been listened to" in too_few(["artist a"] * 39)
    assert "there are 1." in too_few(["artist a"] * 50)
    assert "there are 0." in too_few([f"track {n}" for n in range(50)])


@pytest.mark.parametrize(
    ("given_", "words"),
    [({"epochs": 0}, "whole number from 1"), ({"epochs": 2.5}, "whole number"), ({"temperature": "hot"}, "a number")],
)
def test_settings_that_make_no_sense_are_refused(given_: dict[str, object], words: str) -> None:
    with pytest.raises(Unusable, match=words):
        configured(CONFIG, given_)
    with pytest.raises(Unusable, match="'out' \\(512\\) must not be larger"):
        configured(CONFIG, {"out": 512, "width": 256})
    with pytest.raises(NotFound, match="no setting 'epoch'"):
        configured(CONFIG, {"epoch": 2})


def test_a_damaged_checkpoint_begins_anew(heard: MelWindows, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    short = replace(CONFIG, epochs=1)
    whole = taught(heard, tmp_path, short)
    (path,) = tmp_path.glob("epoch-*.safetensors")
    path.write_bytes(path.read_bytes()[:-9])
    assert taught(heard, tmp_path, short).losses == whole.losses
    assert "training begins anew" in caplog.text
    caplog.clear()
    shutil.rmtree(tmp_path)
