-- How a track begins and how it ends, for the order of lists. vectors: int8, dim for the first seconds and dim for the
-- last, to be brought to length 1; decibels: how loud each is beside the whole track.
CREATE TABLE edge (
    track_id INTEGER NOT NULL REFERENCES track (id) ON DELETE CASCADE,
    encoder TEXT NOT NULL,
    vectors BLOB NOT NULL,
    opening_db REAL NOT NULL,
    ending_db REAL NOT NULL,
    PRIMARY KEY (encoder, track_id)
) STRICT;
CREATE INDEX edge_by_track ON edge (track_id);
