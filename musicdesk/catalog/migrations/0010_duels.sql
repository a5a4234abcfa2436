-- Two models against each other in one list; `horizon` decisions end it. Nothing of it changes but how it ended.
CREATE TABLE duel (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    a_model TEXT NOT NULL,
    a_run INTEGER REFERENCES run (id) ON DELETE SET NULL,
    b_model TEXT NOT NULL,
    b_run INTEGER REFERENCES run (id) ON DELETE SET NULL,
    horizon INTEGER NOT NULL CHECK (horizon > 0),
    seed INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'finished', 'stopped')),
    started_at REAL NOT NULL,
    ended_at REAL,
    wins_a INTEGER,
    wins_b INTEGER,
    ties INTEGER,
    lists TEXT
) STRICT;
CREATE UNIQUE INDEX duel_that_runs ON duel (state) WHERE state = 'running';

-- Which side picked, and in which round: of every pick of a list that a duel made.
CREATE TABLE duel_pick (
    pick_id INTEGER PRIMARY KEY REFERENCES playlist_item (id) ON DELETE CASCADE,
    duel_id INTEGER NOT NULL REFERENCES duel (id) ON DELETE CASCADE,
    side TEXT NOT NULL CHECK (side IN ('a', 'b')),
    round INTEGER NOT NULL CHECK (round >= 0)
) STRICT;
CREATE INDEX duel_pick_by_duel ON duel_pick (duel_id);

CREATE INDEX play_by_pick ON play_event (pick_id) WHERE pick_id IS NOT NULL;
CREATE INDEX feedback_by_pick ON feedback_event (pick_id) WHERE pick_id IS NOT NULL;
