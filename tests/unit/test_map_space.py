"""Camera, points, picking and the numpy renderer; no Qt."""

from __future__ import annotations

from math import pi

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from musicdesk.space import palette
from musicdesk.space.camera import FARTHEST, NEAREST, Camera, between
from musicdesk.space.glow import CELL, glow, widened
from musicdesk.space.points import clean
from musicdesk.space.screen import Screen, back_to_front, fog
from musicdesk.space.shading import LAMP, shade_on
from musicdesk.space.splat import Splat, render

DARK, LIGHT = (17, 19, 23), (246, 247, 249)
ANGLE = st.floats(-50, 50)
SOME = settings(deadline=None, max_examples=40)
STRAIGHT = Camera(yaw=0.0, pitch=0.0, distance=3.0)


def cameras() -> st.SearchStrategy[Camera]:
    return st.builds(
        lambda yaw, pitch, steps: Camera().orbited(yaw, pitch).zoomed(steps), ANGLE, ANGLE, st.floats(-20, 20)
    )


def on_screen(camera: Camera, point: np.ndarray, width: int = 800, height: int = 600) -> np.ndarray:
    """Reference projection in float64 with whole matrices: x, y, depth."""
    clip = camera.projection(width / height).astype(float) @ camera.view().astype(float) @ np.append(point, 1.0)
    return np.array([(clip[0] / clip[3] + 1) * width / 2, (1 - clip[1] / clip[3]) * height / 2, clip[3]])


@SOME
@given(cameras())
def test_the_view_is_a_rotation_and_the_target_is_in_the_middle(camera: Camera) -> None:
    turn = camera.view()[:3, :3].astype(float)
    assert np.allclose(turn @ turn.T, np.eye(3), atol=1e-5)
    assert np.linalg.det(turn) == pytest.approx(1, abs=1e-5)
    x, y, depth = on_screen(camera, np.array(camera.target))
    assert (x, y) == (pytest.approx(400, abs=0.5), pytest.approx(300, abs=0.5))
    assert depth == pytest.approx(camera.distance, rel=1e-3, abs=1e-4)


@SOME
@given(cameras(), st.floats(-100, 100), st.floats(-100, 100))
def test_panning_moves_the_target_with_the_pointer(camera: Camera, right: float, up: float) -> None:
    moved = camera.panned(right, up, 600)
    x, y, _ = on_screen(moved, np.array(camera.target))
    assert (x - 400, 300 - y) == (pytest.approx(right, abs=1), pytest.approx(up, abs=1))


@SOME
@given(cameras(), st.floats(-5, 5), st.floats(-0.9, 0.9), st.floats(-0.9, 0.9))
def test_zooming_keeps_what_is_under_the_pointer(camera: Camera, steps: float, x: float, y: float) -> None:
    aspect, width, height = 800 / 600, 800, 600
    right, up, _ = camera.axes()
    half = camera.distance * np.tan(camera.fov / 2)
    under = np.array(camera.target) + right * x * aspect * half + up * y * half
    zoomed = camera.zoomed(steps, (x, y), aspect)
    before, after = on_screen(camera, under, width, height), on_screen(zoomed, under, width, height)
    assert after[:2] == pytest.approx(before[:2], abs=0.6)
    assert NEAREST <= zoomed.distance <= FARTHEST


@SOME
@given(cameras(), cameras(), st.floats(0, 1))
def test_a_flight_starts_and_ends_where_it_should(start: Camera, end: Camera, share: float) -> None:
    assert between(start, end, 0) == start
    assert between(start, end, 1) == end
    assert between(start, end, 1.7) == end
    on_the_way = between(start, end, share)
    low, high = sorted((start.distance, end.distance))
    assert 0.999 * low <= on_the_way.distance <= 1.36 * high
    turned = (on_the_way.yaw - start.yaw + pi) % (2 * pi) - pi
    assert abs(turned) <= pi + 1e-6
    assert np.isfinite(on_the_way.view()).all()


def test_a_flight_takes_the_shorter_way_round() -> None:
    middle = between(Camera(yaw=3.0), Camera(yaw=-3.0), 0.5)
    assert abs(middle.yaw) == pytest.approx(pi, abs=1e-6)


@pytest.mark.parametrize("n", [0, 1, 2, 50])
def test_few_or_equal_points_make_a_cloud_and_a_picture(n: int) -> None:
    for positions in (np.zeros((n, 3)), np.full((n, 3), 1e6), np.random.default_rng(0).normal(size=(n, 3)) * 1e-9):
        cloud = clean(positions)
        assert len(cloud) == n and np.isfinite(cloud.positions).all()
        picture = render(cloud, STRAIGHT, 320, 240, DARK)
        assert picture.shape == (240, 320, 4) and (picture[..., 3] == 255).all()
        lit = (picture[..., :3].astype(int) - DARK).max() > 60
        assert lit == (n > 0)


def test_points_without_coordinates_are_left_out_and_rows_say_which() -> None:
    positions = np.array([[0, 0, 0], [np.nan, 0, 0], [1, 1, 1], [0, np.inf, 0], [2, 0, 1]], dtype=np.float32)
    cloud = clean(positions, np.arange(15, dtype=np.uint8).reshape(5, 3), np.array([1, 1, np.nan, 1, 900.0]))
    assert cloud.rows.tolist() == [0, 2, 4]
    assert cloud.colours[:, 0].tolist() == [0, 6, 12]
    assert cloud.sizes.tolist() == [1, 1, 5]
    assert len(clean(np.full((3, 3), np.nan))) == 0


def test_lengths_must_agree() -> None:
    with pytest.raises(ValueError, match="3 positions, 2 colours"):
        clean(np.zeros((3, 3)), np.zeros((2, 3), dtype=np.uint8))


def test_most_of_a_cloud_lies_in_the_unit_ball() -> None:
    rng = np.random.default_rng(0)
    cloud = clean(rng.normal(500, 40, (5_000, 3)))
    inside = np.linalg.norm(cloud.positions, axis=1) <= 1
    assert 0.97 <= inside.mean() <= 0.99
    assert np.allclose(cloud.place(np.array([cloud.centre])), 0, atol=1e-6)


@settings(deadline=None, max_examples=15)
@given(cameras(), st.integers(0, 2**31))
def test_the_buffers_hold_the_reference_projection(camera: Camera, seed: int) -> None:
    cloud = clean(np.random.default_rng(seed).normal(size=(40, 3)))
    screen = Screen(cloud)
    screen.project(camera, 800, 600)
    for row in range(40):
        x, y, depth = on_screen(camera, cloud.positions[row])
        assert screen.depth[row] == pytest.approx(depth, rel=1e-3, abs=2e-3)
        if depth > 0.05:
            assert (screen.x[row], screen.y[row]) == (
                pytest.approx(x, rel=2e-2, abs=1),
                pytest.approx(y, rel=2e-2, abs=1),
            )
        elif depth < 0:
            assert screen.radius[row] == 0


@SOME
@given(st.lists(st.floats(0.125, 90, width=32), min_size=1, max_size=60))
def test_back_to_front_never_paints_a_nearer_point_first(depths: list[float]) -> None:
    depth = np.array(depths, dtype=np.float32)
    ordered = depth[back_to_front(depth)]
    step = (depth.max() - depth.min()) / 65_535
    assert (np.diff(ordered) <= 1.01 * step + 1e-6).all()


def one_colour(n: int, colour: tuple[int, int, int]) -> np.ndarray:
    return np.tile(np.array(colour, dtype=np.uint8), (n, 1))


@pytest.mark.parametrize("near_first", [True, False])
def test_the_nearest_point_is_in_front_at_the_middle_pixel(near_first: bool) -> None:
    positions = np.array([[0, 0, 1.0], [0, 0, -1.0]])
    colours = np.array([[255, 40, 40], [40, 40, 255]], dtype=np.uint8)
    if not near_first:
        positions, colours = positions[::-1], colours[::-1]
    picture = render(clean(positions, colours), STRAIGHT, 101, 101, DARK)
    red, _, blue, _ = picture[50, 50]
    assert red > 200 and blue < 80
    assert (picture[2, 2, :3].astype(int) - DARK).max() < 12


def test_depth_holds_where_sizes_differ() -> None:
    """A small near point stands before a big far one, wherever it lies on it."""
    far, near = np.zeros((1, 3)), np.array([[0.02, 0.01, 0.9]])
    positions = np.vstack([near, far, far + 0.9, far - 0.9])
    colours = np.array([[250, 30, 30], [30, 30, 250], [9, 9, 9], [9, 9, 9]], dtype=np.uint8)
    cloud = clean(positions, colours, np.array([0.4, 3.0, 1, 1]))
    screen = Screen(cloud)
    screen.project(STRAIGHT, 400, 400)
    picture = render(cloud, STRAIGHT, 400, 400, LIGHT)
    x, y = int(screen.x[0]), int(screen.y[0])
    assert picture[y, x, 0] > 180 and picture[y, x, 2] < 90


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**31), st.booleans())
@example(115_083, False)
def test_every_pixel_shows_the_nearest_point_that_covers_it(seed: int, alike: bool) -> None:
    rng = np.random.default_rng(seed)
    sizes = None if alike else rng.uniform(0.3, 3, 60)
    cloud = clean(rng.normal(size=(60, 3)), rng.integers(0, 255, (60, 3), dtype=np.uint8), sizes)
    screen = Screen(cloud)
    screen.project(Camera().orbited(seed % 7, 0), 120, 90)
    packed = Splat(screen).draw(LIGHT)
    shown = np.stack([packed >> shift & 255 for shift in (16, 8, 0)], axis=-1).astype(int)
    haze = fog(screen, np.arange(60))[:, None]
    tint = cloud.colours[:, :3] * (1 - haze) + np.array(LIGHT) * haze
    lines, columns = np.mgrid[0:90, 0:120] + 0.5
    for line, column in rng.integers((1, 1), (89, 119), (80, 2)):
        away = np.hypot(screen.x - columns[line, column], screen.y - lines[line, column])
        covering = np.flatnonzero(away <= screen.radius - 0.75)
        touching = np.flatnonzero(away <= screen.radius + 1.25)
        if len(covering) == 0 or screen.depth[covering].min() - screen.depth[touching].min() > 1e-3:
            continue  # blended: not for this test
        front = covering[np.argmin(screen.depth[covering])]
        shade = shade_on(LIGHT)
        right = (columns[line, column] - screen.x[front]) / screen.radius[front] - LAMP[0]
        down = (lines[line, column] - screen.y[front]) / screen.radius[front] - LAMP[1]
        share = shade.share(right**2 + down**2)
        wanted = tint[front] * (1 - share) + 255 * shade.towards * share
        # Points stand on fractions of pixels, which shows more on the small ones.
        assert np.abs(shown[line, column] - wanted).max() <= 6.0


def test_an_opaque_point_shines_through_a_faint_one_before_it() -> None:
    """Points that a filter fades do not hide what is behind them."""
    positions = np.array([[0, 0, 1.0], [0, 0, -1.0]])
    colours = np.array([[40, 40, 40, 26], [250, 30, 30, 255]], dtype=np.uint8)
    red, green, blue, _ = render(clean(positions, colours), STRAIGHT, 101, 101, DARK)[50, 50]
    assert red > 100 and green < 60 and blue < 60


@pytest.mark.parametrize("ground", [DARK, LIGHT])
def test_a_point_is_a_ball_lit_from_the_left_above(ground: tuple[int, int, int]) -> None:
    colour = np.array([[0, 114, 178]], dtype=np.uint8)
    screen = Screen(clean(np.zeros((1, 3)), colour, np.array([5.0])))
    screen.project(STRAIGHT, 200, 200)
    picture = render(screen.cloud, STRAIGHT, 200, 200, ground)[..., :3].astype(int)
    part = round(float(screen.radius[0]) * 0.6)
    lit, middle, unlit = (picture[100 + at, 100 + at].sum() for at in (-part, 0, part))
    assert lit >= middle > unlit
    haze = fog(screen, np.arange(1))[0]
    plain = (colour[0] * (1 - haze) + np.array(ground) * haze).sum()
    assert (unlit >= plain - 3) if ground == LIGHT else (lit <= plain + 3), (
        "no dark rims on white, no pale ones on black"
    )


def test_big_points_have_soft_edges_all_around() -> None:
    """An edge that is cut off looks like steps."""
    cloud = clean(np.zeros((1, 3)), np.zeros((1, 3), dtype=np.uint8), np.array([5.0]))
    for at in np.linspace(0, 0.02, 7):
        camera = Camera(yaw=0.0, pitch=0.0, distance=3.0, target=(float(at), float(at) / 2, 0.0))
        screen = Screen(cloud)
        screen.project(camera, 301, 301)
        away = np.hypot(np.arange(301) + 0.5 - screen.x[0], (np.arange(301) + 0.5 - screen.y[0])[:, None])
        wanted = np.clip(screen.radius[0] + 0.5 - away, 0, 1)
        shown = render(cloud, camera, 301, 301, LIGHT)[..., 2].astype(int)
        assert (shown[wanted > 0.08] < LIGHT[2]).all() and (shown[wanted == 0] == LIGHT[2]).all()


def test_a_crowd_comes_apart_when_one_comes_nearer() -> None:
    cloud = clean(np.array([[0, 0, 0], [0.03, 0, 0], [1, 1, 1], [-1, -1, -1]]))
    overlaps = []
    for distance in (2.9, 1.4, 0.7):
        screen = Screen(cloud)
        screen.project(Camera(yaw=0.0, pitch=0.0, distance=distance), 700, 700)
        overlaps.append((screen.radius[0] + screen.radius[1]) / abs(screen.x[1] - screen.x[0]))
    assert overlaps[0] > 1.3 * overlaps[1] > 1.69 * overlaps[2]


def test_empty_space_keeps_the_background_exactly() -> None:
    picture = render(clean(np.zeros((1, 3))), STRAIGHT, 200, 200, LIGHT)
    assert (picture[:40, :40, :3] == LIGHT).all()


def test_points_far_outside_the_view_do_no_harm() -> None:
    cloud = clean(np.random.default_rng(0).normal(size=(500, 3)))
    for camera in (Camera(distance=0.02), Camera(distance=0.3, target=(0.5, 0, 0)), Camera(target=(30.0, 0, 0))):
        assert render(cloud, camera, 90, 60, DARK).shape == (60, 90, 4)
    assert render(cloud, Camera(), 1, 1, DARK).shape == (1, 1, 4)


def test_the_glow_is_brightest_at_the_points_and_gone_far_away() -> None:
    screen = Screen(clean(np.zeros((20, 3)), one_colour(20, (255, 200, 100))))
    screen.project(STRAIGHT, 400, 400)
    coarse = glow(screen, DARK)
    wide = widened(coarse, 400, 400)
    assert coarse.shape == (-(-400 // CELL), -(-400 // CELL)) and wide.shape == (400, 400)
    rough = widened(coarse, 397, 395, quick=True)
    assert (
        rough.shape == (397, 395)
        and (np.abs((rough >> 16 & 255).astype(int) - (wide[:397, :395] >> 16 & 255)) <= 6).all()
    )
    red = wide >> 16 & 255
    assert red[200, 200] > red[200, 170] > red[200, 150] >= DARK[0]
    assert wide[5, 5] == 0xFF111317


def test_frequent_labels_get_their_own_hues_and_the_rest_is_grey() -> None:
    labels = [f"g{at}" for at in range(20) for _ in range(21 - at)] + ["", ""]
    colours, legend = palette.categories(labels, dark=True)
    assert colours.shape == (len(labels), 4) and colours.dtype == np.uint8
    assert [entry.label for entry in legend[:2]] == ["g0", "g1"] and legend[-1].label == "Other"
    assert len({entry.colour for entry in legend}) == len(palette.HUES) + 1
    assert sum(entry.count for entry in legend) == len(labels)
    assert tuple(colours[-1][:3]) == legend[-1].colour
    assert palette.categories([], dark=True)[0].shape == (0, 4)


@pytest.mark.parametrize("dark", [True, False])
def test_hues_stand_out_from_the_window(dark: bool) -> None:
    window = palette.luminance(DARK if dark else LIGHT)
    for hue in (*palette.HUES, palette.OTHER):
        mine = palette.luminance(palette.seen_on(hue, dark))
        low, high = sorted((mine, window))
        assert (high + 0.05) / (low + 0.05) >= 2.5


def test_numbers_are_coloured_in_order_and_unknown_ones_grey() -> None:
    values = np.array([1960.0, 1990, 2020, np.nan])
    colours, (low, high) = palette.scaled(values, dark=True)
    light = [palette.luminance(tuple(int(part) for part in row[:3])) for row in colours]
    assert light[0] < light[1] < light[2]
    assert 1960 <= low < high <= 2020
    assert tuple(colours[3][:3]) == palette.seen_on(palette.OTHER, True)
    assert palette.scaled(np.full(3, np.nan), True)[1] == (0.0, 0.0)
    assert len(palette.scaled(np.full(3, 7.0), False)[0]) == 3
