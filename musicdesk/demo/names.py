"""Invented names from seeded word lists, none twice in a library."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

_SLOT = re.compile(r"\{(\w)\}")
_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f]')


class Names:
    """Makes names for one library. The order of calls decides, together with the seed."""

    def __init__(self, words: dict[str, Any], seed: int) -> None:
        self._words: dict[str, Sequence[str]] = {**words["words"], "f": words["first"], "l": words["last"]}
        self._patterns = {kind: words[kind] for kind in ("artists", "titles", "albums")}
        self._draw = np.random.default_rng([seed, 61])
        self._used: set[str] = set()
        self._turns: dict[tuple[str, str], list[int]] = {}

    def make(self, kind: str, style: str, avoid: str = "") -> str:
        """A new `kind` ("artists", "titles", "albums") name for a style's file name; unique per library.

        When the lists run dry a number is added, as bands and labels do.
        """
        pattern = self._pattern(kind, style)
        for _ in range(60):
            name = self._filled(pattern)
            if self._take(name, avoid):
                return name
        number = 2
        while not self._take(f"{name} {number}", avoid):
            number += 1
        return f"{name} {number}"

    def _pattern(self, kind: str, style: str) -> str:
        """Every pattern has its turn before one comes again, so that an album's titles differ."""
        patterns = self._patterns[kind][style]
        waiting = self._turns.get((kind, style)) or [int(n) for n in self._draw.permutation(len(patterns))]
        self._turns[kind, style] = waiting[1:]
        return str(patterns[waiting[0]])

    def _take(self, name: str, avoid: str) -> bool:
        folded = safe(name).casefold()
        if folded in self._used or name == avoid:
            return False
        self._used.add(folded)
        return True

    def _filled(self, pattern: str) -> str:
        seen: set[str] = set()

        def word(match: re.Match[str]) -> str:
            choices = [w for w in self._words[match[1]] if w not in seen]
            chosen = choices[int(self._draw.integers(len(choices)))]
            seen.add(chosen)
            return chosen

        return _SLOT.sub(word, pattern)


def safe(name: str) -> str:
    """A file or folder name that every system takes."""
    return _UNSAFE.sub("_", name).strip(" .") or "_"
