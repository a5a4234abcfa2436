"""What the map keeps on the graphics card, and how it draws with it."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtGui import (
    QMatrix4x4,
    QOffscreenSurface,
    QOpenGLContext,
    QOpenGLFunctions,
    QVector2D,
    QVector3D,
    QVector4D,
)
from PySide6.QtOpenGL import (
    QOpenGLBuffer,
    QOpenGLShader,
    QOpenGLShaderProgram,
    QOpenGLTexture,
    QOpenGLVertexArrayObject,
)
from shiboken6 import VoidPtr

from musicdesk.space.detail import Detail
from musicdesk.space.glow import CELL, glow, glows
from musicdesk.space.screen import FOG_MOST, Screen, back_to_front, fog_range, point_scale, radius_range
from musicdesk.space.shading import LAMP, shade_on

from . import shaders
from .probe import GL_RENDERER, processor_draws
from .scene import Scene

POINT_DTYPE = np.dtype([("position", "<f4", 3), ("colour", "u1", 4), ("size", "<f4")])  # 20 bytes a point
HURRY_OVER = 50_000  # above this many points edges are simpler while the view moves and the processor draws
FAIR_CARD, FAIR_PROCESSOR = 2_000_000, 60_000  # points that are surely drawn in time while they move
SORT_MOVING = 300_000  # above this many points the order is renewed when the movement rests
GL_BLEND, GL_POINTS, GL_TRIANGLES, GL_COLOR_BUFFER = 0x0BE2, 0x0000, 0x0004, 0x4000
GL_SRC_ALPHA, GL_ONE_MINUS_SRC_ALPHA = 0x0302, 0x0303
GL_FLOAT, GL_UNSIGNED_BYTE, GL_UNSIGNED_INT = 0x1406, 0x1401, 0x1405
GL_PROGRAM_POINT_SIZE, GL_DEPTH_TEST, GL_CULL_FACE = 0x8642, 0x0B71, 0x0B44


class Gear:
    """Buffers, programs and a texture of one context. Made while that context is current; `drop` before it
    dies: a texture that outlives its context takes the program with it."""

    def __init__(self, scene: Scene) -> None:
        """raises: RuntimeError when the driver refuses a shader"""
        self._scene = scene
        self._context = QOpenGLContext.currentContext()
        self._surface = QOffscreenSurface()  # to be current with when the widget is already gone
        self._surface.setFormat(self._context.format())
        self._surface.create()
        self._gl = self._context.functions()
        self._embedded = self._context.isOpenGLES()
        form = self._context.format()
        if form.version() < ((3, 0) if self._embedded else (3, 3)):
            raise RuntimeError("the driver has neither OpenGL 3.3 nor OpenGL ES 3")
        head = shaders.EMBEDDED if self._embedded else shaders.CORE
        self._programs = {
            "point": _program(head + shaders.VERTEX, head + shaders.POINT),
            "quick": _program(head + shaders.VERTEX, head + shaders.QUICK),
            "glow": _program(head + shaders.FILL, head + shaders.GLOW),
        }
        self._light: QOpenGLTexture | None = None
        self._points = QOpenGLBuffer(QOpenGLBuffer.Type.VertexBuffer)
        self._order = QOpenGLBuffer(QOpenGLBuffer.Type.IndexBuffer)
        self._layout = QOpenGLVertexArrayObject()
        for part in (self._points, self._order, self._layout):
            part.create()
        self._loaded = -1  # version of the scene's cloud that is in the buffer
        self._sorted: tuple[object, int, int] | None = None
        self._count = 0  # points in the order buffer
        self._by_processor = processor_draws(str(self._gl.glGetString(GL_RENDERER)))
        self.detail = Detail(FAIR_PROCESSOR if self._by_processor else FAIR_CARD)
        self.dropped = False
        self._context.aboutToBeDestroyed.connect(self.drop)

    def drop(self) -> None:
        """Gives everything back; harmless when done twice."""
        if self.dropped:
            return
        self.dropped = True
        before = QOpenGLContext.currentContext()
        surface = before.surface() if before is not None else None
        self._context.makeCurrent(self._surface)
        if self._light is not None:
            self._light.destroy()
        for part in (self._points, self._order, self._layout):
            part.destroy()
        self._programs.clear()
        self._context.doneCurrent()
        self._surface.destroy()
        if before is not None and surface is not None and before is not self._context:
            before.makeCurrent(surface)

    def draw(self, width: int, height: int, ratio: float) -> None:
        """Background, glow and points into the current framebuffer; width and height in logical pixels."""
        gl, scene = self._gl, self._scene
        red, green, blue = (part / 255 for part in scene.colors.ground)
        gl.glClearColor(red, green, blue, 1.0)
        gl.glClear(GL_COLOR_BUFFER)
        self.detail.begin(len(scene.cloud))
        if len(scene.cloud):
            screen = scene.drawn(self.detail.step if scene.moving else 1)
            screen.project(scene.camera, width, height)
            self._draw_points(gl, screen, width * ratio, height * ratio)

    def _draw_points(self, gl: QOpenGLFunctions, screen: Screen, width: float, height: float) -> None:
        self._load(gl)
        self._layout.bind()
        hurried = self._by_processor and self._scene.moving and len(screen.cloud) > HURRY_OVER
        self._sort(screen, hurried)
        gl.glDisable(GL_DEPTH_TEST)
        gl.glDisable(GL_CULL_FACE)
        if glows(screen, self._scene.colors.ground):
            self._draw_glow(gl, screen)
        if not self._embedded:  # there it is always so
            gl.glEnable(GL_PROGRAM_POINT_SIZE)
        gl.glEnable(GL_BLEND)
        gl.glBlendFunc(GL_SRC_ALPHA, GL_ONE_MINUS_SRC_ALPHA)
        program = self._programs["quick" if hurried else "point"]
        self._use_camera(program, screen, width, height, hurried)
        gl.glDrawElements(GL_POINTS, self._count, GL_UNSIGNED_INT, _address(0))
        program.release()
        self._layout.release()

    def _draw_glow(self, gl: QOpenGLFunctions, screen: Screen) -> None:
        light = glow(screen, self._scene.colors.ground)
        lines, columns = light.shape
        if self._light is None or (self._light.width(), self._light.height()) != (columns, lines):
            self._light = self._new_light(columns, lines)
        self._light.setData(
            0, QOpenGLTexture.PixelFormat.RGBA, QOpenGLTexture.PixelType.UInt8, _address(light.ctypes.data)
        )
        program = self._programs["glow"]
        program.bind()
        program.setUniformValue(
            program.uniformLocation("reach"), QVector2D(screen.width / columns / CELL, screen.height / lines / CELL)
        )
        program.setUniformValue1i(program.uniformLocation("light"), 0)
        self._light.bind(0)
        gl.glDisable(GL_BLEND)
        gl.glDrawArrays(GL_TRIANGLES, 0, 3)
        self._light.release()

    def _new_light(self, columns: int, lines: int) -> QOpenGLTexture:
        if self._light is not None:
            self._light.destroy()
        texture = QOpenGLTexture(QOpenGLTexture.Target.Target2D)
        texture.setFormat(QOpenGLTexture.TextureFormat.RGBA8_UNorm)
        texture.setSize(columns, lines)
        texture.setMipLevels(1)
        texture.allocateStorage()
        texture.setMinMagFilters(QOpenGLTexture.Filter.Linear, QOpenGLTexture.Filter.Linear)
        texture.setWrapMode(QOpenGLTexture.WrapMode.ClampToEdge)
        return texture

    def _load(self, gl: QOpenGLFunctions) -> None:
        """Puts a new cloud into the buffer: interleaved, bytes for colours."""
        if self._loaded == self._scene.version:
            return
        cloud = self._scene.cloud
        packed = np.empty(len(cloud), dtype=POINT_DTYPE)
        packed["position"], packed["colour"], packed["size"] = cloud.positions, cloud.colours, cloud.sizes
        self._layout.bind()
        self._points.bind()
        self._points.allocate(packed.tobytes(), packed.nbytes)
        self._order.bind()
        self._order.allocate(4 * len(cloud))
        stride = POINT_DTYPE.itemsize
        for place, (count, kind, whole, offset) in enumerate(
            ((3, GL_FLOAT, 0, 0), (4, GL_UNSIGNED_BYTE, 1, 12), (1, GL_FLOAT, 0, 16))
        ):
            gl.glEnableVertexAttribArray(place)
            gl.glVertexAttribPointer(place, count, kind, whole, stride, _address(offset))
        self._layout.release()
        self._loaded, self._sorted = self._scene.version, None

    def _sort(self, screen: Screen, hurried: bool) -> None:
        """Renews the back-to-front order when the camera has moved. The layout is bound."""
        scene, step = self._scene, screen.cloud.thinning
        wanted = (scene.camera, scene.version, step)
        if self._sorted == wanted:
            return
        kept = self._sorted is not None and self._sorted[2] == step
        if kept and scene.moving and not hurried and len(screen.cloud) > SORT_MOVING:
            return
        order = back_to_front(screen.depth).astype(np.uint32)
        order *= np.uint32(step)
        self._order.bind()
        self._order.write(0, _address(order.ctypes.data), order.nbytes)
        self._sorted, self._count = wanted, len(order)

    def _use_camera(
        self, program: QOpenGLShaderProgram, screen: Screen, width: float, height: float, hurried: bool
    ) -> None:
        scene = self._scene
        matrix = scene.camera.matrix(width / height)
        program.bind()
        program.setUniformValue(
            program.uniformLocation("world_to_clip"), QMatrix4x4(*(float(value) for value in matrix.reshape(-1)))
        )
        scale = point_scale(screen.cloud, scene.camera, round(height))
        program.setUniformValue1f(program.uniformLocation("point_scale"), scale)
        program.setUniformValue(program.uniformLocation("radius_range"), QVector2D(*radius_range(round(height))))
        program.setUniformValue(program.uniformLocation("fog_range"), QVector2D(*fog_range(scene.camera)))
        program.setUniformValue1f(program.uniformLocation("fog_most"), FOG_MOST)
        program.setUniformValue(
            program.uniformLocation("ground"), QVector3D(*(part / 255 for part in scene.colors.ground))
        )
        if hurried:
            program.setUniformValue1f(program.uniformLocation("quick"), 1.0)
        else:
            program.setUniformValue(program.uniformLocation("lamp"), QVector2D(*LAMP))
            program.setUniformValue(program.uniformLocation("shade"), QVector4D(*shade_on(scene.colors.ground)))


def _address(value: int) -> Any:
    """PySide6's stubs call a pointer an int; given an int it crashes."""
    return VoidPtr(value)


def _program(vertex: str, fragment: str) -> QOpenGLShaderProgram:
    program = QOpenGLShaderProgram()
    built = (
        program.addShaderFromSourceCode(QOpenGLShader.ShaderTypeBit.Vertex, vertex)
        and program.addShaderFromSourceCode(QOpenGLShader.ShaderTypeBit.Fragment, fragment)
        and program.link()
    )
    if not built:
        raise RuntimeError(f"the map's shader was refused: {program.log()}")
    return program
