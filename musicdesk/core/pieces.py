"""The pieces of one work, which are songs of their own: "Pt. II" and "(Part 2)" are ways to write "part 2".

All texts are folded words (`wording.fold`, `wording.words`).
"""

from __future__ import annotations

import re

_SPELT = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_NUMERAL = "x{0,2}(?:ix|iv|v?i{1,3}|v)|x{1,2}"  # i to xxix
_NUMBER = rf"(?:\d+|{_NUMERAL})"
_KIND = "part|vol|act|chapter|movement|book"
_PIECES = re.compile(rf"\b(?:(?:{_KIND})(?: (?:{_NUMBER}|{'|'.join(_SPELT)}))+|no(?: {_NUMBER})+)\b")
_LONG_FORMS = re.compile(r"\b(?:(parts|pts?)|(?:volumes?|vols))\b")
_ROMAN = {"i": 1, "v": 5, "x": 10}


def numbered(text: str) -> str:
    """The same with its pieces in one way of writing: 'suite part 2' of 'suite pt ii'."""
    return _PIECES.sub(_in_digits, _short(text))


def is_piece(text: str) -> bool:
    """Whether a remark names a piece and nothing else, or begins with its number: 'pt 2', 'ii', 'act 1 the storm'."""
    short = _short(text)
    found = _PIECES.match(short)
    whole = found is not None and (found.end() == len(short) or not short.startswith("no "))
    return whole or re.fullmatch(_NUMERAL, short) is not None


def _short(text: str) -> str:
    return _LONG_FORMS.sub(lambda found: "part" if found[1] else "vol", text)


def _in_digits(found: re.Match[str]) -> str:
    kind, *numbers = found[0].split()
    return " ".join([kind, *(str(_value(number)) for number in numbers)])


def _value(number: str) -> int:
    if number.isdecimal():
        return int(number)
    if number in _SPELT:
        return 1 + _SPELT.index(number)
    worth = [_ROMAN[letter] for letter in number]
    return sum(-one if one < following else one for one, following in zip(worth, [*worth[1:], 0], strict=True))
