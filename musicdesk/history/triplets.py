"""The Taste Profile's triplets, `user<TAB>song<TAB>plays`, at the speed of a scan.

A line is 40 hexadecimal digits, a tab, `SO` and 16 capitals or digits, a tab, and a number. Fixed places let
whole blocks be taken apart by numpy: a song's 16 signs are two 64-bit words, looked up in a hash table, and
a listener's 40 are looked at where they change. 48 million rows are read without making a string of any.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from musicdesk.history.base import UNREADABLE, Account, Refused, Source, example
from musicdesk.history.crowd import MOST_PLAYS, Coded
from musicdesk.history.json_rows import CUT
from musicdesk.history.sources import SourceFault

BLOCK = 4 << 20  # bytes taken apart together: what stays in the cache
USER, SONG, FIRST = 40, 41, 60  # the user's length; where the song and the number begin
WIDE = 64  # bytes looked at together from where a line begins
_MARK_MASK, _MARK = np.uint64(0xFFFFFF), np.uint64(int.from_bytes(b"\tSO", "little"))
_LOW, _HIGH = np.uint64(24), np.uint64(40)  # the song begins in the fourth byte of its word
SHORTEST, LONGEST = FIRST + 1, FIRST + 7
LONGEST_LINE = 1 << 20
_HEX = np.isin(np.arange(256), np.frombuffer(b"0123456789abcdef", np.uint8))
_SIGNS = np.isin(np.arange(256), np.frombuffer(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", np.uint8))
NO_PLAYS = "no plays"


class SongTable:
    """Two 64-bit words to a code, in order of coming: open addressing, whole arrays at a time.

    Songs are told apart by a 64-bit mix of their words: among a million, two are the same once in 30 million.
    """

    def __init__(self, bits: int = 16) -> None:
        self.count = 0
        self.wrong = np.zeros(1 << 10, bool)  # by code: words that are no song's
        self._one = np.zeros(1 << 10, np.uint64)
        self._two = np.zeros(1 << 10, np.uint64)
        self._mixed = np.zeros(1 << 10, np.uint64)
        self._grow(bits)

    def codes(self, found: np.ndarray, mixed: np.ndarray, one: np.ndarray, two: np.ndarray) -> np.ndarray:
        """What `find` gave, with the next codes for words that it has not seen."""
        lost = np.flatnonzero(found < 0)
        if len(lost):
            found[lost] = self.find(mixed[lost])  # they may have come since
            lost = lost[found[lost] < 0]
            _mixed, first = np.unique(mixed[lost], return_index=True)
            self._add(one[lost[first]], two[lost[first]])
            found[lost] = self.find(mixed[lost])
        return found

    def find(self, mixed: np.ndarray) -> np.ndarray:
        """The codes, int32 (n,); -1 where there is none.

        Another thread may call it while songs are added: a code is in the slots only after its mix is in
        its place, and arrays that grow are new ones. What it misses then is -1.
        """
        slots, mixes, shift, mask = self._view
        at = mixed >> shift
        found: np.ndarray = slots[at]
        apart = np.flatnonzero((mixes[found] != mixed) & (found >= 0))
        while len(apart):
            at[apart] = (at[apart] + np.uint64(1)) & mask
            found[apart] = near = slots[at[apart]]
            apart = apart[(mixes[near] != mixed[apart]) & (near >= 0)]
        return found

    def _add(self, one: np.ndarray, two: np.ndarray) -> None:
        total = self.count + len(one)
        grown = total > len(self._one) or total * 2 > len(self._slots)
        while total > len(self._one):
            self._one, self._two = np.tile(self._one, 2), np.tile(self._two, 2)
            self._mixed, self.wrong = np.tile(self._mixed, 2), np.tile(self.wrong, 2)
        fresh = np.arange(self.count, total, dtype=np.int32)
        self._one[fresh], self._two[fresh], self._mixed[fresh] = one, two, _mix(one, two)
        self.wrong[fresh] = ~_SIGNS[_signs(one, two)].all(axis=1)
        self.count = total
        if grown:
            self._grow(len(self._slots).bit_length() - 1)
        else:
            self._place(self._slots, fresh)

    def _grow(self, bits: int) -> None:
        while self.count * 2 > 1 << bits:
            bits += 1
        self._shift, self._mask = np.uint64(64 - bits), np.uint64((1 << bits) - 1)
        slots = np.full(1 << bits, -1, np.int32)
        self._place(slots, np.arange(self.count, dtype=np.int32))
        self._slots = slots
        self._view = (slots, self._mixed, self._shift, self._mask)

    def _place(self, slots: np.ndarray, codes: np.ndarray) -> None:
        """Puts codes that are not in the table into free slots."""
        at = self._mixed[codes] >> self._shift
        while len(codes):
            free = slots[at] < 0
            slots[at[free]] = codes[free]  # of several for one slot, the last one stays
            out = slots[at] != codes
            codes, at = codes[out], (at[out] + np.uint64(1)) & self._mask

    def names(self) -> np.ndarray:
        """The songs' ids, S18 (count,), by code."""
        whole = np.empty((self.count, 18), np.uint8)
        whole[:, 0], whole[:, 1] = ord("S"), ord("O")
        whole[:, 2:] = _signs(self._one[: self.count], self._two[: self.count])
        return whole.view("S18").ravel()


def _mix(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    mixed = one * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= two * np.uint64(0xC2B2AE3D27D4EB4F)
    mixed ^= mixed >> np.uint64(32)
    mixed *= np.uint64(0xD6E8FEB86659FD93)
    return mixed


def _signs(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """The 16 bytes of two words, uint8 (n, 16)."""
    return np.stack([one, two], axis=1).view(np.uint8).reshape(-1, 16)


@dataclass(frozen=True, eq=False)
class _Lines:
    """Lines of a block that look right by their length: what is in them, and which are sound."""

    good: np.ndarray
    plays: np.ndarray
    one: np.ndarray  # the song's words
    two: np.ndarray
    mixed: np.ndarray
    found: np.ndarray  # the song's code where the table had it already
    users: np.ndarray  # S40, where they change
    lengths: np.ndarray  # rows that each of them has


def _apart(raw: np.ndarray, starts: np.ndarray, ends: np.ndarray, songs: SongTable) -> _Lines:
    """raw: the block with `WIDE` bytes behind it, so that every line has that many."""
    plays, good = _numbers(raw, ends, ends - starts - FIRST)
    good &= plays > 0
    whole = np.ndarray((len(raw) - WIDE + 1,), f"V{WIDE}", raw, strides=(1,))  # what begins at every byte
    lines = whole[starts]
    words = lines.view("<u8").reshape(-1, WIDE // 8)  # user in the first five, tab, SO, the song's signs, tab
    good &= (words[:, 5] & _MARK_MASK) == _MARK
    good &= lines.view(np.uint8).reshape(-1, WIDE)[:, FIRST - 1] == 9
    first = np.zeros(len(starts), bool)
    first[:1] = True
    for part in range(5):
        first[1:] |= words[1:, part] != words[:-1, part]
    runs = np.flatnonzero(first)
    users = lines[runs].view(np.uint8).reshape(-1, WIDE)[:, :USER].copy()
    lengths = np.diff(np.append(runs, len(starts)))
    hexadecimal = _HEX[users].all(axis=1)
    if not hexadecimal.all():
        good &= np.repeat(hexadecimal, lengths)
    one = words[:, 5] >> _LOW | words[:, 6] << _HIGH
    two = words[:, 6] >> _LOW | words[:, 7] << _HIGH
    mixed = _mix(one, two)
    return _Lines(good, plays, one, two, mixed, songs.find(mixed), users.view(f"S{USER}").ravel(), lengths)


@dataclass(frozen=True, eq=False)
class _Block:
    """Whole lines of bytes; `odd` has (starts, ends) of those that are too short or too long."""

    raw: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    odd: tuple[np.ndarray, ...]
    lines: _Lines


def _block(data: bytes, songs: SongTable) -> _Block:
    """data: whole lines, each with its end, and `WIDE` bytes more. numpy lets other threads run meanwhile."""
    raw = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(raw == 10)
    starts = np.empty_like(ends)
    starts[0], starts[1:] = 0, ends[:-1] + 1
    if ends[0] and raw[ends[0] - 1] == 13:
        ends = ends - (raw[ends - 1] == 13)
    lengths = ends - starts
    good = (lengths >= SHORTEST) & (lengths <= LONGEST)
    odd: tuple[np.ndarray, ...] = ()
    if not good.all():
        odd = (starts[~good], ends[~good])
        starts, ends = starts[good], ends[good]
    return _Block(raw, starts, ends, odd, _apart(raw, starts, ends, songs))


class TripletReader:
    """Takes blocks of lines and keeps what they say as numbers."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self.songs = SongTable()
        self._users: dict[bytes, int] = {}
        self._who: list[np.ndarray] = []  # where it changes
        self._runs: list[np.ndarray] = []  # and for how many rows
        self._what: list[np.ndarray] = []
        self._plays: list[np.ndarray] = []

    def take(self, block: _Block) -> None:
        """Keeps a block's rows; lines that are none are refused."""
        raw, starts, ends, lines = block.raw, block.starts, block.ends, block.lines
        if len(block.odd):
            self._refuse(raw, *block.odd)
        while len(starts):
            codes = self.songs.codes(lines.found, lines.mixed, lines.one, lines.two)
            good = lines.good & ~self.songs.wrong[codes]
            if good.all():
                self._keep(lines, codes)
                return
            self._refuse(raw, starts[~good], ends[~good])
            starts, ends = starts[good], ends[good]
            lines = _apart(raw, starts, ends, self.songs)

    def _keep(self, lines: _Lines, codes: np.ndarray) -> None:
        numbers = np.fromiter(map(self._number, lines.users.tolist()), np.uint32, len(lines.users))
        self._account.rows += len(codes)
        self._who.append(numbers)
        self._runs.append(lines.lengths)
        self._what.append(codes.view(np.uint32))
        self._plays.append(lines.plays)

    def _number(self, user: bytes) -> int:
        return self._users.setdefault(user, len(self._users))

    def _refuse(self, raw: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> None:
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            line = raw[start : min(end, start + 200)].tobytes().decode("utf-8", "replace")
            if line.strip():
                self._account.rows += 1
                nothing = end - start == SHORTEST and line.endswith("\t0")
                reason = NO_PLAYS if nothing else UNREADABLE
                self._account.refuse(Refused(reason, example(self._account.rows, line[:60])))

    def coded(self) -> Coded:
        """All rows. Songs whose only rows were refused are not among them."""
        names = self.songs.names()
        what = _joined(self._what)
        used = np.zeros(len(names), bool)
        used[what] = True
        if not used.all():
            place = np.cumsum(used, dtype=np.uint32) - np.uint32(1)
            names, what = names[used], place[what]
        users = np.array(list(self._users), f"S{USER}")
        who = np.repeat(_joined(self._who), _joined(self._runs))
        return Coded(users, names, who, what, _joined(self._plays))


def _numbers(raw: np.ndarray, ends: np.ndarray, digits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The numbers that end before `ends` and have so many digits, and whether they are such."""
    last = raw[ends - 1] - np.uint8(48)
    value = last.astype(np.uint32)
    sound = last < 10
    for place in range(1, int(digits.max(initial=1))):
        longer = np.flatnonzero(digits > place)
        digit = raw[ends[longer] - 1 - place] - np.uint8(48)
        value[longer] += digit.astype(np.uint32) * np.uint32(10**place)
        sound[longer] &= digit < 10
    return value, sound & (value <= MOST_PLAYS)


def _joined(parts: list[np.ndarray]) -> np.ndarray:
    return np.concatenate(parts) if parts else np.empty(0, np.uint32)


def read(source: Source, account: Account) -> Coded:
    """All triplets of the source; refused lines and a broken end are in the account."""
    reader = TripletReader(account)
    with ThreadPoolExecutor(2) as pool:
        ahead: deque[Future[_Block]] = deque()
        for data in _whole_lines(source, account):
            ahead.append(pool.submit(_block, data, reader.songs))
            if len(ahead) > 3:
                reader.take(ahead.popleft().result())
        for block in ahead:
            reader.take(block.result())
    return reader.coded()


def _whole_lines(source: Source, account: Account) -> Iterator[bytes]:
    """The source in blocks that end with a line, with `WIDE` bytes behind it."""
    rest = b""
    with source.open() as stream:
        while True:
            try:
                block = stream.read(BLOCK)
            except SourceFault as fault:
                account.note(str(fault))
                break
            if not block:
                break
            cut = block.rfind(b"\n") + 1
            if cut:
                yield b"".join((rest, memoryview(block)[:cut], bytes(WIDE)))
                rest = block[cut:]
            elif len(rest) < LONGEST_LINE:
                rest += block
    if rest.strip():
        if len(rest) < SHORTEST:
            account.note(CUT)
        yield rest[:LONGEST_LINE] + b"\n" + bytes(WIDE)
