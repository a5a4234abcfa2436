"""From a key press to a verb, the same in every list."""

from __future__ import annotations

from PySide6.QtGui import QKeyEvent, QKeySequence

from musicdesk.gui.verbs import BY_KEY, Verb


def verb_of(event: QKeyEvent) -> Verb | None:
    sequence = QKeySequence(event.keyCombination()).toString(QKeySequence.SequenceFormat.PortableText)
    return BY_KEY.get(sequence.removeprefix("Num+"))
