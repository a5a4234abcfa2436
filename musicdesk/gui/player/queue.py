"""What plays next: a list with a place in it. No Qt here, so that every rule is unit-tested."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from musicdesk.core.types import PickId, TrackId

NOWHERE = -1
Picks = Mapping[TrackId, PickId]  # of the list that tracks come from; empty for tracks of no list


class Repeat(StrEnum):
    OFF = "off"
    ALL = "all"
    ONE = "one"


@dataclass(frozen=True, slots=True)
class _Entry:
    """One place in the queue; the same track may be queued twice. `pick`: of the list that it came from."""

    serial: int
    track: TrackId
    pick: PickId | None = None


@dataclass(frozen=True, slots=True)
class Stood:
    """An entry that was taken out: where it stood, `plain` in the order before shuffling."""

    place: int
    plain: int
    track: TrackId
    pick: PickId | None


class Queue:
    """Tracks in the order they will play; `position` is the current one, or -1.

    Invariants: -1 <= position < len; position is -1 only when nothing was chosen yet or all is removed.
    """

    def __init__(self) -> None:
        self._order: list[_Entry] = []
        self._plain: list[_Entry] = []  # the order before shuffling; the same entries
        self._serial = 0
        self.position = NOWHERE
        self.repeat = Repeat.OFF
        self.shuffled = False

    def __len__(self) -> int:
        return len(self._order)

    @property
    def tracks(self) -> list[TrackId]:
        return [entry.track for entry in self._order]

    @property
    def serials(self) -> list[int]:
        """Of the same places as `tracks`: tells entries apart, also where a track is queued twice."""
        return [entry.serial for entry in self._order]

    @property
    def current(self) -> TrackId | None:
        return self._order[self.position].track if self.position != NOWHERE else None

    @property
    def picks(self) -> list[PickId | None]:
        """Of the same places as `tracks`."""
        return [entry.pick for entry in self._order]

    @property
    def current_serial(self) -> int | None:
        """See `serials`."""
        return self._order[self.position].serial if self.position != NOWHERE else None

    @property
    def current_pick(self) -> PickId | None:
        return self._order[self.position].pick if self.position != NOWHERE else None

    def replace(self, tracks: Iterable[TrackId], at: int = 0, picks: Picks | None = None) -> TrackId | None:
        """A new queue, standing on `at`; returns the track to play."""
        self.clear()
        self.append(tracks, picks)
        return self.jump(at)

    def append(self, tracks: Iterable[TrackId], picks: Picks | None = None) -> None:
        fresh = self._entries(tracks, picks)
        self._order += fresh
        self._plain += fresh

    def insert_next(self, tracks: Iterable[TrackId], picks: Picks | None = None) -> None:
        """Right after the current track, in the given order."""
        fresh = self._entries(tracks, picks)
        after = self._plain.index(self._order[self.position]) + 1 if self.position != NOWHERE else 0
        self._plain[after:after] = fresh
        self._order[self.position + 1 : self.position + 1] = fresh

    def remove(self, places: Iterable[int]) -> bool:
        """Takes entries out; true when the current one was among them. What followed it is current then; where nothing
        did, the first one if the whole queue repeats, else the last."""
        gone = {place for place in places if 0 <= place < len(self._order)}
        if not gone:
            return False
        current_gone = self.position in gone
        before = sum(place < self.position for place in gone)
        dropped = {self._order[place].serial for place in gone}
        self._order = [entry for entry in self._order if entry.serial not in dropped]
        self._plain = [entry for entry in self._plain if entry.serial not in dropped]
        if self.position != NOWHERE:
            last = len(self._order) - 1
            self.position -= before
            if self.position > last:
                self.position = min(0, last) if self.repeat is Repeat.ALL else last
        return current_gone

    def stood(self, places: Iterable[int]) -> list[Stood]:
        """What `put_back` needs of entries that will be taken out."""
        found = [(place, self._order[place]) for place in sorted(set(places)) if 0 <= place < len(self._order)]
        plain = {entry.serial: at for at, entry in enumerate(self._plain)}
        return [Stood(place, plain[entry.serial], entry.track, entry.pick) for place, entry in found]

    def put_back(self, gone: Iterable[Stood]) -> None:
        """Entries stand where they stood, in both orders; what is current stays so."""
        current = self._order[self.position] if self.position != NOWHERE else None
        fresh: list[tuple[Stood, _Entry]] = []
        for stood in gone:
            picks = {stood.track: stood.pick} if stood.pick is not None else None
            fresh += [(stood, entry) for entry in self._entries([stood.track], picks)]
        for stood, entry in sorted(fresh, key=lambda each: each[0].plain):
            self._plain.insert(stood.plain, entry)
        for stood, entry in sorted(fresh, key=lambda each: each[0].place):
            self._order.insert(stood.place, entry)
        if not self.shuffled:
            self._order = list(self._plain)
        if current is not None:
            self.position = self._order.index(current)

    def ends_without(self, places: Iterable[int]) -> bool:
        """Whether nothing would be left to play after the current entry, if these were taken out."""
        return self.repeat is not Repeat.ALL and set(range(self.position + 1, len(self._order))) <= set(places)

    def move(self, places: Iterable[int], to: int) -> None:
        """Moves entries so that they stand, in their order, before the entry that is now at `to`."""
        chosen = sorted({place for place in places if 0 <= place < len(self._order)})
        to = min(max(to, 0), len(self._order))
        current = self._order[self.position] if self.position != NOWHERE else None
        moved = [self._order[place] for place in chosen]
        gone = set(chosen)
        rest = [entry for place, entry in enumerate(self._order) if place not in gone]
        at = to - sum(place < to for place in chosen)
        self._order = rest[:at] + moved + rest[at:]
        if current is not None:
            self.position = self._order.index(current)
        if not self.shuffled:
            self._plain = list(self._order)

    def clear(self) -> None:
        self._order, self._plain = [], []
        self.position, self.shuffled = NOWHERE, False

    def jump(self, place: int) -> TrackId | None:
        if not self._order:
            return None
        self.position = min(max(place, 0), len(self._order) - 1)
        return self.current

    def peek(self, asked: bool = False) -> TrackId | None:
        """What `advance` would give, without going there."""
        place = self._next_place(asked)
        return None if place is None else self._order[place].track

    def advance(self, asked: bool = False) -> TrackId | None:
        """The next track, or None at the end. `asked`: a person pressed next, so repeat-one lets go."""
        place = self._next_place(asked)
        if place is None:
            return None
        self.position = place
        return self.current

    def back(self) -> TrackId | None:
        """The track before; the first one stays where it is unless the whole queue repeats."""
        if not self._order:
            return None
        wraps = self.repeat is Repeat.ALL and self.position <= 0
        self.position = len(self._order) - 1 if wraps else max(self.position - 1, 0)
        return self.current

    def shuffle(self, seed: int) -> None:
        """Mixes what is still to come; the same seed on the same queue gives the same order."""
        start = self.position + 1
        coming = self._order[start:]
        random.Random(seed).shuffle(coming)
        self._order[start:] = coming
        self.shuffled = True

    def unshuffle(self) -> None:
        """The order as it was put in, standing on the same track."""
        current = self._order[self.position] if self.position != NOWHERE else None
        self._order = list(self._plain)
        if current is not None:
            self.position = self._order.index(current)
        self.shuffled = False

    def _next_place(self, asked: bool) -> int | None:
        if not self._order:
            return None
        if self.repeat is Repeat.ONE and not asked and self.position != NOWHERE:
            return self.position
        if self.position + 1 < len(self._order):
            return self.position + 1
        return 0 if self.repeat is Repeat.ALL else None

    def _entries(self, tracks: Iterable[TrackId], picks: Picks | None) -> list[_Entry]:
        fresh = []
        for track in tracks:
            self._serial += 1
            fresh.append(_Entry(self._serial, track, picks.get(track) if picks else None))
        return fresh
