"""Icons: Phosphor, a font that comes with qtawesome, tinted by the theme.

The font is read straight from qtawesome's folder: importing qtawesome itself imports qtpy and with it most of
Qt, which takes longer than everything else before the first paint.
"""

from __future__ import annotations

import importlib.util
import json
from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QPainter, QPixmap

from musicdesk.gui.style.tokens import ICON

TTF, CHARMAP = "phosphor-1.3.0.ttf", "phosphor-charmap-1.3.0.json"
SIDES = (ICON, 2 * ICON)  # pixels that an icon is drawn in; other sizes are scaled from these
FILL = 0.94  # of the square


@lru_cache(maxsize=1)
def _folder() -> Path:
    found = importlib.util.find_spec("qtawesome")
    if found is None or not found.submodule_search_locations:
        raise FileNotFoundError("qtawesome, which brings the icons, is not installed")
    return Path(found.submodule_search_locations[0]) / "fonts"


@lru_cache(maxsize=1)
def _signs() -> dict[str, str]:
    """Name on phosphoricons.com -> code point in hexadecimal."""
    named: dict[str, str] = json.loads((_folder() / CHARMAP).read_text("utf-8"))
    return named


@lru_cache(maxsize=1)
def _family() -> str:
    number = QFontDatabase.addApplicationFontFromData((_folder() / TTF).read_bytes())
    return QFontDatabase.applicationFontFamilies(number)[0]


def forget() -> None:
    """Lets font and pictures go; called before the application object does."""
    icon.cache_clear()
    pixmap.cache_clear()
    _family.cache_clear()


@lru_cache(maxsize=256)
def icon(name: str, colour: str, disabled: str = "", chosen: str = "") -> QIcon:
    """`name` as on phosphoricons.com ("heart", "heart-fill"); colours as #RRGGBB."""
    made = QIcon()
    for side in SIDES:
        picture = pixmap(name, colour, side)
        made.addPixmap(picture)
        made.addPixmap(pixmap(name, disabled or colour, side), QIcon.Mode.Disabled)
        for mode in (QIcon.Mode.Normal, QIcon.Mode.Active, QIcon.Mode.Selected):
            made.addPixmap(pixmap(name, chosen or colour, side), mode, QIcon.State.On)
            made.addPixmap(picture, mode, QIcon.State.Off)
    return made


@lru_cache(maxsize=1024)
def pixmap(name: str, colour: str, size: int = ICON, ratio: float = 1.0) -> QPixmap:
    """A picture of `size` device-independent pixels. Raises KeyError for a name that the font does not have."""
    side = round(size * ratio)
    image = QPixmap(side, side)
    image.fill(Qt.GlobalColor.transparent)
    font = QFont(_family())
    font.setPixelSize(max(1, round(side * FILL)))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    painter.setPen(QColor(colour))
    painter.setFont(font)
    painter.drawText(QRect(0, 0, side, side), Qt.AlignmentFlag.AlignCenter, chr(int(_signs()[name], 16)))
    painter.end()
    image.setDevicePixelRatio(ratio)
    return image
