-- Encoders that were put to use, the newest last: lists, map and models work with its embeddings. state 'wanted': the
-- library is being listened to with it, and it comes to use when its set is whole. chosen 1: a person's word.
CREATE TABLE encoder_use (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    encoder TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('wanted', 'used')),
    chosen INTEGER NOT NULL DEFAULT 0 CHECK (chosen IN (0, 1)),
    at REAL NOT NULL
) STRICT;
CREATE UNIQUE INDEX encoder_use_wanted ON encoder_use (state) WHERE state = 'wanted';

-- An id is the name, ten digits of the weights' hash and six of the sound's, with dashes between.
INSERT INTO encoder_use (name, encoder, state, at)
    SELECT substr(encoder, 1, length(encoder) - 18), encoder, 'used', max(at) FROM embedding
    WHERE length(encoder) > 18 GROUP BY encoder ORDER BY count(*) DESC LIMIT 1;
