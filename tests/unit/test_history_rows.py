"""Reading rows out of text: whatever the blocks, the same rows; whatever the text, an end."""

from __future__ import annotations

import io
import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from musicdesk.core.wording import clean
from musicdesk.history.base import CUT_OFF, Account, Head, Mention, Play, Refused
from musicdesk.history.csv_rows import Row, lines, table_rows
from musicdesk.history.formats import FORMATS, format_of
from musicdesk.history.json_rows import Broken, array_rows
from musicdesk.history.text import blocks, head_of
from tests.helpers.histories import ACCOUNT, SAMPLES

HARMFUL = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


class Memory:
    """A source that lies in memory and gives small blocks."""

    def __init__(self, data: bytes, step: int = 1 << 20, name: str = "f") -> None:
        self.name = name
        self._data = data
        self._step = step

    def open(self):
        stream = io.BytesIO(self._data)
        read = stream.read
        stream.read = lambda size=-1: read(min(size, self._step))  # type: ignore[method-assign]
        return stream


def parts(text: str, size: int):
    return (text[at : at + size] for at in range(0, len(text), size))


@given(rows=st.lists(JSON, max_size=6), size=st.integers(1, 40), indent=st.sampled_from([None, 2]))
@settings(max_examples=200, deadline=None)
def test_arrays_come_out_as_they_went_in(rows, size, indent):
    account = Account()
    text = json.dumps(rows, indent=indent)
    assert json.dumps(list(array_rows(parts(text, size), account))) == json.dumps(json.loads(text))
    assert account.notes == []


def test_cut_anywhere_gives_the_rows_before_and_one_that_is_cut():
    text = json.dumps([ACCOUNT] * 3, indent=2)
    for size in (5, 1 << 20):
        for cut in range(1, len(text)):
            account = Account()
            rows = list(array_rows(parts(text[:cut], size), account))
            broken = [row for row in rows if isinstance(row, Broken)]
            assert broken in ([], [Broken(CUT_OFF)]) and account.notes, text[:cut]
            assert len(rows) - len(broken) == text[:cut].count("}")


@given(text=st.text(alphabet='[]{}",:\\ 1atrue\n', max_size=60), size=st.integers(1, 20))
@settings(max_examples=400, deadline=None)
def test_any_brackets_come_to_an_end(text, size):
    rows = list(array_rows(parts(text, size), Account()))
    assert len(rows) <= len(text)


@given(text=st.text(alphabet='a",\n;', max_size=80), end=st.sampled_from(["\n", "\r\n"]), size=st.integers(3, 20))
@settings(max_examples=400, deadline=None)
def test_no_line_of_a_table_is_lost(text, end, size):
    text = text.replace("\n", end)
    rows = list(table_rows(lines(parts(text, size)), ",", lambda cells: len(cells) == 2))
    full = [line for line in text.split("\n") if line.removesuffix("\r").strip()]
    spanned = sum("\n" in "".join(row.cells) for row in rows if isinstance(row, Row))
    assert len(rows) <= len(full) and (spanned or len(rows) == len(full))


def check_items(data: bytes, step: int = 1 << 20) -> None:
    """Whatever the bytes are: detection, then every importer, ends and gives sound items."""
    source = Memory(data, step)
    head = head_of(source)
    assert format_of(head) is None or format_of(head).name in FORMATS
    for _name, form in FORMATS.items():
        form.detect(head)


def check_form(name: str, data: bytes, step: int) -> None:
    for item in FORMATS[name].read(Memory(data, step), Account()):
        assert isinstance(item, Play | Mention | Refused)
        if isinstance(item, Refused):
            assert item.reason and not HARMFUL.search(item.example)
            continue
        assert item.artist and item.title
        assert (item.artist + item.title + item.album).encode("utf-8").decode() and "\x00" not in item.artist
        if isinstance(item, Play):
            assert 915_148_800 <= item.at < 1 << 40
            assert item.ms is None or 0 < item.ms <= 86_400_000


def mutated(draw, data: bytes) -> bytes:
    """A sample with a few bytes, cuts, repeats or values changed."""
    found = bytearray(data)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, len(found) - 1)))
        kind = draw(st.integers(0, 4))
        if kind == 0:
            found[at : at + 1] = bytes([draw(st.integers(0, 255))])
        elif kind == 1:
            del found[at : at + draw(st.integers(1, 30))]
        elif kind == 2:
            end = at + draw(st.integers(1, 200))
            found[at:at] = found[at:end]
        elif kind == 3:
            found[at:at] = draw(st.sampled_from(ODD))
        else:
            del found[at:]
    return bytes(found)


ODD = [
    b'"',
    b"\0",
    b"[",
    b"{",
    b"}",
    b",",
    b"\n",
    b"\\",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"1e999",
    b"NaN",
    b"-1",
    b"\\ud800",
]
ODD += [
    b"9" * 30,
    b"null",
    b"<!ENTITY a 'b'>",
    b"&a;",
    b"</dict>",
    b"\xef\xbb\xbf",
    b"\r",
    b"1970",
    b"2099",
    b"[" * 3000,
]
FUZZ = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
LONG_FUZZ = settings(FUZZ, max_examples=1000)


def fuzz(name: str, data: st.DataObject) -> None:
    file, sample, form, _rows, _imported = SAMPLES[name]
    del file
    damaged = mutated(data.draw, sample)
    step = data.draw(st.sampled_from([1 << 20, 7, 64]))
    check_form(form, damaged, step)


FORMS = {sample[2]: name for name, sample in SAMPLES.items()}


@pytest.mark.parametrize("form", FORMATS)
@given(data=st.data())
@FUZZ
def test_damaged_samples(form, data):
    fuzz(FORMS[form], data)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", SAMPLES)
@given(data=st.data())
@LONG_FUZZ
def test_damaged_samples_a_thousand_times(name, data):
    fuzz(name, data)


@given(data=st.binary(max_size=300), step=st.sampled_from([1 << 20, 3]))
@FUZZ
def test_any_bytes(data, step):
    try:
        check_items(data, step)
    except Exception as error:
        assert "archive inside" in str(error)
        return
    for form in FORMATS:
        check_form(form, data, step)


@given(text=st.text(max_size=1200))
@settings(max_examples=200, deadline=None)
def test_kept_names_are_text(text):
    name = clean(text)
    assert name == name.strip() and len(name) <= 1000 and "\n" not in name
    name.encode("utf-8")


@given(text=st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=60), step=st.integers(1, 9))
@settings(max_examples=200, deadline=None)
def test_utf8_is_read_as_it_is_in_any_blocks(text, step):
    account = Account()
    data = ("x" + text).encode()
    assert "".join(blocks(Memory(data, step).open(), account)) == "x" + text or data.count(0) * 3 > len(data) - 3
    assert account.notes == [] or "\0" in text


def test_heads_are_cheap_to_tell():
    head = Head("x", "", frozenset(), ("",))
    assert format_of(head) is None
