"""Marks on letters: accents and points, which people leave out, and signs that make other words."""

from __future__ import annotations

import re
import unicodedata

# Marks that Latin, Greek and Cyrillic bear, points of Hebrew, Arabic and Syriac with hamza above and below, and the
# nukta of Hindi and Gujarati. By the marks' ranges: a pattern is quicker than asking what letter each one stands on.
_ACCENTS = (
    "\u0300-\u034e\u0350-\u036f\u0483-\u0487\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20dc\u20e1\u20e5-\u20f0"
    "\u2de0-\u2dff\ua66f\ua674-\ua67d\ua69e\ua69f\ufe20-\ufe2f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"
    "\ufb1e\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0711\u0730-\u074a"
    "\u0898-\u089f\u08ca-\u08e1\u08e3-\u08ff\u093c\u0abc"
)
# How a letter is drawn or joined, which says nothing. Persian's joiner parts words as a space does.
_SHAPES = "\u200d\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
_DROPPED = re.compile(f"[{_ACCENTS}{_SHAPES}]+|(?<![\u0600-\u08ff])\u200c")
_APART = re.compile(r"[\W_]+")
_FIRST_SIGN = "\u0730"  # no mark below it is left in folded text


def unaccented(text: str) -> str:
    """Compatibility forms, without accents; the signs of Thai, Hindi, Japanese and so on stay, composed."""
    bare = _DROPPED.sub("", unicodedata.normalize("NFKD", text))
    return bare if bare.isascii() else unicodedata.normalize("NFC", bare)


def spaced(text: str) -> str:
    """Letters with their signs, and digits; anything else as one space. Takes folded text."""
    signs = not text.isascii() and max(text) >= _FIRST_SIGN
    return _APART.sub(_gap if signs else " ", text).strip()


def _gap(found: re.Match[str]) -> str:
    """Signs on the letter before are no gap: to `re` they are no part of a word."""
    gap = found[0]
    end = 0
    while found.start() and end < len(gap) and unicodedata.category(gap[end]) in ("Mn", "Mc"):
        end += 1
    return gap[:end] if end == len(gap) else gap[:end] + " "
