"""Colours that can be read, and a theme that follows."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication, QPushButton

from musicdesk.gui.style.theme import Theme
from musicdesk.gui.style.tokens import DARK, LEAST_CONTRAST, LIGHT, Tokens, contrast


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=lambda tokens: tokens.name)
def test_every_text_stands_out_from_every_ground(tokens: Tokens) -> None:
    weak = [
        (text, ground) for text in tokens.texts for ground in tokens.grounds if contrast(text, ground) < LEAST_CONTRAST
    ]
    assert not weak
    assert contrast(tokens.on_accent, tokens.accent) >= LEAST_CONTRAST


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


def test_the_theme_dresses_the_application_and_tells_of_changes(app: QApplication) -> None:
    theme = Theme(app, "dark")
    button = QPushButton()
    theme.dress(button, "heart")
    told: list[Tokens] = []
    theme.changed.connect(told.append)
    try:
        assert app.palette().color(QPalette.ColorRole.Window).name().upper() == DARK.window
        dark = button.icon().pixmap(18, 18).toImage()
        theme.choose("light")
        assert app.palette().color(QPalette.ColorRole.Window).name().upper() == LIGHT.window
        assert told == [LIGHT]
        assert button.icon().pixmap(18, 18).toImage() != dark
        assert app.font().pixelSize() == 13
    finally:
        theme.release()
        button.deleteLater()


def test_icons_are_drawn(app: QApplication) -> None:
    from musicdesk.gui.style import icons
    from musicdesk.gui.verbs import VERBS

    for verb in VERBS:
        image = icons.pixmap(verb.icon, "#ffffff", 24).toImage()
        seen = sum(image.pixelColor(x, y).alpha() > 128 for x in range(24) for y in range(24))
        assert seen > 10, verb.icon
    icons.forget()
