-- Three stars are neither a like nor a dislike, but they are a word of the person's own.
CREATE INDEX track_by_stars ON track (stars) WHERE stars IS NOT NULL;
