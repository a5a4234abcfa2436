"""Tags of real files in every format, and of files that mean harm."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import av
import mutagen
import numpy as np
import pytest
from mutagen.id3 import ID3, TCON, TIT2, TPE1, TSRC

from musicdesk.core.progress import Silent
from musicdesk.core.types import Found, Tags
from musicdesk.library import tags as tags_module
from musicdesk.library.cover import beside, inside
from musicdesk.library.reader import isrcs, read_all
from musicdesk.library.tags import CUT, clean, read, read_many
from tests.helpers.tagged import FORMATS, make_sound, png, set_tags

FULL = {
    "title": "Träume 🎺",
    "artist": "Ann & Bob",
    "album": "שלום",
    "album_artist": "Various",
    "genre": "Jazz",
    "year": "2019-03-04",
    "track_no": "3/12",
    "disc_no": "2/2",
}


@pytest.mark.parametrize("ending", FORMATS)
def test_reads_every_format(tmp_path: Path, ending: str) -> None:
    path = make_sound(tmp_path / f"a.{ending}")
    set_tags(path, cover=png(), **FULL)
    found = read(os.fsencode(path))
    assert (found.title, found.artist, found.album) == ("Träume 🎺", "Ann & Bob", "שלום")
    assert (found.album_artist, found.genre) == ("Various", "Jazz")
    assert (found.year, found.track_no, found.disc_no) == (2019, 3, 2)
    assert found.duration_s == pytest.approx(1.0, abs=0.15)
    assert found.has_cover == (ending != "wv")  # our helper writes no APE picture


@pytest.mark.parametrize("ending", [ending for ending in FORMATS if ending != "wv"])
def test_gives_the_embedded_picture(tmp_path: Path, ending: str) -> None:
    path = make_sound(tmp_path / f"a.{ending}")
    set_tags(path, cover=png())
    assert inside(os.fsencode(path)) == png()
    assert inside(os.fsencode(path), size=10) is None


def test_picture_beside_the_file_when_there_is_none_inside(tmp_path: Path) -> None:
    path = make_sound(tmp_path / "a.flac")
    assert beside(os.fsencode(path)) is None
    (tmp_path / "Folder.JPG").write_bytes(b"no picture at all")
    assert beside(os.fsencode(path)) is None
    (tmp_path / "Front.png").write_bytes(png())
    found = beside(os.fsencode(path))
    assert found and found.read() == png() and beside(os.fsencode(path), size=10) is None


def test_untagged_file_has_only_a_length(tmp_path: Path) -> None:
    found = read(os.fsencode(make_sound(tmp_path / "a.flac")))
    assert found == Tags(duration_s=found.duration_s)
    assert found.duration_s == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("17", "Rock"),
        ("(17)", "Rock"),
        ("(4)Disco", "Disco"),
        ("Own", "Own"),
        ("255", "255"),
        ("17\x0031", "Rock; Trance"),
    ],
)
def test_numeric_genres_get_their_names(tmp_path: Path, written: str, expected: str) -> None:
    path = make_sound(tmp_path / "a.mp3")
    frames = ID3()
    frames.add(TCON(encoding=3, text=written.split("\0")))
    frames.save(path)
    assert read(os.fsencode(path)).genre in (expected, expected.replace("255", "Unknown"))


def test_numeric_genre_in_comments(tmp_path: Path) -> None:
    path = make_sound(tmp_path / "a.ogg")
    set_tags(path, genre="17")
    assert read(os.fsencode(path)).genre == "Rock"


def test_several_artists_are_all_kept(tmp_path: Path) -> None:
    path = make_sound(tmp_path / "a.mp3")
    frames = ID3()
    frames.add(TPE1(encoding=3, text=["Ann", "Bob", "Ann"]))
    frames.add(TIT2(encoding=3, text=["One", "Two"]))
    frames.save(path)
    found = read(os.fsencode(path))
    assert (found.artist, found.title) == ("Ann; Bob", "One")


@pytest.mark.parametrize(
    ("date", "year"),
    [
        ("1999", 1999),
        ("03/04/2005", 2005),
        ("20190304", 2019),
        ("c. 1780", 1780),
        ("0000", None),
        ("99", None),
        ("", None),
    ],
)
def test_year_from_dates(tmp_path: Path, date: str, year: int | None) -> None:
    path = make_sound(tmp_path / "a.flac")
    set_tags(path, year=date)
    assert read(os.fsencode(path)).year == year


@pytest.mark.parametrize(("text", "number"), [("03", 3), ("0", None), ("A1", None), ("9" * 40, None), (" 7 of 9", 7)])
def test_track_numbers(tmp_path: Path, text: str, number: int | None) -> None:
    path = make_sound(tmp_path / "a.flac")
    set_tags(path, track_no=text)
    assert read(os.fsencode(path)).track_no == number


def test_text_is_cleaned() -> None:
    assert clean("  a\0b\ud800c\x1bd \n e\u2028f  ") == "abcd e f"
    assert clean("\u200f👩\u200d🎤 שלום").endswith("👩\u200d🎤 שלום")
    assert len(clean("é" * 10_000).encode()) == CUT
    assert clean("\x00\x01") == ""


@pytest.mark.parametrize(
    "name",
    [
        b"undecodable \xff\xfe.flac",
        b"new\nline.flac",
        "🎺.flac".encode(),
        "שלום \u202e.flac".encode(),
        b"quote'\".flac",
    ],
)
def test_reads_files_whatever_their_name(tmp_path: Path, name: bytes) -> None:
    path = make_sound(tmp_path / "a.flac")
    set_tags(path, title="Here")
    try:
        shutil.copy(path, target := os.fsencode(tmp_path) + b"/" + name)
    except OSError:
        pytest.skip("this file system takes text only")
    head, _arrays = read_many({"paths": [os.fsdecode(target)]})
    assert head["read"][0][0] == "Here" and head["read"][0][-1] == ""


def test_what_failed_is_told_in_words_for_a_person(tmp_path: Path) -> None:
    """The reader's own '' and 'error' told nothing; an empty file is one."""
    (tmp_path / "empty.mp3").touch()
    (tmp_path / "none.flac").write_bytes(b"no music at all" * 9)
    assert tags_module._row(os.fsencode(tmp_path / "empty.mp3"))[-1] == "The file is empty."
    assert tags_module._row(os.fsencode(tmp_path / "none.flac"))[-1] == (
        "The tags could not be read (it is not a valid FLAC file)."
    )
    assert tags_module._told(b"/nowhere", ValueError("error")) == "The tags could not be read."


def test_each_bad_file_fails_alone_with_its_reason(tmp_path: Path) -> None:
    good = make_sound(tmp_path / "good.flac")
    bad = tmp_path / "bad.flac"
    bad.write_bytes(b"fLaC" + bytes(60))
    other = tmp_path / "other.au"
    other.write_bytes(b".snd" + bytes(60))
    paths = [str(path) for path in (good, bad, tmp_path / "gone.mp3", other, good)]
    rows = read_many({"paths": paths})[0]["read"]
    assert [bool(row[-1]) for row in rows] == [False, True, True, True, False]
    assert all(row[-1].endswith(".") for row in rows[1:4])
    assert str(tmp_path) not in rows[1][-1]


def test_an_endless_loop_is_stopped_and_costs_only_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = make_sound(tmp_path / "good.flac")
    opened = tags_module._open

    def endless(path: bytes) -> Any:
        while path.endswith(b"bad.flac"):
            try:
                sum(range(1000))
            except Exception:
                continue
        return opened(path)

    monkeypatch.setattr(tags_module, "_open", endless)
    monkeypatch.setattr(tags_module, "FILE_CPU_S", 0.2)
    rows = read_many({"paths": [str(good), str(tmp_path / "bad.flac"), str(good)]})[0]["read"]
    assert [bool(row[-1]) for row in rows] == [False, True, False]
    assert "stopped" in rows[1][-1]


def test_children_read_everything_and_a_killer_costs_only_itself(tmp_path: Path) -> None:
    files = [Found(os.fsencode(make_sound(tmp_path / f"{i}.flac", seconds=0.1)), 1, 1) for i in range(3)]
    for i, found in enumerate(files):
        set_tags(Path(os.fsdecode(found.path)), title=f"Title {i}")
    files.insert(1, Found(b"/dev/zero", 0, 0))  # a file without an end: its reader runs out of memory or time
    reads = {read.found.path: read for read in read_all(files, 1, Silent())}
    assert len(reads) == 4
    assert [reads[found.path].tags.title for found in files] == ["Title 0", "", "Title 1", "Title 2"]
    assert reads[b"/dev/zero"].reason


@pytest.mark.parametrize("ending", ["mp3", "flac", "ogg", "opus", "m4a", "wv", "wma", "aiff"])
def test_the_recording_code_is_read_from_every_format(tmp_path: Path, ending: str) -> None:
    path = make_sound(tmp_path / f"a.{ending}")
    set_tags(path, title="T")
    opened = mutagen.File(path)
    if ending in ("mp3", "aiff"):
        opened.tags.add(TSRC(encoding=3, text=["us-sm1-59-00113"]))
    else:
        name = {"m4a": "----:com.apple.iTunes:ISRC", "wma": "WM/ISRC", "wv": "ISRC"}.get(ending, "ISRC")
        opened[name] = b"USSM15900113" if ending == "m4a" else "USSM15900113"
    opened.save()
    (tmp_path / "broken.mp3").write_bytes(b"ID3\xff\xff\xff\xff\xff")
    paths = [bytes(path), bytes(tmp_path / "broken.mp3"), bytes(tmp_path / "gone.flac")]
    assert isrcs(paths, Silent()) == {bytes(path): "USSM15900113"}


@pytest.mark.parametrize("text", ["", "none", "1234567890123", "USSM1590011"])
def test_what_is_no_recording_code_is_none(tmp_path: Path, text: str) -> None:
    path = make_sound(tmp_path / "a.flac")
    opened = mutagen.File(path)
    opened["isrc"] = text
    opened.save()
    assert isrcs([bytes(path)], Silent()) == {}


@pytest.mark.parametrize(
    ("ending", "codec"), [("mka", "libopus"), ("weba", "libopus"), ("caf", "pcm_s16le"), ("au", "pcm_s16be")]
)
def test_kinds_that_mutagen_does_not_know_are_read_by_ffmpeg(tmp_path: Path, ending: str, codec: str) -> None:
    path = tmp_path / f"a.{ending}"
    form = {"weba": "webm", "mka": "matroska"}.get(ending, ending)
    with av.open(str(path), "w", format=form) as container:
        container.metadata.update({"title": "Song", "artist": "Ann", "album": "Al"} if ending != "au" else {})
        stream = container.add_stream(codec, rate=48_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 48_000), np.int16), format="s16", layout="mono")
        frame.rate = 48_000
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    found = read(os.fsencode(path))
    expected = ("", "", "") if ending == "au" else ("Song", "Ann", "" if ending == "caf" and not found.album else "Al")
    assert (found.title, found.artist, found.album) == expected
    assert found.duration_s == pytest.approx(1.0, abs=0.1)
    assert inside(os.fsencode(path)) is None


@pytest.mark.parametrize("harm", ["", "cut", "sizes", "endless"])
def test_what_a_wav_says_in_its_info(tmp_path: Path, harm: str) -> None:
    path = make_sound(tmp_path / "a.wav")
    texts = [
        (b"INAM", "Träume".encode()),
        (b"IART", b"Bj\xf6rk"),
        (b"IPRD", b"Al"),
        (b"ICRD", b"2019-03-04"),
        (b"ITRK", b"3"),
    ]
    body = b"INFO" + b"".join(
        name + len(text).to_bytes(4, "little") + text + b"\0" * (len(text) % 2) for name, text in texts
    )
    size = 0xFFFFFFFF if harm == "sizes" else len(body)
    chunk = b"LIST" + size.to_bytes(4, "little") + (body[:-9] if harm == "cut" else body)
    data = path.read_bytes() + (b"LIST\0\0\0\0" * 3_000 if harm == "endless" else b"") + chunk
    path.write_bytes(data[:4] + (len(data) - 8).to_bytes(4, "little") + data[8:])
    found = read(os.fsencode(path))
    if harm != "endless":  # one that is never reached costs nothing but its tags
        assert (found.title, found.artist, found.album, found.year) == ("Träume", "Björk", "Al", 2019)
    assert found.track_no == (3 if harm in ("", "sizes") else None) and found.duration_s is not None
