-- When a run was last put to use, so that the one from before can be brought back.
ALTER TABLE run ADD COLUMN used_at REAL;
UPDATE run SET used_at = made_at WHERE active;
