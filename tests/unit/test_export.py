"""Playlist files: what is written comes back, whatever the names are; a file is old or new."""

from __future__ import annotations

import csv
import errno
import json
import os
import string
import tempfile
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musicdesk.core.errors import NotFound, Unusable
from musicdesk.core.types import Pick, Reason, Tags, Track, TrackId
from musicdesk.playlists.explain import reasons
from musicdesk.playlists.export import FORMATS, Row, write
from musicdesk.playlists.read import read
from musicdesk.playlists.rows import RootMap, clean, named_by, uri_of

odd = st.sampled_from(
    [b"#1 hit", b"a\nb", b" lead", b"end ", b"\xff\xfe", b"%41", b"c:d", b"\xef\xbb\xbfx", b"a\rb", b"'\"&<>"]
)
parts = st.one_of(
    st.binary(min_size=1, max_size=12), st.text(min_size=1, max_size=8).map(lambda t: t.encode("utf-8", "ignore")), odd
)
names = parts.map(lambda b: b.replace(b"/", b"_").replace(b"\0", b"_")).filter(lambda b: b not in (b".", b"..", b""))
paths = st.lists(names, min_size=1, max_size=4).map(lambda bits: b"/" + b"/".join(bits))
rows = st.builds(
    Row,
    paths,
    st.text(max_size=20),
    st.text(max_size=20),
    st.text(max_size=20),
    st.none() | st.floats(0, 1e5).map(lambda s: round(s, 3)),
)


@pytest.mark.skipif(os.name == "nt", reason="file names there are text")
@settings(max_examples=200, deadline=None)
@given(st.lists(rows, max_size=6), st.sampled_from(["m3u8", "xspf", "jspf"]), st.booleans(), st.text(max_size=20))
def test_what_is_written_comes_back(given_rows: list[Row], form: str, relative: bool, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / f"list.{form}"
        told = write(target, form, name, given_rows, Path(folder) if relative else None)
        found = read(target)
    assert told.tracks == len(given_rows)
    assert found.skipped == 0 and found.name == clean(name)
    assert [row.path for row in found.rows] == [row.path for row in given_rows]
    for back, row in zip(found.rows, given_rows, strict=True):
        if form == "m3u8":
            assert (back.duration_s is None) == (row.duration_s is None)
        else:
            assert (back.title, back.artist, back.album) == (clean(row.title), clean(row.artist), clean(row.album))
            assert back.duration_s == (None if row.duration_s is None else pytest.approx(row.duration_s, abs=0.001))


@pytest.mark.skipif(os.name == "nt", reason="paths as on POSIX")
@settings(max_examples=100, deadline=None)
@given(st.lists(rows, max_size=5), st.sampled_from(["m3u8", "xspf", "jspf"]), st.sampled_from([b"/m", b"/m/", b"/"]))
def test_paths_of_another_machine_come_back_to_ours(given_rows: list[Row], form: str, here: bytes) -> None:
    inside = [replace(row, path=b"/m" + row.path) for row in given_rows]
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / f"list.{form}"
        write(target, form, "", [*inside, Row(b"/elsewhere.mp3")], root_map=RootMap(here, b"/mnt/nas"))
        found = [row.path for row in read(target).rows]
    gone = b"/elsewhere.mp3" if here != b"/" else b"/mnt/nas/elsewhere.mp3"
    there = b"/mnt/nas" if here != b"/" else b"/mnt/nas/m"
    assert found == [*(there + row.path.removeprefix(b"/m") for row in inside), gone]


def test_paths_as_windows_has_them(tmp_path: Path) -> None:
    told = write(
        tmp_path / "a.m3u8", "m3u8", "", [Row(b"/music/Bj\xc3\xb6rk/a b.mp3"), Row(b"/musical/x.mp3")], None, NAS
    )
    lines = [line for line in (tmp_path / "a.m3u8").read_text("utf-8").splitlines() if not line.startswith("#")]
    assert lines == ["Z:\\Music\\Björk\\a b.mp3", "/musical/x.mp3"]
    assert len(told.notices) == 1 and "/musical/x.mp3" in told.notices[0]
    write(tmp_path / "a.xspf", "xspf", "", [Row(b"/music/a b.mp3")], None, NAS)
    assert "<location>file:///Z:/Music/a%20b.mp3</location>" in (tmp_path / "a.xspf").read_text()
    write(tmp_path / "a.csv", "csv", "", [Row(b"/music/a.mp3")], None, NAS)
    assert "Z:\\Music\\a.mp3" in (tmp_path / "a.csv").read_text()


SHARES = [  # the folder there, how an address of "/music/a b/#1.mp3" begins, and how a line
    (b"\\\\nas\\music", "file://nas/music/a%20b/%231.mp3", "\\\\nas\\music\\a b\\#1.mp3"),
    (b"Z:\\", "file:///Z:/a%20b/%231.mp3", "Z:\\a b\\#1.mp3"),
    (b"smb://me@nas:445/my music/", "smb://me@nas:445/my%20music/a%20b/%231.mp3", None),
    (b"file:///x", "file:///x/a%20b/%231.mp3", None),
    (b"file:///", "file:///a%20b/%231.mp3", None),
    (b"/", "file:///a%20b/%231.mp3", "/a b/#1.mp3"),
    (b"/mnt/nas", "file:///mnt/nas/a%20b/%231.mp3", "/mnt/nas/a b/#1.mp3"),
    (b"rel/dir", "rel/dir/a%20b/%231.mp3", "rel/dir/a b/#1.mp3"),
    (b"#rel", "%23rel/a%20b/%231.mp3", "./#rel/a b/#1.mp3"),
    (b".", "./a%20b/%231.mp3", "./a b/#1.mp3"),
]


@pytest.mark.parametrize(("there", "address", "line"), SHARES)
def test_folders_of_another_machine_may_be_shares(tmp_path: Path, there: bytes, address: str, line: str | None) -> None:
    rows, mapped = [Row(b"/music/a b/#1.mp3")], RootMap(b"/music", there)
    write(tmp_path / "a.xspf", "xspf", "", rows, None, mapped)
    assert f"<location>{address}</location>" in (tmp_path / "a.xspf").read_text("utf-8")
    write(tmp_path / "a.jspf", "jspf", "", rows, None, mapped)
    assert json.loads((tmp_path / "a.jspf").read_text("utf-8"))["playlist"]["track"][0]["location"] == [address]
    write(tmp_path / "a.m3u8", "m3u8", "", rows, None, mapped)
    assert (tmp_path / "a.m3u8").read_text("utf-8").splitlines()[-1] == (line or address)


@settings(max_examples=300, deadline=None)
@given(st.text())
def test_clean_names_are_one_line_and_stay_clean(text: str) -> None:
    tidy = clean(text)
    assert len(tidy.splitlines()) <= 1 and tidy == tidy.strip() and clean(tidy) == tidy
    assert ElementTree.fromstring(f"<a>{tidy.replace('&', '&amp;').replace('<', '&lt;')}</a>").text in (tidy, None)


NAS = RootMap(b"/music", b"Z:\\Music")
PLAIN = [
    Row(b"/music/Nina Simone/01 Sinnerman.flac", "Sinnerman", "Nina Simone", "Pastel Blues", 622.4, 0.91),
    Row("/music/Björk/Jóga.mp3".encode(), "Jóga", "Björk", "", None, -0.25),
]


def test_m3u8_as_players_know_it(tmp_path: Path) -> None:
    write(tmp_path / "a.m3u8", "m3u8", "For\nyou", PLAIN)
    assert (tmp_path / "a.m3u8").read_text("utf-8").split("\n") == [
        "#EXTM3U",
        "#PLAYLIST:For you",
        "#EXTINF:622,Nina Simone - Sinnerman",
        "/music/Nina Simone/01 Sinnerman.flac",
        "#EXTINF:-1,Björk - Jóga",
        "/music/Björk/Jóga.mp3",
        "",
    ]


@pytest.mark.skipif(os.name == "nt", reason="paths as on POSIX")
def test_relative_paths(tmp_path: Path) -> None:
    inside = os.fsencode(tmp_path) + b"/#1/x.mp3"
    outside = os.fsencode(tmp_path.parent) + b"/y.mp3"
    told = write(tmp_path / "a.m3u8", "m3u8", "", [Row(inside), Row(outside)], relative_to=tmp_path)
    lines = [line for line in (tmp_path / "a.m3u8").read_text().splitlines() if not line.startswith("#")]
    assert lines == ["./#1/x.mp3", "../y.mp3"] and told.notices == ()
    write(tmp_path / "a.xspf", "xspf", "", [Row(inside)], relative_to=tmp_path)
    assert "<location>%231/x.mp3</location>" in (tmp_path / "a.xspf").read_text()


@pytest.mark.skipif(os.name == "nt", reason="file names there are text")
def test_a_name_that_no_line_carries_is_told(tmp_path: Path) -> None:
    told = write(tmp_path / "a.m3u8", "m3u8", "", [Row(b"/music/two\nlines.mp3"), Row(b"/music/\xff.mp3")])
    assert len(told.notices) == 2 and "file://" in told.notices[0]
    text = (tmp_path / "a.m3u8").read_text("utf-8")
    assert "file:///music/two%0Alines.mp3" in text and "file:///music/%FF.mp3" in text


def test_xspf_and_jspf_hold_the_schema(tmp_path: Path) -> None:
    write(tmp_path / "a.xspf", "xspf", "A & B", PLAIN)
    root = ElementTree.parse(tmp_path / "a.xspf").getroot()
    assert root.tag == "{http://xspf.org/ns/0/}playlist" and root.get("version") == "1"
    track = next(iter(root.iter("{http://xspf.org/ns/0/}track")))
    assert [child.tag.rpartition("}")[2] for child in track] == ["location", "title", "creator", "album", "duration"]
    write(tmp_path / "a.jspf", "jspf", "A & B", PLAIN)
    jspf = json.loads((tmp_path / "a.jspf").read_text("utf-8"))["playlist"]
    assert jspf["title"] == "A & B" and jspf["track"][0]["duration"] == 622_400
    assert unquote(jspf["track"][1]["location"][0]).endswith("Björk/Jóga.mp3")


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=string.printable + "é\u2028", max_size=15), st.sampled_from(["", "=", "+", "-", "@"]))
def test_no_cell_of_a_csv_is_a_formula(text: str, first: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "a.csv"
        write(target, "csv", "", [Row(b"/m/x.mp3", first + text, first + text, first, 1.5, -0.5)])
        with target.open(encoding="utf-8", newline="") as stream:
            head, row = list(csv.reader(stream))
    assert head == ["position", "path", "title", "artist", "album", "duration_s", "score"]
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row[:5])
    assert row[5:] == ["1.5", "-0.5"]


def test_old_or_new_and_nothing_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "a.m3u8"
    write(target, "m3u8", "", PLAIN)
    before = target.read_bytes()

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(Unusable, match="No space left"):
            write(target, "m3u8", "", PLAIN[:1])
    assert target.read_bytes() == before
    with pytest.raises(Unusable, match="could not be written"):
        write(tmp_path / "none" / "a.m3u8", "m3u8", "", PLAIN)
    with pytest.raises(NotFound, match=", ".join(FORMATS)):
        write(target, "pls", "", PLAIN)
    assert [path.name for path in tmp_path.iterdir()] == ["a.m3u8"]


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("a.xspf", b"<playlist>"),
        ("a.xspf", b'<!DOCTYPE a [<!ENTITY b "c">]><playlist/>'),
        ("a.xspf", b"<html/>"),
        ("a.jspf", b"[]"),
        ("a.jspf", b'{"playlist": {"track": [3]}}'),
        ("a.jspf", b'{"playlist": {"track": [{"location": ["file:///a"], "duration": "long"}]}}'),
        ("a.jspf", b"\xff"),
        ("a.jspf", b"[" * 100_000),
        ("a.pls", b""),
    ],
)
def test_damaged_files_are_refused_in_a_sentence(tmp_path: Path, name: str, body: bytes) -> None:
    (tmp_path / name).write_bytes(body)
    with pytest.raises(Unusable):
        read(tmp_path / name)


@pytest.mark.skipif(os.name == "nt", reason="paths as on POSIX")
@pytest.mark.parametrize("form", ["m3u8", "xspf"])
def test_relative_paths_lead_out_of_a_folder_behind_a_link(tmp_path: Path, form: str) -> None:
    """The kernel goes up from where the link leads to; the text, from where the link lies."""
    song = make(tmp_path / "music" / "a.flac")
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "deep" / "er")
    target = tmp_path / "link" / f"a.{form}"
    write(target, form, "", [Row(song)], relative_to=tmp_path / "link")
    entry = next(line for line in target.read_text().splitlines() if "a.flac" in line)
    entry = entry.strip().removeprefix("<location>").removesuffix("</location>")
    assert os.path.samefile(tmp_path / "link" / entry, os.fsdecode(song))
    (row,) = read(target).rows
    assert song in (row.path, *row.others)


@pytest.mark.skipif(os.name == "nt", reason="paths as on POSIX")
def test_relative_paths_keep_links_that_lead_to_the_track(tmp_path: Path) -> None:
    """So that they come back as the library knows them, and a home that moves takes them along."""
    make(tmp_path / "nas" / "music" / "a.flac")
    (tmp_path / "home" / "lists").mkdir(parents=True)
    (tmp_path / "home" / "music").symlink_to(tmp_path / "nas" / "music")
    (tmp_path / "user").symlink_to(tmp_path / "home")
    song = os.fsencode(tmp_path / "user" / "music" / "a.flac")
    write(tmp_path / "a.m3u8", "m3u8", "", [Row(song)], relative_to=tmp_path / "user" / "lists")
    assert "\n../music/a.flac\n" in (tmp_path / "a.m3u8").read_text()


def make(path: Path) -> bytes:
    path.parent.mkdir(parents=True)
    path.touch()
    return os.fsencode(path)


def test_foreign_lists(tmp_path: Path) -> None:
    (tmp_path / "a.m3u").write_bytes(
        b"\xef\xbb\xbf#EXTM3U\r\nhttp://radio/x\r\n\r\nsub/one.mp3\r\n#x\r\n/abs/\xe9.mp3\nfile:///u/\xe9%20.mp3"
    )
    found = read(tmp_path / "a.m3u")
    folder = os.fsencode(tmp_path)
    assert [row.path for row in found.rows] == [
        folder + b"/sub/one.mp3",
        b"/abs/\xe9.mp3",
        b"/u/\xe9 .mp3",
    ] and found.skipped == 1
    with pytest.raises(NotFound):
        read(tmp_path / "none.m3u8")


@pytest.mark.skipif(os.name == "nt", reason="paths as on POSIX")
def test_addresses() -> None:
    assert uri_of(b"/a b/#\xff%") == "file:///a%20b/%23%FF%25"
    assert named_by("file://localhost/a") == b"/a"
    assert named_by("file:/a") == b"/a"
    assert named_by("file://server/a") is None
    assert named_by("https://host/a") is None
    assert named_by("../a%20b") == b"../a b"


def test_rows_of_tracks() -> None:
    track = Track(TrackId(1), b"/a.mp3", Tags("One\nTwo", "Artist", "Album", duration_s=3.0))
    assert Row.of(track, Pick(track.id, 0.5)) == Row(b"/a.mp3", "One Two", "Artist", "Album", 3.0, 0.5)
    assert Row.of(track).score is None


def test_reasons_of_a_list_sum_to_one() -> None:
    model = [Reason("near 'X', which you like", 0.75, TrackId(3)), Reason("and 2 more of your likes", 0.25)]
    parts = {"quality": 0.8, "fresh": 0.1, "exposure": -0.3, "chance": 0.001}
    told = reasons({"quality": model}, parts)
    assert sum(reason.share for reason in told) == pytest.approx(1.0)
    assert sum(reason.points for reason in told) == pytest.approx(sum(parts.values()))
    assert [reason.text for reason in told] == [  # for it, against it, summed up
        "near 'X', which you like",
        "you have never played it",
        "held back: it was in your latest lists",
        "and 2 more of your likes",
        "and smaller reasons",
    ]
    assert told[2].share == pytest.approx(0.3 / 1.201)
    assert reasons({"quality": model}, {"quality": 0.0})[0].share == pytest.approx(0.75)


def test_smaller_reasons_of_the_model_and_of_the_list_are_one_row() -> None:
    model = [Reason("near 'X'", 0.7, TrackId(3)), Reason("and smaller reasons of the same kinds", 0.3)]
    told = reasons({"quality": model}, {"quality": 0.8, "chance": 0.01})
    assert [reason.text for reason in told] == ["near 'X'", "and smaller reasons"]
    assert told[1].share == pytest.approx((0.3 * 0.8 + 0.01) / 0.81)
    assert sum(reason.points for reason in told) == pytest.approx(0.81)


def test_what_speaks_against_a_row_has_points_below_zero() -> None:
    model = [Reason("near 'X'", 0.7, TrackId(3)), Reason("held back: near 'Y', which you dislike", 0.3)]
    told = reasons({"quality": model}, {"quality": 0.4, "era": 0.2, "exposure": -0.1})
    assert [round(reason.points, 6) for reason in told] == [0.7, 0.2, -0.3, -0.1]
    worst = reasons({"quality": model}, {"quality": -0.5})
    assert [reason.points for reason in worst] == [-0.5] and worst[0].text.startswith("held back")
