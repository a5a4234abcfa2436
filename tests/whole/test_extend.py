"""Playlists of other players as a start, and what Discover offers without being asked."""

from __future__ import annotations

import json
import time
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from musicdesk.cli.main import main
from musicdesk.core.errors import NotFound
from musicdesk.core.types import Track, TrackId, Verdict
from musicdesk.playlists.export import Row, write
from musicdesk.workflows.desk import Desk, open_desk
from musicdesk.workflows.extend import brought, request_for
from musicdesk.workflows.lanes import _library, _taste, kept_lanes, lanes, stale
from musicdesk.workflows.recommend import draft
from tests.helpers.big_catalog import fill


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path / "p") as opened:
        fill(opened.catalog, 200, opened.encoder)
        yield opened


def elsewhere(track: Track) -> Row:
    """The same track as another machine would list it."""
    tags = track.tags
    return Row(b"/other/disk/" + str(track.id).encode() + b".mp3", tags.title + " (Remastered)", tags.artist)


@pytest.mark.parametrize("form", ["m3u8", "xspf", "jspf"])
def test_rows_are_found_by_path_or_by_name_and_the_rest_is_told(desk: Desk, tmp_path: Path, form: str) -> None:
    tracks = desk.catalog.tracks.get_many([TrackId(i) for i in range(1, 9)])
    rows = [Row.of(track) for track in tracks[:5]] + [elsewhere(track) for track in tracks[5:7]]
    rows += [Row(b"/none.mp3", "Nothing", "Nobody Known"), Row.of(tracks[0])]
    write(tmp_path / f"list.{form}", form, "My mix", rows)
    found = brought(desk, tmp_path / f"list.{form}")
    assert found.found == tuple(track.id for track in tracks[:7]) and found.by_name == 2
    assert found.missing == ("Nobody Known – Nothing",) and found.name == "My mix"
    assert "8 of 9 tracks of “My mix”" in found.account and "Nobody Known – Nothing" in found.account
    playlist, _ = draft(desk, request_for(found))
    assert playlist.name == "Goes with: My mix" and len(playlist.picks) == 30
    assert not {pick.track for pick in playlist.picks} & set(found.found)


def test_names_are_looked_up_as_histories_are(desk: Desk, tmp_path: Path) -> None:
    one = desk.catalog.tracks.all()[0]
    apart = " ".join(one.tags.artist or "")
    write(tmp_path / "far.m3u8", "m3u8", "", [Row(b"/x.mp3", one.tags.title or "", apart)])
    assert brought(desk, tmp_path / "far.m3u8").found == (one.id,)


JOGA, SONG = "/music/Björk/Alb/01 Jóga.flac", "/music/Aa/Alb/02 Song.flac"


@pytest.fixture
def owned(desk: Desk) -> Desk:
    """A desk whose first two tracks have names as people have them."""
    with desk.catalog.write() as db:
        for track, path, artist, title in ((1, JOGA, "Björk", "Jóga"), (2, SONG, "Aa", "Song")):
            db.execute(
                "UPDATE track SET path = ?, artist = ?, title = ? WHERE id = ?", (path.encode(), artist, title, track)
            )
    return desk


def mac(text: str) -> bytes:
    return unicodedata.normalize("NFD", text).encode()


def jspf(*tracks: dict[str, object]) -> bytes:
    return json.dumps({"playlist": {"title": "x", "track": tracks}}).encode()


XSPF = '<playlist version="1" xmlns="http://xspf.org/ns/0/"><trackList>%s</trackList></playlist>'
FOREIGN = {  # ending, body, the track in it, whether it is told by its path
    "Latin-1 path": ("m3u", "#EXTM3U\n/music/Björk/Alb/01 Jóga.flac\n".encode("latin-1"), 1, True),
    "Latin-1 names": ("m3u", "#EXTINF:3,Björk - Jóga\r\nZ:\\x\\01 Jóga.flac\r\n".encode("cp1252"), 1, False),
    "backslashes": ("m3u", b"#EXTM3U\r\n..\\..\\music\\Aa\\Alb\\02 Song.flac\r\n", 2, True),
    "UTF-16": ("m3u", f"#EXTM3U\r\n#EXTINF:3,Aa - Song\r\n{SONG}\r\n".encode("utf-16"), 2, True),
    "a Mac's accents": ("m3u8", mac(f"#EXTM3U\n{JOGA}\n"), 1, True),
    "a Mac's address": ("m3u8", b"file://" + quote(mac(JOGA)).encode(), 1, True),
    "an old Mac's lines": ("m3u", f"#EXTM3U\r{SONG}\r".encode(), 2, True),
    "blanks around": ("m3u", f"  {SONG}  \n".encode(), 2, True),
    "names alone, JSPF": (
        "jspf",
        jspf({"title": "Song", "creator": "Aa", "identifier": ["https://mb.org/1"]}),
        2,
        False,
    ),
    "no place, JSPF": ("jspf", jspf({"title": "Song", "creator": "Aa", "location": []}), 2, False),
    "names alone, XSPF": (
        "xspf",
        (XSPF % "<track><title>Song</title><creator>Aa</creator></track>").encode(),
        2,
        False,
    ),
}


@pytest.mark.parametrize("case", FOREIGN)
def test_lists_as_other_players_write_them(owned: Desk, tmp_path: Path, case: str) -> None:
    form, body, track, by_path = FOREIGN[case]
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    if b"..\\.." in body:  # the list lies two folders below the root that the music lies in
        body = body.replace(b"..\\..", b"\\".join([b".."] * (len(folder.parts) - 1)))
    (folder / f"list.{form}").write_bytes(body)
    found = brought(owned, folder / f"list.{form}")
    assert found.found == (track,) and found.by_name == (0 if by_path else 1)
    assert "1 of 1 tracks" in found.account and found.skipped == 0


def test_every_row_of_a_list_counts(owned: Desk, tmp_path: Path) -> None:
    (tmp_path / "twice.m3u").write_text(f"{SONG}\n{SONG}\n/music/no.flac\n", "utf-8")
    found = brought(owned, tmp_path / "twice.m3u")
    assert found.found == (2,) and "2 of 3 tracks" in found.account
    (tmp_path / "names.m3u").write_text("#EXTINF:3,Aa - Song\n/x/1.flac\n#EXTINF:3,Aa - Song\n/x/2.flac\n", "utf-8")
    found = brought(owned, tmp_path / "names.m3u")
    assert found.found == (2,) and "2 of 2 tracks" in found.account and "2 of them found by" in found.account


def test_what_is_neither_a_file_nor_a_song_is_left_out(owned: Desk, tmp_path: Path) -> None:
    (tmp_path / "a.jspf").write_bytes(jspf({"title": "Song"}, {"location": ["http://radio/x"]}, {"creator": "Aa"}))
    found = brought(owned, tmp_path / "a.jspf")
    assert (found.rows, found.skipped) == (0, 3)


def test_a_list_without_a_track_of_ours_says_so(desk: Desk, tmp_path: Path) -> None:
    write(tmp_path / "far.m3u8", "m3u8", "", [Row(b"/x.mp3", "A", "B")])
    with pytest.raises(NotFound, match="None of the tracks of “far”"):
        request_for(brought(desk, tmp_path / "far.m3u8"))


def test_on_the_command_line(desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "a.xspf", "xspf", "Mix", [Row.of(track) for track in desk.catalog.tracks.get_many([TrackId(3)])])
    command = ["--profile", str(tmp_path / "p"), "recommend", "--extend", str(tmp_path / "a.xspf"), "-n", "5"]
    assert main([*command, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["extends"]["found"] == 1 and told["extends"]["not_found"] == [] and len(told["items"]) == 5
    for item in told["items"]:
        assert sum(item["points"]) == pytest.approx(item["score"], abs=1e-3)
        assert sum(item["shares"]) == pytest.approx(1.0, abs=1e-3)
    assert main(["--profile", str(tmp_path / "p"), "why", "3", "--kind", "similar", "--seed-track", "3", "--json"]) == 0
    why = json.loads(capsys.readouterr().out)
    assert not why["in_list"] and [each["rule"] for each in why["hindrances"]] == ["left out"]
    assert main(["--profile", str(tmp_path / "p"), "why", "3", "--kind", "path"]) == 1
    assert "--seed-track A --to B" in capsys.readouterr().err


def test_lanes_are_kept_until_the_library_or_much_time_has_gone_on(desk: Desk) -> None:
    assert stale(desk) and kept_lanes(desk).mixes == []
    for track in (1, 40, 90, 150):
        desk.catalog.feedback.rate(TrackId(track), Verdict.LIKE)
    made = lanes(desk)
    assert made.mixes and made.genres and kept_lanes(desk) == made and not stale(desk)
    assert all(0 < lane["confidence"] <= 1 and lane["tracks"] for lane in made.genres)
    assert sum(lane["share"] for lane in made.genres) == pytest.approx(1.0, abs=1e-3)
    desk.catalog.feedback.rate(TrackId(2), Verdict.LIKE)
    assert not stale(desk), "a rating does not set them aside at once"
    desk.catalog.sound.save_vector(TrackId(1), desk.encoder, desk.vectors().matrix[5])
    assert stale(desk) and kept_lanes(desk).mixes == []
    (desk.profile.cache / "lanes.json").write_text("{nonsense", "utf-8")
    assert stale(desk) and kept_lanes(desk).genres == []
    older = [{name: value for name, value in mix.items() if name != "seeds"} for mix in made.mixes]
    told = json.loads(json.dumps({"library": _library(desk), "taste": _taste(desk), "at": time.time()}))
    for mixes in (older, [7], None):
        (desk.profile.cache / "lanes.json").write_text(json.dumps({**told, "mixes": mixes, "genres": []}), "utf-8")
        assert stale(desk) and kept_lanes(desk).mixes == [], "what an older version kept has no tracks to start from"
