"""The 3-D map as a widget: OpenGL where there is one, numpy where there is none."""

from __future__ import annotations

from .colors import CloudColors
from .view import CloudView

__all__ = ["CloudColors", "CloudView"]
