"""The ear hears music and not loudness or silence, comes back from disk as it was, and learns."""

from __future__ import annotations

from dataclasses import asdict, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch

from musicdesk.core.errors import Unusable
from musicdesk.core.progress import Silent
from musicdesk.encoders import weights
from musicdesk.encoders.embed import Embedder
from musicdesk.encoders.networks import built, fused
from musicdesk.encoders.training import TrainedEncoder, TrainingConfig, train_encoder
from musicdesk.learning.ear import Ear
from musicdesk.learning.ears import Ears
from musicdesk.learning.sketch import LAGS, levelled, size, sketch
from tests.helpers import planted_artists as planted

KINDS = ("ear", "ear2d", "ears")
SMALL = {"width": 32, "out": 24, "hidden": 32, "filters": 16}
NORMS = (torch.nn.BatchNorm1d, torch.nn.BatchNorm2d)
FACTS = {"licence": "CC0-1.0", "data": "Nothing."}


@pytest.fixture(scope="module")
def heard() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Windows, the track of each, and the artist of each track."""
    windows = planted.windows()
    return windows.pictures, np.repeat(np.arange(len(windows)), windows.counts), np.arange(len(windows)) // planted.EACH


def taught(kind: str, heard: tuple[np.ndarray, np.ndarray, np.ndarray], folder: Path) -> TrainedEncoder:
    config = TrainingConfig(kind=kind, epochs=12, tracks_per_batch=24, learning_rate=3e-3, **SMALL)
    return train_encoder(*heard, config, folder, Silent())


def small(kind: str) -> Ear | Ears:
    network = built(kind, 32, 24, 32, 16, 128, 130)
    assert isinstance(network, Ear | Ears)
    return network.eval()


@pytest.mark.parametrize("kind", KINDS)
def test_learns_what_belongs_together_and_goes_on_where_it_was_cut_off(
    kind: str, heard: tuple[np.ndarray, np.ndarray, np.ndarray], tmp_path: Path
) -> None:
    whole = taught(kind, heard, tmp_path / "whole")
    assert whole.losses[-1] < whole.losses[0] - 0.1
    assert whole.network.center.abs().max() > 0
    for path in sorted((tmp_path / "whole").iterdir())[-1:]:
        path.unlink()  # the newest checkpoint
    again = taught(kind, heard, tmp_path / "whole")
    for key, value in whole.network.state_dict().items():
        assert torch.equal(value, again.network.state_dict()[key]), key


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("gain", [0.1, 0.5, 4.0])
def test_loudness_is_not_heard(kind: str, heard: tuple[np.ndarray, np.ndarray, np.ndarray], gain: float) -> None:
    pictures = torch.from_numpy(heard[0][:8].astype(np.float32))
    louder = torch.log10(1.0 + gain * (torch.pow(10.0, pictures) - 1.0))
    torch.testing.assert_close(levelled(louder), levelled(pictures), atol=2e-3, rtol=0)
    network = small(kind)
    assert torch.nn.functional.cosine_similarity(network(louder), network(pictures)).min() > 0.9995


@pytest.mark.parametrize("kind", KINDS)
def test_silence_and_extremes_give_finite_numbers(kind: str) -> None:
    pictures = torch.stack([torch.zeros(130, 128), torch.full((130, 128), 4.0), torch.eye(130)[:, :128]])
    drawn = sketch(levelled(pictures))
    assert drawn.shape == (3, size()) and bool(drawn.isfinite().all())
    assert bool(small(kind)(pictures).isfinite().all())


def test_a_beat_shows_at_its_own_lag() -> None:
    pictures = torch.zeros(1, 130, 128)
    pictures[:, ::20] = 1.0  # every 20 frames
    pulse = sketch(levelled(pictures))[0, -(LAGS[1] - LAGS[0]) :]
    assert int(pulse.argmax()) + LAGS[0] == 20


def test_silent_windows_do_not_count(heard: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    embedder = Embedder(weights.Encoder(weights.Card("x", 24, "", "", "", width=32), small("ear2d")))
    music = heard[0][:3]
    silence = np.zeros((1, 130, 128), music.dtype)
    with_it, without, alone = embedder.embed([np.concatenate([silence, music]), music, silence])
    np.testing.assert_allclose(with_it, without, atol=1e-6)
    assert np.isclose(np.linalg.norm(alone), 1.0, atol=1e-5)


@pytest.mark.parametrize(("kind", "other"), [*pairwise(KINDS), (KINDS[2], KINDS[0])])
def test_written_ear_comes_back_and_a_card_that_does_not_fit_is_refused(kind: str, other: str, tmp_path: Path) -> None:
    network = small(kind)
    card = weights.save(tmp_path, network, "", name="small", **FACTS)
    again = weights.load(tmp_path, "small").network
    pictures = torch.rand(4, 130, 128)
    assert torch.equal(again(pictures), network(pictures)) and weights.read_card(tmp_path, "small") == card
    for wrong, said in (
        ({"hidden": 16}, "do not fit"),
        ({"filters": 0}, "cannot be built"),
        ({"kind": "tower"}, "do not"),
        ({"kind": other}, "do not"),
    ):
        (tmp_path / "small.toml").write_text(weights.to_toml(asdict(replace(card, **wrong))), "utf-8")
        with pytest.raises(Unusable, match=said):
            weights.load(tmp_path, "small")


def test_a_sound_a_third_higher_is_nearly_the_same_to_convolutions_over_the_picture() -> None:
    """Moved by as many bands as the steps of the layers make one of, away from the edges, nothing else is heard."""
    in_picture, in_time = small("ear2d"), small("ear")
    assert isinstance(in_picture, Ear) and isinstance(in_time, Ear)
    pictures = torch.zeros(2, 130, 128)
    pictures[0, ::9, 40:44] = pictures[1, ::9, 56:60] = 1.0
    low, high = in_picture.convolutions(pictures).detach()
    torch.testing.assert_close(low, high, atol=1e-5, rtol=0)
    low, high = in_time.convolutions(pictures).detach()
    assert float((low - high).abs().max()) > 1e-3


def test_what_stands_still_beside_a_learning_ear_says_what_it_said(
    heard: tuple[np.ndarray, np.ndarray, np.ndarray], tmp_path: Path
) -> None:
    pictures, track, _ = heard
    before = small("ears")
    assert isinstance(before, Ears)
    lessons = np.eye(16, dtype=np.float32)[track % 16]  # for the first half of the features
    config = TrainingConfig(
        kind="ears", epochs=2, tracks_per_batch=24, contrast=0.0, lesson=1.0, still="in_time", **SMALL
    )
    after = train_encoder(
        *heard[:2], np.full(track[-1] + 1, -1), config, tmp_path, Silent(), start=before, lessons=lessons
    ).network
    assert isinstance(after, Ears)
    some = torch.from_numpy(pictures[:6].astype(np.float32))
    assert torch.equal(after.in_time(some), before.in_time(some))
    assert torch.equal(after.features(some)[:, 16:], before.in_time(some))
    assert not torch.allclose(after.features(some)[:, :16], before.features(some)[:, :16])
    assert not torch.equal(after.in_picture.joined[0].weight, before.in_picture.joined[0].weight)


def test_weights_with_half_the_digits_are_half_as_large_and_hear_the_same(tmp_path: Path) -> None:
    network = small("ears")
    whole, half = (
        weights.save(tmp_path, network, "", name=name, half=name == "half", **FACTS) for name in ("whole", "half")
    )
    assert (tmp_path / "half.safetensors").stat().st_size < 0.6 * (tmp_path / "whole.safetensors").stat().st_size
    pictures = torch.rand(4, 130, 128)
    again = weights.load(tmp_path, "half").network
    assert {values.dtype for values in again.parameters()} == {torch.float32}
    assert torch.equal(again(pictures), weights.halved(network)(pictures))
    assert torch.nn.functional.cosine_similarity(again(pictures), network(pictures)).min() > 0.9999
    assert whole.encoder_id != half.encoder_id.replace("half", "whole")


@pytest.mark.parametrize("kind", (*KINDS, "tower"))
def test_fused_layers_hear_the_same(kind: str) -> None:
    network = built(kind, 32, 24, 32, 16, 128, 130)
    pictures = torch.rand(16, 130, 128) * 2
    with torch.no_grad():
        for _ in range(3):
            network.train().features(pictures)  # so that the scales are none that change nothing
        said = network.eval()(pictures)
        sooner = fused(network)
        torch.testing.assert_close(sooner(pictures), said, atol=1e-5, rtol=0)
        assert torch.equal(network(pictures), said)
    scales = [name for name, part in sooner.named_modules() if isinstance(part, NORMS)]
    assert all(name.endswith("even") for name in scales), scales  # the first of an ear, with nothing before it


def test_unknown_kind_is_refused() -> None:
    with pytest.raises(Unusable, match="kind 'nose'"):
        built("nose", 32, 24, 32, 16, 128, 130)
