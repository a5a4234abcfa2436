"""Is there an OpenGL that can draw the map? Asked once, before a widget relies on it."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PySide6.QtGui import QGuiApplication, QOffscreenSurface, QOpenGLContext, QSurfaceFormat

GL_RENDERER = 0x1F01
PROCESSOR_DRAWS = ("llvmpipe", "softpipe", "swiftshader", "software", "basic render")
CARDS = ("dri/*", "nvidia*", "dxg", "mali*", "kgsl*", "pvr*")  # what a graphics card is called in Linux's /dev
SOFTWARE = "MUSICDESK_SOFTWARE_MAP"  # set to 1 to keep away from a broken driver


@dataclass(frozen=True)
class Driver:
    """An OpenGL that can be made current."""

    renderer: str  # its name
    embedded: bool  # OpenGL ES


def surface_format(embedded: bool | None = None) -> QSurfaceFormat:
    """OpenGL 3.3 core or ES 3.0, by default what was found to work; no depth buffer and no multisampling:
    points are painted back to front."""
    if embedded is None:
        found = driver()
        embedded = found is not None and found.embedded
    form = QSurfaceFormat()
    if embedded:
        form.setRenderableType(QSurfaceFormat.RenderableType.OpenGLES)
        form.setVersion(3, 0)
    else:
        form.setRenderableType(QSurfaceFormat.RenderableType.OpenGL)
        form.setProfile(QSurfaceFormat.OpenGLContextProfile.CoreProfile)
        form.setVersion(3, 3)
    form.setDepthBufferSize(0)
    form.setStencilBufferSize(8)  # QPainter clips with it
    form.setSamples(0)
    return form


@cache
def driver() -> Driver | None:
    """What OpenGL there is, core before ES; needs a QGuiApplication."""
    if os.environ.get(SOFTWARE) == "1" or QGuiApplication.platformName() in ("offscreen", "minimal"):
        return None
    return _tried(embedded=False) or _tried(embedded=True)


def _tried(embedded: bool) -> Driver | None:
    context = QOpenGLContext()
    context.setFormat(surface_format(embedded))
    if not context.create():
        return None
    surface = QOffscreenSurface()
    surface.setFormat(context.format())
    surface.create()
    if not surface.isValid() or not context.makeCurrent(surface):
        return None
    good = context.isOpenGLES() is embedded and context.format().version() >= ((3, 0) if embedded else (3, 3))
    name = str(context.functions().glGetString(GL_RENDERER)) if good else ""
    context.doneCurrent()
    surface.destroy()
    return Driver(name, embedded) if good else None


def opengl_works() -> bool:
    return driver() is not None


def graphics_card() -> bool:
    """True when OpenGL works and a graphics card does it. Where the processor draws for OpenGL (llvmpipe and
    its like), our own software picture is three times as fast: 27 against 78 ms at 100,000 points."""
    if sys.platform == "linux" and not any_card(Path("/dev")):
        return False  # without asking: OpenGL alone would take 60 ms to start, and all of it while the window waits
    found = driver()
    return found is not None and not processor_draws(found.renderer)


def processor_draws(renderer: str) -> bool:
    """Whether the driver of this name computes on the processor."""
    return any(name in renderer.lower() for name in PROCESSOR_DRAWS)


def any_card(devices: Path) -> bool:
    """Whether Linux knows of anything that could be a graphics card."""
    return any(next(devices.glob(name), None) is not None for name in CARDS)
