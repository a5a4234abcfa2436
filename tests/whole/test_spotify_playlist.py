"""A list of ours sent to Spotify: what of it is found there, and an account of every track."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from musicdesk.core.errors import NotFound, Unusable
from musicdesk.core.progress import Silent
from musicdesk.core.types import Pick, Playlist, PlaylistId, TrackId
from musicdesk.workflows.desk import Desk
from musicdesk.workflows.import_history import import_history
from musicdesk.workflows.match import match
from musicdesk.workflows.scan import scan
from musicdesk.workflows.spotify_playlist import Sent, send
from tests.helpers.histories import extended, put
from tests.helpers.music import make_file
from tests.helpers.spotify_consent import connected_desk
from tests.helpers.spotify_server import HASTY, Reply, SpotifyServer, error, track


@pytest.fixture
def desk(tmp_path: Path, server: SpotifyServer) -> Iterator[Desk]:
    """A desk that is connected."""
    with connected_desk(tmp_path / "p", server) as opened:
        yield opened


def library(desk: Desk, folder: Path, names: list[dict[str, str]]) -> list[TrackId]:
    for n, tags in enumerate(names):
        make_file(folder / f"{n:02}.flac", 110.0 * 2 ** (n / 12), 4.0, **tags)
    scan(desk, [str(folder).encode()], Silent())
    tracks = {track.path: track.id for track in desk.catalog.tracks.get_many([TrackId(n) for n in range(1, 99)])}
    return [tracks[str(folder / f"{n:02}.flac").encode()] for n in range(len(names))]


def make_list(desk: Desk, tracks: list[TrackId], name: str = "Evening") -> PlaylistId:
    saved = desk.catalog.playlists.save(Playlist(None, name, "for-you", tuple(Pick(t, 1.0) for t in tracks)), {})
    assert saved.id is not None
    return saved.id


def give(desk: Desk, playlist: PlaylistId, **more: Any) -> Sent:
    done = send(desk, playlist, Silent(), patience=HASTY, **more)
    assert done.tracks == done.found + len(done.missing)
    assert done.found == sum(done.by_method.values())
    return done


def test_a_playlist_arrives_with_an_account_of_every_track(desk: Desk, server: SpotifyServer, tmp_path: Path):
    names = [
        {"artist": "John Coltrane", "title": "Blue Train"},  # its uri is known from a history
        {"artist": "Miles Davis", "title": "So What", "isrc": "US-SM1-59-00113"},
        {"artist": "Nina Simone", "title": "Sinnerman (Live)"},
        {"artist": "Nobody", "title": "Not There"},
        {"title": "Nameless"},
        {"artist": "Nina Simone", "title": "Sinnerman"},
    ]
    tracks = library(desk, tmp_path / "music", names)
    rows = [extended(spotify_track_uri="spotify:track:0000000000000000000111")]
    import_history(desk, [put(tmp_path, "endsong_0.json", rows)], Silent())
    match(desk, Silent())
    so_what = track(222, "Entirely other name", "M. D.", 4_000, external_ids={"isrc": "USSM15900113"})
    server.catalog = [
        track(331, "Sinnerman", "Somebody Else", 4_000),
        track(332, "Sinnerman", "Nina Simone", 600_000),  # another length
        track(333, "Sinnerman - Live", "Nina Simone", 5_000),
        so_what,
    ]
    done = give(desk, make_list(desk, [*tracks, tracks[0]]))
    made = next(iter(server.playlists.values()))
    assert made["uris"] == [f"spotify:track:{n:022d}" for n in (111, 222, 333)]
    assert done.by_method == {"history": 2, "isrc": 1, "search": 2}
    assert (done.tracks, done.found, done.added, done.doubles) == (7, 5, 3, 2)
    reasons = {row["position"]: row["reason"] for row in done.missing}
    assert reasons == {4: "not found at Spotify", 5: "has no artist or title"}
    assert made["name"] == "Evening" and made["public"] is False
    assert done.address.startswith("https://open.spotify.com/playlist/")


def test_a_long_playlist_goes_in_hundreds(desk: Desk, server: SpotifyServer):
    from tests.helpers.big_catalog import fill as many

    ids = [TrackId(int(n)) for n in many(desk.catalog, 230)]
    tracks = desk.catalog.tracks.get_many(ids)
    server.catalog = [
        track(n, t.tags.title, t.tags.artist, round((t.tags.duration_s or 0) * 1000)) for n, t in enumerate(tracks)
    ]
    done = give(desk, make_list(desk, ids), name="Another name")
    made = next(iter(server.playlists.values()))
    assert done.added == len(made["uris"]) > 200 and made["batches"][:2] == [100, 100]
    assert made["name"] == "Another name"


def test_without_any_track_nothing_is_made(desk: Desk, server: SpotifyServer, tmp_path: Path):
    tracks = library(desk, tmp_path / "music", [{"artist": "Nobody", "title": "Not There"}])
    with pytest.raises(Unusable, match="nothing was made"):
        give(desk, make_list(desk, tracks))
    assert not server.playlists
    with pytest.raises(NotFound):
        give(desk, PlaylistId(99))


def test_without_the_search_what_is_known_goes(desk: Desk, server: SpotifyServer, tmp_path: Path):
    names = [{"artist": "John Coltrane", "title": "Blue Train"}, {"artist": "A", "title": "B"}]
    tracks = library(desk, tmp_path / "music", names)
    import_history(desk, [put(tmp_path, "endsong_0.json", [extended()])], Silent())
    server.replies["/v1/search"].append(error(403))
    done = give(desk, make_list(desk, tracks))
    assert (done.added, done.missing[0]["reason"]) == (1, "the search is not given")
    assert len(done.notes) == 1


def test_a_playlist_that_was_not_filled_says_how_far_it_is(desk: Desk, server: SpotifyServer):
    from tests.helpers.big_catalog import fill as many

    ids = [TrackId(int(n)) for n in many(desk.catalog, 150)]
    tracks = desk.catalog.tracks.get_many(ids)
    server.catalog = [
        track(n, t.tags.title, t.tags.artist, round((t.tags.duration_s or 0) * 1000)) for n, t in enumerate(tracks)
    ]
    full = Reply(201, b'{"snapshot_id": "s"}')
    server.replies[f"/v1/playlists/list{1:018d}/items"].extend([full, error(502)])
    done = give(desk, make_list(desk, ids))
    assert done.added == 100 and "holds 100 of the" in done.notes[0]


# as programs
