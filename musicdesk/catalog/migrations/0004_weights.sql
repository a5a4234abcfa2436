-- What plays weigh as taste: each halves with its age. A track's weight is as of its last play, that of imported
-- plays as of the fact heard_until (epoch seconds).
ALTER TABLE track ADD COLUMN play_weight REAL NOT NULL DEFAULT 0;
UPDATE track SET play_weight = plays WHERE plays > 0;
ALTER TABLE heard ADD COLUMN weight REAL NOT NULL DEFAULT 0;
UPDATE heard SET weight = plays;
INSERT INTO fact VALUES ('heard_until', (SELECT coalesce(max(last_at), 0) FROM heard));
