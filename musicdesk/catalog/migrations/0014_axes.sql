-- Axes that the person names: tracks at either end.
CREATE TABLE axis (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    low TEXT NOT NULL CHECK (low <> ''),
    high TEXT NOT NULL CHECK (high <> ''),
    made_at REAL NOT NULL
) STRICT;
CREATE TABLE axis_track (
    axis_id INTEGER NOT NULL REFERENCES axis (id) ON DELETE CASCADE,
    track_id INTEGER NOT NULL REFERENCES track (id) ON DELETE CASCADE,
    is_high INTEGER NOT NULL CHECK (is_high IN (0, 1)),
    PRIMARY KEY (axis_id, track_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX axis_track_by_track ON axis_track (track_id);
