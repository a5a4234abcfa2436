"""kill -9 in the middle of a training by the program itself, then again: the same model as an undisturbed run.

Also a training that goes wrong: the model in use stays as it is.
"""

from __future__ import annotations

import csv
import hashlib
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from musicdesk.workflows.desk import open_desk
from tests.helpers.music import make_library
from tests.helpers.programs import ask, run, start

TRACKS, LISTENERS = 28, 60
SETTINGS = {
    "content_user": ("dim=16", "epochs=6", "patience=0"),
    "wmf_regression": ("factors=8", "width=16", "epochs=6", "patience=0"),
}


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """28 short tracks, listened to, and a crowd that plays them: half likes the low ones, half the high ones."""
    folder = tmp_path_factory.mktemp("training")
    make_library(folder / "music", TRACKS, seconds=4.0)
    draw = np.random.default_rng(1)
    with (folder / "crowd.csv").open("w", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["user_id", "song_id", "listen_count", "title", "release", "artist_name", "year"])
        for listener in range(LISTENERS):
            for n in range(TRACKS):
                if draw.random() < (0.6 if n % 2 == listener % 2 else 0.1):
                    song = [f"SO{n:016d}", int(draw.integers(1, 9)), f"Song {n}", "Album", f"Artist {n // 2}", 2001]
                    rows.writerow([f"{listener:040x}", *song])
    ask(folder / "p", "scan", str(folder / "music"))
    assert ask(folder / "p", "analyze")["analyzed"] == TRACKS
    told = ask(folder / "p", "import", "--crowd", "c", str(folder / "crowd.csv"))
    assert told["matched"] == TRACKS, told
    return folder / "p"


def command(model: str, seed: int = 1) -> list[str]:
    return ["train", model, "--crowd", "c", "--seed", str(seed), *[w for s in SETTINGS[model] for w in ("--set", s)]]


def newest(profile: Path, model: str) -> str:
    """Hash of the newest run's tensors."""
    folder = max((profile / "models").glob(f"{model}-*"), key=lambda path: path.stat().st_mtime_ns)
    return hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()


@pytest.mark.timeout(900)  # it starts four processes
@pytest.mark.parametrize("model", list(SETTINGS))
def test_killed_and_started_again(profile: Path, model: str):
    ask(profile, *command(model))
    whole = newest(profile, model)
    kept: set[int] = set()
    scratch = profile / "cache" / "training"
    for wanted in (2, 4):  # killed when so many epochs are kept
        process = start(profile, *command(model))
        deadline = time.monotonic() + 200
        while process.poll() is None and time.monotonic() < deadline:
            done = [int(path.stem.removeprefix("epoch-")) for path in scratch.rglob("epoch-*.safetensors")]
            if done and max(done) >= wanted:
                kept.add(max(done))
                break
            time.sleep(0.005)
        family = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
        process.kill()
        process.communicate()
        psutil.wait_procs(family, timeout=5)
    assert kept, "no kill hit a training"
    before = len(list((profile / "models").glob(f"{model}-*")))
    ask(profile, *command(model))
    assert newest(profile, model) == whole
    assert len(list((profile / "models").glob(f"{model}-*"))) == before + 1
    with open_desk(profile, "cpu") as desk:
        first, last = (
            run.curves for run in sorted(desk.catalog.runs.all(), key=lambda run: run.id) if run.model == model
        )
    assert last == first and [step for step, _ in last["loss"]] == [1, 2, 3, 4, 5, 6], (
        "as though it had never been killed"
    )
    assert not scratch.exists() or not any(scratch.rglob("epoch-*"))
    assert not list(profile.rglob(".musicdesk-tmp-*"))


def test_a_training_that_goes_wrong_leaves_the_model_in_use(profile: Path):
    used = ask(profile, *command("content_user"))["run"]
    for track in ("1", "3", "5"):
        ask(profile, "rate", track, "like")
    ask(profile, "use", str(used))
    before = ask(profile, "recommend", "-n", "5", "--seed", "3")["items"]
    told = run(profile, *command("content_user"), "--set", "learning_rate=1e6", code=1)
    assert "the loss is no longer a number" in told and "the model in use stays as it is" in told
    assert [run["run"] for run in ask(profile, "models")["runs"] if run["active"]] == [used]
    assert ask(profile, "recommend", "-n", "5", "--seed", "3")["items"] == before
