"""The colours and measures of the whole window, dark and light. Nothing else names a colour."""

from __future__ import annotations

from dataclasses import dataclass

LEAST_CONTRAST = 4.5  # WCAG 2.1 AA for text


@dataclass(frozen=True)
class Tokens:
    """Colours as #RRGGBB. Text colours keep `LEAST_CONTRAST` to every ground they stand on."""

    name: str
    window: str
    surface: str
    raised: str
    hover: str  # a row or button under the pointer
    chosen: str  # a selected row; text stays readable on it
    text: str
    secondary: str
    disabled: str
    accent: str
    on_accent: str
    like: str
    dislike: str
    warning: str
    line: str

    @property
    def dark(self) -> bool:
        return self.name == "dark"

    @property
    def grounds(self) -> tuple[str, ...]:
        return (self.window, self.surface, self.raised, self.hover, self.chosen)

    @property
    def texts(self) -> tuple[str, ...]:
        """What is written on any of the grounds. Disabled text is exempt, as in WCAG."""
        return (self.text, self.secondary, self.accent, self.like, self.dislike, self.warning)


DARK = Tokens(
    name="dark",
    window="#111317",
    surface="#181B21",
    raised="#20242C",
    hover="#1F232B",
    chosen="#232C43",
    text="#ECEFF4",
    secondary="#A7AFBD",
    disabled="#5F6775",
    accent="#7C9CFF",
    on_accent="#0B0E14",
    like="#5CC98A",
    dislike="#E5726B",
    warning="#E0B251",
    line="#2A2F39",
)
LIGHT = Tokens(
    name="light",
    window="#F6F7F9",
    surface="#FFFFFF",
    raised="#FFFFFF",
    hover="#EFF1F5",
    chosen="#E3E9FB",
    text="#161A21",
    secondary="#586173",
    disabled="#A3AAB7",
    accent="#3457D5",
    on_accent="#FFFFFF",
    like="#16713F",
    dislike="#B5332C",
    warning="#7F5700",
    line="#E3E6EB",
)

# Measures in pixels, on a grid of 8 with halves.
SPACE = {"xs": 4, "s": 8, "m": 12, "l": 16, "xl": 24, "xxl": 32}
RADIUS, CARD_RADIUS = 8, 12
BODY, SMALL, TITLE, CARD_TITLE = 13, 12, 20, 15  # font sizes
ICON = 18
ROW, DENSE_ROW, COVER = 44, 28, 32
FOCUS = 2  # width of the focus ring


def luminance(colour: str) -> float:
    """Relative luminance 0..1 of #RRGGBB, WCAG 2.1."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """1..21; order does not matter."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
