-- Other imports that told the same row, as ',3,17,': when one is taken back, the row stays with the others.
ALTER TABLE listen ADD COLUMN also TEXT NOT NULL DEFAULT '';
ALTER TABLE mention ADD COLUMN also TEXT NOT NULL DEFAULT '';
DROP INDEX song_by_artist;
CREATE INDEX song_by_key ON song (artist_key, title_key);

-- What imported histories say for a track (likes, playlists: above 0) or against it (bans); made anew as `heard` is.
CREATE TABLE said (
    track_id INTEGER PRIMARY KEY REFERENCES track (id) ON DELETE CASCADE,
    weight REAL NOT NULL CHECK (weight BETWEEN -1 AND 1 AND weight <> 0)
) STRICT;

-- More about a crowd's songs: the least (length: the most) ever told, so that the order of imports does not matter.
ALTER TABLE crowd_title ADD COLUMN album TEXT NOT NULL DEFAULT '';
ALTER TABLE crowd_title ADD COLUMN year INTEGER CHECK (year BETWEEN 1000 AND 9999);
ALTER TABLE crowd_title ADD COLUMN length_ms INTEGER CHECK (length_ms > 0);

-- Recordings of a crowd's song under names of their own, by which tags and likenesses are told.
CREATE TABLE crowd_track (
    crowd_id INTEGER NOT NULL REFERENCES crowd (id) ON DELETE CASCADE,
    track TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (crowd_id, track)
) STRICT, WITHOUT ROWID;

-- What is said about a crowd's songs: words with weights, in files of the profile beside the plays.
CREATE TABLE crowd_words (
    crowd_id INTEGER NOT NULL REFERENCES crowd (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('tag', 'term', 'genre', 'similar')),
    items INTEGER NOT NULL,
    words INTEGER NOT NULL,
    pairs INTEGER NOT NULL,
    folder TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (crowd_id, kind)
) STRICT, WITHOUT ROWID;
