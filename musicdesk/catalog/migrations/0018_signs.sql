-- Signs of Japanese, Thai, Hindi and so on were dropped as accents are, so different songs were taken for one. What songs
-- are known by is made anew, by functions of this program as in 17, for names with anything but Latin, Greek, Cyrillic and
-- their punctuation: of these nothing has changed.
UPDATE song SET artist_key = artist_key(artist), title_key = plain_title(title)
    WHERE artist || title GLOB '*[^ -ӿḀ-῾‐-‧]*';
UPDATE track SET song_key = key_of(iif(artist = '', album_artist, artist), title)
    WHERE instr(song_key, '|') AND artist || album_artist || title GLOB '*[^ -ӿḀ-῾‐-‧]*';
UPDATE crowd_title SET key = artist_key(artist) || '|' || plain_title(title)
    WHERE instr(key, '|') AND artist || title GLOB '*[^ -ӿḀ-῾‐-‧]*';
