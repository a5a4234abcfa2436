"""The ear hears music and not loudness or silence, comes back from disk as it was, and learns."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from musicdesk.core.errors import Unusable
from musicdesk.core.progress import Silent
from musicdesk.encoders import weights
from musicdesk.encoders.embed import Embedder
from musicdesk.encoders.networks import built
from musicdesk.encoders.training import TrainedEncoder, TrainingConfig, train_encoder
from musicdesk.learning.ear import Ear, EarShape
from musicdesk.learning.sketch import LAGS, levelled, size, sketch
from tests.helpers import planted_artists as planted

SMALL = {"kind": "ear", "width": 32, "out": 24, "hidden": 32, "filters": 16}
FACTS = {"licence": "CC0-1.0", "data": "Nothing."}


@pytest.fixture(scope="module")
def heard() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Windows, the track of each, and the artist of each track."""
    windows = planted.windows()
    return windows.pictures, np.repeat(np.arange(len(windows)), windows.counts), np.arange(len(windows)) // planted.EACH


def taught(heard: tuple[np.ndarray, np.ndarray, np.ndarray], folder: Path, epochs: int = 12) -> TrainedEncoder:
    config = TrainingConfig(epochs=epochs, tracks_per_batch=24, learning_rate=3e-3, **SMALL)
    return train_encoder(*heard, config, folder, Silent())


def test_learns_what_belongs_together_and_goes_on_where_it_was_cut_off(
    heard: tuple[np.ndarray, np.ndarray, np.ndarray], tmp_path: Path
) -> None:
    whole = taught(heard, tmp_path / "whole")
    assert whole.losses[-1] < whole.losses[0] - 0.1
    assert whole.network.center.abs().max() > 0
    for path in sorted((tmp_path / "whole").iterdir())[-1:]:
        path.unlink()  # the newest checkpoint
    again = taught(heard, tmp_path / "whole")
    for key, value in whole.network.state_dict().items():
        assert torch.equal(value, again.network.state_dict()[key]), key


@pytest.mark.parametrize("gain", [0.1, 0.5, 4.0])
def test_loudness_is_not_heard(heard: tuple[np.ndarray, np.ndarray, np.ndarray], gain: float) -> None:
    pictures = torch.from_numpy(heard[0][:8].astype(np.float32))
    louder = torch.log10(1.0 + gain * (torch.pow(10.0, pictures) - 1.0))
    torch.testing.assert_close(levelled(louder), levelled(pictures), atol=2e-3, rtol=0)
    network = Ear().eval()
    assert torch.nn.functional.cosine_similarity(network(louder), network(pictures)).min() > 0.9995


def test_silence_and_extremes_give_finite_numbers() -> None:
    pictures = torch.stack([torch.zeros(130, 128), torch.full((130, 128), 4.0), torch.eye(130)[:, :128]])
    drawn = sketch(levelled(pictures))
    assert drawn.shape == (3, size()) and bool(drawn.isfinite().all())
    assert bool(Ear().eval()(pictures).isfinite().all())


def test_a_beat_shows_at_its_own_lag() -> None:
    pictures = torch.zeros(1, 130, 128)
    pictures[:, ::20] = 1.0  # every 20 frames
    pulse = sketch(levelled(pictures))[0, -(LAGS[1] - LAGS[0]) :]
    assert int(pulse.argmax()) + LAGS[0] == 20


def test_silent_windows_do_not_count(heard: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    network = Ear(EarShape(dim=32, out=24, hidden=32, filters=16)).eval()
    embedder = Embedder(weights.Encoder(weights.Card("x", 24, "", "", "", width=32), network))
    music = heard[0][:3]
    silence = np.zeros((1, 130, 128), music.dtype)
    with_it, without, alone = embedder.embed([np.concatenate([silence, music]), music, silence])
    np.testing.assert_allclose(with_it, without, atol=1e-6)
    assert np.isclose(np.linalg.norm(alone), 1.0, atol=1e-5)


def test_written_ear_comes_back_and_a_card_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    network = Ear(EarShape(dim=32, out=24, hidden=32, filters=16)).eval()
    card = weights.save(tmp_path, network, "", name="small", **FACTS)
    again = weights.load(tmp_path, "small").network
    pictures = torch.rand(4, 130, 128)
    assert torch.equal(again(pictures), network(pictures)) and weights.read_card(tmp_path, "small") == card
    for wrong, said in (
        ({"hidden": 16}, "do not fit"),
        ({"filters": 0}, "cannot be built"),
        ({"kind": "tower"}, "do not"),
    ):
        (tmp_path / "small.toml").write_text(weights.to_toml(asdict(replace(card, **wrong))), "utf-8")
        with pytest.raises(Unusable, match=said):
            weights.load(tmp_path, "small")


def test_unknown_kind_is_refused() -> None:
    with pytest.raises(Unusable, match="kind 'nose'"):
        built("nose", 32, 24, 32, 16, 128, 130)
