-- Where in its list a track was played, also after the list is gone.
ALTER TABLE play_event ADD COLUMN position INTEGER;

-- With what probability a pick was drawn; NULL where it was not left to chance.
ALTER TABLE playlist_item ADD COLUMN propensity REAL CHECK (propensity > 0 AND propensity <= 1);

-- What a rating moved in "for you", and how many stars it was.
ALTER TABLE feedback_event ADD COLUMN up INTEGER;
ALTER TABLE feedback_event ADD COLUMN down INTEGER;
ALTER TABLE feedback_event ADD COLUMN stars INTEGER CHECK (stars BETWEEN 0 AND 5);
ALTER TABLE track ADD COLUMN stars INTEGER CHECK (stars BETWEEN 1 AND 5);

-- Until now every rating counted everywhere, whatever it was called.
UPDATE feedback_event SET scope = 'everywhere';
CREATE INDEX feedback_undoes ON feedback_event (undoes) WHERE undoes IS NOT NULL;

-- The current view of ratings that hold for a time or in some lists only; made from the events.
CREATE TABLE scoped (
    track_id INTEGER NOT NULL REFERENCES track (id) ON DELETE CASCADE,
    scope TEXT NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (scope, track_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX scoped_by_track ON scoped (track_id);
