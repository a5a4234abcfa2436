"""KKBox (WSDM 2018): `train.csv`, `members.csv` and `songs.csv`, plain or gzipped, as pairs with categories."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from musicdesk.core.errors import NotFound, Unusable
from musicdesk.core.rows import places

if TYPE_CHECKING:
    import polars as pl

    from musicdesk.learning.pairs import Pairs

FULL = 7_377_418  # rows of the whole train.csv
LEAST = 200
RARE = 5  # train rows; a level of fewer is as one that is not known
PLACE = ("source_system_tab", "source_screen_name", "source_type")
MEMBER = ("city", "age", "gender", "registered_via")
SONG = ("language", "genre", "length", "artist_name")
TIME = ("registered", "expires", "stays")
NEEDS = "a folder with KKBox's train.csv, members.csv and songs.csv, plain or gzipped (--data DIR)."


@dataclass(frozen=True, eq=False)
class Listens:
    """frame: a row per listen in the order of the file, which is the order of time; columns are text"""

    frame: pl.DataFrame

    def __len__(self) -> int:
        return int(self.frame.height)

    @property
    def target(self) -> np.ndarray:
        found: np.ndarray = self.frame["target"].to_numpy().astype(np.int64)
        return found

    def known_songs(self) -> float:
        """Share of the rows whose song songs.csv tells about."""
        return 1.0 - self.frame["language"].null_count() / max(1, len(self))

    def pairs(self, train: np.ndarray, with_time: bool) -> Pairs:
        """All rows as pairs, numbered by what the `train` rows know; everything else is the unknown one, 0."""
        from musicdesk.learning.pairs import Pairs

        member, members = _numbered(self.frame["msno"].to_numpy(), train, 1)
        song, songs = _numbered(self.frame["song_id"].to_numpy(), train, 1)
        columns, levels = [], 0
        for name in (*PLACE, *MEMBER, *SONG, *(TIME if with_time else ())):
            codes, count = _numbered(self.frame[name].fill_null("").to_numpy(), train, RARE)
            columns.append(codes + levels)
            levels += count
        return Pairs(member, song, np.stack(columns, axis=1), self.target, members, songs, levels)


def _numbered(values: np.ndarray, train: np.ndarray, least: int) -> tuple[np.ndarray, int]:
    """int64 (n,): the number of each value, from 1, of those that `least` train rows have; else 0. And how many."""
    names, counts = np.unique(values[train].astype(str), return_counts=True)
    known = names[counts >= least]
    return places(known, values.astype(str)) + 1, len(known) + 1


def read_listens(folder: Path) -> Listens:
    """Raises NotFound when a file is missing, Unusable when one is no such table or too small."""
    import polars as pl

    names = ("train.csv", "members.csv", "songs.csv")
    files = [_found(folder, name) for name in names]
    try:
        train, members, songs = (pl.read_csv(path, infer_schema_length=0) for path in files)
        rows = train.select("msno", "song_id", *PLACE, pl.col("target").cast(pl.Int64))
        joined = rows.join(_members(members), on="msno", how="left", maintain_order="left")
        joined = joined.join(_songs(songs), on="song_id", how="left", maintain_order="left")
    except (OSError, pl.exceptions.PolarsError) as error:
        reason = str(error).splitlines()[0]
        raise Unusable(f"The KKBox files in {folder} cannot be read ({reason}).") from error
    if joined.height < LEAST or not joined["target"].is_in([0, 1]).all():
        raise Unusable(f"train.csv in {folder} must hold at least {LEAST} rows with a target of 0 or 1.")
    return Listens(joined)


def _found(folder: Path, name: str) -> Path:
    path = next((folder / one for one in (name, f"{name}.gz") if (folder / one).is_file()), None)
    if path is None:
        raise NotFound(f"There is no {name} in {folder}. The study needs {NEEDS}")
    return path


def _members(table: pl.DataFrame) -> pl.DataFrame:
    """Ages in steps of five years; 0 and what no listener is that old as not known."""
    import polars as pl

    born = pl.col("bd").cast(pl.Int64, strict=False)
    age = pl.when(born.is_between(8, 90)).then((born // 5).cast(pl.String))
    begun, ends = (_month(name) for name in ("registration_init_time", "expiration_date"))
    return table.select(
        "msno",
        "city",
        "gender",
        "registered_via",
        age.alias("age"),
        (begun // 12).cast(pl.String).alias("registered"),
        (ends // 3).cast(pl.String).alias("expires"),
        ((ends - begun) // 6).cast(pl.String).alias("stays"),
    ).unique("msno", keep="first", maintain_order=True)


def _month(name: str) -> pl.Expr:
    """Months since the year 0, of a date such as 20110820."""
    import polars as pl

    date = pl.col(name).cast(pl.Int64, strict=False)
    return date // 10_000 * 12 + date // 100 % 100


def _songs(table: pl.DataFrame) -> pl.DataFrame:
    """The first genre; lengths in half minutes, ten minutes at most."""
    import polars as pl

    length = (pl.col("song_length").cast(pl.Int64, strict=False) // 30_000).clip(0, 20)
    return table.select(
        "song_id",
        "artist_name",
        pl.col("language").fill_null("?"),
        pl.col("genre_ids").str.split("|").list.first().alias("genre"),
        length.cast(pl.String).alias("length"),
    ).unique("song_id", keep="first", maintain_order=True)
