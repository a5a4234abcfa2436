"""Whatever a stranger's archive, clock, tag or title says: a sentence, or something that may be kept and shown."""

from __future__ import annotations

import datetime
import io
import re
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mutagen.flac import FLAC
from mutagen.id3 import TALB, TCON, TDRC, TIT2, TPE1, TRCK
from mutagen.wave import WAVE

from musicdesk.core.errors import Unusable
from musicdesk.history import times
from musicdesk.history.sources import Sources
from musicdesk.library import tags
from tests.helpers.histories import zipped
from tests.helpers.tagged import make_sound

HARMFUL = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
ARCHIVE = zipped({"my/StreamingHistory0.json": b"[{}]" * 40, "my/b.csv": b"a,b\n" * 90, "c.txt": b"x"})
CLOCK = st.text(alphabet="0123456789-:T ZU+.,JanFeb", max_size=30)
FIELD = st.integers(-5, 70).map(lambda n: f"{n:02}")
WRITTEN = st.tuples(st.integers(0, 10_001), FIELD, FIELD, FIELD, FIELD, st.sampled_from(["", "Z", "+05:30", "-9999"]))


@given(st.one_of(CLOCK, st.text(max_size=12), WRITTEN.map(lambda w: f"{w[0]:04}-{w[1]}-{w[2]} {w[3]}:{w[4]}{w[5]}")))
@settings(max_examples=1_000, deadline=None)
def test_any_text_is_a_time_or_none(text: str) -> None:
    for read in (times.iso, times.spoken, times.epoch, times.any_time):
        found = read(text)
        assert found is None or -(1 << 63) <= found < 1 << 63


@given(st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.lists(st.integers(), max_size=2)))
@settings(max_examples=300, deadline=None)
def test_any_value_is_a_time_or_none(value: object) -> None:
    for read in (times.iso, times.spoken, times.epoch, times.any_time):
        found = read(value)
        assert found is None or (isinstance(found, int) and 0 <= found < 1 << 63)


@given(st.datetimes(datetime.datetime(1, 1, 1), datetime.datetime(9999, 12, 31)), st.integers(-14 * 60, 14 * 60))
@settings(max_examples=300, deadline=None)
def test_a_time_comes_back(moment: datetime.datetime, minutes: int) -> None:
    zone = datetime.timezone(datetime.timedelta(minutes=minutes))
    moment = moment.replace(microsecond=0, tzinfo=zone)
    since = moment - datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    assert times.iso(moment.isoformat()) == since.days * 86_400 + since.seconds


@given(st.data())
@settings(max_examples=1_000, deadline=None)
def test_a_damaged_archive_gives_its_members_or_a_sentence(data: st.DataObject) -> None:
    damaged = bytearray(ARCHIVE)
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del damaged[data.draw(st.integers(0, len(damaged))) :]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.zip"
        path.write_bytes(damaged)
        try:
            with Sources([path]) as sources:
                for source in sources.found:
                    assert ".." not in source.name.split("/")
                    read_through(source)
        except Unusable as error:
            assert "\n" not in str(error)


def read_through(source) -> None:  # type: ignore[no-untyped-def]
    """To its end or to a sentence; never more than it may unpack to."""
    try:
        with source.open() as stream:
            assert sum(map(len, iter(lambda: stream.read(64), b""))) <= 1 << 20
    except Unusable as error:
        assert source.name in str(error)


def test_an_archive_of_our_own_is_read() -> None:
    """So that the test above does not refuse everything."""
    assert sorted(zipfile.ZipFile(io.BytesIO(ARCHIVE)).namelist()) == [
        "c.txt",
        "my/StreamingHistory0.json",
        "my/b.csv",
    ]


@pytest.fixture(scope="module")
def tagged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tags")
    return make_sound(folder / "a.flac", seconds=0.1), make_sound(folder / "b.wav", seconds=0.1)


WORDS = st.text(max_size=40) | st.text(alphabet="\x00\u202e\ufeff\x85\u2028<b>&\r\n\t /0123456789", max_size=30)
FIELDS = ("title", "artist", "album", "genre", "date", "tracknumber")
FRAMES = (TIT2, TPE1, TALB, TCON, TDRC, TRCK)


@given(st.lists(WORDS, min_size=6, max_size=6))
@settings(max_examples=150, deadline=None)
def test_whatever_tags_say_can_be_kept(tagged: tuple[Path, Path], words: list[str]) -> None:
    flac, wave = tagged
    written = FLAC(flac)
    for name, word in zip(FIELDS, words, strict=True):
        written[name] = word
    written.save()
    framed = WAVE(wave)
    if framed.tags is None:
        framed.add_tags()
    framed.tags.clear()
    for frame, word in zip(FRAMES, words, strict=True):
        framed.tags.add(frame(encoding=3, text=word))
    framed.save()
    for path in tagged:
        found = tags.read(bytes(path))
        for text in (found.title, found.artist, found.album, found.genre):
            assert not HARMFUL.search(text) and text == text.strip() and len(text.encode("utf-8")) <= tags.CUT
        assert found.year is None or 1000 <= found.year <= 9999
        assert all(number is None or 0 <= number < 1 << 31 for number in (found.track_no, found.disc_no))
