"""`music.csv`: the 10,000 songs of the Million Song subset with 17 measures of their sound, names and tags."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from musicdesk.core.errors import Unusable
from musicdesk.reports.report import Table

MEASURES = (
    "bars_confidence",
    "bars_start",
    "beats_confidence",
    "beats_start",
    "duration",
    "end_of_fade_in",
    "key",
    "key_confidence",
    "loudness",
    "mode",
    "mode_confidence",
    "start_of_fade_out",
    "tatums_confidence",
    "tatums_start",
    "tempo",
    "time_signature",
    "time_signature_confidence",
)
LEAST = 50  # songs
FULL = 10_000
CORRUPT = 50.0  # deviations from the mean: no song is that far, a broken row is
NEEDS = "music.csv, the table of the 10,000 songs of the Million Song subset (--data FILE, or its folder)."


@dataclass(frozen=True, eq=False)
class Songs:
    """sound: float64 (n, 17), columns as in `MEASURES`, as stored; the rest have n entries each, '' and nan for
    what is not known
    """

    sound: np.ndarray
    artist: np.ndarray
    title: np.ndarray
    tag: np.ndarray  # the artist's first term
    year: np.ndarray
    popularity: np.ndarray  # song hotness, 0..1
    familiarity: np.ndarray  # of the artist, 0..1
    release: np.ndarray

    def __len__(self) -> int:
        return len(self.sound)

    def corrupt(self) -> np.ndarray:
        """int64: rows with a measure that no song has."""
        spread = self.sound.std(axis=0)
        away = np.abs(self.sound - self.sound.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
        return np.flatnonzero((away > CORRUPT).any(axis=1))


def read_songs(path: Path) -> Songs:
    """Raises Unusable when the file is no such table, or too small to learn from."""
    import polars as pl

    try:
        table = pl.read_csv(path, infer_schema_length=None)
        sound = table.select(pl.col(name).cast(pl.Float64) for name in MEASURES).to_numpy().astype(np.float64)
        words = {name: _words(table[name]) for name in ("artist.name", "title", "terms", "release.name")}
        numbers = {
            name: table[name].cast(pl.Float64).to_numpy().astype(np.float64)
            for name in ("year", "song.hotttnesss", "familiarity")
        }
    except (OSError, pl.exceptions.PolarsError) as error:
        reason = str(error).splitlines()[0]
        raise Unusable(f"{path} is not the table of songs that this study needs ({reason}).") from error
    kept = np.isfinite(sound).all(axis=1)
    if kept.sum() < LEAST:
        raise Unusable(f"{path} holds {kept.sum()} usable songs; this study needs at least {LEAST}.")
    year = np.where(numbers["year"] > 0, numbers["year"], np.nan)
    return Songs(
        sound[kept],
        words["artist.name"][kept],
        words["title"][kept],
        words["terms"][kept],
        year[kept],
        numbers["song.hotttnesss"][kept],
        numbers["familiarity"][kept],
        words["release.name"][kept],
    )


def _words(column: object) -> np.ndarray:
    return np.array([str(value).strip() if value is not None else "" for value in column], object)  # type: ignore[attr-defined]


def size_note(songs: Songs) -> str:
    """The first line of tables made from these songs."""
    whole = "the whole" if len(songs) == FULL else f"{len(songs):,} of the {FULL:,} songs of the"
    return f"On {whole} Million Song subset, {len(MEASURES)} measures of sound per song."


def thin(table: Table, songs: Songs) -> Table:
    """The same table with the size of the data as its first line."""
    from dataclasses import replace

    return replace(table, note=" ".join(part for part in (size_note(songs), table.note) if part))
