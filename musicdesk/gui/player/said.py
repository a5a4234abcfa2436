"""The four signs of the player: what you think of the track that plays."""

from __future__ import annotations

from collections.abc import Set

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from musicdesk.gui.labels import tip
from musicdesk.gui.verbs import BY_NAME, FOUR, verb_after, with_keys

from .buttons import IconButton, tool_button
from .colors import PlayerColors

BOLD = ("not-now", "not-here", "never")  # whose filled shape is hard to tell from the outline


class SaidButtons(QWidget):
    """`tell` shows what holds of the track; a click says it, a second one takes it back."""

    said = Signal(str)  # verb
    weighed = Signal(str)  # verb: the pointer rests on its sign; `foretell` may answer

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colors = PlayerColors()
        self._given: Set[str] = frozenset()
        self.stars = False  # whether figures give stars
        self.buttons: dict[str, IconButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for verb in FOUR:
            made = tool_button(self, BY_NAME[verb].text, with_keys(verb), checkable=True)
            made.clicked.connect(lambda _on, verb=verb: self._say(verb))
            made.installEventFilter(self)
            self.buttons[verb] = made
            row.addWidget(made)

    def set_colors(self, colors: PlayerColors) -> None:
        self._colors = colors
        self.tell(self._given)

    def tell(self, given: Set[str]) -> None:
        """given: the verbs that hold of the track"""
        self._given = given
        colors = self._colors
        for verb, made in self.buttons.items():
            on = verb in given
            less = verb == "like" and "dislike" in given
            icon = "thumbs-down-fill" if less else BY_NAME[verb].icon
            icon += ("-bold" if verb in BOLD else "-fill") if on else ""
            tint = colors.like if on and verb == "like" else colors.dislike if on or less else colors.text
            made.setChecked(on)
            made.set_face(icon, tint, colors.disabled)
            name = f"Take back: {BY_NAME[verb].text.lower()}" if on else BY_NAME[verb].text
            made.setAccessibleName(name)
            made.setToolTip(tip(name if on else with_keys(verb, self.stars)))

    def foretell(self, verb: str, text: str) -> None:
        """What the verb would move, for its tool tip."""
        if text:
            self.buttons[verb].setToolTip(tip(f"{with_keys(verb, self.stars)}\n{text}"))

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            verb = next((verb for verb, made in self.buttons.items() if made is watched), None)
            if verb is not None and verb not in self._given:
                self.weighed.emit(verb)
        return False

    def _say(self, verb: str) -> None:
        """The signs show at once what was wished; `tell` has the last word."""
        given = self._given
        self.tell(given - {verb} if verb in given else {*given, verb})
        self.said.emit(verb_after(given, verb))
