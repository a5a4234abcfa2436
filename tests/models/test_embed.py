"""Vectors of tracks: unit length, independent of grouping, and memory that runs out."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from musicdesk.core.errors import Unusable
from musicdesk.encoders.embed import Embedder, NotFinite
from musicdesk.encoders.weights import Card, Encoder
from musicdesk.learning import device
from musicdesk.learning.network import Tower, TowerShape

DIM = 48


@pytest.fixture
def encoder() -> Encoder:
    torch.manual_seed(5)
    network = Tower(TowerShape(dim=64, out=DIM)).eval().requires_grad_(False)
    return Encoder(Card(name="t", dim=DIM, width=64, sha256="0" * 64, licence="", data=""), network)


@pytest.fixture
def tracks() -> list[np.ndarray]:
    generator = np.random.default_rng(1)
    return [generator.random((count, 130, 128), dtype=np.float32) * 2 for count in (1, 3, 7, 2, 12)]


class Starved(torch.nn.Module):
    """A network on a device where more than `room` windows at once do not fit."""

    def __init__(self, inner: torch.nn.Module, room: int, error: Callable[[], Exception]) -> None:
        super().__init__()
        self.inner, self.room, self.error = inner, room, error
        self.steps: list[int] = []

    def forward(self, windows: torch.Tensor) -> torch.Tensor:
        self.steps.append(len(windows))
        if len(windows) > self.room:
            raise self.error()
        result: torch.Tensor = self.inner(windows)
        return result


def _starve(embedder: Embedder, room: int, error: Callable[[], Exception]) -> Starved:
    embedder._network = starved = Starved(embedder._network, room, error)
    return starved


def test_vectors_are_the_normalised_mean_over_windows(encoder: Encoder, tracks: list[np.ndarray]) -> None:
    vectors = Embedder(encoder).embed(tracks)
    assert vectors.shape == (5, DIM) and vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-6)
    mean = encoder.network(torch.from_numpy(tracks[2])).mean(0)
    np.testing.assert_allclose(vectors[2], mean / mean.norm(), atol=1e-5)


def test_grouping_does_not_matter(encoder: Encoder, tracks: list[np.ndarray]) -> None:
    together = Embedder(encoder, batch=64).embed(tracks)
    for batch in (1, 3, 8):
        embedder = Embedder(encoder, batch=batch)
        np.testing.assert_allclose(embedder.embed(tracks), together, atol=1e-5)
        alone = np.concatenate([embedder.embed([track]) for track in reversed(tracks)])[::-1]
        np.testing.assert_allclose(alone, together, atol=1e-5)


def test_half_precision_pictures_are_taken(encoder: Encoder, tracks: list[np.ndarray]) -> None:
    embedder = Embedder(encoder)
    small = embedder.embed([track.astype(np.float16) for track in tracks])
    assert (small * embedder.embed(tracks)).sum(axis=1).min() > 0.9999


def test_no_tracks_give_no_rows(encoder: Encoder) -> None:
    assert Embedder(encoder).embed([]).shape == (0, DIM)


@pytest.mark.parametrize("shape", [(0, 130, 128), (2, 130, 64), (2, 128, 130), (130, 128)])
def test_wrong_shapes_are_a_bug(encoder: Encoder, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="track 1"):
        Embedder(encoder).embed([np.zeros((1, 130, 128), np.float32), np.zeros(shape, np.float32)])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_rows_that_are_not_finite_are_named(encoder: Encoder, tracks: list[np.ndarray], value: float) -> None:
    tracks[1][2, 5, 7] = value
    tracks[4][0, 0, 0] = value
    with pytest.raises(NotFinite) as caught:
        Embedder(encoder).embed(tracks)
    assert caught.value.rows == [1, 4]


def test_vectors_that_are_not_finite_are_named(encoder: Encoder, tracks: list[np.ndarray]) -> None:
    """Finite but absurd pictures overflow inside the network; no such vector may leave."""
    tracks[3][:] = 3e38
    with pytest.raises(NotFinite) as caught:
        Embedder(encoder).embed(tracks)
    assert caught.value.rows == [3]


@pytest.mark.parametrize(
    "error",
    [
        lambda: torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"),
        lambda: RuntimeError("MPS backend out of memory (MPS allocated: 17 GB)"),
        lambda: RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to"),
        MemoryError,
    ],
)
def test_memory_running_out_halves_the_batch(
    encoder: Encoder, tracks: list[np.ndarray], error: Callable[[], Exception]
) -> None:
    wanted = Embedder(encoder).embed(tracks)
    said: list[str] = []
    embedder = Embedder(encoder, batch=16, notice=said.append)
    starved = _starve(embedder, 5, error)
    np.testing.assert_allclose(embedder.embed(tracks), wanted, atol=1e-5)
    assert embedder.batch == 4 and len(said) == 2 and "4 windows" in said[-1]
    starved.steps.clear()
    embedder.embed(tracks)
    assert max(starved.steps) == 4, "a batch that did not fit is not tried again"


def test_a_device_without_room_is_left_for_the_processor(
    encoder: Encoder, tracks: list[np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Any device that is not the processor will do to walk this path; `meta` exists on every machine."""
    wanted = Embedder(encoder).embed(tracks)
    said: list[str] = []
    embedder = Embedder(encoder, batch=16, notice=said.append)
    real, embedder._pace.device = embedder._step, torch.device("meta")

    def step(windows: np.ndarray) -> np.ndarray:
        if embedder.device.type != "cpu":
            raise torch.cuda.OutOfMemoryError("CUDA out of memory")
        return real(windows)

    monkeypatch.setattr(embedder, "_step", step)
    np.testing.assert_allclose(embedder.embed(tracks), wanted, atol=1e-5)
    assert embedder.device.type == "cpu"
    assert said[-1] == "The meta device has too little memory; the processor goes on."


def test_a_machine_without_memory_says_so(encoder: Encoder, tracks: list[np.ndarray]) -> None:
    embedder = Embedder(encoder, batch=4, notice=lambda _: None)
    _starve(embedder, 0, MemoryError)
    with pytest.raises(Unusable, match="too little memory"):
        embedder.embed(tracks)


def test_other_errors_stay_bugs(encoder: Encoder, tracks: list[np.ndarray]) -> None:
    embedder = Embedder(encoder)
    _starve(embedder, 0, lambda: RuntimeError("shapes cannot be multiplied"))
    with pytest.raises(RuntimeError, match="shapes"):
        embedder.embed(tracks)


def test_bfloat16_hears_almost_the_same(
    encoder: Encoder, tracks: list[np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    exact = Embedder(encoder).embed(tracks)
    monkeypatch.setattr("musicdesk.encoders.embed.precision", lambda _device: torch.bfloat16)
    rough = Embedder(encoder).embed(tracks)
    assert not np.array_equal(rough, exact)
    assert (rough * exact).sum(axis=1).min() > 0.999
    np.testing.assert_allclose(np.linalg.norm(rough, axis=1), 1.0, atol=1e-6)


def test_threads_are_set(encoder: Encoder) -> None:
    before = torch.get_num_threads()
    try:
        Embedder(encoder, threads=1)
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)


def test_wished_device_that_is_absent_becomes_the_processor() -> None:
    said: list[str] = []
    absent = [name for name in ("cuda", "mps") if not _works(name)]
    for name in absent:
        assert device.choose(name, said.append).type == "cpu"
    assert len(said) == len(absent) and all("processor" in sentence for sentence in said)
    assert device.choose("cpu", said.append).type == "cpu"
    assert device.choose("auto", said.append).type in ("cpu", "cuda", "mps")
    assert len(said) == len(absent)
    with pytest.raises(Unusable, match="'tpu' is not a device"):
        device.choose("tpu")


def test_a_wish_that_is_not_met_is_told_once_and_by_the_doctor(tmp_path: Path) -> None:
    absent = next(name for name in ("cuda", "mps") if not _works(name))  # no machine has both
    command = [sys.executable, "-m", "musicdesk", "--profile", str(tmp_path), "--device", absent, "doctor"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240)
    sentence = f"There is no {absent} device that works here; the processor computes instead."
    assert done.stderr.count(sentence) == 1
    (line,) = [line for line in done.stdout.splitlines() if " device: " in line]
    assert sentence in line and "processor," in line


def _works(name: str) -> bool:
    return device.has_cuda() if name == "cuda" else torch.backends.mps.is_available()


def test_device_describes_itself() -> None:
    line = device.describe(torch.device("cpu"))
    assert "processor" in line and "float32" in line
    assert device.precision(torch.device("cpu")) is torch.float32
