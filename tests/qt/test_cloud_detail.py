"""Big maps in the widget: what is drawn on the way and at rest, memory, OpenGL ES, a context that is lost."""

from __future__ import annotations

import gc
import tracemalloc

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRect
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QMainWindow

from musicdesk.gui.cloud import CloudColors, CloudView, gl_view
from musicdesk.gui.cloud.probe import surface_format
from musicdesk.gui.cloud.software import FAIR
from musicdesk.space.camera import Camera
from musicdesk.space.shading import LAMP, ON_LIGHT
from tests.qt.clouds import Spin, pair, pixels, shown, similarity

MANY = 400_000


def test_many_points_are_thinned_while_they_move_and_whole_at_rest(app: QApplication, spin: Spin) -> None:
    view = shown(CloudView(software=True), spin)
    view.set_points(np.arange(MANY), np.random.default_rng(0).normal(size=(MANY, 3)))
    canvas = view._canvas
    view._pilot.turn(view.camera.orbited(0.1, 0.0))
    canvas.picture()
    assert len(canvas._splat.screen.cloud) * canvas._splat.screen.cloud.thinning >= MANY
    assert len(canvas._splat.screen.cloud) <= FAIR
    assert spin(lambda: not view._scene.moving and canvas._splat.screen.cloud.thinning == 1, 10)
    assert view.id_at(view.place_of(7)) >= 0, "what is picked is all points, whatever was drawn"


def test_a_point_takes_at_most_sixty_bytes(app: QApplication, spin: Spin) -> None:
    rng = np.random.default_rng(0)
    positions, colours = rng.normal(size=(MANY, 3)).astype(np.float32), rng.integers(0, 255, (MANY, 4), dtype=np.uint8)
    ids = np.arange(1, MANY + 1)
    view = shown(CloudView(software=True), spin)
    empty = pixels(view.picture()).shape
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    view.set_points(ids, positions, colours, np.ones(MANY, np.float32))
    view._pilot.turn(view.camera.orbited(0.1, 0.0))  # both, the projection of all and that of a movement
    view._scene.project()
    view._scene.drawn(2).project(view.camera, 400, 300)
    gc.collect()
    held = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert held / MANY <= 60, f"{held / MANY:.0f} bytes a point in a view of {empty}"


def test_a_map_drawn_anew_frees_the_one_before(app: QApplication, spin: Spin) -> None:
    view, n = shown(CloudView(software=True), spin), 50_000
    rng, held = np.random.default_rng(0), []
    tracemalloc.start()
    for _ in range(4):
        view.set_points(np.arange(n), rng.normal(size=(n, 3)).astype(np.float32))
        view._camera_moved(view.camera, False)
        view.picture()
        gc.collect()
        held.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert held[3] - held[1] < 0.05 * held[1], held


def test_a_hidden_map_gives_back_what_it_can_reckon_anew(app: QApplication, spin: Spin) -> None:
    view = shown(CloudView(software=True), spin)
    view.set_points(np.arange(2_000), np.random.default_rng(0).normal(size=(2_000, 3)))
    assert spin(lambda: not view._scene.moving, 10)
    one = pixels(view.picture())
    view._pilot.turn(view.camera)
    view.hide()
    assert not view._scene.moving and view._canvas._splat is None and view._scene.screen.camera is None
    view.show()
    spin(seconds=0.1)
    assert (pixels(view.picture()) == one).all()


def test_what_lies_over_the_points_does_not_draw_them_again(app: QApplication, spin: Spin) -> None:
    """A pulse thirty times a second over a million points would leave the machine no time."""
    view = shown(CloudView(software=True), spin)
    view.set_points(np.arange(500), np.random.default_rng(0).normal(size=(500, 3)))
    view._camera_moved(view.camera, False)
    view._pilot.stop()
    view.picture()
    drawn, before = view._canvas._image, pixels(view.picture())
    view.select(3)
    view.set_playing(7)
    assert (pixels(view.picture()) != before).any() and view._canvas._image is drawn
    changes = [
        lambda: view._camera_moved(Camera(yaw=2.0), False),
        lambda: view.set_colors(CloudColors(background=QColor("#F6F7F9"))),
        lambda: view.set_points(np.arange(500), np.random.default_rng(1).normal(size=(500, 3))),
        lambda: view.resize(420, 310),
    ]
    for change in changes:
        change()
        view.picture()
        assert view._canvas._image is not drawn
        drawn = view._canvas._image


@pytest.mark.parametrize("positions", [np.full((9, 3), 2.5), np.array([[np.nan] * 3, [0, 0, 0], [1, np.inf, 0]])])
def test_equal_and_missing_coordinates_are_shown_and_picked(
    app: QApplication, spin: Spin, positions: np.ndarray
) -> None:
    view = shown(CloudView(software=True), spin)
    view.set_points(np.arange(len(positions)) + 70, positions, np.full((len(positions), 3), 230, np.uint8))
    assert view.id_at(QPointF(200, 150)) >= 70
    assert pixels(view.picture())[150, 200].min() > 120


# With OpenGL


@pytest.fixture
def embedded(monkeypatch: pytest.MonkeyPatch, screen_with_gl: None) -> None:
    monkeypatch.setattr(gl_view, "surface_format", lambda: surface_format(embedded=True))


@pytest.mark.display
@pytest.mark.usefixtures("embedded")
def test_opengl_es_shows_the_same_picture(app: QApplication, spin: Spin) -> None:
    gl, soft = pair(spin, 2_000, CloudColors())
    assert gl.renderer == "opengl" and gl._canvas.context().isOpenGLES()
    for ground in ("#111317", "#F6F7F9"):
        for view in (gl, soft):
            view.set_colors(CloudColors(background=QColor(ground)))
        one, other = pixels(gl.picture()), pixels(soft.picture())
        assert similarity(one, other) >= 0.9
        assert np.abs(one - other).mean() < 4


@pytest.mark.display
@pytest.mark.usefixtures("screen_with_gl")
def test_a_movement_of_many_points_in_opengl_is_thinned_as_in_numpy(app: QApplication, spin: Spin) -> None:
    gl, soft = pair(spin, 240_000, CloudColors())
    for view in (gl, soft):
        view._pilot.turn(Camera(yaw=1.0))
        view._pilot._rest.stop()  # stays in movement
        view.picture()
    gear = gl._canvas._gear
    assert gear._count == -(-240_000 // gear.detail.step) < 240_000
    gear.detail._level = soft._canvas.detail._level = 3
    one, other = pixels(gl.picture()), pixels(soft.picture())
    assert similarity(one, other) >= 0.8, "squares beside discs, as long as it moves"


@pytest.mark.display
@pytest.mark.usefixtures("screen_with_gl")
def test_a_lost_context_is_replaced_and_the_picture_is_the_same(app: QApplication, spin: Spin) -> None:
    """A widget that gets another window gets another context; all that was built in the old one is gone."""
    view, _ = pair(spin, 300, CloudColors())
    before, gear = pixels(view.picture()), view._canvas._gear
    window = QMainWindow()
    view.setParent(window)
    view.setGeometry(QRect(0, 0, 500, 400))
    window.resize(500, 400)
    window.show()
    view.show()
    spin(seconds=0.3)
    after = pixels(view.picture())
    assert gear.dropped and view._canvas._gear is not gear
    assert (after == before).all()


@pytest.mark.display
@pytest.mark.usefixtures("screen_with_gl")
@pytest.mark.parametrize("software", [True, False])
def test_what_is_picked_is_what_is_seen_in_both_renderers(app: QApplication, spin: Spin, software: bool) -> None:
    """Every point has a colour of its own; the pixel in the middle of a point names the one that is picked there."""
    n = 150
    rng = np.random.default_rng(3)
    colours = np.column_stack([np.full(n, 255), np.arange(n) + 60, np.full(n, 10)]).astype(np.uint8)
    view = CloudView(CloudColors(background=QColor("#F6F7F9")), software=software)
    view.set_points(np.arange(n), rng.normal(size=(n, 3)), colours, np.full(n, 2.0))
    picture = pixels(shown(view, spin, 500, 400).picture())
    away = []
    for id_ in range(n):
        at = view.place_of(id_)
        x, y = int(at.x()), int(at.y())
        if not (0 <= x < 500 and 0 <= y < 400) or view.id_at(at) != id_:
            continue
        spot = view._scene.spot(id_)
        haze = np.clip((spot.depth - view.camera.distance + 0.7) / 2.6, 0, 1) * 0.78
        wanted = colours[id_] * (1 - haze) + np.array([0xF6, 0xF7, 0xF9]) * haze
        unlit = np.array([x + 0.5 - spot.x, y + 0.5 - spot.y]) / spot.radius - LAMP
        share = ON_LIGHT.share((unlit**2).sum())
        away.append(np.abs(picture[y, x] - wanted * (1 - share) - 255 * share).max())
    assert len(away) > n / 2
    assert np.mean(np.array(away) <= 12) > 0.95, "a nearer point's soft edge may lie over a few"
