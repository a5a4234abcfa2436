"""What a person reads in a terminal."""

from __future__ import annotations

import json

from musicdesk.cli import show
from musicdesk.cli.commands.map import COMMANDS
from musicdesk.cli.terminal import line, span


def test_tables_align_also_with_wide_signs():
    lines = show.table([("忠人 平峰", 1), ("Ada", 1234)], ("name", "plays")).splitlines()
    assert len({show.columns(text) for text in lines}) == 1
    assert lines[2].endswith("1,234")
    assert show.table([], ("a",)) == "(nothing)"


def test_nothing_odd_reaches_a_terminal():
    assert show.printable("a\x1b[31m\udcff\n") == "a\N{REPLACEMENT CHARACTER}[31m" + "\N{REPLACEMENT CHARACTER}" * 2


def test_json_brings_back_the_bytes_of_a_name():
    assert json.loads(show.as_json({"path": "b\udcff"}))["path"] == "b\udcff"
    assert show.as_json({"path": "b\udcff"}).isascii()


def test_progress_is_one_line_with_rate_and_time_left():
    event = {"done": 1204, "total": 8310, "message": "Listening", "rate": 640 / 60, "eta": 660.0}
    assert line(event) == "Listening: [###.....................] 1,204 of 8,310, 640 a minute, 11 min left"
    assert [span(s) for s in (9, 61, 7500)] == ["9 s", "1 min", "2 h 5 min"]


def test_one_track_on_the_map_is_no_tracks():
    drawn = {"points": 1, "method": "pca", "placed_by": "pca", "trustworthiness": 1.0, "seconds": 0.1}
    around = {"ids": [7], "track": 7, "trustworthiness": 1.0, "seconds": 0.1}
    told = [COMMANDS[0].show(result) for result in (drawn, around, {"points": 1, "maps": []})]
    assert all("1 track" in text and "1 tracks" not in text for text in told)
    assert COMMANDS[0].show({**drawn, "points": 1204}).startswith("1,204 tracks on the map by pca,")
