"""Songs with measures of their sound and words about them: from `music.csv`, or from the library itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from musicdesk.audio.descriptors import DESCRIPTOR_NAMES
from musicdesk.core.errors import NotReady
from musicdesk.core.types import TrackId
from musicdesk.workflows.studies import msd_songs
from musicdesk.workflows.studies.study import Given

CUTS = (0.1, 99.9)  # per cent, where measures are clipped
NEEDS = "music.csv of the Million Song subset (--data FILE), or a library that was listened to (without --data)."


@dataclass(frozen=True, eq=False)
class Sounds:
    """sound: float64 (n, d), clipped and standardised; measures: d names; the rest n entries each, '' or nan where
    nothing is known; popularity: hotness, or plays; note: what this is, as the first line of tables
    """

    sound: np.ndarray
    measures: tuple[str, ...]
    title: np.ndarray
    artist: np.ndarray
    album: np.ndarray
    tag: np.ndarray
    year: np.ndarray
    popularity: np.ndarray
    note: str

    def __len__(self) -> int:
        return len(self.sound)

    def called(self, song: int) -> str:
        words = "; ".join(part for part in (self.artist[song], self.tag[song]) if part)
        return f"{self.title[song] or 'untitled'} ({words or 'nothing known'})"


def sounds(given: Given) -> Sounds:
    """Raises NotReady when the library has too few tracks that were listened to, Unusable for a file that is none."""
    return _of_table(given) if given.data is not None else _of_library(given)


def _of_table(given: Given) -> Sounds:
    songs = msd_songs.read_songs(given.file("music.csv"))
    return Sounds(
        standardised(songs.sound),
        msd_songs.MEASURES,
        songs.title,
        songs.artist,
        songs.release,
        songs.tag,
        songs.year,
        songs.popularity,
        msd_songs.size_note(songs),
    )


def _of_library(given: Given) -> Sounds:
    catalog = given.desk.catalog
    heard = catalog.sound.descriptors()
    if len(heard) < msd_songs.LEAST or heard.matrix.shape[1] != len(DESCRIPTOR_NAMES):
        raise NotReady(
            f"{len(heard)} tracks of the library were listened to; this study needs at least {msd_songs.LEAST}. "
            "Run 'musicdesk analyze', or name music.csv with --data."
        )
    meta = catalog.browse.meta(heard.ids)
    titles = {track.id: track.tags.title for track in catalog.tracks.get_many([TrackId(int(i)) for i in heard.ids])}
    words = {name: np.array([value or "" for value in meta[name]], object) for name in ("artist", "album", "genre")}
    year = np.array([value or np.nan for value in meta["year"]], np.float64)
    title = np.array([titles.get(TrackId(int(i)), "") for i in heard.ids], object)
    note = f"On the {len(heard):,} tracks of the library that were listened to, {len(DESCRIPTOR_NAMES)} measures each."
    return Sounds(
        *(standardised(heard.matrix.astype(np.float64)), DESCRIPTOR_NAMES, title, words["artist"], words["album"]),
        *(words["genre"], year, np.log1p(catalog.measures.plays(heard.ids)), note),
    )


def standardised(sound: np.ndarray) -> np.ndarray:
    """float64 (n, d): clipped at `CUTS` of each column, mean 0, deviation 1 (0 for columns that do not vary)."""
    clipped = np.clip(sound, *np.nanpercentile(sound, CUTS, axis=0))
    spread = clipped.std(axis=0)
    found: np.ndarray = (clipped - clipped.mean(axis=0)) / np.where(spread > 1e-12, spread, 1.0)
    return found
