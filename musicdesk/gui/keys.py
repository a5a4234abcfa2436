"""From a key press to a verb, the same in every list."""

from __future__ import annotations

from PySide6.QtGui import QKeyEvent, QKeySequence

from musicdesk.gui.verbs import BY_KEY, BY_KEY_WITH_STARS, Verb


def verb_of(event: QKeyEvent, stars: bool = False) -> Verb | None:
    """stars: whether figures give stars. Where figures are typed with Shift, they are the same figures."""
    sequence = QKeySequence(event.keyCombination()).toString(QKeySequence.SequenceFormat.PortableText)
    keys = sequence.removeprefix("Num+")
    known = BY_KEY_WITH_STARS if stars else BY_KEY
    figure = keys.removeprefix("Shift+")
    return known.get(figure if figure.isdecimal() else keys)
