-- What the person expects of every model: a track among the first or not, above another, near another.
CREATE TABLE golden (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('in', 'out', 'above', 'near')),
    track_id INTEGER NOT NULL REFERENCES track (id) ON DELETE CASCADE,
    other_id INTEGER REFERENCES track (id) ON DELETE CASCADE,
    made_at REAL NOT NULL,
    CHECK ((other_id IS NULL) = (kind IN ('in', 'out'))),
    CHECK (other_id <> track_id)
) STRICT;
CREATE INDEX golden_by_track ON golden (track_id);
CREATE INDEX golden_by_other ON golden (other_id) WHERE other_id IS NOT NULL;
