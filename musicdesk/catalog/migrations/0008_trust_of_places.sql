-- How far each place on the map can be believed: share of the track's true neighbours that are near it there.
ALTER TABLE place ADD COLUMN trust REAL CHECK (trust BETWEEN 0 AND 1);
ALTER TABLE layout ADD COLUMN continuity REAL;
ALTER TABLE layout ADD COLUMN placed_by TEXT NOT NULL DEFAULT '';
