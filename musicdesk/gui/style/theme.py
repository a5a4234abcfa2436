"""The theme: follows the system's light or dark, or the person's own choice; tells who paints by hand."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QAbstractScrollArea, QApplication, QWidget
from shiboken6 import isValid

from musicdesk.gui.style import icons
from musicdesk.gui.style.palette import body_font, palette, style_sheet
from musicdesk.gui.style.tokens import DARK, ICON, LIGHT, Tokens


class Theme(QObject):
    changed = Signal(object)  # Tokens

    def __init__(self, app: QApplication, wanted: str = "system") -> None:
        super().__init__(app)
        self._app = app
        self._base = QFont(app.font())
        self._wanted = wanted
        self._dressed: list[tuple[weakref.ref[QAbstractButton], str, str, int]] = []
        self._painted: list[weakref.ref[QWidget]] = []
        self.tokens = DARK
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._system_changed)
        app.setStyle("Fusion")
        self.choose(wanted)

    def choose(self, wanted: str) -> None:
        """`wanted`: system, dark or light."""
        self._wanted = wanted
        self._apply(self._resolve())

    def dress(self, button: QAbstractButton, name: str, role: str = "text", size: int = ICON) -> None:
        """Gives a button an icon that follows the theme; `role` names a token."""
        self._dressed = [item for item in self._dressed if item[0]() not in (None, button)]
        self._dressed.append((weakref.ref(button), name, role, size))
        self._paint_button(button, name, role, size)

    def on_change(self, owner: QWidget, slot: Callable[[Tokens], Any]) -> None:
        """Calls `slot`, a method of `owner`, now and at every change, for as long as `owner` lives."""
        self.changed.connect(slot)
        slot(self.tokens)

    def repaint(self, widget: QWidget) -> None:
        """Paints `widget` anew at every change, for as long as it lives."""
        self._painted = [known for known in self._painted if known() is not None]
        self._painted.append(weakref.ref(widget))

    def font(self, size: int, semibold: bool = False) -> QFont:
        return body_font(self._base, size, semibold)

    def release(self) -> None:
        QGuiApplication.styleHints().colorSchemeChanged.disconnect(self._system_changed)
        icons.forget()

    def _resolve(self) -> Tokens:
        if self._wanted == "system":
            light = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Light
            return LIGHT if light else DARK
        return LIGHT if self._wanted == "light" else DARK

    def _system_changed(self, _scheme: Qt.ColorScheme) -> None:
        if self._wanted == "system":
            self._apply(self._resolve())

    def _apply(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self._app.setFont(body_font(self._base))
        self._app.setPalette(palette(tokens))
        self._app.setStyleSheet(style_sheet(tokens))
        for reference, name, role, size in self._dressed:
            button = reference()
            if button is not None:
                self._paint_button(button, name, role, size)
        for known in self._painted:
            widget = known()
            if widget is not None and isValid(widget):
                (widget.viewport() if isinstance(widget, QAbstractScrollArea) else widget).update()
        self.changed.emit(tokens)

    def _paint_button(self, button: QAbstractButton, name: str, role: str, size: int) -> None:
        colour = getattr(self.tokens, role)
        try:
            button.setIcon(icons.icon(name, colour, self.tokens.disabled, self.tokens.accent))
            button.setIconSize(QSize(size, size))
        except RuntimeError:
            return  # Qt has deleted the button, Python's half is still there
