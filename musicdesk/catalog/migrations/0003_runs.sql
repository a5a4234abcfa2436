-- The crowd that a run learned from, and the curves it drew while it learned: {name: [[step, value], ...]}.
ALTER TABLE run ADD COLUMN crowd TEXT NOT NULL DEFAULT '';
ALTER TABLE run ADD COLUMN curves TEXT NOT NULL DEFAULT '{}';
