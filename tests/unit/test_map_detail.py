"""How much of a big map is drawn: thinned clouds, the budget that frame times give, points without all others."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicdesk.space.camera import NEAR_PLANE, Camera
from musicdesk.space.detail import QUICK_S, SLOW_S, Detail
from musicdesk.space.points import clean
from musicdesk.space.screen import Screen, at_points
from musicdesk.space.splat import Splat


@given(st.integers(0, 400), st.integers(1, 9))
def test_a_thinned_cloud_is_every_so_manieth_point_of_it_without_a_copy(n: int, step: int) -> None:
    rng = np.random.default_rng(n)
    cloud = clean(rng.normal(size=(n, 3)), rng.integers(0, 255, (n, 4), dtype=np.uint8), rng.uniform(0.5, 2, n))
    some = cloud.thinned(step)
    assert some.thinning == step
    for name in ("positions", "colours", "sizes", "rows"):
        part, whole = getattr(some, name), getattr(cloud, name)
        assert (part == whole[::step]).all()
        assert not n or np.shares_memory(part, whole)
    assert (some.centre == cloud.centre).all() and some.radius == cloud.radius
    assert (some.thinned(2).positions == cloud.thinned(2 * step).positions).all()


@given(st.floats(1e-10, 2e-6), st.integers(1_000, 3_000_000))
def test_the_budget_finds_a_step_that_is_painted_in_time_and_stays(per_point: float, n: int) -> None:
    """A machine that takes so long for each point and a millisecond for a frame."""
    detail = Detail(150_000)
    detail.begin(n)

    def frame() -> float:
        return 0.001 + per_point * n / detail.step

    for _ in range(60):
        detail.took(frame())
    settled = detail.step
    assert frame() <= SLOW_S or n / settled < 2_000 or settled == 256
    assert settled == 1 or frame() >= QUICK_S / 2.2
    for _ in range(20):
        detail.took(frame())
        assert detail.step == settled


def test_one_slow_frame_among_quick_ones_changes_nothing_and_few_points_are_all_drawn() -> None:
    detail = Detail(100)
    detail.begin(100)
    assert detail.step == 1
    for seconds in (0.01, 0.01, 0.09, 0.01, 0.01):
        detail.took(seconds)
    assert detail.step == 1
    detail.begin(6_400)
    assert detail.step == 64
    detail.took(0.001)
    assert detail.step == 32
    detail.begin(6_000)
    assert detail.step == 32, "what was learnt of a like cloud is kept"


@pytest.mark.parametrize("seed", range(4))
def test_a_few_points_are_where_the_projection_of_all_has_them(seed: int) -> None:
    rng = np.random.default_rng(seed)
    cloud = clean(rng.normal(size=(300, 3)), None, rng.uniform(0.3, 4, 300))
    camera = Camera(distance=0.4, yaw=seed)
    screen = Screen(cloud)
    screen.project(camera, 640, 480)
    assert (screen.depth < NEAR_PLANE).any()
    rows = rng.integers(0, 300, 80)
    found = at_points(cloud, camera, 640, 480, rows.tolist())
    told = np.column_stack([screen.x, screen.y, screen.depth, screen.radius])[rows]
    assert np.allclose(found, told, rtol=1e-3, atol=2e-3)
    assert at_points(cloud, camera, 640, 480, []).shape == (0, 4)


@pytest.mark.parametrize("block", [64, 1 << 16])
def test_the_points_around_the_pointer_are_those_a_comparison_finds(
    monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr("musicdesk.space.screen.BLOCK", block)
    screen = Screen(clean(np.random.default_rng(0).normal(size=(500, 3))))
    screen.project(Camera(), 400, 300)
    wanted = np.flatnonzero((np.abs(screen.x - 210) <= 30) & (np.abs(screen.y - 140) <= 30))
    assert screen.around(210, 140, 30).tolist() == wanted.tolist() and len(wanted) > 3
    assert screen.widest == screen.radius.max()
    screen.project(Camera(distance=1.0), 400, 300)
    assert screen.widest == screen.radius.max(), "found anew for another camera"
    assert Screen(clean(np.empty((0, 3)))).around(0, 0, 9).shape == (0,)


HARD = {
    "all equal": np.full((50, 3), 7.5),
    "all NaN": np.full((5, 3), np.nan),
    "some infinite": np.array([[0, 0, 0], [np.inf, 0, 0], [1, 1, 1], [-np.inf, np.nan, 0]]),
    "one far away": np.vstack([np.zeros((99, 3)), np.full((1, 3), 1e30)]),
    "huge": np.array([[1e300, 0, 0], [-1e99, 0, 0], [0, 1e98, 0]]),
    "tiny": np.array([[1e-300, 0, 0], [-1e-300, 0, 0]]),
    "a line": np.column_stack([np.arange(40.0), np.zeros(40), np.zeros(40)]),
    "float32": np.random.default_rng(0).normal(size=(30, 3)).astype(np.float32),
    "whole numbers": np.arange(30).reshape(10, 3),
    "none": np.empty((0, 3)),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", HARD)
@pytest.mark.parametrize("step", [1, 4])
def test_whatever_a_projection_gives_is_drawn_without_a_complaint(name: str, step: int) -> None:
    cloud = clean(HARD[name]).thinned(step)
    assert np.isfinite(cloud.positions).all()
    screen = Screen(cloud)
    for camera in (Camera(), Camera(distance=0.05), Camera(distance=30.0)):
        screen.project(camera, 160, 120)
        for quick in (False, True):
            assert Splat(screen).draw((17, 19, 23), quick).shape == (120, 160)


@pytest.mark.parametrize("ground", [(17, 19, 23), (246, 247, 249)])
def test_a_crowd_keeps_its_colours_when_it_comes_to_rest(ground: tuple[int, int, int]) -> None:
    """Every point had a ring of the background while it moved: a dense crowd was paler by 15 of 255 on light ground."""
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(8, 3))
    which = rng.integers(0, 8, 40_000)
    hues = rng.integers(40, 230, (8, 3), dtype=np.uint8)
    cloud = clean(centres[which] + rng.normal(0, 0.25, (40_000, 3)), hues[which])
    for distance in (2.9, 1.0):
        screen = Screen(cloud)
        screen.project(Camera(distance=distance), 400, 300)
        splat = Splat(screen)
        moving, resting = (splat.draw(ground, quick).view(np.uint8).astype(float) for quick in (True, False))
        assert abs(moving.mean() - resting.mean()) < 2.5
        assert np.abs(moving - resting).mean() < 8


def test_the_smallest_points_are_seen_while_they_move() -> None:
    """Hard discs are a little smaller than the soft ones: in a small view that must not be none at all."""
    positions = np.random.default_rng(1).normal(size=(30_000, 3))
    screen = Screen(clean(positions, np.full((30_000, 3), 250, np.uint8), np.full(30_000, 0.2)))
    screen.project(Camera(distance=6.0), 120, 90)
    assert 2 * screen.radius.max() < 0.7
    seen = len(set(zip(screen.x.astype(int).tolist(), screen.y.astype(int).tolist(), strict=True)))
    picture = Splat(screen).draw((17, 19, 23), True)
    assert (picture != picture[0, 0]).sum() > 0.9 * seen
