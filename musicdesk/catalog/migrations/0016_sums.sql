-- What each import tells of a song's sum of plays. A mention holds the highest; when the import that told it is taken
-- back, the highest of the others holds. Of imports before this, only those whose sum held are known.
CREATE TABLE told_sum (
    listener_id INTEGER NOT NULL REFERENCES listener (id) ON DELETE CASCADE,
    song_id INTEGER NOT NULL REFERENCES song (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    source_id INTEGER NOT NULL REFERENCES source (id) ON DELETE CASCADE,
    plays INTEGER NOT NULL CHECK (plays >= 0),
    at INTEGER,
    at_text TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (listener_id, song_id, kind, source_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX told_sum_by_source ON told_sum (source_id);
CREATE INDEX told_sum_by_song ON told_sum (song_id);
INSERT INTO told_sum SELECT listener_id, song_id, kind, source_id, plays, at, at_text FROM mention
    WHERE verb = 'total' AND name = '';
