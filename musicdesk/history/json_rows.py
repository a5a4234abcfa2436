"""JSON rows out of a stream of text: a long array one element at a time, or one object per line.

Memory stays at a block and a row. A row that is no JSON, nested too deep or endless is given as `Broken`
and reading goes on behind it; a file that ends in the middle gives its good part.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from musicdesk.history.base import CUT_OFF, UNREADABLE, Account

LONGEST_ROW = 1 << 20  # characters
NEAR = 1 << 16  # characters that may lie before the row that is read
CUT = "The file ends in the middle; the part before that was used."
BEHIND = "The file goes on behind the end of its list; what is there was not used."
_SPACE = re.compile(r"[ \t\r\n]*")
_BETWEEN = re.compile(r"[ \t\r\n,]*")
_ENDS = frozenset(" \t\r\n,]}")  # what may stand behind a number; without it, it may go on in the next block
_NESTED = re.compile(r'[\[\]{}"]')
_BARE = re.compile(r'[\[\]{}",]')
_STRING_END = re.compile(r'[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_decode = json.JSONDecoder().scan_once  # type: ignore[attr-defined]  # raises StopIteration where no value begins


class Broken(NamedTuple):
    """What is no row; `text` is the line of a table."""

    reason: str
    text: str = ""


class _Window:
    """The stretch of text that is looked at: `text[at:]` is not used up yet."""

    def __init__(self, blocks: Iterator[str]) -> None:
        self._blocks = blocks
        self.text = ""
        self.at = 0
        self.ended = False

    def more(self) -> bool:
        """Reads on; False at the end."""
        block = next(self._blocks, None)
        if block is None:
            self.ended = True
            return False
        self.text = self.text[self.at :] + block
        self.at = 0
        return True

    def near(self) -> None:
        """Lets go of what is used up, now and then: a row that is no JSON costs as much as there is before it, because
        the error counts its lines."""
        if self.at > NEAR:
            self.text, self.at = self.text[self.at :], 0

    def sign(self, idle: re.Pattern[str] = _SPACE) -> str:
        """The next character behind what is `idle`; '' at the end."""
        while True:
            found = idle.match(self.text, self.at)
            self.at = found.end() if found else self.at
            if self.at < len(self.text):
                return self.text[self.at]
            if not self.more():
                return ""


def array_rows(blocks: Iterator[str], account: Account) -> Iterator[Any | Broken]:
    """The elements of the array that the text holds; text that is no array gives one `Broken`, or nothing."""
    window = _Window(blocks)
    if window.sign() != "[":
        if window.sign():
            yield Broken(UNREADABLE)
        return
    window.at += 1
    while True:
        sign = window.sign(_BETWEEN)
        if sign == "]":
            window.at += 1
            if window.sign():
                account.note(BEHIND)
            return
        if not sign:
            account.note(CUT)
            return
        element = _element(window)
        if isinstance(element, Broken) and element.reason == CUT_OFF:
            account.note(CUT)
        yield element


def _element(window: _Window) -> Any | Broken:
    """The value that begins at the window, which moves behind it."""
    window.near()
    while True:
        try:
            value, end = _decode(window.text, window.at)
        except (StopIteration, ValueError, RecursionError):
            end = len(window.text)
        else:
            if window.ended or window.text[end - 1] in '}]"' or window.text[end : end + 1] in _ENDS:
                window.at = end
                return value
        long = len(window.text) - window.at > LONGEST_ROW
        if long or _extent(window.text, window.at) is not None or not window.more():
            return _skip(window)


def _extent(text: str, at: int) -> int | None:
    """Where the value that begins at `at` ends, by its brackets; None when it does not end in this text."""
    walk = _Walk()
    end = walk.along(text, at)
    return end if walk.over else None


class _Walk:
    """Goes along brackets, strings apart, until the value that it began with is over."""

    def __init__(self) -> None:
        self.depth = 0
        self.quoted = False
        self.over = False

    def along(self, text: str, at: int) -> int:
        """The place reached; with `over` False it is where to go on when more text has come."""
        while not self.over:
            if self.quoted:
                closed = _STRING_END.match(text, at)
                if closed is None:
                    return len(text) - 1 if text.endswith("\\") else len(text)
                at, self.quoted = closed.end(), False
                continue
            found = (_NESTED if self.depth else _BARE).search(text, at)
            if found is None:
                return len(text)
            at = self._pass(found)
        return at

    def _pass(self, found: re.Match[str]) -> int:
        sign = found[0]
        if sign == '"':
            self.quoted = True
        elif sign in "[{":
            self.depth += 1
        elif self.depth == 0:  # a bare value ends before the sign that follows it
            self.over = True
            return found.start()
        else:
            self.depth -= 1
            self.over = self.depth == 0
        return found.end()


def _skip(window: _Window) -> Broken:
    """Passes over the value at the window, however long it is."""
    walk = _Walk()
    while True:
        begun = window.at
        window.at = walk.along(window.text, window.at)
        if walk.over:
            window.at = max(window.at, begun + 1) if walk.depth == 0 and begun == window.at else window.at
            return Broken(UNREADABLE)
        if not window.more():
            window.at = len(window.text)
            return Broken(CUT_OFF)


def line_rows(lines: Iterator[str]) -> Iterator[Any | Broken]:
    """One JSON value per line; empty lines are none."""
    for line in lines:
        if not line.strip():
            continue
        try:
            yield json.loads(line)
        except (ValueError, RecursionError):
            yield Broken(UNREADABLE)


def whole(blocks: Iterator[str], limit: int) -> Any | Broken:
    """The one value that the text holds, which must not be longer than `limit` characters."""
    text = ""
    for block in blocks:
        text += block
        if len(text) > limit:
            return Broken(UNREADABLE)
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return Broken(CUT_OFF if text.strip() else UNREADABLE)
