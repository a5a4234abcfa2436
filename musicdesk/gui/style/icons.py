"""Icons: Phosphor, a font that comes with qtawesome, tinted by the theme. Loaded when first asked for."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from PySide6.QtGui import QIcon, QPixmap

from musicdesk.gui.style.tokens import ICON

FONT = ("ph", "phosphor-1.3.0.ttf", "phosphor-charmap-1.3.0.json")


@lru_cache(maxsize=1)
def _font() -> Any:
    """One font instead of qtawesome's dozen: it is read before the first paint."""
    from qtawesome.iconic_font import IconicFont

    return IconicFont(FONT)


def forget() -> None:
    """Lets the font go; called before the application object is."""
    icon.cache_clear()
    pixmap.cache_clear()
    _font.cache_clear()


@lru_cache(maxsize=512)
def icon(name: str, colour: str, disabled: str = "", chosen: str = "") -> QIcon:
    """`name` as on phosphoricons.com ("heart", "heart-fill"); colours as #RRGGBB."""
    # Unless told, qtawesome takes the colour of "on" for "active", which is any focused button.
    on = chosen or colour
    options = {"color_disabled": disabled or colour, "color_on": on, "color_active": colour, "color_on_active": on}
    made: QIcon = _font().icon(f"ph.{name}", color=colour, scale_factor=1.1, **options)
    return made


@lru_cache(maxsize=512)
def pixmap(name: str, colour: str, size: int = ICON, ratio: float = 1.0) -> QPixmap:
    """For delegates that paint by themselves; `size` in device-independent pixels."""
    image = icon(name, colour).pixmap(round(size * ratio), round(size * ratio))
    image.setDevicePixelRatio(ratio)
    return image
