"""Teaching the encoder the listener's library: the whole way, back, what is refused, and what goes wrong."""

from __future__ import annotations

import errno
import json
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import psutil
import pytest

from musicdesk.cli.main import main
from musicdesk.core.errors import Busy, Cancelled, MusicdeskError, NotReady, Unusable
from musicdesk.core.locks import FileLock
from musicdesk.core.progress import Silent
from musicdesk.workflows.analyze import analyze
from musicdesk.workflows.desk import Desk, open_desk
from musicdesk.workflows.encoders import back, listed, remove
from musicdesk.workflows.groups import groups
from musicdesk.workflows.jobs import run_job
from musicdesk.workflows.scan import scan
from musicdesk.workflows.teach import Wish, teach, why_not
from musicdesk.workflows.train import offered
from tests.helpers import planted_artists as planted
from tests.helpers.onnx_model import bring as bring_onnx
from tests.helpers.programs import start

TRACKS = planted.ARTISTS * planted.EACH
LESSON = Wish(settings=planted.LESSON)
SHORT = Wish(settings={"epochs": 1})


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A profile of 32 artists, heard with an encoder that was never taught; copied for each test."""
    folder = tmp_path_factory.mktemp("teach")
    planted.write(folder / "music")
    with open_desk(folder / "profile", "cpu") as desk:
        scan(desk, [bytes(folder / "music")], Silent())
        encoder = planted.bring(desk.profile.models / "encoders")
        desk.catalog.encoders.use("small", encoder, chosen=True)
        assert analyze(desk, Silent()).analyzed == TRACKS
    return folder / "profile"


@pytest.fixture
def desk(heard: Path, tmp_path: Path) -> Iterator[Desk]:
    shutil.copytree(heard, tmp_path / "profile")
    with open_desk(tmp_path / "profile", "cpu") as opened:
        yield opened


def states(desk: Desk) -> dict[str, tuple[str, int]]:
    return {each.name: (each.state, each.tracks) for each in listed(desk) if each.own}


def untouched(desk: Desk) -> bool:
    folders = [path.name for path in (desk.profile.models / "encoders").iterdir()]
    return states(desk) == {"small": ("in use", TRACKS)} and folders == ["small"]


def test_what_was_learned_is_put_to_use_and_one_step_leads_back(desk: Desk) -> None:
    before, first = desk.vectors(), desk.encoder
    assert why_not(desk) == "" and offered(desk).encoder["why_not"] == ""
    done = teach(desk, LESSON, Silent())
    figures = done.metrics
    assert (done.kept, done.state, done.name, done.before) == (True, "in use", "small-taught", "small")
    assert figures["map"]["after"] > figures["map"]["before"] + 0.2 and figures["gain"]["interval"][0] > 0
    assert f"{figures['map']['after']:.3f}" in done.sentence and f"{figures['map']['before']:.3f}" in done.sentence
    assert done.analyzed == TRACKS and desk.encoder == done.encoder != first and len(desk.vectors()) == TRACKS
    assert states(desk) == {"small-taught": ("in use", TRACKS), "small": ("", TRACKS)}
    told = next(each for each in listed(desk) if each.name == "small-taught")
    assert told.licence == "CC0-1.0" and "Then taught by" in told.source and "Artist" not in told.source
    assert not list((desk.profile.cache / "training").iterdir()), "checkpoints go when it is done"
    again = teach(desk, LESSON, Silent())
    assert (again.kept, again.state) == (False, "not kept"), "the same lesson is no gain over itself"
    assert again.metrics["map"]["before"] == pytest.approx(again.metrics["map"]["after"])

    assert back(desk).name == "small" and desk.encoder == first
    np.testing.assert_array_equal(desk.vectors().matrix, before.matrix)
    assert remove(desk, "small-taught").tracks == TRACKS and untouched(desk)


def test_without_gain_nothing_changes(desk: Desk) -> None:
    """Artists that stand at random over the tracks teach nothing."""
    with desk.catalog.write() as db:
        db.execute("UPDATE track SET artist = 'Artist ' || ((id * 7 + id / 3) % 32)")
    done = teach(desk, LESSON, Silent())
    assert (done.kept, done.state, done.name) == (False, "not kept", "")
    assert "no sure gain, so 'small' stays in use" in done.sentence and untouched(desk)


def small_config(folder: Path) -> Path:
    """A configuration for a tower of a few numbers, taught in one pass."""
    path = folder / "small.toml"
    path.write_text("epochs = 1\nwidth = 16\nout = 8\nlearning_rate = 0.003\n", "utf-8")
    return path


def test_from_nothing_it_is_kept_and_waits_for_a_person(desk: Desk, tmp_path: Path) -> None:
    done = teach(desk, Wish(adapt=False, config=small_config(tmp_path), name="mine", seed=3), Silent())
    assert (done.state, done.name, desk.entry().name) == ("kept", "mine", "small")
    told = next(each for each in listed(desk) if each.name == "mine")
    assert (told.dim, told.state, told.tracks) == (8, "", 0) and "encoders use mine" in done.sentence


def test_from_nothing_needs_no_configuration_of_ones_own(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["--profile", str(desk.profile.folder), "--device", "cpu", "train", "encoder"]
    assert main([*command, "--set", "epochs=2", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["state"], told["name"]) == ("kept", "library")
    assert 0 < told["metrics"]["map"]["before"] <= 1 and 0 < told["metrics"]["map"]["after"] <= 1
    assert desk.entry("library").ready()[0].training["contrast"] == 1.0


def test_a_configuration_without_anything_to_learn_is_refused_before_any_work(desk: Desk, tmp_path: Path) -> None:
    for file in (desk.profile.cache / "windows").iterdir():
        file.unlink()
    for adapt in (True, False):
        for text, words in (("contrast = 0.0", "nothing to learn"), ("lesson = 1.0", "leave 'lesson' out")):
            config = tmp_path / "odd.toml"
            config.write_text(text, "utf-8")
            with pytest.raises(Unusable, match=words):
                teach(desk, Wish(adapt, config), Silent())
    assert not any((desk.profile.cache / "windows").iterdir())


def test_the_encoder_that_comes_with_musicdesk_is_taught_too(desk: Desk) -> None:
    ours = desk.entry(desk.default_encoder)
    desk.catalog.encoders.use(ours.name, ours.encoder_id, chosen=True)
    done = teach(desk, SHORT, Silent())
    figures = done.metrics["map"]
    assert done.before == ours.name and 0 < figures["before"] <= 1 and 0 < figures["after"] <= 1
    assert done.kept is (done.metrics["gain"]["interval"][0] > 0)


def test_what_cannot_be_taught_is_said_before_any_work(desk: Desk) -> None:
    def refused(words: str, kind: type[MusicdeskError] = NotReady, wish: Wish = SHORT) -> None:
        with pytest.raises(kind, match=words):
            teach(desk, wish, Silent())

    settings = desk.settings
    desk.settings = replace(settings, windows_mb=0)
    refused("no room for sound to learn from")
    desk.settings = settings
    refused("cannot be an encoder's name", Unusable, replace(SHORT, name="../up"))
    refused("cannot be used", Unusable, replace(SHORT, config=Path("/nowhere.toml")))
    refused("whole number", Unusable, Wish(settings={"epochs": "many"}))
    encoder = planted.bring(desk.profile.models / "encoders", "other")
    desk.catalog.encoders.want("other", encoder, chosen=True)
    refused("'other' is about to come to use")
    desk.catalog.encoders.drop_wanted()
    with desk.catalog.write() as db:
        db.execute("UPDATE track SET artist = '', album_artist = '', album = 'One'")
    refused("12 artists with two tracks or more; there are 1.")
    with desk.catalog.write() as db:
        db.execute("UPDATE track SET audio_hash = NULL WHERE id > 9")
    refused("40 tracks or more; 9 have been listened to")


@pytest.mark.skipif(find_spec("onnxruntime") is None, reason="onnxruntime is not installed")
def test_a_model_that_was_brought_as_onnx_cannot_be_taught(desk: Desk) -> None:
    bring_onnx(desk.profile.models / "encoders")
    desk.entry("bands").ready()
    desk.catalog.encoders.use("bands", desk.entry("bands").encoder_id, chosen=True)
    with pytest.raises(NotReady, match=f"cannot be taught. .* such as '{desk.default_encoder}'"):
        teach(desk, SHORT, Silent())
    assert "cannot be taught" in offered(desk).encoder["why_not"]


def test_music_out_of_reach_is_no_lesson(desk: Desk) -> None:
    for file in (desk.profile.cache / "windows").iterdir():
        file.unlink()
    with desk.catalog.write() as db:
        db.execute("UPDATE track SET presence = 'offline'")
    with pytest.raises(NotReady, match=f"The sound of {TRACKS} tracks is out of reach"):
        teach(desk, SHORT, Silent())
    assert desk.entry().name == "small" and len(desk.vectors()) == TRACKS


def test_artists_are_told_in_any_spelling_and_albums_stand_in_for_them(desk: Desk) -> None:
    with desk.catalog.write() as db:
        db.execute("UPDATE track SET artist = 'THE BAND (live)' WHERE id = 1")
        db.execute("UPDATE track SET artist = 'The Band feat. Somebody' WHERE id = 2")
        db.execute("UPDATE track SET artist = 'Unknown Artist', album = 'Untitled!' WHERE id = 3")
        db.execute("UPDATE track SET artist = '', album = 'untitled' WHERE id = 4")
        db.execute("UPDATE track SET artist = 'Various Artists', album = '' WHERE id IN (5, 6)")
    names = [group.name for group in groups(desk)][:6]
    assert names[0] == names[1] == "artist the band" and names[2] == names[3] == "album untitled"
    assert names[4:] == ["track 5", "track 6"]


class FirstReport(Silent):
    """Stops at the first word of a pass that was made, and keeps it."""

    said = ""

    def report(self, done: int, total: int | None, message: str = "") -> None:
        if message.startswith("epoch") and not self.said:
            self.said = message
            self.stop.set()


@pytest.mark.timeout(600)
def test_killed_it_leaves_everything_as_it_was_and_goes_on(desk: Desk) -> None:
    """kill -9 by another process, once two passes are kept."""
    settings = [f"--set={name}={value}" for name, value in planted.LESSON.items()]
    process, kept = start(desk.profile.folder, "train", "encoder", "--adapt", *settings), 0
    while process.poll() is None and kept < 2:
        files = desk.profile.cache.glob("training/encoder-*/epoch-*")
        kept = max((int(path.stem.removeprefix("epoch-")) for path in files), default=0)
        time.sleep(0.005)
    family = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    process.kill()
    process.communicate()
    psutil.wait_procs(family, timeout=5)
    assert kept >= 2 and untouched(desk) and len(desk.vectors()) == TRACKS
    monitor = FirstReport()
    with pytest.raises(Cancelled):
        teach(desk, LESSON, monitor)
    # The last pass may have been written without being noted as kept yet.
    assert int(monitor.said.split()[1].rstrip(":")) >= kept, "it goes on from what was kept"
    assert untouched(desk) and not list(desk.profile.folder.rglob(".musicdesk-tmp-*"))


def test_two_at_once_are_refused(desk: Desk) -> None:
    other = FileLock(desk.profile.folder / "job.lock")
    assert other.take()
    with pytest.raises(Busy, match="already working on this library"):
        run_job(desk, "teach", {}, Silent())
    other.release()


def test_a_full_disk_at_the_weights_leaves_everything_as_it_was(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk fills at each of the three files in turn; with room again, it goes on from its checkpoint."""
    sync = os.fsync

    def full(handle: int) -> None:
        path = os.readlink(f"/proc/self/fd/{handle}")
        if "/.new-" in path and path.count("/.musicdesk-tmp-"):
            left[0] -= 1
            if left[0] == 0:
                raise OSError(errno.ENOSPC, "No space left on device")
        sync(handle)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        for nth in (1, 2, 3):
            left = [nth]
            with pytest.raises(OSError, match="No space left"):
                teach(desk, LESSON, Silent())
            assert left == [0] and untouched(desk)
    epochs = [int(path.stem.removeprefix("epoch-")) for path in desk.profile.cache.rglob("epoch-*.safetensors")]
    assert epochs == [planted.LESSON["epochs"]]
    assert teach(desk, LESSON, Silent()).kept


def test_damaged_weights_are_told_and_the_library_stays(desk: Desk) -> None:
    weights = desk.profile.models / "encoders" / "small" / "small.safetensors"
    blob = bytearray(weights.read_bytes())
    blob[len(blob) // 2] ^= 1
    weights.write_bytes(blob)
    with pytest.raises(Unusable, match="are damaged: their hash is not the one on their card"):
        teach(desk, SHORT, Silent())
    assert len(desk.vectors()) == TRACKS and untouched(desk)


def test_from_the_command_line(desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["--profile", str(desk.profile.folder), "--device", "cpu", "train"]
    assert main([*command, "wmf", "--adapt"]) == 1
    assert "are for 'musicdesk train encoder'" in capsys.readouterr().err
    assert main([*command, "encoder", "--crowd", "c"]) == 1
    assert "not by a crowd" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main([*command, "encoder", "--minutes", "-1"])
    assert "'-1' is no number from 0 to 100,000" in capsys.readouterr().err
    assert main([*command, "--list"]) == 0 and "ready to learn" in capsys.readouterr().out
    lesson = ["--config", str(small_config(tmp_path)), "--set", "out=4", "--name", "ours", "--minutes", "2"]
    assert main([*command, "encoder", *lesson, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["kept"] and told["state"] == "kept" and told["name"] == "ours" and told["model"] == "encoder"
    assert told["run"] is None and told["seconds"] > 0 and told["metrics"]["artists"] >= 4
    assert main([*command, "encoder", *lesson]) == 0
    assert "It is kept as 'ours'" in capsys.readouterr().out, "the same numbers are one encoder"
    assert [each.name for each in listed(desk)] == ["small", "ours", desk.default_encoder]
