"""Files that are broken, hostile or odd: no crash, no hang, the good part used, a sentence for the rest."""

from __future__ import annotations

import contextlib
import io
import json
import os
import stat
import time
import zipfile
from pathlib import Path

import pytest

from musicdesk.core.errors import NotFound, Unusable
from musicdesk.history import sources
from musicdesk.workflows.desk import open_desk
from tests.helpers.histories import FIRST_SCROBBLES, SAMPLES, account, extended, put, stored, take, zipped
from tests.unit.test_history_crowds import GOOD


@pytest.fixture
def desk(tmp_path: Path):
    with open_desk(tmp_path / "profile") as opened:
        yield opened


def minutes(count: int) -> list[dict[str, object]]:
    return [account(endTime=f"2022-03-{1 + n // 1440:02} {n // 60 % 24:02}:{n % 60:02}") for n in range(count)]


@pytest.mark.parametrize("share", [0.999, 0.6, 0.2])
def test_truncated_json_keeps_its_good_part(desk, tmp_path, share):
    text = json.dumps(minutes(1000), indent=2)
    done = take(desk, put(tmp_path, "StreamingHistory0.json", text[: int(len(text) * share)]))
    assert abs(done.imported - 1000 * share) <= 2
    assert done.rejected in ({}, {"cut off at the end of the file": 1})
    assert any("ends in the middle" in note for note in done.notes)


def test_a_truncated_zip_says_so_and_writes_nothing(desk, tmp_path):
    data = zipped({"StreamingHistory0.json": json.dumps(minutes(500)).encode()})
    with pytest.raises(Unusable, match="not a whole ZIP"):
        take(desk, put(tmp_path, "my_data.zip", data[:-30]))
    assert stored(desk) == 0


def test_a_damaged_zip_member_keeps_what_came_before(desk, tmp_path):
    rows = json.dumps([account(trackName=f"{n:x}" * 40, endTime=f"2022-03-04 05:{n % 60:02}") for n in range(30_000)])
    data = bytearray(zipped({"StreamingHistory0.json": rows.encode()}))
    data[len(data) * 2 // 3] ^= 0xFF
    done = take(desk, put(tmp_path, "my_data.zip", bytes(data)))
    assert done.imported > 3_000
    assert any("damaged" in note for note in done.notes), done.notes


def test_a_truncated_gzip_keeps_its_good_part(desk, tmp_path):
    import gzip

    rows = json.dumps([account(trackName=f"song {n * 7919 % 10007}") for n in range(50_000)])
    data = gzip.compress(rows.encode())
    done = take(desk, put(tmp_path, "StreamingHistory0.json.gz", data[: len(data) * 9 // 10]))
    assert done.imported > 1000
    assert any("damaged or ends in the middle" in note for note in done.notes)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"ms_played": 0}, "played for 0 ms"),
        ({"ms_played": -5}, "negative play time"),
        ({"ms_played": 10**20}, "longer than 24 hours"),
        ({"ms_played": 86_400_001}, "longer than 24 hours"),
        ({"ms_played": "180000"}, "not readable"),
        ({"ms_played": None}, "not readable"),
        ({"ms_played": True}, "not readable"),
        ({"ms_played": 1.5}, "not readable"),
        ({"ms_played": float("nan")}, "not readable"),
        ({"ms_played": [1]}, "not readable"),
        ({"ts": "1970-01-01T00:00:00Z"}, "before 1999"),
        ({"ts": "2099-01-01T00:00:00Z"}, "after tomorrow"),
        ({"ts": "2022-13-01T00:00:00Z"}, "no time"),
        ({"ts": None}, "no time"),
        ({"ts": {"$date": 1}}, "no time"),
        ({"master_metadata_track_name": None}, "no artist or title"),
        ({"master_metadata_track_name": "\x00\ud800 "}, "no artist or title"),
        ({"master_metadata_album_artist_name": 7}, "no artist or title"),
        ({"master_metadata_track_name": "Unknown Track"}, "unknown track"),
    ],
)
def test_fields_that_cannot_be_believed(desk, tmp_path, change, reason):
    rows = [extended(**change), extended()]
    done = take(desk, put(tmp_path, "endsong_0.json", rows))
    assert (done.rejected, done.imported) == ({reason: 1}, 1)
    assert done.examples[reason][0].startswith("row 1")


def test_rows_without_anything_and_rows_that_are_no_rows(desk, tmp_path):
    rows = [extended(), dict.fromkeys(extended()), {}, None, 3, "x", [], [[]], extended(ts="2022-03-05T05:06:07Z")]
    done = take(desk, put(tmp_path, "endsong_0.json", rows))
    assert done.imported == 2
    assert done.rejected == {"no artist or title": 2, "not readable": 5}


def test_twelve_percent_without_play_time(desk, tmp_path):
    rows = [
        extended(ts=f"2022-03-04T05:{n // 60:02}:{n % 60:02}Z", ms_played=n % 25 // 3 and 5000) for n in range(1000)
    ]
    done = take(desk, put(tmp_path, "endsong_0.json", rows))
    assert done.rejected == {"played for 0 ms": 120}
    assert len(done.examples["played for 0 ms"]) == 20


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("name", ["account", "lastfm", "csv"])
def test_encodings(desk, tmp_path, codec, name):
    file, data, form, rows, imported = SAMPLES[name]
    text = data.decode().replace("Coltrane", "Cöltrane 東京")
    done = take(desk, put(tmp_path, file, text.encode(codec)))
    assert (done.format, done.rows, done.imported, done.notes) == (form, rows, imported, [])
    assert stored(desk, "artist", "song") == "John Cöltrane 東京"


def test_windows_text_is_read_with_a_note(desk, tmp_path):
    data = FIRST_SCROBBLES.replace("John Coltrane", "Beyoncé – “Live”").encode("cp1252")
    done = take(desk, put(tmp_path, "scrobbles.csv", data))
    assert done.imported == 1 and "Windows-1252" in done.notes[0]
    assert stored(desk, "artist", "song") == "Beyoncé – “Live”"


def test_lone_surrogates_and_control_characters_leave_names(desk, tmp_path):
    text = json.dumps([account(artistName="A\ud83dB\x00\x1b[31m", trackName="\udc80 T\u202e ")])
    take(desk, put(tmp_path, "StreamingHistory0.json", text))
    assert stored(desk, "artist", "song").startswith("A B") and "\x1b" not in stored(desk, "artist", "song")
    assert stored(desk, "title", "song").startswith("T")


def test_an_unclosed_quote_costs_one_row(desk, tmp_path):
    head, row = FIRST_SCROBBLES.splitlines()
    good = [row.replace("1646370360", str(1646370360 + n)) for n in range(200)]
    bad = good[50].replace('"John', '"John "', 1).replace('"Blue Train","","Blue', '"Blue Train,"","Blue')
    done = take(desk, put(tmp_path, "s.csv", "\n".join([head, *good[:50], bad, *good[51:]])))
    assert (done.imported, done.rejected) == (199, {"not readable": 1})
    open_end = "\n".join([head, *good[:5], good[6][:-1]])
    done = take(desk, put(tmp_path, "t.csv", open_end))
    assert (done.rows, done.duplicates, done.rejected) == (6, 5, {"not readable": 1})


def test_nul_bytes_wrong_widths_and_endless_lines(desk, tmp_path):
    head, row = FIRST_SCROBBLES.splitlines()
    lines = [head, row, row.replace("Blue", "Bl\0ue"), "a,b", row + ",x", '"' + "y" * 300_000 + '",' + row, "", row]
    done = take(desk, put(tmp_path, "s.csv", "\r\n".join(lines)))
    assert (done.rows, done.imported, done.rejected) == (6, 2, {"not readable": 4})


def test_nesting_a_hundred_thousand_deep(desk, tmp_path):
    deep = "[" * 100_000 + "]" * 100_000
    one, two = json.dumps(account()), json.dumps(account(endTime="2022-03-05 05:06"))
    begun = time.monotonic()
    done = take(desk, put(tmp_path, "StreamingHistory0.json", f'[{one}, {{"x": {deep}}}, {two}]'))
    assert (done.imported, done.rejected) == (2, {"not readable": 1})
    for name, text in (("a.json", deep), ("b.json", '{"a":' * 100_000), ("c.xml", "<plist><key>Tracks</key>" * 9000)):
        with contextlib.suppress(Unusable):
            assert take(desk, put(tmp_path, name, text)).imported == 0
    deep_line = '{"listened_at": 1, "track_metadata": ' + deep + "}\n"
    done = take(desk, put(tmp_path, "d.jsonl", deep_line + SAMPLES["listenbrainz"][1].decode()))
    assert (done.imported, done.rejected) == (1, {"not readable": 1})
    for name, key in (("playlists", b'"Evening"'), ("library", b'"Noise"')):
        data = SAMPLES[name][1].replace(key, deep.encode())
        with contextlib.suppress(Unusable):
            assert take(desk, put(tmp_path, name, data)).imported == 0
    assert time.monotonic() - begun < 20


def test_numbers_of_many_digits(desk, tmp_path):
    rows = f'[{json.dumps(account())[:-1]}, "x": {"9" * 100_000}}}, {json.dumps(account())}]'
    done = take(desk, put(tmp_path, "StreamingHistory0.json", rows))
    assert (done.imported, done.rejected) == (1, {"not readable": 1})


def test_a_string_without_end(desk, tmp_path):
    text = f'[{json.dumps(account())}, {{"endTime": "' + "z" * 5_000_000
    done = take(desk, put(tmp_path, "StreamingHistory0.json", text))
    assert (done.imported, done.rejected) == (1, {"cut off at the end of the file": 1})


def test_xml_that_defines_entities_is_stopped(desk, tmp_path):
    bomb = '<!DOCTYPE plist [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
    )
    text = f"<?xml version='1.0'?>{bomb}]><plist><dict><key>Tracks</key><dict><key>1</key><dict><key>Name</key>"
    text += "<string>&j;</string></dict></dict></dict></plist>"
    done = take(desk, put(tmp_path, "Library.xml", text))
    assert done.imported == 0 and "entities" in done.notes[0]


def test_a_zip_bomb_is_stopped_while_it_is_read(desk, tmp_path):
    rows = json.dumps([account()])[:-1] + "," + " " * 100_000_000 + json.dumps(account()) + "]"
    begun = time.monotonic()
    done = take(desk, put(tmp_path, "my_data.zip", zipped({"StreamingHistory0.json": rows.encode()})))
    assert done.imported == 1 and "200 times" in done.notes[0]
    assert time.monotonic() - begun < 15


def test_a_member_over_the_limit_is_stopped(desk, tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "LONGEST", 2_000_000)
    rows = [account(trackName=f"{n * 7919 % 100_003}") for n in range(40_000)]
    done = take(desk, put(tmp_path, "my_data.zip", zipped({"StreamingHistory0.json": json.dumps(rows).encode()})))
    assert 0 < done.imported < 40_000 and "more than 4 GB" in done.notes[0]


def test_names_that_lead_elsewhere_links_and_archives_inside_archives(desk, tmp_path):
    target = io.BytesIO()
    row = json.dumps([account()]).encode()
    with zipfile.ZipFile(target, "w") as archive:
        for name in ("../up.json", "/root.json", "a/../../b.json", "C:\\x.json", "..\\w.json", "good/ok.json"):
            archive.writestr(zipfile.ZipInfo(name), row)
        link = zipfile.ZipInfo("link.json")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("inner.zip", zipped({"x.json": row}))
    done = take(desk, put(tmp_path / "in", "my_data.zip", target.getvalue()))
    assert (done.files, done.imported) == (1, 1)
    assert len(done.notes) == 7
    assert sorted(p.name for p in tmp_path.rglob("*.json") if "profile" not in p.parts) == []


def test_encrypted_members_are_left_out_with_a_sentence(desk, tmp_path):
    data = bytearray(zipped({"StreamingHistory0.json": json.dumps([account()]).encode()}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    with pytest.raises(Unusable, match="encrypted"):
        take(desk, put(tmp_path, "my_data.zip", bytes(data)))


def test_too_many_members(desk, tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "MEMBERS", 5)
    members = {f"{n}.json": b"[]" for n in range(6)}
    with pytest.raises(Unusable, match="choose the history inside"):
        take(desk, put(tmp_path, "my_data.zip", zipped(members)))
    for name, data in members.items():
        put(tmp_path / "folder", name, data)
    with pytest.raises(Unusable, match="choose the history inside"):
        take(desk, tmp_path / "folder")


def test_a_folder_with_links_and_other_things(desk, tmp_path):
    folder = tmp_path / "export"
    put(folder, "StreamingHistory0.json", [account()])
    put(folder, "Userdata.json", b'{"username": "u"}')
    put(folder, "broken.zip", b"PK\x03\x04 nothing")
    put(folder, ".hidden.json", [account(endTime="2022-01-01 00:00")])
    (folder / "link.json").symlink_to(folder / "StreamingHistory0.json")
    (folder / "loop").symlink_to(folder)
    done = take(desk, folder)
    assert (done.files, done.imported) == (1, 1)
    assert len(done.notes) == 3 and "link.json and 1 more are links, left out; name what they lead to." in done.notes


def test_file_names_that_are_no_text(desk, tmp_path):
    for name, data in ((b"a\xff\n.json", json.dumps([account()])), (b"b\xfe.txt", GOOD)):
        path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))
        path.write_text(data)
        assert take(desk, path).imported == 1
    other = Path(os.fsdecode(os.fsencode(tmp_path) + b"/c\xff.bin"))
    other.write_text("nothing")
    with pytest.raises(Unusable, match="No history was recognised"):
        take(desk, other)


def test_a_folder_of_links_alone_says_that_it_left_them_out(desk, tmp_path):
    real = put(tmp_path, "elsewhere/StreamingHistory0.json", [account()])
    folder = tmp_path / "links"
    folder.mkdir()
    (folder / "a.json").symlink_to(real)
    with pytest.raises(Unusable, match=r"Nothing was imported: a\.json is a link, left out"):
        take(desk, folder)
    (folder / "more").symlink_to(real.parent)
    with pytest.raises(Unusable, match=r"a\.json and 1 more are links"):
        take(desk, folder)
    assert take(desk, folder / "a.json").imported == 1


def test_what_is_there_and_no_file_is_not_said_to_be_missing(desk, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path(os.devnull)):
        with pytest.raises(Unusable, match="neither a file nor a folder"):
            take(desk, path)


def test_a_crowd_with_a_listener_and_an_unknown_format_are_refused(desk, tmp_path):
    crowd = put(tmp_path, "t.txt", GOOD)
    with pytest.raises(Unusable, match=r"t\.txt is many people's plays; import it without a listener"):
        take(desk, crowd, listener="Kid")
    assert desk.catalog.crowds.all() == []
    with pytest.raises(NotFound, match=r"known are .*spotify-account.*taste-profile"):
        take(desk, crowd, form="nope")
    assert take(desk, crowd, listener="me").crowd
