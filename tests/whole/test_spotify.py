"""Spotify as a person meets it: fetched like an import, sent as a playlist, on the command line and in a worker."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from musicdesk.core.errors import Cancelled, MusicdeskError, NotReady, Offline, Unusable
from musicdesk.core.progress import Silent
from musicdesk.core.types import Playlist, PlaylistId
from musicdesk.integrations.faults import Crowded, NotConnected, Unreachable
from musicdesk.workflows.backups import delete_all
from musicdesk.workflows.desk import Desk, open_desk
from musicdesk.workflows.import_history import import_history
from musicdesk.workflows.scan import scan
from musicdesk.workflows.spotify import Fetched, choose_client, connect, disconnect, fetch, state
from musicdesk.workflows.spotify_playlist import send
from tests.helpers.histories import extended, put, stored
from tests.helpers.music import make_file
from tests.helpers.programs import ROOT, ask, run, start
from tests.helpers.spotify_consent import connected_desk
from tests.helpers.spotify_person import Person, browse
from tests.helpers.spotify_server import CLIENT, HASTY, Reply, SpotifyServer, error, track

PATHS = {"recent": "/v1/me/player/recently-played", "saved": "/v1/me/tracks", "top": "/v1/me/top/tracks"}


@pytest.fixture
def desk(tmp_path: Path, server: SpotifyServer) -> Iterator[Desk]:
    """A desk that is connected."""
    with connected_desk(tmp_path / "p", server) as opened:
        yield opened


def played(at: int, title: str, **more: Any) -> dict[str, Any]:
    text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at)) + ".250Z"
    return {"played_at": text, "track": track(zlib.crc32(title.encode()), title, **more)}


def fill(server: SpotifyServer) -> None:
    server.recent = [played(1_700_000_000 - 300 * n, f"Song {n % 20}") for n in range(70)]
    server.recent[3]["track"] = {"type": "episode", "show": {"name": "Talk"}}
    server.saved = [{"added_at": "2024-02-03T04:05:06Z", "track": track(n, f"Liked {n}")} for n in range(120)]
    server.saved[7]["track"]["name"] = ""
    server.top = {span: [track(n, f"Top {n}") for n in range(30)] for span in ("short_term", "long_term")}


def take(desk: Desk, **more: Any) -> Fetched:
    done = fetch(desk, Silent(), patience=HASTY, **more)
    for part in ({**done.__dict__}, *done.parts):
        assert part["rows"] == part["imported"] + part["duplicates"] + sum(part["rejected"].values())
    assert done.rows == sum(part["rows"] for part in done.parts)
    return done


# what comes in


def test_what_spotify_tells_is_an_import_with_an_account(desk: Desk, server: SpotifyServer):
    fill(server)
    done = take(desk)
    assert done.rows == 70 + 120 + 60
    assert done.rejected == {"podcast": 1, "no artist or title": 1}
    assert (done.imported, done.duplicates) == (248, 0)
    assert stored(desk) == 69 and stored(desk, "count(*)", "mention") == 119 + 60
    verbs = dict(desk.catalog.store.conn.execute("SELECT verb, count(*) FROM mention GROUP BY verb").fetchall())
    assert verbs == {"liked": 119, "playlist": 60}
    again = take(desk)
    assert (again.imported, again.duplicates) == (0, 248)
    assert stored(desk) == 69


def test_likes_of_the_export_and_of_the_connection_are_one(desk: Desk, server: SpotifyServer, tmp_path: Path):
    server.saved = [{"added_at": "2024-02-03T04:05:06Z", "track": track(1, "Blue Train")}]
    take(desk)
    library = {"tracks": [{"artist": "John Coltrane", "album": "A", "track": "Blue Train"}], "bannedTracks": []}
    done = import_history(desk, [put(tmp_path, "YourLibrary.json", json.dumps(library))], Silent())
    assert (done.imported, done.duplicates) == (0, 1)


def test_plays_count_once_with_the_export_of_the_same_ones(desk: Desk, server: SpotifyServer, tmp_path: Path):
    server.recent = [played(1_700_000_000 - 300 * n, f"Song {n}") for n in range(10)]
    rows = [
        extended(
            ts=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1_700_000_002 - 300 * n)),
            master_metadata_track_name=f"Song {n}",
        )
        for n in range(4, 20)
    ]
    import_history(desk, [put(tmp_path, "endsong_0.json", rows)], Silent())
    done = take(desk)
    assert (done.imported, done.duplicates) == (4, 6)
    assert stored(desk, "sum(counted)") == 20


@pytest.mark.parametrize("missing", list(PATHS))
@pytest.mark.parametrize("status", [403, 404, 410])
def test_what_is_not_given_is_told_and_the_rest_comes(desk: Desk, server: SpotifyServer, missing: str, status: int):
    fill(server)
    whole = {"recent": 70, "saved": 120, "top": 60}
    server.replies[PATHS[missing]].extend(error(status) for _ in range(3))
    done = take(desk)
    assert done.rows == sum(whole.values()) - whole[missing]
    assert len(done.notes) == 2 and str(status) in done.notes[0] and done.notes[1] == "The rest works."


@pytest.mark.parametrize("reply, told", [(error(403), "connect again and consent to all"), (error(410), "answer 410")])
def test_what_is_refused_altogether_is_an_error(desk: Desk, server: SpotifyServer, reply: Reply, told: str):
    for path in PATHS.values():
        server.replies[path].extend([reply] * 3)
    with pytest.raises(MusicdeskError, match=told):
        fetch(desk, Silent(), patience=HASTY)
    kept = [note for part in state(desk)["parts"] for note in part["notes"]]
    assert kept and not any("the rest" in note for note in kept)


def test_an_account_that_holds_nothing_yet_is_no_refusal(desk: Desk, server: SpotifyServer):
    server.replies[PATHS["recent"]].append(error(403))
    done = take(desk)
    assert done.rows == 0 and done.notes[-1] == "The rest works."


@pytest.mark.parametrize("reply", [Reply(200, b"{broken"), Reply(200, b'{"items": {}}'), error(500)])
def test_one_bad_answer_does_not_spoil_the_others(desk: Desk, server: SpotifyServer, reply: Reply):
    fill(server)
    server.replies[PATHS["recent"]].extend([reply] * HASTY.tries)
    done = take(desk)
    assert done.rows == 180 and len(done.notes) == 1


def test_pages_before_a_fault_are_kept(desk: Desk, server: SpotifyServer):
    fill(server)
    server.replies[PATHS["saved"]].extend(
        [Reply(200, json.dumps({"items": server.saved[:50], "total": 120, "next": "x"}).encode()), error(404)]
    )
    done = take(desk)
    assert done.rows == 70 + 50 + 60
    server.replies[PATHS["saved"]].append(error(429, Retry_After="9999"))
    done = take(desk)
    assert done.rows == 70 and "167 minutes" not in done.notes[0] and "3 hours" in done.notes[0]


def test_when_nothing_comes_the_reason_is_the_error(desk: Desk, server: SpotifyServer):
    server.replies[PATHS["recent"]].append(error(429, Retry_After="9999"))
    with pytest.raises(Crowded):
        fetch(desk, Silent(), patience=HASTY)
    imports = desk.catalog.listens.count()["imports"]
    server.down()
    with pytest.raises(Unreachable):
        fetch(desk, Silent(), patience=HASTY)
    assert desk.catalog.listens.count()["imports"] == imports, "nothing is written when nobody answers"


def test_cancelling_keeps_what_is_there(desk: Desk, server: SpotifyServer):
    class Impatient(Silent):
        def report(self, done: int, total: int | None, message: str = "") -> None:
            if "saved tracks" in message:
                self.stop.set()

    fill(server)
    with pytest.raises(Cancelled):
        fetch(desk, Impatient(), patience=HASTY)
    assert stored(desk) == 69
    assert take(desk).imported == 248 - 69


def test_what_is_owned_is_found(desk: Desk, server: SpotifyServer, tmp_path: Path):
    make_file(tmp_path / "music" / "a.flac", title="Blue Train", artist="John Coltrane")
    scan(desk, [str(tmp_path / "music").encode()], Silent())
    server.recent = [played(1_700_000_000, "Blue Train - 2003 Remaster"), played(1_699_999_000, "Naima")]
    done = take(desk)
    assert (done.songs, done.matched, done.not_owned) == (2, 1, 1)


# states


def test_without_a_client_id_the_way_to_one_is_told(tmp_path: Path, server: SpotifyServer):
    with open_desk(tmp_path / "p") as desk:
        with pytest.raises(NotReady, match="client id of their own"):
            fetch(desk, Silent())
        with pytest.raises(Unusable, match="no client id"):
            choose_client(desk, "my id!")
        desk.save_settings(replace(server.settings(), spotify_client_id=""))
        choose_client(desk, f" {CLIENT} ")
        assert state(desk)["client_id"] and not state(desk)["connected"]
        with pytest.raises(NotConnected):
            fetch(desk, Silent())


def test_connecting_and_ending_it(tmp_path: Path, server: SpotifyServer):
    with open_desk(tmp_path / "p") as desk:
        desk.save_settings(server.settings())
        person = Person()
        assert connect(desk, person, patience=HASTY).notes == []
        person.gone()
        assert state(desk)["connected"] and state(desk)["since"]
        fill(server)
        take(desk)
        told = state(desk)
        assert told["fetched_at"] and [part["rows"] for part in told["parts"]] == [70, 120, 30, 0, 30]
        assert disconnect(desk).was_connected and not state(desk)["connected"]
        assert not disconnect(desk).was_connected


def test_an_account_that_the_app_does_not_name(tmp_path: Path, server: SpotifyServer):
    with open_desk(tmp_path / "p") as desk:
        desk.save_settings(server.settings())
        server.replies["/v1/me"].append(error(403, "User not registered in the Developer Dashboard"))
        person = Person()
        done = connect(desk, person, patience=HASTY)
        person.gone()
        assert done.connected and "User Management" in done.notes[0]


def test_another_client_id_ends_the_connection(desk: Desk):
    choose_client(desk, CLIENT)
    assert state(desk)["connected"]
    choose_client(desk, "0" * 32)
    assert not state(desk)["connected"] and not (desk.profile.folder / "spotify.json").exists()


def test_offline_is_for_everything(desk: Desk, server: SpotifyServer):
    saved = desk.catalog.playlists.save(Playlist(None, "Evening", "x"), {})
    desk.save_settings(replace(desk.settings, offline=True))
    assert saved.id
    for work in (
        lambda: fetch(desk, Silent()),
        lambda: connect(desk, Person()),
        lambda: send(desk, PlaylistId(int(saved.id or 0)), Silent()),
    ):
        with pytest.raises(Offline, match="by your choice"):
            work()
    assert server.seen == [] and state(desk)["offline"]
    assert desk.catalog.listens.count()["imports"] == 0


def test_all_data_means_the_token_too(desk: Desk):
    folder = desk.profile.folder
    desk.close()
    delete_all(desk.profile)
    assert not folder.exists()


def test_the_command_line_goes_the_whole_way(tmp_path: Path, server: SpotifyServer):
    fill(server)
    own = tmp_path / "p"
    with open_desk(own) as desk:
        desk.save_settings(replace(server.settings(), spotify_client_id=""))
    assert ask(own, "spotify", "status")["client_id"] is False
    assert "developer.spotify.com" in run(own, "spotify", "fetch", code=1)
    process = start(own, "spotify", "connect", "--client-id", CLIENT, "--no-browser", "--json")
    assert process.stderr and "browser" in process.stderr.readline()
    assert browse(process.stderr.readline().strip()) == 200
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert json.loads(out) == {"action": "connect", "connected": True, "notes": []}
    done = ask(own, "spotify", "fetch")
    assert done["rows"] == done["imported"] + done["duplicates"] + sum(done["rejected"].values()) == 250
    assert ask(own, "spotify", "status")["connected"]
    assert "no playlist number 7" in run(own, "spotify", "playlist", "7", code=1)
    assert "120" in run(own, "spotify", "status")
    assert ask(own, "spotify", "disconnect")["was_connected"]
    assert "is not connected" in run(own, "spotify", "fetch", code=1)
    _nothing_secret(own, server, except_for=("settings.json",))


def test_a_worker_waits_for_consent_and_can_be_cancelled(tmp_path: Path, server: SpotifyServer):
    own = tmp_path / "p"
    with open_desk(own) as desk:
        desk.save_settings(server.settings())
    assert [event["event"] for event in _worker(own, answer=False)][-1] == "cancelled"
    assert not (own / "spotify.json").exists()
    events = _worker(own, answer=True)
    assert events[-1]["event"] == "finished" and events[-1]["result"]["connected"]
    assert events[-1]["what"] == ["SETTINGS"]
    _nothing_secret(own, server, except_for=("settings.json", "spotify.json"))


def _worker(own: Path, answer: bool) -> list[dict[str, Any]]:
    request = {"profile": str(own), "job": "spotify-connect", "request": {}, "device": None}
    command = [sys.executable, "-m", "musicdesk", "--worker"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin and process.stdout
        process.stdin.write(json.dumps(request) + "\n")
        process.stdin.flush()
        events = []
        for line in process.stdout:
            events.append(json.loads(line))
            if events[-1]["event"] == "link" and answer:
                assert browse(events[-1]["url"]) == 200
            elif events[-1]["event"] == "link":
                process.stdin.write("cancel\n")
                process.stdin.flush()
    return events


def _nothing_secret(own: Path, server: SpotifyServer, except_for: tuple[str, ...]) -> None:
    """No token, code, client id or name lies in the catalog, the logs or anywhere else in the profile."""
    files = [path for path in own.rglob("*") if path.is_file() and path.name not in except_for]
    assert any(path.name.startswith("catalog.sqlite") for path in files)
    for path in files:
        data = path.read_bytes()
        found = [secret for secret in server.secrets if secret and secret.encode() in data]
        assert not found, (path, found)
        assert b"canary" not in data, path


def test_a_fetch_leaves_no_secret_in_the_catalog(desk: Desk, server: SpotifyServer):
    fill(server)
    server.replies[PATHS["top"]].append(error(403, "canary-message"))
    take(desk)
    desk.close()
    _nothing_secret(desk.profile.folder, server, except_for=("settings.json", "spotify.json"))
