"""Playlists of other players as a start, and what Discover offers without being asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from musicdesk.cli.main import main
from musicdesk.core.errors import NotFound
from musicdesk.core.types import Track, TrackId, Verdict
from musicdesk.playlists.export import Row, write
from musicdesk.workflows.desk import Desk, open_desk
from musicdesk.workflows.extend import brought, request_for
from musicdesk.workflows.lanes import kept_lanes, lanes, stale
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
    assert "7 of 8 tracks of “My mix”" in found.account and "Nobody Known – Nothing" in found.account
    playlist, _ = draft(desk, request_for(found))
    assert playlist.name == "Goes with: My mix" and len(playlist.picks) == 30
    assert not {pick.track for pick in playlist.picks} & set(found.found)


def test_names_are_looked_up_as_histories_are(desk: Desk, tmp_path: Path) -> None:
    one = desk.catalog.tracks.all()[0]
    apart = " ".join(one.tags.artist or "")
    write(tmp_path / "far.m3u8", "m3u8", "", [Row(b"/x.mp3", one.tags.title or "", apart)])
    assert brought(desk, tmp_path / "far.m3u8").found == (one.id,)


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
