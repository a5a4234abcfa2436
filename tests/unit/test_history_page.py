"""What the History page decides and says, and what it takes a dropped thing for; without a window."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from musicdesk.core.errors import NotFound
from musicdesk.demo.history import history
from musicdesk.demo.library import DemoLibrary
from musicdesk.demo.plan import demo_world, plan_library
from musicdesk.gui.pages import history_draw, history_state
from musicdesk.gui.pages.history_draw import Bars, Clock, Drawn, Ink, Parts, draw
from musicdesk.gui.pages.history_state import Candidate, Doubt, ReviewState
from musicdesk.gui.style.tokens import DARK, LIGHT, contrast
from musicdesk.workflows.dropped import sort_out
from musicdesk.workflows.listening import Bin
from tests.helpers.histories import SAMPLES, put, zipped

DAY = 86_400
NOW = 1_700_000_000.0  # 2023-11-14


def test_periods_offer_what_there_is() -> None:
    first, last = 1_546_300_800, 1_699_000_000
    titles = [period.title for period in history_state.periods(first, last, NOW)]
    assert titles == ["All time", "Last 30 days", "Last 12 months", "2023", "2022", "2021", "2020", "2019"]
    old = [period.key for period in history_state.periods(first, 1_600_000_000, NOW)]
    assert old == ["all", "2020", "2019"], "nothing was played in the last months"
    assert [period.key for period in history_state.periods(0, 0, NOW)] == ["all"]
    year = next(period for period in history_state.periods(first, last, NOW) if period.key == "2020")
    assert (year.until or 0) - (year.since or 0) == 366 * DAY
    assert time.gmtime(year.since or 0)[:5] == (2020, 1, 1, 0, 0)


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(0, 0, "0 %"), (0, 5, "0 %"), (5, 5, "100 %"), (1, 1000, "< 1 %"), (999, 1000, "> 99 %"), (61, 100, "61 %")],
)
def test_shares_never_say_more_than_is_true(part: int, whole: int, text: str) -> None:
    assert history_state.share(part, whole) == text.replace(" ", history_state.NARROW)


def test_the_account_in_words_adds_up() -> None:
    result = {"rows": 1204, "imported": 1100, "duplicates": 80, "rejected": {"podcast": 20, "no time": 4}}
    line = history_state.account_line({**result, "songs": 300, "matched": 120})
    assert line.startswith("1,204 rows: 1,100 new, 80 known already, 24 not usable") and "120 of them" in line
    assert history_state.sum_line(1, 1, 0, {}) == "1 row = 1 new + 0 known already + 0 not usable"
    assert history_state.format_title("spotify-extended") == "Spotify extended history"
    assert history_state.format_title("from the future") == "from the future"


def test_plays_of_one_day_are_told_without_a_span() -> None:
    class Back:
        unit, bins = "day", [Bin(1_546_300_800, 12)]

    assert history_state.bars_words(Back()) == "Tue 01 Jan 2019: 12 plays."  # type: ignore[arg-type]


def test_the_clock_in_words() -> None:
    counts = np.ones((7, 24), int)
    counts[4, 21], counts[:, 4] = 30, 0
    assert history_state.clock_words(counts) == "Most on Friday at 21:00, least at 4:00."
    assert history_state.clock_words(np.zeros((7, 24), int)) == "No plays with a time."


def doubts(*songs: int) -> list[Doubt]:
    return [Doubt(song, f"Song {song}", "Band", 10 - song, (Candidate(song, "T", "A", score=80.0),)) for song in songs]


def test_after_a_decision_the_next_song_is_current_and_undoing_brings_it_back() -> None:
    state = ReviewState().show(doubts(1, 2, 3)).go(1)
    state = state.settled()
    assert state.current is not None and state.current.song == 3 and state.at == 1
    state = state.settled()
    assert state.current is not None and state.current.song == 1, "the last one gone, the one before"
    state = state.settled()
    assert state.current is None and state.settled() == state
    for song in (1, 3, 2):
        state = state.taken_back(song)
        assert state.current is not None and state.current.song == song
    assert [doubt.song for doubt in state.doubts] == [1, 2, 3] and not state.decided
    assert state.taken_back(9) == state


def test_a_list_read_anew_keeps_the_current_song() -> None:
    state = ReviewState().show(doubts(1, 2, 3)).go(2)
    assert state.show(doubts(3, 4)).at == 0
    gone = state.show(doubts(1, 2))
    assert gone.at == 1 and gone.current is not None
    assert state.show([]).current is None and state.go(99).at == 2


# what is dropped


def test_dropped_things_are_told_apart(tmp_path: Path) -> None:
    export = put(tmp_path, "my_data.zip", zipped({SAMPLES["account"][0]: SAMPLES["account"][1], "ReadMe.pdf": b"%PDF"}))
    both = tmp_path / "iTunes"
    xml = put(both, "iTunes Library.xml", SAMPLES["itunes"][1])
    put(both, "Band/Album/01.mp3", b"ID3" + bytes(50))
    bare = put(tmp_path, "no ending", b"fLaC" + bytes(50))
    crowd = put(tmp_path, "triplets.txt", f"{1:040x}\tSO{2:016}\t3\n" * 4)
    odd = put(tmp_path, "letter.txt", "Dear all,\n")
    hole = tmp_path / "empty"
    hole.mkdir()
    found = sort_out([export, both, bare, crowd, odd, hole])
    assert found.histories == [export, xml]
    assert found.music == [both, tmp_path, hole]
    assert (found.crowds, found.crowd) == ([crowd], "taste-profile")
    assert found.unknown == [odd]
    with pytest.raises(NotFound):
        sort_out([tmp_path / "gone"])


@pytest.mark.parametrize("name", SAMPLES)
def test_every_format_is_known_when_it_is_dropped(tmp_path: Path, name: str) -> None:
    file, data, _form, _rows, _imported = SAMPLES[name]
    path = put(tmp_path, file, data)
    assert sort_out([path]).histories == [path]
    assert sort_out([tmp_path]).histories == [path] and not sort_out([tmp_path]).music


def test_a_large_music_folder_is_told_in_a_moment(tmp_path: Path) -> None:
    for n in range(3_000):
        put(tmp_path, f"{n % 60}/{n}.mp3", b"ID3")
        put(tmp_path, f"{n % 60}/{n}.json", b"{}")
    begun = time.monotonic()
    found = sort_out([tmp_path])
    assert found.music == [tmp_path] and not found.histories
    assert time.monotonic() - begun < 20
    begun = time.monotonic()
    assert sort_out([tmp_path], lambda: True).music == [tmp_path]
    assert time.monotonic() - begun < 1, "it stops when it is asked to"


# the charts

INK = Ink(DARK.surface, DARK.text, DARK.secondary, DARK.line, DARK.accent)
MONTHS = [Bin(1_600_000_000 + n * 2_629_800, 10 + 7 * n % 50) for n in range(40)]


def _share(drawn: Drawn, colour: str) -> float:
    """The share of the picture that has this colour."""
    wanted = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    return float((np.abs(drawn.rgba[..., :3].astype(int) - wanted).max(axis=2) < 6).mean())


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_charts_have_the_size_and_the_colours_they_are_asked_for(ratio: float) -> None:
    for tokens in (DARK, LIGHT):
        ink = Ink(tokens.surface, tokens.text, tokens.secondary, tokens.line, tokens.accent)
        drawn = draw(Bars("month", MONTHS), (500, 180), ratio, ink)
        assert drawn.rgba.shape == (round(180 * ratio), round(500 * ratio), 4) and drawn.rgba.dtype == np.uint8
        assert _share(drawn, tokens.surface) > 0.4 and _share(drawn, tokens.accent) > 0.1
        assert contrast(tokens.accent, tokens.surface) > 3, "WCAG 1.4.11"


def test_spots_lie_where_the_values_are() -> None:
    drawn = draw(Bars("month", MONTHS), (500, 180), 2.0, INK)
    assert len(drawn.spots) == len(MONTHS)
    most = max(range(len(MONTHS)), key=lambda at: MONTHS[at].plays)
    least = min(range(len(MONTHS)), key=lambda at: MONTHS[at].plays)
    assert _filled(drawn, most) > 0.6 > 0.3 > _filled(drawn, least)
    counts = np.zeros((7, 24), int)
    counts[2, 20] = 5
    clock = draw(Clock(counts), (500, 180), 1.0, INK)
    assert len(clock.spots) == 168 and _filled(clock, 2 * 24 + 20) > 0.2 > 0.01 > _filled(clock, 3)


def _filled(drawn: Drawn, at: int) -> float:
    """How much of a spot is in the accent."""
    scale = 2 if drawn.rgba.shape[1] == 1000 else 1
    left, top, width, height = (round(value * scale) for value in drawn.spots[at])
    return _share(Drawn(drawn.rgba[top : top + height, left : left + width], []), DARK.accent)


def test_parts_differ_without_colour() -> None:
    drawn = draw(Parts(("Plays", "Songs"), ((1, 1, 1), (0, 0, 0))), (300, 140), 1.0, INK)
    filled, hatched, empty = (_filled(drawn, at) for at in range(3))
    assert filled > 0.7 > hatched > 0.08 > empty


def test_odd_sizes_and_nothing_to_show_draw_too() -> None:
    for what in (
        Bars("month", []),
        Bars("day", MONTHS[:1]),
        Clock(np.zeros((7, 24), int)),
        Parts(("A",), ((0, 0, 0),)),
    ):
        assert draw(what, (1, 1), 1.0, INK).rgba.size
    assert history_draw.named("week", 1_600_000_000) == "week of 13 Sep 2020"


# the demo's history


def test_the_demo_composes_the_same_history_and_all_of_its_kinds(tmp_path: Path) -> None:
    world = demo_world(24, 1)
    plans = plan_library(world, 1)
    library = DemoLibrary(tmp_path, world, plans, tuple(tmp_path / plan.file for plan in plans))
    rows = history(library, NOW)
    assert rows == history(library, NOW) and rows != history(library, NOW, seed=2)
    assert 4_000 < len(rows) < 9_000
    assert rows == sorted(rows, key=lambda row: row["ts"]) and rows[-1]["ts"] < "2023-11-15"
    titles = {(plan.artist, plan.title) for plan in plans}
    own = [(r["master_metadata_album_artist_name"], r["master_metadata_track_name"]) in titles for r in rows]
    assert 0.5 < sum(own) / len(own) < 0.85
    assert any(r["episode_name"] for r in rows) and any(r["ms_played"] == 0 for r in rows)
