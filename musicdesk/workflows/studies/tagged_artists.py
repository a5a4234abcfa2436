"""Artists with plays, tags and sound: `user_artists.dat` (HetRec 2011, Last.fm) and `music.csv` (Million Song subset).

An artist is a song here: what listeners play is known by artist, and tags and sound of the subset's songs are taken
together by artist. Real data, but smaller and coarser than those of the papers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from musicdesk.core.errors import Unusable
from musicdesk.core.genres import cleaned, frequent
from musicdesk.core.wording import plain_artist
from musicdesk.workflows.studies.msd_songs import read_songs
from musicdesk.workflows.studies.study import Given

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

PLAYS = ("user_artists.dat", "hetrec_lastfm_2k/user_artists.dat")
NAMES = ("artists.dat", "hetrec_lastfm_2k/artists.dat")
SONGS = ("music.csv", "msd/music.csv")
NEEDS = (
    "A folder with user_artists.dat and artists.dat (HetRec 2011, Last.fm) and music.csv (the Million Song subset); "
    "or, without --data, the library with a crowd."
)
LEAST = 5  # artists with a tag


@dataclass(frozen=True, eq=False)
class TaggedArtists:
    """plays: float32 CSR (listeners, artists); rows: int64 (m,), the artists with tag and sound, ascending
    names: of the tags; has: bool (m, tags); sound: float64 (m, 17), medians over the artist's songs, standardised
    """

    plays: csr_matrix
    rows: np.ndarray
    names: tuple[str, ...]
    has: np.ndarray
    sound: np.ndarray

    @property
    def source(self) -> str:
        listeners, artists = self.plays.shape
        return (
            f"{self.plays.nnz:,} real plays of {artists:,} artists by {listeners:,} listeners; {len(self.rows):,} of "
            f"the artists have tag and sound in the Million Song subset. Artists stand for songs, one tag each."
        )


def read(given: Given, most: int = 50) -> TaggedArtists:
    """Raises NotFound for a missing file, Unusable when too few artists are in both."""
    import polars as pl
    from scipy.sparse import csr_matrix

    names = pl.read_csv(given.file(*NAMES), separator="\t", quote_char=None, columns=["id", "name"])
    played = pl.read_csv(given.file(*PLAYS), separator="\t")
    users, row = np.unique(played["userID"].to_numpy(), return_inverse=True)
    ids, column = np.unique(played["artistID"].to_numpy(), return_inverse=True)
    counts = played["weight"].to_numpy().astype(np.float32)
    plays = csr_matrix((counts, (row, column)), shape=(len(users), len(ids)))
    songs = read_songs(given.file(*SONGS))
    called = dict(zip(names["id"].to_list(), names["name"].to_list(), strict=True))
    by_name: dict[str, list[int]] = {}
    for at, name in enumerate(songs.artist):
        by_name.setdefault(plain_artist(str(name)), []).append(at)
    found = {at: by_name.get(plain_artist(str(called.get(int(number), "")))) for at, number in enumerate(ids)}
    tags = cleaned({at: str(songs.tag[own[0]]) for at, own in found.items() if own})
    kept = frequent(tags, {}, LEAST)[:most]
    place = {name: number for number, name in enumerate(kept)}
    rows = np.array([at for at, own in tags.items() if own[0] in place], np.int64)
    if len(rows) < 50:
        raise Unusable(f"Only {len(rows)} artists have plays, a tag and sound; this study needs 50.")
    has = np.zeros((len(rows), len(kept)), bool)
    has[np.arange(len(rows)), [place[tags[at][0]] for at in rows]] = True
    sound = np.stack([np.median(songs.sound[found[int(at)]], axis=0) for at in rows])
    low, high = np.quantile(sound, [0.01, 0.99], axis=0)  # a few rows of the subset are corrupt
    sound = np.clip(sound, low, high)
    sound = (sound - sound.mean(0)) / np.maximum(sound.std(0), 1e-9)
    return TaggedArtists(plays, rows, tuple(kept), has, sound)
