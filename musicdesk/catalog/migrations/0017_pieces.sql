-- "(Part 2)" was dropped from titles as any bracket is, so the parts of one work were taken for one song. What songs are
-- known by is made anew. plain_title is a function of this program, the one that new songs get their keys from.
UPDATE song SET title_key = plain_title(title) WHERE title <> '' AND title_key <> plain_title(title);
UPDATE track SET song_key = substr(song_key, 1, instr(song_key, '|')) || plain_title(title)
    WHERE instr(song_key, '|') AND title <> '' AND substr(song_key, instr(song_key, '|') + 1) <> plain_title(title);
UPDATE crowd_title SET key = substr(key, 1, instr(key, '|')) || plain_title(title)
    WHERE instr(key, '|') AND title <> '' AND substr(key, instr(key, '|') + 1) <> plain_title(title);
