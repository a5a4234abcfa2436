"""Weights and cards on disk: what is written is read again, what is damaged is refused."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from musicdesk.audio.spectrogram import log_mel, windows_of
from musicdesk.core.errors import NotFound, Unusable
from musicdesk.core.paths import resources, shipped_models
from musicdesk.core.types import MelSpec
from musicdesk.encoders import weights
from musicdesk.encoders.embed import Embedder
from musicdesk.encoders.training import read_config
from musicdesk.learning.network import Tower, TowerShape
from musicdesk.workflows.desk import DEFAULT_ENCODER
from tests.helpers.hearing_study_card import MORE

FACTS = {"licence": "CC0-1.0", "data": 'Sounds with "quotes", é and \\.'}


@pytest.fixture
def saved(tmp_path: Path) -> tuple[Path, weights.Card, Tower]:
    network = Tower(TowerShape(dim=64, out=32))
    training = {"seed": 3, "learning_rate": 1e-3, "augmentation": {"gain_db": 8.0}, "epochs_at": [1, 2]}
    card = weights.save(tmp_path, network, "Known weaknesses: all.", name="tiny", training=training, **FACTS)
    return tmp_path, card, network


def test_written_weights_come_back(saved: tuple[Path, weights.Card, Tower]) -> None:
    folder, card, network = saved
    encoder = weights.load(folder, "tiny")
    assert encoder.card == card
    assert (encoder.id, encoder.dim) == (card.encoder_id, 32)
    for key, value in network.state_dict().items():
        assert torch.equal(encoder.network.state_dict()[key], value)
    assert not encoder.network.training
    assert not any(parameter.requires_grad for parameter in encoder.network.parameters())


def test_card_is_toml_and_readable(saved: tuple[Path, weights.Card, Tower]) -> None:
    folder, card, _ = saved
    values = tomllib.loads((folder / "tiny.toml").read_text("utf-8"))
    assert values == asdict(card)
    text = (folder / "tiny.md").read_text("utf-8")
    assert card.sha256 in text and card.encoder_id in text and "Known weaknesses" in text


@pytest.mark.parametrize("where", [0.0, 0.5, 0.999])
def test_flipped_byte_is_refused(saved: tuple[Path, weights.Card, Tower], where: float) -> None:
    folder = saved[0]
    path = folder / "tiny.safetensors"
    blob = bytearray(path.read_bytes())
    blob[int(where * len(blob))] ^= 1
    path.write_bytes(blob)
    with pytest.raises(Unusable, match="damaged: their hash is not the one on their card"):
        weights.load(folder, "tiny")


def test_missing_and_misfitting_weights_are_refused(saved: tuple[Path, weights.Card, Tower]) -> None:
    folder, card, network = saved
    other = weights.save(folder, network, "", name="other", **FACTS)
    wrong = replace(other, dim=16)  # the hash is right, the network it describes is another one
    (folder / "other.toml").write_text(weights.to_toml(asdict(wrong)), "utf-8")
    with pytest.raises(Unusable, match="do not fit"):
        weights.load(folder, "other")
    (folder / "tiny.safetensors").unlink()
    with pytest.raises(Unusable, match="cannot be read"):
        weights.load(folder, "tiny")
    with pytest.raises(NotFound, match="no encoder 'nobody'"):
        weights.load(folder, "nobody")
    assert card.name == "tiny"


def test_weights_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    network = Tower(TowerShape(dim=16, out=16))
    with torch.no_grad():
        network.feature.bias[3] = float("nan")
    weights.save(tmp_path, network, "", name="ill", **FACTS)
    with pytest.raises(Unusable, match="not finite"):
        weights.load(tmp_path, "ill")


@pytest.mark.parametrize("text", ["", "name = 1", "not toml", 'name = "broken"\n[mel]\nbands = 1\nteeth = 3', "\x00"])
def test_broken_card_is_unusable_and_passed_over(tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "broken.toml").write_text(text, "utf-8")
    with pytest.raises(Unusable, match=r"broken\.toml"):
        weights.read_card(tmp_path, "broken")
    assert "broken" not in weights.available([tmp_path])
    assert "broken.toml cannot be read" in caplog.text
    caplog.clear()


def test_card_of_another_kind_is_refused_by_name(saved: tuple[Path, weights.Card, Tower]) -> None:
    folder, card, _ = saved
    (folder / "tiny.toml").write_text(weights.to_toml(asdict(replace(card, kind="eye"))), "utf-8")
    with pytest.raises(Unusable, match="kind 'eye'"):
        weights.load(folder, "tiny")


@pytest.mark.parametrize("name", ["../up", "", "a b", "a" * 80])
def test_names_that_are_no_file_names_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Unusable, match="cannot be an encoder's name"):
        weights.save(tmp_path, Tower(TowerShape(dim=8, out=8)), "", name=name, **FACTS)
    assert not list(tmp_path.iterdir())


def test_first_folder_wins_and_unknown_names_suggest(saved: tuple[Path, weights.Card, Tower], tmp_path: Path) -> None:
    folder, _, network = saved
    mine = tmp_path / "mine"
    weights.save(mine, network, "", name="tiny", **FACTS)
    found = weights.available([mine, folder, tmp_path / "absent"])
    assert found["tiny"] == mine
    with pytest.raises(NotFound, match="did you mean 'tiny'"):
        found["tinny"]


def test_encoder_id_changes_with_weights_and_mel() -> None:
    card = weights.Card(name="x", dim=8, sha256="a" * 64, licence="", data="")
    others = [
        replace(card, sha256="b" * 64),
        replace(card, mel=MelSpec(hop=256)),
        replace(card, window_frames=64),
        replace(card, name="y"),
    ]
    ids = {card.encoder_id} | {other.encoder_id for other in others}
    assert len(ids) == 5
    assert replace(card, licence="other", training={"seed": 2}).encoder_id == card.encoder_id


def test_asking_for_an_id_does_not_import_torch(saved: tuple[Path, weights.Card, Tower]) -> None:
    folder, card, _ = saved
    script = (
        "import sys; from pathlib import Path; from musicdesk.encoders.weights import available, read_card\n"
        f"folder = Path({str(folder)!r}); print(read_card(available([folder])['tiny'], 'tiny').encoder_id)\n"
        "assert 'torch' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout.strip()) == (0, card.encoder_id), done.stderr


def _melody(pitches: list[float], seconds: float, harmonics: int, noise: float, seed: int) -> np.ndarray:
    """Notes of a quarter second each; float32 mono at 22,050 Hz."""
    rate, generator = 22_050, np.random.default_rng(seed)
    time = np.arange(int(rate * 0.25)) / rate
    notes = [sum(np.sin(2 * np.pi * p * h * time) / h for h in range(1, harmonics + 1)) for p in pitches]
    shaped = [note * np.exp(-4 * time) for note in notes]
    sound = np.concatenate([shaped[at % len(shaped)] for at in range(int(seconds * 4))])
    sound = sound + noise * generator.standard_normal(len(sound))
    return (0.3 * sound / np.abs(sound).max()).astype(np.float32)


def _windows(sound: np.ndarray) -> np.ndarray:
    return windows_of(log_mel(sound, MelSpec()))


@pytest.mark.parametrize("name", sorted(weights.available([shipped_models()])))
def test_shipped_weights_hear(name: str) -> None:
    """Two stretches of one piece are nearer to each other than to a piece of another sound."""
    path = shipped_models() / f"{name}.safetensors"
    assert path.stat().st_size <= 6_000_000
    encoder = weights.load(shipped_models(), name)
    flute = _windows(_melody([523.0, 587.0, 659.0, 784.0, 880.0], 13.0, harmonics=2, noise=0.0, seed=1))
    organ = _windows(_melody([65.0, 98.0, 82.0], 13.0, harmonics=12, noise=0.05, seed=2))
    vectors = Embedder(encoder).embed([flute[:2], flute[2:4], organ[:2], organ[2:4]])
    assert vectors.shape == (4, encoder.dim) and np.isfinite(vectors).all()
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    likeness = vectors @ vectors.T
    assert min(likeness[0, 1], likeness[2, 3]) > likeness[:2, 2:].max() + 0.1


def test_the_study_that_makes_the_card_again_says_what_the_card_says() -> None:
    card = (shipped_models() / f"{DEFAULT_ENCODER}.md").read_text("utf-8")
    assert MORE.strip() in card


def test_something_is_shipped() -> None:
    assert len(weights.available([shipped_models()])) >= 1


def test_shipped_card_tells_the_shipped_configuration() -> None:
    card = weights.read_card(shipped_models(), DEFAULT_ENCODER)
    assert card.training == asdict(read_config(resources() / f"{DEFAULT_ENCODER}.training.toml"))
    assert card.measured["test_artist_map"] > 0
    text = (shipped_models() / f"{DEFAULT_ENCODER}.md").read_text("utf-8")
    assert card.encoder_id in text and "CC-BY-SA" in text
