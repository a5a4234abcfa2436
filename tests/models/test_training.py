"""Training: learns what is planted, comes back from any interruption to the same loss, and stops in words."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from musicdesk.core.errors import Cancelled, Unusable
from musicdesk.core.progress import Curves, Silent
from musicdesk.encoders.data import Windows, batches, new_memmap
from musicdesk.encoders.objectives import Augmentation, alike, augmented, blended, followed
from musicdesk.encoders.retrieval import half_recall, interval, mean_average_precision, neighbour_accuracy
from musicdesk.encoders.training import TrainedEncoder, TrainingConfig, read_config, train_encoder
from musicdesk.encoders.whitening import main_directions

SMALL = TrainingConfig(epochs=4, tracks_per_batch=16, width=32, out=16, learning_rate=3e-3)


@pytest.fixture
def planted(tmp_path: Path) -> Windows:
    """32 tracks of 4 windows by 8 artists: an artist is a set of bands, a track a rhythm, and much noise."""
    generator = np.random.default_rng(11)
    mels = new_memmap(tmp_path / "windows.npy", 128)
    track = np.repeat(np.arange(32), 4)
    label = np.arange(32) // 4
    colour = (generator.random((8, 128)) < 0.15) * 0.8
    for row in range(128):
        period = 6 + track[row] % 4 * 5
        beat = (np.arange(130) + generator.integers(130)) % period < 3
        picture = colour[label[track[row]]][None, :] * (0.4 + 0.6 * beat[:, None])
        mels[row] = picture * generator.uniform(0.3, 1.0) + 1.0 * generator.random((130, 128))
    return Windows(mels, track, label)


class StopAfter(Silent):
    """Cancels once so many epochs are reported."""

    def __init__(self, epochs: int) -> None:
        super().__init__()
        self.epochs = epochs

    def report(self, done: int, total: int | None, message: str = "") -> None:
        if done >= self.epochs:
            self.stop.set()


def _train(data: Windows, folder: Path, config: TrainingConfig = SMALL, stop: int = 99) -> TrainedEncoder:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return train_encoder(data.mels, data.track, data.label, config, folder, StopAfter(stop))
    finally:
        torch.set_num_threads(threads)


def _track_vectors(network: torch.nn.Module, data: Windows) -> np.ndarray:
    with torch.inference_mode():
        heard = network(torch.from_numpy(data.mels.astype(np.float32))).numpy()
    means = heard.reshape(32, 4, -1).mean(axis=1)
    return np.asarray(means / np.linalg.norm(means, axis=1, keepdims=True))


def test_learns_what_is_planted(planted: Windows, tmp_path: Path) -> None:
    config = replace(SMALL, epochs=25)
    trained = _train(planted, tmp_path / "run", config)
    untrained = _train(planted, tmp_path / "none", replace(config, epochs=0))
    assert trained.losses[-1] < trained.losses[0] - 0.2 and len(trained.losses) == 25
    learned, given = (
        mean_average_precision(_track_vectors(one.network, planted), planted.label) for one in (trained, untrained)
    )
    assert learned > 0.9 and learned > given + 0.15


def test_same_seed_same_weights_other_seed_other(planted: Windows, tmp_path: Path) -> None:
    config = replace(SMALL, epochs=1)
    first, again, other = (
        _train(planted, tmp_path / name, replace(config, seed=seed)) for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert first.losses == again.losses != other.losses
    for key, value in first.network.state_dict().items():
        assert torch.equal(value, again.network.state_dict()[key])


@pytest.mark.parametrize("stop", [1, 3])
def test_resumed_training_comes_to_the_same_loss(planted: Windows, tmp_path: Path, stop: int) -> None:
    whole = _train(planted, tmp_path / "whole")
    with pytest.raises(Cancelled):
        _train(planted, tmp_path / "cut", stop=stop)
    left = json.loads((tmp_path / "cut" / "checkpoint.json").read_text())
    assert len(left["losses"]) == stop
    assert [path.name for path in (tmp_path / "cut").glob("*.safetensors")] == [f"epoch-{stop}.safetensors"]
    resumed = _train(planted, tmp_path / "cut")
    assert resumed.losses == whole.losses
    for key, value in whole.network.state_dict().items():
        assert torch.equal(value, resumed.network.state_dict()[key]), key


def test_training_can_begin_from_another_network_and_is_another_one_then(planted: Windows, tmp_path: Path) -> None:
    first = _train(planted, tmp_path / "first", replace(SMALL, epochs=12))
    curve = Curves(Silent())

    def further(epochs: int) -> TrainedEncoder:
        config = replace(SMALL, epochs=epochs, learning_rate=1e-4, seed=5)
        data = (planted.mels, planted.track, planted.label)
        return train_encoder(*data, config, tmp_path / "further", curve, start=first.network)

    kept = further(0).network.state_dict()
    for key, value in first.network.state_dict().items():
        assert torch.equal(value, kept[key]) or key in ("center", "rotation")
    more = further(2)
    assert max(more.losses) < first.losses[0] - 0.1, "it begins where the other one ended"
    assert curve.points["loss"] == [[n + 1, loss] for n, loss in enumerate(more.losses)]
    told = list(curve.points["loss"])
    assert further(2).losses == more.losses and curve.points["loss"] == told, (
        "the curve is told again from the checkpoint"
    )
    whole = _train(planted, tmp_path / "further", replace(SMALL, epochs=2, learning_rate=1e-4, seed=5))
    assert whole.losses[0] > more.losses[0], "a checkpoint of another beginning is left"


def test_finished_training_is_not_done_again(planted: Windows, tmp_path: Path) -> None:
    _train(planted, tmp_path, replace(SMALL, epochs=1))
    written = (tmp_path / "checkpoint.json").stat().st_mtime_ns
    _train(planted, tmp_path, replace(SMALL, epochs=1))
    assert (tmp_path / "checkpoint.json").stat().st_mtime_ns == written


def test_checkpoint_of_other_data_or_settings_is_left(planted: Windows, tmp_path: Path) -> None:
    config = replace(SMALL, epochs=1)
    fresh = _train(planted, tmp_path / "fresh", replace(config, temperature=0.3))
    _train(planted, tmp_path / "used", config)
    assert _train(planted, tmp_path / "used", replace(config, temperature=0.3)).losses == fresh.losses
    assert Windows(planted.mels, planted.track, planted.label // 2).fingerprint() != planted.fingerprint()


def test_damaged_checkpoint_begins_anew(planted: Windows, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    config = replace(SMALL, epochs=2)
    whole = _train(planted, tmp_path / "run", config)
    path = tmp_path / "run" / "epoch-2.safetensors"
    blob = bytearray(path.read_bytes())
    blob[len(blob) // 2] ^= 4
    path.write_bytes(blob)
    assert _train(planted, tmp_path / "run", config).losses == whole.losses
    assert "training begins anew" in caplog.text
    caplog.clear()


def test_loss_that_is_no_number_stops_in_words(planted: Windows, tmp_path: Path) -> None:
    _train(planted, tmp_path, replace(SMALL, epochs=1))
    ill = np.array(planted.mels)
    ill[:, 3, 4] = np.nan
    with pytest.raises(Unusable, match="epoch 1: the loss is no longer a number"):
        _train(Windows(ill, planted.track, planted.label), tmp_path / "ill")
    assert not (tmp_path / "ill" / "checkpoint.json").exists()


@pytest.mark.parametrize(
    ("track", "label", "words"),
    [
        (np.zeros(3, int), np.zeros(1, int), "128 windows, but 3"),
        (np.repeat(np.arange(32), 4), np.zeros(5, int), "do not cover"),
        (np.repeat(np.arange(32), 4) - 1, np.zeros(32, int), "do not cover"),
        (np.repeat([0, 1], 64), np.zeros(2, int), "at least four tracks"),
    ],
)
def test_data_that_does_not_fit_is_refused(
    planted: Windows, tmp_path: Path, track: np.ndarray, label: np.ndarray, words: str
) -> None:
    with pytest.raises(Unusable, match=words):
        _train(Windows(planted.mels, track, label), tmp_path)


def test_configuration_from_toml(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text('name = "x"\nepochs = 7\n[augmentation]\ngain_db = 1.5\n')
    config = read_config(path, seed=9)
    assert (config.name, config.epochs, config.seed, config.augmentation.gain_db) == ("x", 7, 9, 1.5)
    path.write_text("epoch = 7\n")
    with pytest.raises(Unusable, match="epoch"):
        read_config(path)
    with pytest.raises(Unusable, match="absent"):
        read_config(tmp_path / "absent.toml")


def test_batches_hold_every_track_once_in_reading_order(planted: Windows) -> None:
    seen = []
    for rows, tracks in batches(planted, 8, 2, np.random.default_rng(1)):
        assert (np.diff(rows) > 0).all() and (planted.track[rows] == tracks).all()
        assert (np.unique(tracks, return_counts=True)[1] == 2).all()
        assert len(set(planted.label[tracks])) <= 4, "tracks of one label come in pairs"
        seen += sorted(set(tracks))
    assert sorted(seen) == list(range(32))


def test_unlabelled_tracks_are_not_taken_for_relatives() -> None:
    features = torch.eye(4)
    tracks = torch.tensor([0, 0, 1, 1])
    none = torch.tensor([-1, -1])
    assert alike(features, tracks, none[tracks], 0.1, 0.5) == alike(features, tracks, tracks, 0.1, 0.0)


def test_loss_by_hand() -> None:
    """Two tracks, two windows each, at right angles: every window has its partner at 1, two others at 0."""
    features = torch.tensor([[1.0, 0], [2, 0], [0, 3], [0, 1]])
    tracks = torch.tensor([0, 0, 1, 1])
    expected = -math.log(math.e / (math.e + 2))
    assert alike(features, tracks, tracks, 1.0, 0.3).item() == pytest.approx(expected, abs=1e-4)
    labels = torch.zeros(4, dtype=torch.int64)  # now the other track's windows are wanted a little
    targets = (1 / 1.6, 0.3 / 1.6)
    logs = (math.log(math.e / (math.e + 2)), math.log(1 / (math.e + 2)))
    wanted = -(targets[0] * logs[0] + 2 * targets[1] * logs[1])
    assert alike(features, tracks, labels, 1.0, 0.3).item() == pytest.approx(wanted, abs=1e-4)


def test_windows_without_a_partner_do_not_count() -> None:
    features = torch.tensor([[1.0, 0], [1, 0], [0, 1]], requires_grad=True)
    loss = alike(features, torch.tensor([0, 0, 1]), torch.tensor([-1, -1, -1]), 1.0, 0.3)
    assert loss.item() == pytest.approx(-math.log(math.e / (math.e + 1)), abs=1e-4)


def test_augmentation_keeps_pictures_valid_and_changes_them() -> None:
    windows = torch.rand(16, 130, 128, generator=torch.Generator().manual_seed(2))
    changed = augmented(windows, Augmentation(), torch.Generator().manual_seed(3))
    assert changed.shape == windows.shape and changed.isfinite().all() and (changed >= 0).all()
    assert (changed - windows).abs().mean() > 0.05
    same = augmented(windows, Augmentation(), torch.Generator().manual_seed(3))
    assert torch.equal(changed, same)


def test_no_augmentation_is_the_identity_and_gain_is_true() -> None:
    windows = torch.rand(4, 130, 128)
    off = Augmentation(0, 0, 0, 0, 0, 0)
    torch.testing.assert_close(augmented(windows, off, torch.Generator()), windows, atol=1e-5, rtol=1e-4)
    louder = augmented(windows, replace(off, gain_db=20.0), torch.Generator().manual_seed(1))
    ratio = (10**louder - 1) / (10**windows - 1).clamp(min=1e-3)
    by_window = ratio.flatten(1)[(windows > 0.1).flatten(1)].std()
    assert by_window > 0.1, "each window has its own gain"
    assert ratio[0][windows[0] > 0.1].std() < 1e-3, "within a window it is one factor on the amplitude"


def test_whitening_evens_the_directions() -> None:
    generator = np.random.default_rng(4)
    cloud = generator.standard_normal((4_000, 6)) * [5, 3, 2, 1, 0.5, 0.2]
    cloud -= cloud.mean(axis=0)
    evened = cloud @ main_directions(cloud, 4, 1.0)
    np.testing.assert_allclose(np.cov(evened.T), np.eye(4), atol=0.01)
    some = cloud[:100]
    turned = some @ main_directions(cloud, 6, 0.0)
    np.testing.assert_allclose(turned @ turned.T, some @ some.T, atol=1e-6)


def test_retrieval_figures_by_hand() -> None:
    angle = np.radians([0, 10, 21, 90, 100])
    vectors = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    labels = np.array([0, 0, 1, 1, -1])
    # Nearest first: 0 -> 1 (right); 1 -> 0 (right); 2 -> 1, 0, 3 (third); 3 -> 4 (nobody's), 2 (second).
    assert mean_average_precision(vectors, labels) == pytest.approx((1 + 1 + 1 / 3 + 1 / 2) / 4)
    # Among the labelled: 0 -> 1 and 1 -> 0 right, 2 -> 1 wrong, 3 -> 2 right.
    assert neighbour_accuracy(vectors, labels, np.arange(5), k=1) == pytest.approx(3 / 4)
    # With 0 and 1 barred from each other both fall to 2, which is wrong.
    assert neighbour_accuracy(vectors, labels, np.array([0, 0, 1, 2, 3]), k=1) == pytest.approx(1 / 4)
    only = np.array([True, False, True, False, False])
    assert neighbour_accuracy(vectors, labels, np.arange(5), k=1, queries=only) == pytest.approx(1 / 2)
    assert half_recall(vectors, vectors) == 1.0
    assert math.isnan(mean_average_precision(vectors, np.arange(5)))


def test_interval_holds_the_mean_and_shrinks() -> None:
    values = np.random.default_rng(3).random(400)
    low, high = interval(np.append(values, np.nan))
    assert low < values.mean() < high and high - low == pytest.approx(4 * values.std() / 20, rel=0.15)
    wide = interval(values[:40])
    assert wide[1] - wide[0] > high - low


def test_what_is_told_is_followed_one_by_one_and_in_pairs() -> None:
    told = torch.nn.functional.normalize(torch.randn(6, 8, generator=torch.Generator().manual_seed(1)), dim=1)
    assert followed(3.0 * told, told).item() == pytest.approx(0.0, abs=1e-5)
    turned = told.roll(1, dims=1)  # pairs as near as before, each elsewhere
    apart = (1 - (turned * told).sum(1)).mean().item()
    assert followed(turned, told).item() == pytest.approx(apart, abs=1e-5)
    assert followed(-told, told).item() == pytest.approx(2.0, abs=1e-5)


def test_blended_windows_stand_between_what_was_told_of_both() -> None:
    generator = torch.Generator().manual_seed(5)
    windows = torch.rand(8, 130, 128, generator=generator)
    windows[0] = 0.0  # silence
    told = torch.eye(8)
    same, kept = blended(windows, told, 0.0, torch.Generator().manual_seed(1))
    torch.testing.assert_close(same, windows, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(kept, told, atol=1e-4, rtol=0)
    mixed, between = blended(windows, told, 1.0, torch.Generator().manual_seed(1))
    assert bool(mixed.isfinite().all()) and mixed.shape == windows.shape
    torch.testing.assert_close(between.norm(dim=1), torch.ones(8), atol=1e-4, rtol=0)
    assert (between.argmax(dim=1) == torch.arange(8)).float().mean() > 0.9  # its own is never the lesser part
    assert (between.max(dim=1).values < 0.999).sum() >= 4


def test_a_network_learns_what_a_larger_one_tells(planted: Windows, tmp_path: Path) -> None:
    artists = np.eye(8)[planted.label[planted.track]]
    lessons = np.concatenate([artists, np.zeros((len(artists), 24))], axis=1).astype(np.float32)
    clear = Augmentation(0.0, 0.0, 0.0, 0, 0, 0.0)
    config = replace(SMALL, epochs=24, contrast=0.0, lesson=1.0, blend=0.1, augmentation=clear)
    nobody = np.full(32, -1)
    trained = train_encoder(planted.mels, planted.track, nobody, config, tmp_path / "c", Silent(), lessons=lessons)
    assert trained.losses[-1] < 0.6 * trained.losses[0]
    features = trained.network.features(torch.from_numpy(planted.mels.astype(np.float32)))
    assert (features[:, :8].argmax(dim=1).numpy() == artists.argmax(axis=1)).mean() > 0.8  # chance: .125
    with pytest.raises(Unusable, match="go together"):
        train_encoder(planted.mels, planted.track, nobody, config, tmp_path / "d", Silent())
    with pytest.raises(Unusable, match="go together"):
        train_encoder(planted.mels, planted.track, nobody, SMALL, tmp_path / "d", Silent(), lessons=lessons)
    for wrong in (np.concatenate([lessons, lessons], axis=1), lessons[1:], lessons[:, :0]):  # too wide, too few, none
        with pytest.raises(Unusable, match=r"lessons of shape"):
            train_encoder(planted.mels, planted.track, nobody, config, tmp_path / "d", Silent(), lessons=wrong)
