"""Cards of encoders that a person brings: whatever is wrong with a folder is one sentence, and nothing else happens."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musicdesk.audio.decode import opened
from musicdesk.audio.excerpts import HEARD_S, excerpts
from musicdesk.core.errors import SilentAudio, Unusable
from musicdesk.encoders.brought import PIN, BroughtCard, InputSpec, pinned, read_brought
from musicdesk.encoders.registry import input_of, known
from musicdesk.encoders.weights import LARGEST, Card
from tests.helpers.onnx_model import DIM, RATE, SAMPLES, bring
from tests.helpers.sound import float_wav

MEL = '[input]\nform = "mel"\nrate_hz = 22050\nwindow = 1024\nhop = 512\nbands = 64\nframes = 100'


def test_card_is_read_and_the_hash_is_kept_at_the_first_use(tmp_path: Path) -> None:
    folder = bring(tmp_path)
    card, weights = read_brought(folder)
    assert isinstance(card, BroughtCard) and (card.dim, card.sha256, card.encoder_id) == (DIM, "", "")
    assert input_of(card) == InputSpec(RATE, SAMPLES) and weights == folder / "model.onnx"
    first, _path = pinned(folder)
    assert len(first.sha256) == 64 and first.encoder_id.startswith("bands-" + first.sha256[:10])
    (folder / "model.onnx").write_bytes(b"another")
    assert pinned(folder)[0] == first, "the hash of the first use holds"
    assert read_brought(bring(tmp_path, "mel", extra=MEL))[0].input.samples == 99 * 512 + 1024


def test_numbers_of_our_own_network_become_a_card_of_ours(tmp_path: Path) -> None:
    folder = bring(tmp_path, kind="safetensors", file="w.safetensors", width=32, extra=MEL)
    (folder / "w.safetensors").write_bytes(b"numbers")
    card, _weights = pinned(folder)
    assert isinstance(card, Card) and (card.width, card.window_frames, card.mel.bands) == (32, 100, 64)
    assert (folder / PIN).read_text("ascii").strip() == card.sha256


WRONG = {
    "kind": ({"kind": "pickle"}, "", "its kind is 'pickle'"),
    "up": ({"file": "../model.onnx"}, "", "the plain name of a .onnx file in the same folder, not '../model.onnx'"),
    "absolute": ({"file": "/etc/passwd"}, "", "the plain name of a .onnx file"),
    "ending": ({"file": "model.bin"}, "", "not 'model.bin'"),
    "missing": ({"file": "none.onnx"}, "", "there is no file none.onnx beside it"),
    "dim": ({"dim": 0}, "", "its 'dim' must be a number from 2 to 8192"),
    "truth": ({"dim": "true"}, "", "its 'dim' must be a number"),
    "licence": ({"licence": None}, "", "it does not say 'licence'"),
    "source": ({"source": " "}, "", "it does not say 'source'"),
    "hash": ({"sha256": "abc"}, "", "not a hash of 64"),
    "key": ({"licenze": "x"}, "", "'licenze', which is no key of a card"),
    "input": ({}, "[input]\nrate_hz = 8000", 'must say form = "samples" or form = "mel"'),
    "none": ({}, "# no input", "must say form"),
    "rate": ({}, '[input]\nform = "samples"\nrate_hz = 1\nseconds = 1.0', "'rate_hz' must be a number from 4000"),
    "long": ({}, '[input]\nform = "samples"\nrate_hz = 8000\nseconds = 1e9', "'seconds' must be a number"),
    "half": ({}, MEL + ".5", "'frames' must be a number"),
    "more": ({}, MEL + "\nseconds = 3.0", "'seconds', which says nothing for mel"),
    "minute": ({}, MEL.replace("frames = 100", "frames = 9000"), "longer than a minute"),
    "ours": ({"kind": "safetensors", "file": "w.safetensors"}, "", "hear mel pictures, not samples"),
}


@pytest.mark.parametrize("case", list(WRONG))
def test_what_is_wrong_with_a_card_is_told(tmp_path: Path, case: str) -> None:
    facts, extra, words = WRONG[case]
    folder = bring(tmp_path, extra=extra, **facts)
    (folder / "w.safetensors").write_bytes(b"numbers")
    with pytest.raises(Unusable) as told:
        read_brought(folder)
    assert words in str(told.value) and str(told.value).endswith("."), str(told.value)
    (entry,) = [entry for name, entry in known(tmp_path, tmp_path / "none").items() if name == "bands"]
    assert words in entry.trouble and entry.card is None and not (folder / PIN).exists()
    with pytest.raises(Unusable):
        entry.ready()


def test_name_is_that_of_the_folder(tmp_path: Path) -> None:
    moved = bring(tmp_path).rename(tmp_path / "moved")
    with pytest.raises(Unusable, match="its name must be that of its folder, 'moved'"):
        read_brought(moved)


def test_links_and_endless_files_are_refused(tmp_path: Path) -> None:
    folder = bring(tmp_path)
    with (folder / "model.onnx").open("r+b") as stream:
        stream.truncate(LARGEST + 1)  # a hole: it takes no room
    with pytest.raises(Unusable, match="larger than 1 GB"):
        read_brought(folder)
    (folder / "model.onnx").unlink()
    (tmp_path / "secret.onnx").write_bytes(b"x")
    (folder / "model.onnx").symlink_to(tmp_path / "secret.onnx")
    with pytest.raises(Unusable, match=r"no file model\.onnx beside it but a link"):
        read_brought(folder)
    (folder / "card.toml").write_text("#" * 70_000, "utf-8")
    with pytest.raises(Unusable, match="larger than a card can be"):
        read_brought(folder)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(alphabet='name="\n[]{}input=.0123 e#', max_size=200)))
def test_any_bytes_for_a_card_are_a_sentence(tmp_path_factory: pytest.TempPathFactory, blob: bytes | str) -> None:
    folder = tmp_path_factory.getbasetemp() / "any" / "bands"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "card.toml").write_bytes(blob if isinstance(blob, bytes) else blob.encode())
    with pytest.raises(Unusable, match=r"card\.toml|The encoder in "):
        read_brought(folder)


@pytest.mark.parametrize("seconds", [0.5, 3.0, 70.0, 130.0])
@pytest.mark.parametrize(("rate", "window_s"), [(16_000, 5.0), (32_000, 1.0)])
def test_excerpts_have_one_length_and_follow_the_track(
    tmp_path: Path, seconds: float, rate: int, window_s: float
) -> None:
    """A sweep rises with time, so where an excerpt is from can be told from its zero crossings."""
    time = np.arange(round(seconds * 22_050)) / 22_050
    sweep = np.sin(2 * np.pi * (200 * time + 400 * time**2 / max(seconds, 1.0)))
    path = float_wav(tmp_path / "sweep.wav", (0.5 * sweep[:, None]).astype(np.float32), 22_050)
    with opened(os.fsencode(path)) as source:
        found = excerpts(source, rate, round(rate * window_s))
    fit = max(1, int(seconds // window_s)) if seconds < HEARD_S else round(HEARD_S / window_s)
    assert found.dtype == np.float32 and found.shape[1] == rate * window_s and abs(len(found) - fit) <= 1
    crossings = (np.diff(np.sign(found), axis=1) != 0).sum(axis=1)
    assert (np.diff(crossings) > 0).all()


def test_silence_has_no_excerpts(tmp_path: Path) -> None:
    path = float_wav(tmp_path / "silent.wav", np.zeros((22_050 * 3, 1), np.float32), 22_050)
    with opened(os.fsencode(path)) as source, pytest.raises(SilentAudio):
        excerpts(source, 16_000, 16_000)


def test_the_card_of_the_documentation_is_one(tmp_path: Path) -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "encoders.md").read_text("utf-8")
    folder = tmp_path / "bands32"
    folder.mkdir()
    (folder / "card.toml").write_text(text.split("```toml\n")[1].split("```")[0], "utf-8")
    (folder / "model.onnx").write_bytes(b"model")
    card, _weights = read_brought(folder)
    assert (card.name, card.dim, card.licence) == ("bands32", 32, "CC0-1.0")
    assert input_of(card).samples == 16_000
