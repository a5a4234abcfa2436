"""The play queue and the account of what was heard; no Qt application."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from musicdesk.core.types import PickId, TrackId
from musicdesk.gui.player.listening import Listening
from musicdesk.gui.player.queue import NOWHERE, Queue, Repeat
from musicdesk.gui.player.times import clock, spoken


def ids(*numbers: int) -> list[TrackId]:
    return [TrackId(number) for number in numbers]


TRACKS = st.lists(st.integers(1, 9).map(TrackId), max_size=8)


def test_a_new_queue_stands_nowhere_and_gives_nothing() -> None:
    queue = Queue()
    assert (queue.current, queue.position, queue.advance(), queue.back(), queue.peek()) == (None, -1, None, None, None)
    assert queue.replace([]) is None and queue.position == NOWHERE


def test_it_plays_to_the_end_and_stops() -> None:
    queue = Queue()
    assert queue.replace(ids(5, 6, 7), at=1) == 6
    assert (queue.advance(), queue.advance(), queue.current) == (7, None, 7)
    assert (queue.back(), queue.back(), queue.back()) == (6, 5, 5)


def test_repeating_all_goes_round_both_ways() -> None:
    queue = Queue()
    queue.replace(ids(1, 2), at=1)
    queue.repeat = Repeat.ALL
    assert (queue.peek(), queue.advance(), queue.back()) == (1, 1, 2)


def test_repeating_one_lets_go_when_a_person_asks() -> None:
    queue = Queue()
    queue.replace(ids(1, 2))
    queue.repeat = Repeat.ONE
    assert (queue.advance(), queue.advance(), queue.advance(asked=True), queue.advance(asked=True)) == (1, 1, 2, None)


def test_tracks_are_inserted_after_the_current_one_in_their_order() -> None:
    queue = Queue()
    queue.replace(ids(1, 2, 3), at=1)
    queue.insert_next(ids(8, 9))
    assert queue.tracks == [1, 2, 8, 9, 3]
    empty = Queue()
    empty.insert_next(ids(4))
    assert (empty.tracks, empty.advance()) == ([4], 4)


def test_every_place_keeps_the_pick_it_came_from() -> None:
    """Also where the same track is there from a list and from none, and whatever happens to the order."""
    queue = Queue()
    queue.replace(ids(1, 2, 3), picks={TrackId(1): PickId(11), TrackId(3): PickId(13)})
    queue.insert_next(ids(3, 9), {TrackId(3): PickId(23)})
    queue.append(ids(1))
    assert list(zip(queue.tracks, queue.picks, strict=True)) == [
        *((1, 11), (3, 23), (9, None), (2, None), (3, 13), (1, None))
    ]
    before = sorted(zip(queue.tracks, map(str, queue.picks), strict=True))
    queue.shuffle(3)
    assert sorted(zip(queue.tracks, map(str, queue.picks), strict=True)) == before
    queue.unshuffle()
    queue.remove([1])
    queue.jump(3)
    assert (queue.current, queue.current_pick) == (3, 13)


def test_removing_the_current_track_makes_the_following_one_current() -> None:
    queue = Queue()
    queue.replace(ids(1, 2, 3, 4), at=2)
    assert queue.remove([0]) is False and queue.current == 3
    assert queue.remove([1, 7, -1]) is True and queue.current == 4
    assert queue.remove([0, 1]) is True and queue.current is None and len(queue) == 0


def test_after_the_last_one_is_removed_the_first_follows_only_if_all_repeats() -> None:
    queue = Queue()
    queue.replace(ids(1, 2, 3, 4), at=2)
    assert not queue.ends_without([2]) and not queue.ends_without([]) and queue.ends_without([1, 2, 3])
    assert queue.remove([2, 3]) is True and queue.tracks == [1, 2] and queue.current == 2
    queue.repeat = Repeat.ALL
    assert not queue.ends_without([1])
    assert queue.remove([1]) is True and queue.current == 1
    assert queue.remove([0]) is True and queue.position == NOWHERE


def test_moving_keeps_the_current_track() -> None:
    queue = Queue()
    queue.replace(ids(1, 2, 3, 4, 5), at=0)
    queue.move([0, 3], 3)
    assert queue.tracks == [2, 3, 1, 4, 5] and queue.current == 1
    queue.move([4], 0)
    assert queue.tracks == [5, 2, 3, 1, 4] and queue.current == 1


@given(TRACKS, st.integers(0, 9), st.integers(0, 2**31))
def test_shuffling_keeps_the_past_and_can_be_undone(tracks: list[TrackId], at: int, seed: int) -> None:
    queue, twin = Queue(), Queue()
    for each in (queue, twin):
        each.replace(tracks, at)
        each.shuffle(seed)
    assert queue.tracks == twin.tracks
    done = queue.position + 1
    assert queue.tracks[:done] == tracks[:done] and sorted(queue.tracks) == sorted(tracks)
    current = queue.current
    queue.unshuffle()
    assert queue.tracks == tracks and queue.current == current


def test_what_is_added_while_shuffled_stays_when_unshuffled() -> None:
    queue = Queue()
    queue.replace(ids(1, 2, 3, 4, 5, 6))
    queue.shuffle(3)
    queue.insert_next(ids(9))
    queue.append(ids(8))
    queue.remove([queue.tracks.index(TrackId(4))])
    queue.unshuffle()
    assert queue.tracks == [1, 9, 2, 3, 5, 6, 8]


@given(st.integers(1, 9), st.sets(st.integers(0, 8)), st.integers(0, 9), st.integers(0, 99), st.booleans())
def test_what_is_put_back_stands_in_both_orders(n: int, places: set[int], at: int, seed: int, plain: bool) -> None:
    """Also where the queue was put in its plain order meanwhile."""
    queue = Queue()
    queue.replace(ids(*range(1, n + 1)), at)
    queue.shuffle(seed)
    before, gone = queue.tracks, [place for place in sorted(places) if place < n]
    taken = queue.stood(gone)
    assert [each.track for each in taken] == [before[place] for place in gone]
    queue.remove(gone)
    current = queue.current
    if plain:
        queue.unshuffle()
    queue.put_back(taken)
    assert queue.tracks == (ids(*range(1, n + 1)) if plain else before) and queue.current == current
    queue.unshuffle()
    assert queue.tracks == ids(*range(1, n + 1)) and queue.current == current


class AnyUse(RuleBasedStateMachine):
    """Whatever is done to it, the queue keeps its invariants and never invents a track."""

    def __init__(self) -> None:
        super().__init__()
        self.queue = Queue()
        self.expected: list[TrackId] = []

    @rule(tracks=TRACKS, at=st.integers(-1, 9))
    def replace(self, tracks: list[TrackId], at: int) -> None:
        self.queue.replace(tracks, at)
        self.expected = sorted(tracks)

    @rule(tracks=TRACKS, next_=st.booleans())
    def add(self, tracks: list[TrackId], next_: bool) -> None:
        (self.queue.insert_next if next_ else self.queue.append)(tracks)
        self.expected = sorted(self.expected + tracks)

    @rule(places=st.lists(st.integers(-2, 9), max_size=4))
    def remove(self, places: list[int]) -> None:
        before, current = self.queue.tracks, self.queue.current
        gone = {place for place in places if 0 <= place < len(before)}
        was_current = self.queue.remove(places)
        assert self.queue.tracks == [track for place, track in enumerate(before) if place not in gone]
        assert was_current or self.queue.current == current
        self.expected = sorted(self.queue.tracks)

    @rule(places=st.lists(st.integers(-2, 9), max_size=4), to=st.integers(-2, 12))
    def move(self, places: list[int], to: int) -> None:
        current = self.queue.current
        self.queue.move(places, to)
        assert self.queue.current == current

    @rule(seed=st.integers(0, 99))
    def shuffle(self, seed: int) -> None:
        self.queue.shuffle(seed)

    @rule()
    def unshuffle(self) -> None:
        self.queue.unshuffle()

    @rule(repeat=st.sampled_from(Repeat), asked=st.booleans())
    def advance(self, repeat: Repeat, asked: bool) -> None:
        self.queue.repeat = repeat
        promised = self.queue.peek(asked)
        assert self.queue.advance(asked) == promised

    @rule()
    def back(self) -> None:
        self.queue.back()

    @invariant()
    def nothing_is_lost(self) -> None:
        assert sorted(self.queue.tracks) == self.expected
        assert -1 <= self.queue.position < max(len(self.queue), 1)
        if not len(self.queue):
            assert self.queue.position == NOWHERE


TestAnyUse = AnyUse.TestCase
TestAnyUse.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)


def test_heard_time_is_what_ran_not_where_the_needle_stands() -> None:
    account = Listening(TrackId(1))
    account.place(0, now_s=100.0)
    for tenth in range(1, 31):
        account.tick(100 * tenth, now_s=100.0 + 0.1 * tenth)
    assert round(account.heard_ms) == 3_000
    account.place(200_000, now_s=103.0)  # a seek
    account.tick(200_100, now_s=103.1)
    assert round(account.heard_ms) == 3_100
    account.tick(200_100, now_s=163.1)  # a minute's stall
    account.place(200_100, now_s=400.0)  # a pause
    account.tick(200_200, now_s=400.1)
    assert round(account.heard_ms) == 3_200


@given(st.lists(st.tuples(st.integers(0, 300_000), st.floats(0, 5)), max_size=40))
def test_nobody_hears_faster_than_the_clock(ticks: list[tuple[int, float]]) -> None:
    account, now = Listening(TrackId(1)), 10.0
    account.place(0, now_s=now)
    for position, passed in ticks:
        now += passed
        account.tick(position, now_s=now)
    assert 0 <= account.heard_ms <= (now - 10.0) * 1000 + 250 * len(ticks) + 1e-3


def test_times_are_written_and_said() -> None:
    assert [clock(ms) for ms in (0, 62_999, 3_723_000, -5)] == ["0:00", "1:02", "1:02:03", "0:00"]
    assert spoken(62_000) == "1 minute 2 seconds"
    assert spoken(3_601_000) == "1 hour 1 second"
    assert spoken(0) == "0 seconds"
