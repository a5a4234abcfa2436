"""The tower of Lee et al. 2018: its size, its vectors, its standardisation."""

from __future__ import annotations

import pytest
import torch

from musicdesk.learning.network import Tower, TowerShape, unit


@pytest.fixture
def windows() -> torch.Tensor:
    return torch.rand(5, 130, 128, generator=torch.Generator().manual_seed(3)) * 2


def test_paper_tower_has_the_published_number_of_parameters() -> None:
    assert Tower(TowerShape(dim=256, out=256)).parameter_count() == 722_304


def test_cut_vectors_cost_no_learned_parameters() -> None:
    assert Tower(TowerShape(dim=256, out=64)).parameter_count() == 722_304


@pytest.mark.parametrize("out", [256, 128, 3])
def test_vectors_have_length_one(windows: torch.Tensor, out: int) -> None:
    vectors = Tower(TowerShape(out=out))(windows)
    assert vectors.shape == (5, out)
    torch.testing.assert_close(vectors.norm(dim=1), torch.ones(5), atol=1e-4, rtol=0)


def test_zero_row_stays_finite_when_scaled() -> None:
    assert torch.equal(unit(torch.zeros(2, 4)), torch.zeros(2, 4))
    gradient = torch.zeros(2, 4, requires_grad=True)
    unit(gradient).sum().backward()
    assert gradient.grad is not None and gradient.grad.isfinite().all()


def test_standardisation_is_inside_the_network(windows: torch.Tensor) -> None:
    """A tower with mean and sd answers to x as one without them answers to (x - mean) / sd."""
    plain, standardised = Tower(), Tower()
    standardised.load_state_dict(plain.state_dict())
    mean, sd = torch.rand(128), torch.rand(128) + 0.5
    standardised.mean.copy_(mean)
    standardised.sd.copy_(sd)
    torch.testing.assert_close(standardised(windows), plain((windows - mean) / sd))
    assert not torch.allclose(standardised(windows), plain(windows), atol=1e-3)


def test_bands_are_channels_and_frames_are_time(windows: torch.Tensor) -> None:
    """Convolutions slide over time: reversing the bands changes more than shifting by one pooling step."""
    torch.manual_seed(1)
    network = Tower().eval()
    here = network(windows)
    later = network(windows.roll(32, dims=1))
    reversed_bands = network(windows.flip(2))
    assert (here * later).sum(1).mean() > (here * reversed_bands).sum(1).mean()


def test_centre_and_rotation_shape_the_output(windows: torch.Tensor) -> None:
    network = Tower(TowerShape(out=2))
    features = unit(network.features(windows))
    network.center.copy_(features.mean(0))
    network.rotation.copy_(torch.eye(256, 2) * 3)
    expected = unit((features - features.mean(0))[:, :2] * 3)
    torch.testing.assert_close(network(windows), expected)
