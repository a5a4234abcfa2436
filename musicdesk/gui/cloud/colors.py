"""The colours the map takes from the window's theme."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtGui import QColor


@dataclass(frozen=True)
class CloudColors:
    background: QColor = field(default_factory=lambda: QColor("#111317"))
    accent: QColor = field(default_factory=lambda: QColor("#7C9CFF"))
    text: QColor = field(default_factory=lambda: QColor("#ECEFF4"))
    line: QColor = field(default_factory=lambda: QColor("#2A2F39"))

    @property
    def dark(self) -> bool:
        return self.background.lightness() < 128

    @property
    def ground(self) -> tuple[int, int, int]:
        return self.background.red(), self.background.green(), self.background.blue()
