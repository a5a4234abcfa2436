"""Exports of every format, as small as they come, made on the spot; and what must come out of them."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

from musicdesk.core.progress import Silent
from musicdesk.demo.world import WorldSpec, grow
from musicdesk.workflows.desk import Desk
from musicdesk.workflows.import_history import Imported, import_history

EXTENDED: dict[str, Any] = {
    "ts": "2022-03-04T05:06:07Z",
    "username": "secret-user",
    "platform": "secret-device",
    "ms_played": 180_000,
    "conn_country": "DE",
    "ip_addr_decrypted": "203.0.113.77",
    "user_agent_decrypted": "secret-agent",
    "master_metadata_track_name": "Blue Train",
    "master_metadata_album_artist_name": "John Coltrane",
    "master_metadata_album_album_name": "Blue Train",
    "spotify_track_uri": "spotify:track:0000000000000000000001",
    "episode_name": None,
    "episode_show_name": None,
    "spotify_episode_uri": None,
    "reason_start": "trackdone",
    "reason_end": "trackdone",
    "shuffle": False,
    "skipped": None,
    "offline": None,
    "offline_timestamp": 0,
    "incognito_mode": False,
}
NEWER = {**{k: v for k, v in EXTENDED.items() if k not in ("username", "user_agent_decrypted", "ip_addr_decrypted")}}
NEWER |= {"ip_addr": "203.0.113.78", "audiobook_title": None, "audiobook_uri": None}
NEWER |= {"audiobook_chapter_uri": None, "audiobook_chapter_title": None}

ACCOUNT: dict[str, Any] = {
    "endTime": "2022-03-04 05:06",
    "artistName": "John Coltrane",
    "trackName": "Blue Train",
    "msPlayed": 180_000,
}

NO_TRACK = {name: None for name in EXTENDED if name.startswith(("master_", "spotify_track"))}


def extended(**changes: Any) -> dict[str, Any]:
    return {**EXTENDED, **changes}


def account(**changes: Any) -> dict[str, Any]:
    return {**ACCOUNT, **changes}


LISTENBRAINZ = {
    "listened_at": 1_646_370_367,
    "track_metadata": {
        "artist_name": "John Coltrane",
        "track_name": "Blue Train",
        "release_name": "Blue Train",
        "additional_info": {"duration_ms": 642_000},
    },
}
APPLE = (
    "Apple Id Number,Artist Name,Content Name,Device Identifier,End Reason Type,Event End Timestamp,"
    "Event Start Timestamp,Event Type,Item Type,Media Duration In Milliseconds,Media Type,Play Duration Milliseconds\n"
    "secret,John Coltrane,Blue Train,secret,NATURAL_END_OF_TRACK,2022-03-04T05:06:07.123Z,2022-03-04T05:00:00Z,"
    "PLAY_END,ITUNES_STORE_CONTENT,642000.0,AUDIO,180000\n"
    "secret,,,secret,NOT_APPLICABLE,2022-03-04T05:06:07.123Z,,,AGGREGATE_NON_CATALOG_PLAY_TIME,,,11870\n"
)
YOUTUBE = [
    {
        "header": "YouTube Music",
        "title": "Watched Blue Train",
        "titleUrl": "https://music.youtube.com/watch?v=x",
        "subtitles": [{"name": "John Coltrane - Topic", "url": "u"}],
        "time": "2022-03-04T05:06:07.600Z",
        "products": ["YouTube"],
    },
    {"header": "YouTube", "title": "Watched cats", "time": "2022-03-04T05:06:07.600Z", "products": ["YouTube"]},
]
ITUNES = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple Computer//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict><key>Major Version</key><integer>1</integer><key>Tracks</key><dict>
<key>1</key><dict><key>Name</key><string>Blue Train</string><key>Artist</key><string>John Coltrane</string>
<key>Play Count</key><integer>7</integer><key>Play Date UTC</key><date>2022-03-04T05:06:07Z</date></dict>
<key>2</key><dict><key>Name</key><string>Never &amp; ever</string><key>Artist</key><string>X</string></dict>
</dict><key>Playlists</key><array><dict><key>Name</key><string>P</string></dict></array></dict></plist>
"""
PLAYLISTS = {
    "playlists": [
        {
            "name": "Evening",
            "lastModifiedDate": "2024-01-01",
            "items": [
                {"track": {"trackName": "Blue Train", "artistName": "John Coltrane", "albumName": "Blue Train"}},
                {"track": None, "episode": None, "localTrack": {"uri": "spotify:local:::x:1"}},
                {"track": None, "episode": {"episodeName": "E"}, "localTrack": None},
            ],
            "description": None,
            "numberOfFollowers": 0,
        }
    ]
}
LIBRARY = {
    "tracks": [{"artist": "John Coltrane", "album": "Blue Train", "track": "Blue Train"}],
    "albums": [],
    "shows": [],
    "episodes": [],
    "bannedTracks": [{"artist": "Somebody", "album": "A", "track": "Noise"}],
    "artists": [],
    "bannedArtists": [],
    "other": [],
}
FIRST_SCROBBLES = (
    "uts,utc_time,artist,artist_mbid,album,album_mbid,track,track_mbid\n"
    '"1646370360","04 Mar 2022, 05:06","John Coltrane","","Blue Train","","Blue Train",""\n'
)

# name of the sample -> (file name, bytes, format, rows, imported)
SAMPLES: dict[str, tuple[str, bytes, str, int, int]] = {
    "extended": ("endsong_0.json", json.dumps([EXTENDED, extended(**NO_TRACK)]).encode(), "spotify-extended", 2, 1),
    "extended newer": ("Streaming_History_Audio_2024_1.json", json.dumps([NEWER]).encode(), "spotify-extended", 1, 1),
    "account": ("StreamingHistory0.json", json.dumps([ACCOUNT], indent=2).encode(), "spotify-account", 1, 1),
    "podcasts": (
        "StreamingHistory_podcast_0.json",
        b'[{"endTime": "2022-03-04 05:06", "podcastName": "P", "episodeName": "E", "msPlayed": 5}]',
        *("spotify-account", 1, 0),
    ),
    "playlists": ("Playlist1.json", json.dumps(PLAYLISTS).encode(), "spotify-playlists", 3, 1),
    "library": ("YourLibrary.json", json.dumps(LIBRARY).encode(), "spotify-library", 2, 2),
    "lastfm": ("scrobbles.csv", FIRST_SCROBBLES.encode(), "lastfm", 1, 1),
    "lastfm from R": (
        "r.csv",
        b'"","date","artist","track","album"\n"1",2022-03-04 05:06:07,"John Coltrane","Blue Train","Blue Train"\n'
        b'"2",NA,"A","B","C"\n',
        *("lastfm", 2, 1),
    ),
    "lastfm bare": ("user.csv", b'John Coltrane,Blue Train,Blue Train,"04 Mar 2022 05:06"\n', "lastfm", 1, 1),
    "listenbrainz": ("1.jsonl", json.dumps(LISTENBRAINZ).encode() + b"\n", "listenbrainz", 1, 1),
    "listenbrainz feedback": (
        "feedback.jsonl",
        b'{"recording_mbid": "x", "score": 1, "track_metadata": {"artist_name": "A", "track_name": "B"}}\n'
        b'{"recording_mbid": "y", "score": -1}\n',
        *("listenbrainz-feedback", 2, 1),
    ),
    "apple": ("Apple Music Play Activity.csv", APPLE.encode("utf-8-sig"), "apple", 2, 1),
    "youtube": ("watch-history.json", json.dumps(YOUTUBE).encode(), "youtube", 2, 1),
    "itunes": ("iTunes Library.xml", ITUNES.encode(), "itunes", 2, 1),
    "csv": (
        "mine.csv",
        b"time;artist;title;album;ms\n2022-03-04T06:06:07+01:00;John Coltrane;Blue Train;;180000\n",
        *("csv", 1, 1),
    ),
}


def put(folder: Path, name: str, data: bytes | str | list[Any]) -> Path:
    """Writes a file; a list becomes JSON."""
    if not isinstance(data, bytes):
        data = (data if isinstance(data, str) else json.dumps(data)).encode("utf-8", "surrogatepass")
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def zipped(members: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return target.getvalue()


def take(desk: Desk, *paths: Path, **options: str) -> Imported:
    """Imports, and checks that the account adds up before anything else is looked at."""
    done = import_history(desk, list(paths), Silent(), **options)
    assert done.rows == done.imported + done.duplicates + sum(done.rejected.values()), done
    assert all(len(shown) == min(done.rejected[reason], 20) for reason, shown in done.examples.items()), done
    for source in desk.catalog.listens.sources():
        refused = sum(source.account["rejected"].values())
        assert source.rows == source.imported + source.duplicates + refused
    return done


def stored(desk: Desk, what: str = "count(*)", table: str = "listen") -> Any:
    return desk.catalog.store.conn.execute(f"SELECT {what} FROM {table}").fetchone()[0]


def friends(path: Path) -> Path:
    """A crowd of 200 listeners of the planted world, as Taste Profile triplets."""
    plays = grow(WorldSpec()).plays
    rows = zip(plays.listener, plays.track, plays.count, strict=True)
    path.write_text("".join(f"{who:040x}\tSO{what:016d}\t{often}\n" for who, what, often in rows), "ascii")
    return path
