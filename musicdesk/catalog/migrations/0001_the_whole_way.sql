CREATE TABLE root (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    path BLOB NOT NULL UNIQUE,
    added_at REAL NOT NULL,
    online INTEGER NOT NULL DEFAULT 1 CHECK (online IN (0, 1)),
    scanned_at REAL
) STRICT;

CREATE TABLE track (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    root_id INTEGER NOT NULL REFERENCES root (id) ON DELETE CASCADE,
    path BLOB NOT NULL UNIQUE,
    path_text TEXT NOT NULL,
    size INTEGER NOT NULL CHECK (size >= 0),
    mtime_ns INTEGER NOT NULL,
    presence TEXT NOT NULL DEFAULT 'present' CHECK (presence IN ('present', 'offline', 'missing')),
    audio_hash TEXT,
    title TEXT NOT NULL DEFAULT '',
    artist TEXT NOT NULL DEFAULT '',
    album TEXT NOT NULL DEFAULT '',
    album_artist TEXT NOT NULL DEFAULT '',
    genre TEXT NOT NULL DEFAULT '',
    year INTEGER CHECK (year BETWEEN 1000 AND 9999),
    track_no INTEGER,
    disc_no INTEGER,
    duration_s REAL CHECK (duration_s >= 0),
    has_cover INTEGER NOT NULL DEFAULT 0 CHECK (has_cover IN (0, 1)),
    song_key TEXT NOT NULL DEFAULT '',
    excluded TEXT NOT NULL DEFAULT '',
    exclusion TEXT NOT NULL DEFAULT 'rules' CHECK (exclusion IN ('rules', 'always', 'never')),
    verdict TEXT CHECK (verdict IN ('like', 'dislike', 'never')),
    plays INTEGER NOT NULL DEFAULT 0 CHECK (plays >= 0),
    skips INTEGER NOT NULL DEFAULT 0 CHECK (skips >= 0),
    last_played_at REAL,
    added_at REAL NOT NULL
) STRICT;
-- Orders of the Library; each ends in presence, so that a list needs no row.
CREATE INDEX track_by_artist ON track
    (artist COLLATE NOCASE, album COLLATE NOCASE, disc_no, track_no, title, presence);
CREATE INDEX track_by_title ON track (title COLLATE NOCASE, presence);
CREATE INDEX track_by_album ON track (album COLLATE NOCASE, disc_no, track_no, presence);
CREATE INDEX track_by_genre ON track (genre COLLATE NOCASE, presence);
CREATE INDEX track_by_year ON track (year, presence);
CREATE INDEX track_by_duration ON track (duration_s, presence);
CREATE INDEX track_by_added ON track (added_at, presence);
CREATE INDEX track_by_plays ON track (plays, presence);
CREATE INDEX track_by_verdict ON track (verdict, presence);
CREATE INDEX track_by_played ON track (last_played_at, presence);
CREATE INDEX track_by_presence ON track (presence);
CREATE INDEX track_by_exclusion ON track (excluded) WHERE excluded <> '';
CREATE INDEX track_by_song ON track (song_key) WHERE song_key <> '';
CREATE INDEX track_by_hash ON track (audio_hash) WHERE audio_hash IS NOT NULL;
CREATE INDEX track_by_size ON track (size, mtime_ns);

-- Kept in step by the code: with trusted_schema off, SQLite before 3.41 refuses FTS5 inside triggers.
CREATE VIRTUAL TABLE track_words USING fts5 (
    title, artist, album, genre, path_text, prefix='1 2 3', tokenize='unicode61 remove_diacritics 2'
);

-- What went wrong with a file, and how often it was tried in this (size, mtime_ns).
CREATE TABLE failure (
    track_id INTEGER NOT NULL REFERENCES track (id) ON DELETE CASCADE,
    stage TEXT NOT NULL,
    reason TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 1 CHECK (attempts >= 0),
    crashes INTEGER NOT NULL DEFAULT 0 CHECK (crashes >= 0),
    settled INTEGER NOT NULL DEFAULT 0 CHECK (settled IN (0, 1)),
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (track_id, stage)
) STRICT, WITHOUT ROWID;

CREATE TABLE embedding (
    track_id INTEGER NOT NULL REFERENCES track (id) ON DELETE CASCADE,
    encoder TEXT NOT NULL,
    dim INTEGER NOT NULL CHECK (dim > 0),
    vector BLOB NOT NULL CHECK (length(vector) = 4 * dim),
    at REAL NOT NULL,
    PRIMARY KEY (encoder, track_id)
) STRICT;

CREATE TABLE descriptor (
    track_id INTEGER PRIMARY KEY REFERENCES track (id) ON DELETE CASCADE,
    dim INTEGER NOT NULL CHECK (dim > 0),
    vector BLOB NOT NULL CHECK (length(vector) = 4 * dim),
    tempo REAL NOT NULL,
    tempo_confidence REAL NOT NULL,
    loudness_lufs REAL NOT NULL,
    gain_db REAL NOT NULL,
    peak REAL NOT NULL,
    key TEXT NOT NULL,
    key_confidence REAL NOT NULL,
    rate_hz INTEGER NOT NULL,
    channels INTEGER NOT NULL,
    codec TEXT NOT NULL
) STRICT;

CREATE TABLE waveform (
    track_id INTEGER PRIMARY KEY REFERENCES track (id) ON DELETE CASCADE,
    exact INTEGER NOT NULL CHECK (exact IN (0, 1)),
    bins BLOB NOT NULL
) STRICT;

CREATE TABLE layout (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    method TEXT NOT NULL,
    encoder TEXT NOT NULL,
    points INTEGER NOT NULL,
    trustworthiness REAL NOT NULL,
    seconds REAL NOT NULL,
    made_at REAL NOT NULL,
    active INTEGER NOT NULL DEFAULT 0 CHECK (active IN (0, 1))
) STRICT;

CREATE TABLE place (
    layout_id INTEGER NOT NULL REFERENCES layout (id) ON DELETE CASCADE,
    track_id INTEGER NOT NULL REFERENCES track (id) ON DELETE CASCADE,
    x REAL NOT NULL,
    y REAL NOT NULL,
    z REAL NOT NULL,
    PRIMARY KEY (layout_id, track_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE run (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    model TEXT NOT NULL,
    parameters TEXT NOT NULL,
    seed INTEGER NOT NULL,
    data_hash TEXT NOT NULL,
    encoder TEXT NOT NULL DEFAULT '',
    metrics TEXT NOT NULL,
    folder TEXT NOT NULL,
    version TEXT NOT NULL,
    seconds REAL NOT NULL,
    made_at REAL NOT NULL,
    active INTEGER NOT NULL DEFAULT 0 CHECK (active IN (0, 1))
) STRICT;

CREATE TABLE playlist (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    request TEXT NOT NULL,
    model TEXT NOT NULL DEFAULT '',
    run_id INTEGER REFERENCES run (id) ON DELETE SET NULL,
    seed INTEGER NOT NULL DEFAULT 0,
    made_at REAL NOT NULL
) STRICT;

-- One row is one pick: what was shown, where, with which score and reasons.
CREATE TABLE playlist_item (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    playlist_id INTEGER NOT NULL REFERENCES playlist (id) ON DELETE CASCADE,
    position INTEGER NOT NULL CHECK (position >= 0),
    track_id INTEGER NOT NULL REFERENCES track (id) ON DELETE CASCADE,
    score REAL NOT NULL,
    reasons TEXT NOT NULL,
    UNIQUE (playlist_id, position)
) STRICT;
CREATE INDEX playlist_item_by_track ON playlist_item (track_id);

-- Append-only. `undoes` names the event that this one takes back.
CREATE TABLE feedback_event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    track_id INTEGER NOT NULL REFERENCES track (id) ON DELETE CASCADE,
    verdict TEXT NOT NULL CHECK (verdict IN ('like', 'dislike', 'never', 'clear')),
    before TEXT CHECK (before IN ('like', 'dislike', 'never')),
    scope TEXT NOT NULL DEFAULT 'everywhere',
    pick_id INTEGER REFERENCES playlist_item (id) ON DELETE SET NULL,
    position INTEGER,
    heard_ms INTEGER,
    undoes INTEGER REFERENCES feedback_event (id),
    at REAL NOT NULL
) STRICT;
CREATE INDEX feedback_by_track ON feedback_event (track_id);

-- Append-only: what was played here.
CREATE TABLE play_event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    track_id INTEGER NOT NULL REFERENCES track (id) ON DELETE CASCADE,
    at REAL NOT NULL,
    heard_ms INTEGER NOT NULL CHECK (heard_ms >= 0),
    duration_ms INTEGER NOT NULL CHECK (duration_ms >= 0),
    ended TEXT NOT NULL CHECK (ended IN ('finished', 'skipped', 'stopped')),
    source TEXT NOT NULL DEFAULT 'player',
    pick_id INTEGER REFERENCES playlist_item (id) ON DELETE SET NULL
) STRICT;
CREATE INDEX play_by_track ON play_event (track_id);

CREATE TABLE job (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    request TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'finished', 'cancelled', 'failed', 'lost')),
    text TEXT NOT NULL DEFAULT '',
    pid INTEGER NOT NULL,
    started_at REAL NOT NULL,
    ended_at REAL
) STRICT;

-- Small facts with a life of their own: counters that caches compare themselves with.
CREATE TABLE fact (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO fact VALUES ('embeddings', 0), ('tracks', 0), ('clean_exit', 1);
