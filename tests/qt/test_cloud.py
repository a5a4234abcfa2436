"""The map widget: picking is brute force's truth, hand and keys move it, both renderers show the same."""

from __future__ import annotations

import gc
from collections.abc import Callable
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import shiboken6
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from musicdesk.gui.cloud import CloudColors, CloudView
from musicdesk.gui.cloud.pick import nearest
from musicdesk.gui.cloud.probe import any_card, graphics_card, opengl_works, processor_draws
from musicdesk.space import framing as space_framing
from musicdesk.space.camera import Camera
from musicdesk.space.points import clean
from musicdesk.space.screen import Screen
from tests.qt.clouds import pair, pixels, shown, similarity

Spin = Callable[..., bool]
CROSS = np.array([[0, 0, 0], [1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0]], dtype=np.float32)
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def view(app: QApplication, spin: Spin) -> CloudView:
    made = CloudView(software=True)
    made.set_points([10, 11, 12, 13, 14], CROSS, np.full((5, 3), 230, dtype=np.uint8))
    made._pilot.turn(Camera(yaw=0.0, pitch=0.0))
    return shown(made, spin)


def place(view: CloudView, id_: int) -> QPoint:
    found = view.place_of(id_)
    assert found is not None
    return found.toPoint()


@pytest.mark.parametrize("size", [(400, 300), (300, 500)])
def test_a_cloud_that_was_prepared_is_seen_from_where_it_would_be_without(
    size: tuple[int, int], spin: Spin, app: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is framed once, beforehand; again only where the view has another size by then."""
    cloud = clean(np.random.default_rng(1).normal(size=(900, 3)) * (3, 1, 2), None, None)
    ids = np.arange(len(cloud))
    plain = shown(CloudView(software=True), spin, *size)
    plain.set_cloud(ids, cloud)
    view = shown(CloudView(software=True), spin)
    framed = []
    monkeypatch.setattr(
        "musicdesk.gui.cloud.whole.framed", lambda *given: (framed.append(given), space_framing.framed(*given))[1]
    )
    view.prepare(cloud)
    assert len(framed) == 1
    view.resize(*size)
    before = len(framed)
    view.set_cloud(ids, cloud)
    assert view.camera == plain.camera == view.resting
    assert len(framed) - before == (size != (400, 300))
    view.prepare(clean(np.random.default_rng(2).normal(size=(9, 3)), None, None))
    assert len(framed) - before == (size != (400, 300)), "a camera that stays needs no other place"


@pytest.mark.parametrize("seed", range(6))
def test_picking_is_what_brute_force_over_all_points_says(seed: int) -> None:
    rng = np.random.default_rng(seed)
    cloud = clean(rng.normal(size=(400, 3)), None, rng.uniform(0.5, 3, 400))
    screen = Screen(cloud)
    screen.project(Camera().orbited(seed, 0.2), 500, 400)
    for x, y in rng.uniform((0, 0), (500, 400), (200, 2)):
        away = np.hypot(screen.x.astype(float) - x, screen.y.astype(float) - y) - screen.radius
        away[screen.radius <= 0] = np.inf
        if (away <= 0).any():
            wanted = int(np.flatnonzero(away <= 0)[np.argmin(screen.depth[away <= 0])])
        else:
            wanted = int(np.argmin(away)) if away.min() <= 6 else -1
        assert nearest(screen, x, y) == wanted


def test_picking_in_an_empty_map_finds_nothing() -> None:
    screen = Screen(clean(np.empty((0, 3))))
    screen.project(Camera(), 100, 100)
    assert nearest(screen, 50, 50) == -1


def test_a_click_selects_and_activates_and_a_click_beside_deselects(view: CloudView) -> None:
    told: list[tuple[str, int]] = []
    view.selected.connect(lambda id_: told.append(("selected", id_)))
    view.activated.connect(lambda id_: told.append(("activated", id_)))
    QTest.mouseClick(view, LEFT, Qt.KeyboardModifier.NoModifier, place(view, 11))
    QTest.mouseClick(view, LEFT, Qt.KeyboardModifier.NoModifier, QPoint(3, 3))
    assert told == [("selected", 11), ("activated", 11), ("selected", -1)]


def test_hovering_tells_the_id_and_where_it_is(view: CloudView, spin: Spin) -> None:
    told: list[tuple[int, QPointF]] = []
    view.hovered.connect(lambda id_, at: told.append((id_, at)))
    QTest.mouseMove(view, place(view, 13))
    spin(lambda: told)
    QTest.mouseMove(view, QPoint(4, 4))
    spin(lambda: len(told) == 2)
    assert [id_ for id_, _ in told] == [13, -1]
    assert (told[0][1] - view.place_of(13)).manhattanLength() < 1


def test_dragging_orbits_and_does_not_click(view: CloudView) -> None:
    told: list[int] = []
    view.activated.connect(told.append)
    before = view.camera
    start = place(view, 10)
    QTest.mousePress(view, LEFT, Qt.KeyboardModifier.NoModifier, start)
    for step in range(1, 6):
        QTest.mouseMove(view, start + QPoint(12 * step, 4 * step))
    QTest.mouseRelease(view, LEFT, Qt.KeyboardModifier.NoModifier, start + QPoint(60, 20))
    assert not told
    assert view.camera.yaw < before.yaw and view.camera.pitch > before.pitch
    assert view.camera.target == before.target


@pytest.mark.parametrize("button, key", [(Qt.MouseButton.RightButton, Qt.KeyboardModifier.NoModifier)])
def test_dragging_with_the_right_button_pans(view: CloudView, button: Qt.MouseButton, key: Qt.KeyboardModifier) -> None:
    start = place(view, 10)
    QTest.mousePress(view, button, key, start)
    for step in range(1, 5):
        QTest.mouseMove(view, start + QPoint(10 * step, 0))
    QTest.mouseRelease(view, button, key, start + QPoint(40, 0))
    moved = place(view, 10) - start
    assert moved.x() == pytest.approx(40, abs=3) and abs(moved.y()) <= 1


def test_the_wheel_zooms_towards_the_pointer(view: CloudView) -> None:
    at = place(view, 11)
    event = QWheelEvent(
        QPointF(at), view.mapToGlobal(QPointF(at)), QPoint(), QPoint(0, 240), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    before = view.camera.distance
    QApplication.sendEvent(view, event)
    assert view.camera.distance == pytest.approx(before * 0.86**2)
    assert (place(view, 11) - at).manhattanLength() <= 3


def test_keys_turn_zoom_and_reset(view: CloudView, spin: Spin) -> None:
    view.set_reduced_motion(True)
    start = view.camera
    QTest.keyClick(view, Qt.Key.Key_Right)
    QTest.keyClick(view, Qt.Key.Key_Up)
    assert view.camera.yaw > start.yaw and view.camera.pitch > start.pitch
    QTest.keyClick(view, Qt.Key.Key_Plus)
    assert view.camera.distance < start.distance
    QTest.keyClick(view, Qt.Key.Key_Minus)
    QTest.keyClick(view, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert view.camera.target != start.target
    QTest.keyClick(view, Qt.Key.Key_Home)
    assert view.camera == view.resting


def test_enter_activates_what_is_selected(view: CloudView) -> None:
    told: list[int] = []
    view.activated.connect(told.append)
    QTest.keyClick(view, Qt.Key.Key_Return)
    view.select(14)
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert told == [14]


def test_flying_brings_a_point_to_the_middle(view: CloudView, spin: Spin) -> None:
    assert view.fly_to(11)
    middle = QPointF(view.width() / 2, view.height() / 2)
    assert spin(lambda: (view.place_of(11) - middle).manhattanLength() < 1 and not view._pilot.flying)
    assert view.fly_to(999) is False


def test_a_flight_without_motion_arrives_at_once(view: CloudView) -> None:
    view.set_reduced_motion(True)
    view.fly_to(12)
    assert (view.place_of(12) - QPointF(200, 150)).manhattanLength() < 1


def test_selection_and_ids_survive_new_points_and_missing_coordinates(view: CloudView) -> None:
    view.select(12)
    positions = CROSS.copy()
    positions[1] = np.nan
    view.set_points([10, 11, 12, 13, 14], positions)
    assert view.selection() == 12
    assert view.place_of(11) is None
    assert view.id_at(view.place_of(12)) == 12
    assert "4 tracks" in view.accessibleName()


def test_the_middle_pixel_has_the_colour_of_the_point_there(view: CloudView) -> None:
    middle = pixels(view._canvas.picture())[150, 200]
    corner = pixels(view.picture())[4, 4]
    assert middle.min() > 150
    assert corner.tolist() == [17, 19, 23]


def test_what_plays_pulses_and_stays_still_when_asked(view: CloudView, spin: Spin) -> None:
    view.set_playing(10)
    assert view._beat.isActive()
    one = pixels(view.picture())
    spin(seconds=0.4)
    assert (pixels(view.picture()) != one).any()
    view.set_reduced_motion(True)
    assert not view._beat.isActive()
    one = pixels(view.picture())
    spin(seconds=0.2)
    assert (pixels(view.picture()) == one).all()
    view.hide()
    assert not view._beat.isActive()


def test_what_lies_over_the_points_is_painted_again_when_it_has_changed(view: CloudView, spin: Spin) -> None:
    painted: list[bool] = []
    view.set_overlay(lambda _painter: painted.append(True))
    spin(seconds=0.4)
    painted.clear()
    view.redraw()
    assert spin(lambda: bool(painted), 2)


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_points_are_no_trouble(app: QApplication, spin: Spin, n: int) -> None:
    view = shown(CloudView(software=True), spin)
    view.set_points(range(n), np.zeros((n, 3)))
    view.reset_camera()
    QTest.mouseMove(view, QPoint(200, 150))
    QTest.mouseClick(view, LEFT, Qt.KeyboardModifier.NoModifier, QPoint(200, 150))
    assert pixels(view.picture()).shape == (300, 400, 3)
    assert view.selection() == (-1 if n == 0 else view.id_at(QPointF(200, 150)))


def test_both_themes_paint_their_background(app: QApplication, spin: Spin) -> None:
    view = shown(CloudView(CloudColors(background=QColor("#F6F7F9")), software=True), spin)
    view.set_points([1], np.zeros((1, 3)))
    assert pixels(view.picture())[2, 2].tolist() == [0xF6, 0xF7, 0xF9]
    view.set_colors(CloudColors())
    assert pixels(view.picture())[2, 2].tolist() == [0x11, 0x13, 0x17]


def test_without_opengl_the_probe_says_no_and_the_view_still_works(app: QApplication) -> None:
    if app.platformName() != "offscreen":
        pytest.skip("this platform may have OpenGL")
    assert opengl_works() is False
    assert CloudView().renderer == "software"


# With OpenGL


@pytest.mark.display
@pytest.mark.usefixtures("screen_with_gl")
def test_opengl_and_numpy_show_the_same_picture(app: QApplication, spin: Spin) -> None:
    """From afar, from near among the points and from above, in both themes; none, one, two and many points."""
    views = gl, soft = pair(spin, 0, CloudColors())
    assert (gl.renderer, soft.renderer) == ("opengl", "software")
    rng, cameras = np.random.default_rng(0), (Camera(), Camera(distance=0.9, yaw=2.0), Camera(pitch=1.4))
    for n in (0, 1, 2, 300, 5_000):
        points = np.arange(n), rng.normal(size=(n, 3)), rng.integers(60, 255, (n, 3), dtype=np.uint8)
        for camera, ground in product(cameras[: 3 if n > 2 else 1], ("#111317", "#F6F7F9")):
            for view in views:
                view.set_colors(CloudColors(background=QColor(ground)))
                view.set_points(*points)
                view._camera_moved(camera, False)
            one, other = pixels(gl.picture()), pixels(soft.picture())
            assert similarity(one, other) >= 0.9, (n, ground, camera)
            assert np.abs(one - other).mean() < 4
            assert n > 2 or np.abs(one[200, 250] - other[200, 250]).max() <= 6


@pytest.mark.display
@pytest.mark.usefixtures("screen_with_gl")
def test_opengl_paints_the_nearest_point_in_front(app: QApplication, spin: Spin) -> None:
    view = CloudView()
    view._pilot.turn(Camera(yaw=0.0, pitch=0.0))
    for flip in (1, -1):
        colours = np.array([[250, 30, 30], [30, 30, 250]], dtype=np.uint8)[::flip]
        view.set_points([1, 2], np.array([[0, 0, 1.0], [0, 0, -1.0]])[::flip], colours)
        view._pilot.turn(Camera(yaw=0.0, pitch=0.0))
        shown(view, spin)
        red, _, blue = pixels(view.picture())[150, 200]
        assert red > 180 and blue < 90


@pytest.mark.display
@pytest.mark.usefixtures("screen_with_gl")
def test_the_card_is_given_back_and_drawing_again_rebuilds(app: QApplication, spin: Spin) -> None:
    gl, _ = pair(spin, 200, CloudColors())
    before = pixels(gl.picture())
    gl.hide()
    assert gl._canvas._gear is None
    gl.show()
    spin(seconds=0.2)
    assert (pixels(gl.picture()) == before).all()


@pytest.mark.display
@pytest.mark.usefixtures("screen_with_gl")
def test_a_map_deleted_while_it_is_shown_leaves_nothing_that_crashes_later(app: QApplication, spin: Spin) -> None:
    for _ in range(3):
        gl, soft = pair(spin, 100, CloudColors())
        gear = gl._canvas._gear
        shiboken6.delete(gl)
        shiboken6.delete(soft)
        assert gear.dropped
        del gl, soft, gear
        gc.collect()
    assert app.platformName() == "xcb"


@pytest.mark.display
@pytest.mark.usefixtures("screen_with_gl")
def test_a_driver_that_fails_late_is_replaced_by_numpy(app: QApplication, spin: Spin) -> None:
    gl, _ = pair(spin, 50, CloudColors())
    gl._canvas.unusable.emit("no reason")
    assert spin(lambda: gl.renderer == "software")
    assert (pixels(gl.picture())[200:210, 200:300] >= 17).all()


@pytest.mark.parametrize(
    ("name", "processor"),
    [("llvmpipe (LLVM 15.0.6, 256 bits)", True), ("SwiftShader Device", True), ("NVIDIA GeForce RTX 4070/PCIe", False)],
)
def test_a_driver_that_draws_on_the_processor_is_known_by_its_name(name: str, processor: bool) -> None:
    assert processor_draws(name) is processor


@pytest.mark.parametrize("name", ["dri/renderD128", "dri/card0", "nvidia0", "dxg", ""])
def test_a_computer_without_a_graphics_card_is_known_without_starting_opengl(tmp_path: Path, name: str) -> None:
    (tmp_path / "null").touch()
    if name:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert any_card(tmp_path) is bool(name)


@pytest.mark.display
def test_the_faster_renderer_is_chosen(screen_with_gl: None) -> None:
    view = CloudView()
    assert view.renderer == ("opengl" if graphics_card() else "software")
    view.deleteLater()
