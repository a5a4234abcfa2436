"""Encoders: one's own beside ours, the change from one to another with nothing lost on the way, and back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from musicdesk.core.errors import Cancelled, MusicdeskError, NotFound, Unusable
from musicdesk.core.progress import Silent
from musicdesk.core.types import RunId, TrackId, Verdict
from musicdesk.encoders import brought
from musicdesk.encoders.weights import save
from musicdesk.learning.network import Tower, TowerShape
from musicdesk.workflows.analyze import analyze
from musicdesk.workflows.desk import Desk, open_desk
from musicdesk.workflows.encoders import back, listed, remove, use
from musicdesk.workflows.listen import listen_to
from musicdesk.workflows.recommend import Request, recommend
from musicdesk.workflows.scan import scan
from musicdesk.workflows.settle import settle
from musicdesk.workflows.switch import switch
from musicdesk.workflows.train import train
from tests.helpers.music import make_file, make_library
from tests.helpers.onnx_model import DIM, SAMPLES, bring, model
from tests.helpers.programs import ask, run

TRACKS = 10
needs_onnx = pytest.mark.skipif(find_spec("onnxruntime") is None, reason="onnxruntime is not installed")


class StopAfter(Silent):
    """Cancels once so many tracks are done."""

    def __init__(self, tracks: int) -> None:
        super().__init__()
        self._tracks = tracks

    def report(self, done: int, total: int | None, message: str = "") -> None:
        if done >= self._tracks:
            self.stop.set()


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A profile whose ten tracks our own encoder has heard; copied for each test."""
    folder = tmp_path_factory.mktemp("encoders")
    make_library(folder / "music", TRACKS, seconds=5.0)
    with open_desk(folder / "profile", "cpu") as desk:
        settle(desk, [bytes(folder / "music")], Silent())
    return folder / "profile"


@pytest.fixture
def desk(heard: Path, tmp_path: Path) -> Iterator[Desk]:
    shutil.copytree(heard, tmp_path / "profile")
    with open_desk(tmp_path / "profile", "cpu") as opened:
        yield opened


def own(desk: Desk) -> Path:
    return desk.profile.models / "encoders"


def taught(desk: Desk, name: str, seed: int = 1, **shape: int) -> str:
    """An encoder of the program's own making in the profile; returns its id."""
    import torch

    torch.manual_seed(seed)
    network = Tower(TowerShape(**{"dim": 16, "out": 16, **shape})).eval()
    return save(own(desk) / name, network, "", name=name, licence="CC0-1.0", data="Nothing.").encoder_id


def states(desk: Desk) -> dict[str, tuple[str, int]]:
    return {each.name: (each.state, each.tracks) for each in listed(desk)}


@needs_onnx
def test_own_model_takes_over_when_it_has_heard_everything_and_goes_back_at_once(desk: Desk) -> None:
    ours, name = desk.encoder, desk.default_encoder
    before = desk.vectors()
    layout = desk.catalog.layouts.active()
    bring(own(desk))
    assert states(desk) == {name: ("in use", TRACKS), "bands": ("", 0)}
    with pytest.raises(Cancelled):
        switch(desk, "bands", StopAfter(3))
    assert desk.encoder == ours and states(desk)["bands"][0] == "coming"
    np.testing.assert_array_equal(desk.vectors().matrix, before.matrix)

    done = switch(desk, "bands", Silent())
    assert (done.state, done.before, done.remaining, done.points) == ("in use", name, 0, TRACKS)
    vectors, now = desk.vectors(), desk.catalog.layouts.active()
    assert vectors.matrix.shape == (TRACKS, DIM) and desk.encoder == done.encoder != ours
    np.testing.assert_allclose(np.linalg.norm(vectors.matrix, axis=1), 1.0, atol=1e-5)
    assert layout and now and layout.encoder == ours and now.encoder == desk.encoder
    pitch = np.array([0, 1] * (TRACKS // 2))
    likeness = vectors.matrix @ vectors.matrix.T
    alike = pitch[:, None] == pitch[None]
    assert likeness[alike].mean() > likeness[~alike].mean(), "it hears octaves apart"
    assert analyze(desk, Silent()).analyzed == 0, "nothing is listened to twice"

    gone_back = back(desk)
    assert (gone_back.name, desk.encoder) == (name, ours)
    np.testing.assert_array_equal(desk.vectors().matrix, before.matrix)
    assert back(desk).name == "bands"


@needs_onnx
def test_lists_models_and_likeness_follow_the_encoder(desk: Desk, tmp_path: Path, caplog) -> None:  # type: ignore[no-untyped-def]
    for track in (1, 3):
        desk.catalog.feedback.rate(TrackId(track), Verdict.LIKE)
    run = train(desk, "content", {}, 0, Silent(), measure=False).run
    desk.catalog.runs.use(RunId(run))
    assert recommend(desk, Request(n=4)).model == "content"
    bring(own(desk))
    switch(desk, "bands", Silent())
    recommend(desk, Request(n=4))
    assert f"run {run} is not usable" in caplog.text and "encoder" in caplog.text, "passed over with a sentence"
    caplog.clear()
    path = make_file(tmp_path / "new.flac", 220.0, 5.0)
    assert listen_to(desk, bytes(path)).shape == (DIM,)
    scan(desk, [bytes(make_file(tmp_path / "more" / "a.flac", 300.0, 5.0).parent)], Silent())
    assert analyze(desk, Silent()).analyzed == 1
    assert states(desk)["bands"] == ("in use", TRACKS + 1)
    assert back(desk).waiting == 1
    done = analyze(desk, Silent())
    assert (done.analyzed, done.encoder) == (1, desk.default_encoder), "what came in between is heard by ours too"


def test_network_of_ours_with_other_pictures_hears_too(desk: Desk) -> None:
    """A small network taught here, then the same numbers as a folder that a person brings, for other windows."""
    first = taught(desk, "small")
    assert switch(desk, "small", Silent()).state == "in use" and desk.encoder == first
    assert desk.vectors().matrix.shape == (TRACKS, 16)
    folder = own(desk) / "other"
    taught(desk, "other", seed=2, bands=40)
    (folder / "other.toml").unlink()
    spec = "rate_hz = 11025\nwindow = 512\nhop = 256\nbands = 40\nframes = 130"
    card = 'name = "other"\nkind = "safetensors"\nfile = "other.safetensors"\ndim = 16\nwidth = 16\nlicence = "MIT"\n'
    (folder / "card.toml").write_text(f'{card}source = "me"\n[input]\nform = "mel"\n{spec}\n', "utf-8")
    assert switch(desk, "other", Silent()).state == "in use" and desk.vectors().matrix.shape == (TRACKS, 16)
    assert len(set(np.round(desk.vectors().matrix[:, 0], 6))) > 1
    shutil.copytree(folder, own(desk) / "tiny")
    path = own(desk) / "tiny" / "card.toml"
    path.write_text(
        path.read_text("utf-8").replace('"other"', '"tiny"').replace("frames = 130", "frames = 20"), "utf-8"
    )
    with pytest.raises(Unusable, match="cannot hear windows of 20 frames and 40 bands"):
        switch(desk, "tiny", Silent())


def test_wish_is_taken_back_and_removing_leaves_no_trace(desk: Desk) -> None:
    ours, encoder = desk.encoder, taught(desk, "small")
    assert use(desk, "small").state == "coming"
    assert use(desk, desk.default_encoder).state == "in use" and desk.catalog.encoders.wanted() is None
    analyze(desk, Silent(), encoder="small")
    assert desk.encoder == ours and states(desk)["small"] == ("", TRACKS)
    assert use(desk, "small").state == "in use", "it has heard everything already"
    with pytest.raises(Unusable, match="is in use; put another"):
        remove(desk, "small")
    with pytest.raises(Unusable, match="comes with musicdesk"):
        remove(desk, desk.default_encoder)
    back(desk)
    assert remove(desk, "small").tracks == TRACKS
    assert not (own(desk) / "small").exists() and not desk.catalog.sound.heard(encoder)
    with pytest.raises(NotFound, match="No other encoder"):
        back(desk)
    with pytest.raises(NotFound, match="no encoder 'small'"):
        use(desk, "small")


def test_encoder_that_came_with_an_older_program_makes_way_when_the_new_one_has_heard_everything(desk: Desk) -> None:
    """As after an update: the vectors are of weights that are no longer there."""
    ours, old = desk.encoder, "tower0-0123456789-abcdef"
    with desk.catalog.write() as db:
        db.execute("UPDATE embedding SET encoder = ?", (old,))
        db.execute("UPDATE encoder_use SET name = 'tower0', encoder = ?", (old,))
    before = desk.vectors()
    assert desk.encoder == old and len(before) == TRACKS, "what it has heard serves on"
    assert states(desk)["tower0"] == ("in use", TRACKS)
    with pytest.raises(MusicdeskError, match="not here any more"):
        listen_to(desk, b"/nowhere")
    with pytest.raises(Cancelled):
        analyze(desk, StopAfter(4))
    assert desk.encoder == old
    assert analyze(desk, Silent()).encoder == desk.default_encoder and desk.encoder == ours


def test_encoder_that_fails_at_most_tracks_does_not_take_over(desk: Desk) -> None:
    ours, encoder = desk.encoder, taught(desk, "small")
    use(desk, "small")
    with desk.catalog.write():
        for row in desk.catalog.sound.waiting(encoder)[2:]:
            desk.catalog.sound.fail(row[0], f"ear {encoder}", "It could not be heard.", (row[2], row[3]))
    with pytest.raises(Unusable, match=f"could not hear {TRACKS - 2} of {TRACKS} tracks"):
        analyze(desk, Silent())
    assert desk.encoder == ours and desk.catalog.encoders.wanted() is None
    assert not desk.catalog.sound.failures(), "the files themselves can be read"
    assert desk.catalog.sound.count(ours)["failed"] == 0


HOSTILE = {
    "nan": (model("nan"), {}, "numbers that are not finite"),
    "deaf": (model("deaf"), {}, "no difference between a tone and noise"),
    "moody": (model("moody"), {}, "differently each time"),
    "two": (model("two"), {}, "2 inputs where one is given"),
    "outside": (model("outside"), {}, "numbers in a second file, .* external_data=False"),
    "garbage": (b"no model" * 99, {}, "cannot be loaded"),
    "wide": (None, {"dim": DIM + 1}, f"card promises {DIM + 1} numbers"),
    "short": (model(samples=SAMPLES - 1), {}, "cannot hear windows"),
    "hash": (None, {"sha256": "0" * 64}, "has changed since it was first used"),
}


@needs_onnx
@pytest.mark.parametrize("case", list(HOSTILE))
def test_model_that_does_not_work_is_refused_in_a_sentence(desk: Desk, case: str) -> None:
    blob, facts, words = HOSTILE[case]
    bring(own(desk), blob=blob, **facts)
    with pytest.raises(Unusable, match=words) as told:
        use(desk, "bands")
    assert str(told.value).startswith("The encoder 'bands' cannot be used. ")
    assert states(desk)[desk.default_encoder] == ("in use", TRACKS) and desk.catalog.encoders.wanted() is None


@needs_onnx
def test_onnxruntime_keeps_nothing_and_calls_nobody(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Imported as its makers mean it, it opens a database in the cache, notes a session, and reports to them."""
    home = tmp_path / "home"
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "TMPDIR"):
        monkeypatch.setenv(name, str(home))
    home.mkdir()
    bring(own(desk))
    use(desk, "bands")
    assert not list(home.rglob("*"))
    sources = Path(brought.__file__).parents[1].rglob("*.py")
    assert [path.name for path in sources if "import onnxruntime" in path.read_text("utf-8")] == ["onnx.py"]


@needs_onnx
def test_file_that_changes_after_its_first_use_is_refused(desk: Desk) -> None:
    folder = bring(own(desk))
    switch(desk, "bands", Silent())
    (folder / "model.onnx").write_bytes(model(seed=1))
    with pytest.raises(Unusable, match="has changed since it was first used"):
        use(desk, "bands")
    assert len(desk.vectors()) == TRACKS, "what it had heard is still there"


def test_without_onnxruntime_it_says_what_to_install(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    bring(own(desk))
    monkeypatch.setattr("musicdesk.encoders.registry.find_spec", lambda _name: None)
    (told,) = [each for each in listed(desk) if each.name == "bands"]
    assert told.why_not == "It needs onnxruntime, which is not installed: pip install 'musicdesk[onnx]'."
    with pytest.raises(Unusable, match=r"musicdesk\[onnx\]"):
        use(desk, "bands")


@needs_onnx
def test_from_the_command_line(heard: Path, tmp_path: Path) -> None:
    profile = tmp_path / "profile"
    shutil.copytree(heard, profile)
    bring(profile / "models" / "encoders")
    assert [each["name"] for each in ask(profile, "encoders")["encoders"]][1] == "bands"
    assert "no encoder 'band'; did you mean 'bands'" in run(profile, "encoders", "use", "band", code=1)
    assert ask(profile, "encoders", "use", "bands", "--later")["state"] == "coming"
    assert ask(profile, "analyze")["encoder"] == "bands"
    told = ask(profile, "encoders", "back")
    assert told["state"] == "in use" and told["points"] == 0, "the map was never of the other one"
    assert "in use" in run(profile, "encoders") and ask(profile, "encoders", "remove", "bands")["tracks"] == TRACKS
