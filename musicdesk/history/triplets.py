"""The Taste Profile's triplets, `user<TAB>song<TAB>plays`, a few million lines a second.

A line is 40 hexadecimal digits, a tab, `SO` and 16 capitals or digits, a tab, and a number. polars takes blocks of
lines apart; songs become numbers by a table of their hashes, listeners where they change. A block that is not sound
to the last byte is first looked through line by line.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from musicdesk.history.base import UNREADABLE, Account, Refused, Source, example
from musicdesk.history.crowd import MOST_PLAYS, Coded
from musicdesk.history.json_rows import CUT
from musicdesk.history.sources import SourceFault

if TYPE_CHECKING:
    import polars as pl

BLOCK = 8 << 20  # bytes
USER, SONG = "[0-9a-f]{40}", "SO[A-Z0-9]{16}"
SHORTEST = 61  # bytes of a line whose number has one digit
LONGEST_LINE = 1 << 20
NO_PLAYS = "no plays"
_LINE = re.compile(rf"({USER})\t({SONG})\t([1-9]\d{{0,6}})\r?".encode())
_NOTHING = re.compile(rf"{USER}\t{SONG}\t0\r?".encode())


class SongTable:
    """64-bit hashes to codes, in order of coming: open addressing, whole arrays at a time.

    Songs are told apart by their hashes: among a million, two are the same once in 30 million.
    """

    def __init__(self, bits: int = 16) -> None:
        self.count = 0
        self._hashes = np.zeros(1 << bits, np.uint64)
        self._grow(bits)

    def find(self, hashes: np.ndarray) -> np.ndarray:
        """The codes, int32 (n,), of hashes uint64 (n,); -1 where there is none."""
        at = hashes >> self._shift
        found: np.ndarray = self._slots[at]
        apart = np.flatnonzero((self._hashes[found] != hashes) & (found >= 0))
        while len(apart):
            at[apart] = (at[apart] + np.uint64(1)) & self._mask
            found[apart] = near = self._slots[at[apart]]
            apart = apart[(self._hashes[near] != hashes[apart]) & (near >= 0)]
        return found

    def add(self, hashes: np.ndarray) -> None:
        """Gives the next codes to hashes that are not in the table, each once."""
        total = self.count + len(hashes)
        while total > len(self._hashes):
            self._hashes = np.tile(self._hashes, 2)
        fresh = np.arange(self.count, total, dtype=np.int32)
        self._hashes[fresh] = hashes
        self.count = total
        if total * 2 > len(self._slots):
            self._grow(len(self._slots).bit_length())
        else:
            self._place(fresh)

    def _grow(self, bits: int) -> None:
        while self.count * 2 > 1 << bits:
            bits += 1
        self._shift, self._mask = np.uint64(64 - bits), np.uint64((1 << bits) - 1)
        self._slots = np.full(1 << bits, -1, np.int32)
        self._place(np.arange(self.count, dtype=np.int32))

    def _place(self, codes: np.ndarray) -> None:
        at = self._hashes[codes] >> self._shift
        while len(codes):
            free = self._slots[at] < 0
            self._slots[at[free]] = codes[free]  # of several for one slot, the last one stays
            out = self._slots[at] != codes
            codes, at = codes[out], (at[out] + np.uint64(1)) & self._mask


@dataclass(frozen=True, eq=False)
class _Block:
    """Rows of a block as columns; `refused` has what was left out of it, by the place of its line."""

    frame: pl.DataFrame | None  # None where there is no row
    hashes: np.ndarray  # of songs, uint64 (rows,)
    plays: np.ndarray  # uint32 (rows,)
    users: list[str]  # where they change
    lengths: np.ndarray  # rows that each of them has
    refused: list[tuple[int, bytes]]


def _block(data: bytes) -> _Block:
    """data: whole lines, each with its end."""
    return _columns(data, []) or _looked_through(data)


def _looked_through(data: bytes) -> _Block:
    """The block by its good lines, the others apart."""
    good: list[bytes] = []
    refused: list[tuple[int, bytes]] = []
    lines = (line for line in data.split(b"\n") if line.decode("utf-8", "replace").strip())
    for number, line in enumerate(lines, 1):
        found = _LINE.fullmatch(line)
        if found and int(found[3]) <= MOST_PLAYS:
            good.append(line.removesuffix(b"\r") + b"\n")
        else:
            refused.append((number, line[:200]))
    block = _columns(b"".join(good), refused) if good else None
    return block or _Block(None, np.empty(0, np.uint64), np.empty(0, np.uint32), [], np.empty(0, np.int64), refused)


def _columns(data: bytes, refused: list[tuple[int, bytes]]) -> _Block | None:
    """The block taken apart, or None when any byte of it is not as it should be."""
    import polars as pl

    schema = {"user": pl.String, "song": pl.String, "plays": pl.UInt32}
    try:
        frame = pl.read_csv(data, separator="\t", has_header=False, schema=schema, quote_char=None)
    except (pl.exceptions.PolarsError, OSError):
        return None
    first = (pl.col("user") != pl.col("user").shift()).fill_null(True)
    told = frame.lazy().select("plays", first=first, hash=pl.col("song").hash()).collect()
    plays = told["plays"]
    if not _sound(frame, plays, len(data)):
        return None
    users = frame["user"].filter(told["first"])
    if not users.str.contains(f"^{USER}$").all():
        return None
    runs = np.flatnonzero(told["first"].to_numpy())
    lengths = np.diff(np.append(runs, len(frame)))
    return _Block(frame, told["hash"].to_numpy(), plays.to_numpy(), users.to_list(), lengths, refused)


def _sound(frame: pl.DataFrame, plays: pl.Series, size: int) -> bool:
    """Whether numbers can be believed and nothing but the rows is in the block's `size` bytes.

    Names are looked at where they are new; here their lengths count.
    """
    import polars as pl

    if not len(frame) or any(frame.null_count().row(0)):
        return False
    right = (pl.col("user").str.len_bytes() == 40) & (pl.col("song").str.len_bytes() == 18)
    if not frame.lazy().select((right & pl.col("plays").is_between(1, MOST_PLAYS)).all()).collect().item():
        return False
    digits = sum(int((plays >= 10**power).sum()) for power in range(7))
    least = SHORTEST * len(frame) + digits  # a line's end counts as its shortest number does
    return size in (least, least + len(frame))


class TripletReader:
    """Takes blocks of lines and keeps what they say as numbers."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._songs = SongTable()
        self._names: list[str] = []  # of songs, by code
        self._users: dict[str, int] = {}
        self._who: list[np.ndarray] = []  # where it changes
        self._runs: list[np.ndarray] = []  # and for how many rows
        self._what: list[np.ndarray] = []
        self._plays: list[np.ndarray] = []

    def take(self, data: bytes, block: _Block) -> None:
        """Keeps a block's rows; lines that are none are refused."""
        codes = self._songs.find(block.hashes)
        lost = np.flatnonzero(codes < 0)
        if len(lost):
            assert block.frame is not None
            _hashes, first = np.unique(block.hashes[lost], return_index=True)
            new = np.sort(lost[first])
            names = block.frame["song"].gather(new)
            if not names.str.contains(f"^{SONG}$").all():
                self.take(data, _looked_through(data))
                return
            self._songs.add(block.hashes[new])
            self._names += names.to_list()
            codes[lost] = self._songs.find(block.hashes[lost])
        self._keep(block, codes)

    def _keep(self, block: _Block, codes: np.ndarray) -> None:
        numbers = (self._users.setdefault(user, len(self._users)) for user in block.users)
        self._who.append(np.fromiter(numbers, np.uint32, len(block.users)))
        self._runs.append(block.lengths)
        self._what.append(codes.view(np.uint32))
        self._plays.append(block.plays)
        for number, line in block.refused:
            reason = NO_PLAYS if _NOTHING.fullmatch(line) else UNREADABLE
            shown = line[:60].decode("utf-8", "replace")
            self._account.refuse(Refused(reason, example(self._account.rows + number, shown)))
        self._account.rows += len(codes) + len(block.refused)

    def coded(self) -> Coded:
        """All rows."""
        users, songs = np.array(list(self._users), "S40"), np.array(self._names, "S18")
        who = np.repeat(_joined(self._who), _joined(self._runs))
        return Coded(users, songs, who, _joined(self._what), _joined(self._plays))


def _joined(parts: list[np.ndarray]) -> np.ndarray:
    return np.concatenate(parts) if parts else np.empty(0, np.uint32)


def read(source: Source, account: Account) -> Coded:
    """All triplets of the source; refused lines and a broken end are in the account."""
    reader = TripletReader(account)
    with ThreadPoolExecutor(1) as pool:
        ahead: deque[tuple[bytes, Future[_Block]]] = deque()
        for data in _whole_lines(source, account):
            ahead.append((data, pool.submit(_block, data)))
            if len(ahead) > 1:
                data, block = ahead.popleft()
                reader.take(data, block.result())
        for data, block in ahead:
            reader.take(data, block.result())
    return reader.coded()


def _whole_lines(source: Source, account: Account) -> Iterator[bytes]:
    """The source in blocks that end with a line."""
    rest, start = b"", True
    with source.open() as stream:
        while True:
            try:
                block = stream.read(BLOCK)
            except SourceFault as fault:
                account.note(str(fault))
                break
            if not block:
                break
            block = block.removeprefix(BOM_UTF8) if start else block
            start = False
            cut = block.rfind(b"\n") + 1
            if cut:
                yield b"".join((rest, memoryview(block)[:cut]))
                rest = block[cut:]
            elif len(rest) < LONGEST_LINE:
                rest += block
    if rest.strip():
        if len(rest) < SHORTEST:
            account.note(CUT)
        yield rest[:LONGEST_LINE] + b"\n"
