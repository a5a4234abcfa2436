"""The colours the player takes from the window's theme, as #RRGGBB."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PlayerColors:
    surface: str = "#181B21"
    text: str = "#ECEFF4"
    secondary: str = "#A7AFBD"
    disabled: str = "#5F6775"
    accent: str = "#7C9CFF"
    on_accent: str = "#0B0E14"
    like: str = "#5CC98A"
    dislike: str = "#E5726B"
    line: str = "#2A2F39"
