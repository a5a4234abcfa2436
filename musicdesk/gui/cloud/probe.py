"""Is there an OpenGL that can draw the map? Asked once, before a widget relies on it."""

from __future__ import annotations

import os
from functools import cache

from PySide6.QtGui import QGuiApplication, QOffscreenSurface, QOpenGLContext, QSurfaceFormat

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
    context.doneCurrent()
    surface.destroy()
    return good
