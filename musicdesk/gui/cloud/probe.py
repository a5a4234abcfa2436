"""Is there an OpenGL that can draw the map? Asked once, before a widget relies on it."""

from __future__ import annotations

import os
from functools import cache

from PySide6.QtGui import QGuiApplication, QOffscreenSurface, QOpenGLContext, QSurfaceFormat

GL_RENDERER = 0x1F01
PROCESSOR_DRAWS = ("llvmpipe", "softpipe", "swiftshader", "software", "basic render")
_renderer: list[str] = []  # what `opengl_works` saw
SOFTWARE = "MUSICDESK_SOFTWARE_MAP"  # set to 1 to keep away from a broken driver


def surface_format() -> QSurfaceFormat:
    """OpenGL 3.3 core, no depth buffer and no multisampling: points are painted back to front."""
    form = QSurfaceFormat()
    form.setRenderableType(QSurfaceFormat.RenderableType.OpenGL)
    form.setProfile(QSurfaceFormat.OpenGLContextProfile.CoreProfile)
    form.setVersion(3, 3)
    form.setDepthBufferSize(0)
    form.setStencilBufferSize(8)  # QPainter clips with it
    form.setSamples(0)
    return form


@cache
def opengl_works() -> bool:
    """True when a 3.3 core context can be made current; needs a QGuiApplication."""
    if os.environ.get(SOFTWARE) == "1" or QGuiApplication.platformName() in ("offscreen", "minimal"):
        return False
    context = QOpenGLContext()
    context.setFormat(surface_format())
    if not context.create():
        return False
    surface = QOffscreenSurface()
    surface.setFormat(context.format())
    surface.create()
    if not surface.isValid() or not context.makeCurrent(surface):
        return False
    form = context.format()
    good = not context.isOpenGLES() and form.version() >= (3, 3)
    if good:
        _renderer.append(str(context.functions().glGetString(GL_RENDERER)))
    context.doneCurrent()
    surface.destroy()
    return good


def graphics_card() -> bool:
    """True when OpenGL works and a graphics card does it. Where the processor draws for OpenGL (llvmpipe and
    its like), our own software picture is two to three times as fast: 27 against 76 ms at 100,000 points."""
    return opengl_works() and not processor_draws(_renderer[0])


def processor_draws(renderer: str) -> bool:
    """Whether the driver of this name computes on the processor."""
    return any(name in renderer.lower() for name in PROCESSOR_DRAWS)
