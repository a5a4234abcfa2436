CREATE TABLE listener (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE
) STRICT;
INSERT INTO listener (name) VALUES ('me');

-- Many people's plays. The counts lie in a file of the profile; songs by their number in it.
CREATE TABLE crowd (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    listeners INTEGER NOT NULL DEFAULT 0,
    songs INTEGER NOT NULL DEFAULT 0,
    pairs INTEGER NOT NULL DEFAULT 0,
    plays INTEGER NOT NULL DEFAULT 0,
    folder TEXT NOT NULL DEFAULT '',
    digest TEXT NOT NULL DEFAULT '',
    made_at REAL NOT NULL
) STRICT;

-- Songs of a crowd, sorted by name; code is the column in its matrix.
CREATE TABLE crowd_song (
    crowd_id INTEGER NOT NULL REFERENCES crowd (id) ON DELETE CASCADE,
    code INTEGER NOT NULL CHECK (code >= 0),
    name TEXT NOT NULL,
    PRIMARY KEY (crowd_id, code)
) STRICT, WITHOUT ROWID;

-- What the names stand for; they may come before or after the plays. wrong 1: known to belong to another sound.
CREATE TABLE crowd_title (
    crowd_id INTEGER NOT NULL REFERENCES crowd (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    artist TEXT NOT NULL DEFAULT '',
    title TEXT NOT NULL DEFAULT '',
    key TEXT NOT NULL DEFAULT '',
    wrong INTEGER NOT NULL DEFAULT 0 CHECK (wrong IN (0, 1)),
    PRIMARY KEY (crowd_id, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX crowd_title_by_key ON crowd_title (key) WHERE key <> '';

-- One file of one import, and what became of its rows.
CREATE TABLE source (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    listener_id INTEGER REFERENCES listener (id) ON DELETE CASCADE,
    crowd_id INTEGER REFERENCES crowd (id) ON DELETE CASCADE,
    format TEXT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'finished', 'stopped')),
    rows INTEGER NOT NULL DEFAULT 0,
    imported INTEGER NOT NULL DEFAULT 0,
    duplicates INTEGER NOT NULL DEFAULT 0,
    refused INTEGER NOT NULL DEFAULT 0,
    account TEXT NOT NULL DEFAULT '{}',
    started_at REAL NOT NULL,
    ended_at REAL,
    CHECK (rows = imported + duplicates + refused)
) STRICT;

-- What histories know, owned or not. Album, uri and length are the least (length: the most) ever seen,
-- so that the order of imports does not matter.
CREATE TABLE song (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    artist TEXT NOT NULL,
    title TEXT NOT NULL,
    album TEXT NOT NULL DEFAULT '',
    uri TEXT NOT NULL DEFAULT '',
    length_ms INTEGER CHECK (length_ms > 0),
    artist_key TEXT NOT NULL,
    title_key TEXT NOT NULL,
    UNIQUE (artist, title)
) STRICT;
CREATE INDEX song_by_artist ON song (artist_key);

-- Append-only. ms -1: the source does not tell. ordinal: the n-th row of one file that is the same in all else.
-- counted 0: the same play is known from another export of the same service.
CREATE TABLE listen (
    listener_id INTEGER NOT NULL REFERENCES listener (id) ON DELETE CASCADE,
    song_id INTEGER NOT NULL REFERENCES song (id),
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    ms INTEGER NOT NULL CHECK (ms BETWEEN -1 AND 86400000),
    ordinal INTEGER NOT NULL CHECK (ordinal >= 0),
    at_text TEXT NOT NULL,
    skipped INTEGER CHECK (skipped IN (0, 1)),
    counted INTEGER NOT NULL DEFAULT 1 CHECK (counted IN (0, 1)),
    source_id INTEGER NOT NULL REFERENCES source (id),
    PRIMARY KEY (listener_id, song_id, at, kind, ms, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX listen_by_time ON listen (listener_id, at);

-- Songs named outside of plays: liked, banned, in a playlist, or with a sum of plays.
CREATE TABLE mention (
    listener_id INTEGER NOT NULL REFERENCES listener (id) ON DELETE CASCADE,
    song_id INTEGER NOT NULL REFERENCES song (id),
    verb TEXT NOT NULL CHECK (verb IN ('liked', 'banned', 'playlist', 'total')),
    name TEXT NOT NULL DEFAULT '',
    kind TEXT NOT NULL,
    plays INTEGER NOT NULL DEFAULT 0 CHECK (plays >= 0),
    at INTEGER,
    at_text TEXT NOT NULL DEFAULT '',
    source_id INTEGER NOT NULL REFERENCES source (id),
    PRIMARY KEY (listener_id, song_id, verb, name, kind)
) STRICT, WITHOUT ROWID;

-- The track that a song is. state 'matched' needs a track; 'never' is a person's word.
CREATE TABLE match (
    song_id INTEGER PRIMARY KEY REFERENCES song (id) ON DELETE CASCADE,
    track_id INTEGER REFERENCES track (id) ON DELETE SET NULL,
    method TEXT NOT NULL CHECK (method IN ('exact', 'fuzzy', 'artist', 'none', 'person')),
    score REAL NOT NULL CHECK (score BETWEEN 0 AND 100),
    state TEXT NOT NULL CHECK (state IN ('matched', 'ambiguous', 'unmatched', 'never')),
    at REAL NOT NULL
) STRICT;
CREATE INDEX match_by_track ON match (track_id);

-- Other versions of the track that a song is, and what it may be when that is not sure.
CREATE TABLE match_candidate (
    song_id INTEGER NOT NULL REFERENCES song (id) ON DELETE CASCADE,
    track_id INTEGER NOT NULL REFERENCES track (id) ON DELETE CASCADE,
    method TEXT NOT NULL,
    score REAL NOT NULL,
    PRIMARY KEY (song_id, track_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX match_candidate_by_track ON match_candidate (track_id);

-- What a person decided about a match, append-only; the row from before is kept for undoing.
CREATE TABLE match_event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    song_id INTEGER NOT NULL REFERENCES song (id) ON DELETE CASCADE,
    before TEXT NOT NULL,
    undone INTEGER NOT NULL DEFAULT 0 CHECK (undone IN (0, 1)),
    at REAL NOT NULL
) STRICT;

-- The library as matching last saw it, by artist: where it has changed, songs are matched again.
CREATE TABLE match_artist (
    artist_key TEXT PRIMARY KEY,
    digest TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Plays of tracks from imported histories, by the rule of what counts; made anew after imports and matching.
CREATE TABLE heard (
    track_id INTEGER PRIMARY KEY REFERENCES track (id) ON DELETE CASCADE,
    plays INTEGER NOT NULL CHECK (plays >= 0),
    skips INTEGER NOT NULL CHECK (skips >= 0),
    last_at INTEGER
) STRICT;
