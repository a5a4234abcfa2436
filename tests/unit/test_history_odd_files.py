"""Files as other programs write them: with marks, blanks and names of their own."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from musicdesk.core.errors import Unusable
from musicdesk.history.base import Account
from musicdesk.history.json_rows import Broken, array_rows
from musicdesk.workflows.desk import open_desk
from tests.helpers.histories import YOUTUBE, extended, put, stored, take, zipped


@pytest.fixture
def desk(tmp_path: Path):
    with open_desk(tmp_path / "profile") as opened:
        yield opened


def titles(desk) -> list[str]:
    return [title for (title,) in desk.catalog.store.conn.execute("SELECT title FROM song ORDER BY id")]


def test_a_colon_in_a_members_name_leads_nowhere(desk, tmp_path):
    rows = json.dumps([extended()]).encode()
    done = take(desk, put(tmp_path, "a.zip", zipped({"Export 12:30/endsong_0.json": rows, "C:/endsong_1.json": rows})))
    assert done.imported == 1 and len(done.notes) == 1 and "'C:/endsong_1.json'" in done.notes[0]


@pytest.mark.parametrize(
    ("sentence", "title"),
    [
        ("Watched Viste la luna", "Viste la luna"),
        ("Watched Listened to the Wind", "Listened to the Wind"),
        ("Watched 鬼滅「紅蓮華」", "鬼滅「紅蓮華」"),
        ("已观看「紅蓮華」", "紅蓮華"),
        ("已觀看「紅蓮華」", "紅蓮華"),
        ("已观看 紅蓮華」", "紅蓮華」"),
        ("Blue Train angesehen", "Blue Train"),
        ("Blue Train", "Blue Train"),
    ],
)
def test_a_title_loses_the_sentence_around_it_and_no_more(desk, tmp_path, sentence, title):
    take(desk, put(tmp_path, "watch-history.json", json.dumps([{**YOUTUBE[0], "title": sentence}])))
    assert titles(desk) == [title]


def test_play_times_that_pandas_has_written(desk, tmp_path):
    rows = "2020-01-01 10:00,A,B,186000.0\n2020-01-01 11:00,A,B,\n2020-01-01 12:00,A,B,0.0\n2020-01-01 13:00,A,B,x\n"
    done = take(desk, put(tmp_path, "p.csv", "time,artist,title,ms\n" + rows))
    assert done.rejected == {"played for 0 ms": 1, "not readable": 1}
    kept = desk.catalog.store.conn.execute("SELECT ms FROM listen ORDER BY at").fetchall()
    assert kept == [(186_000,), (-1,)]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("StreamingHistory_music_0.json", b"[]"),
        ("endsong.json", b" [\n ]\n"),
        ("YourLibrary.json", b"\xef\xbb\xbf{}"),
        ("my_data.zip", zipped({})),
        ("my_data.zip", zipped({"StreamingHistory_music_0.json": b"[]"})),
    ],
)
def test_an_empty_list_is_nothing_and_no_unknown_format(desk, tmp_path, name, data):
    with pytest.raises(Unusable, match="There is nothing in it"):
        take(desk, put(tmp_path, name, data))


@pytest.mark.parametrize("before", ["\n\n", " \r\n", "sep=,\n", "\ufeffsep=,\r\n", '"sep=;"\n\n'])
def test_a_heading_behind_blank_lines_and_excels_own(desk, tmp_path, before):
    done = take(desk, put(tmp_path, "v.csv", (before + "time,artist,title\n2020-01-01 10:00,Ann,X\n").encode()))
    assert (done.format, done.imported, done.rejected) == ("csv", 1, {})


@pytest.mark.parametrize("divider", [",", ";", "\t"])
def test_a_mark_of_inches_is_a_letter_like_any_other(desk, tmp_path, divider):
    rows = (
        ("time", "artist", "title", "album"),
        ("2020-01-01 10:00", "Ann", '12" mix', "Alb"),
        ("2020-01-01 11:00", "Ann", '7" mix', f'"Alb{divider} ""B"""'),
        ("2020-01-01 12:00", "Ann", '"two\nlines"', '10"'),
        ("2020-01-01 13:00", "Ann", '"never closed', "Alb"),
        ("2020-01-01 14:00", "Ann", "Other", "Alb"),
    )
    done = take(desk, put(tmp_path, "v.csv", "\n".join(divider.join(row) for row in rows) + "\n"))
    assert titles(desk) == ['12" mix', '7" mix', "two\nlines".replace("\n", " "), "Other"]
    (example,) = done.examples["not readable"]
    assert example.startswith("row 4: 2020-01-01 13:00") and "never closed" in example


@pytest.mark.parametrize("row", ["x", '{"ts": NotANumber, "a": "' + "y" * 200 + '"}'])
def test_many_broken_rows_take_no_longer_each(row):
    def seconds(count: int) -> float:
        begun = time.perf_counter()
        assert sum(isinstance(found, Broken) for found in array_rows(iter([text(count)]), Account())) == count
        return time.perf_counter() - begun

    def text(count: int) -> str:
        return "[" + ",\n".join([row] * count) + "]"

    few = 10_000 if len(row) == 1 else 500
    assert seconds(8 * few) < 20 * max(seconds(few), seconds(few))


def test_a_refused_row_of_an_export_with_addresses_is_not_shown(desk, tmp_path):
    heading = "Event Start Timestamp,Play Duration Milliseconds,Client IP Address\n"
    done = take(desk, put(tmp_path, "apple.csv", heading + "2022-03-04T05:00:00Z,1,203.0.113.77,more\n"))
    assert done.examples == {"not readable": ["row 1"]} and stored(desk) == 0
