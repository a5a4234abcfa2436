"""Small data in the forms of the studies, with known truth. Figures from them are made up, and said to be."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from musicdesk.workflows.studies.msd_songs import MEASURES

WORDS = ("artist.name", "title", "terms", "release.name", "year", "song.hotttnesss", "familiarity")


def songs_csv(path: Path, count: int = 120, seed: int = 0) -> Path:
    """A `music.csv` whose 17 measures follow three hidden numbers, as do tags; artists have four songs each."""
    draw = np.random.default_rng(seed)
    artist = np.arange(count) // 4
    inner = draw.normal(size=(count, 3)) * 0.4 + draw.normal(size=(count // 4 + 1, 3))[artist]
    sound = np.tanh(inner @ draw.normal(size=(3, len(MEASURES)))) + 0.05 * draw.normal(size=(count, len(MEASURES)))
    tag = np.where(inner[:, 0] > 0.4, "rock", np.where(inner[:, 1] > 0, "jazz", "folk"))
    hot = 1 / (1 + np.exp(-inner[:, 2]))
    lines = [
        ",".join([*MEASURES, "artist.name", "title", "terms", "release.name", "year", "song.hotttnesss", "familiarity"])
    ]
    for n in range(count):
        words = [f"Artist {artist[n]}", f"Song {n}", str(tag[n]), f"Album {artist[n]}", str(1980 + n % 30)]
        numbers = [f"{value:.6f}" for value in sound[n]]
        lines.append(",".join([*numbers, *words, f"{hot[n]:.4f}", "0.5"]))
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def kkbox_folder(folder: Path, rows: int = 600, seed: int = 0) -> Path:
    """KKBox's three files; a member comes back when member and song are of one kind, which no category tells."""
    draw = np.random.default_rng(seed)
    members, songs = [f"m{n}=" for n in range(30)], [f"s{n}=" for n in range(40)]
    who, what = draw.integers(0, 30, rows), draw.integers(0, 40, rows)
    back = ((who % 2 == what % 2) ^ (draw.random(rows) < 0.05)).astype(int)
    folder.mkdir(exist_ok=True)
    listens = [f"{members[m]},{songs[s]},explore,Explore,radio,{t}" for m, s, t in zip(who, what, back, strict=True)]
    head = "msno,song_id,source_system_tab,source_screen_name,source_type,target"
    (folder / "train.csv").write_text("\n".join([head, *listens]) + "\n", "utf-8")
    head = "msno,city,bd,gender,registered_via,registration_init_time,expiration_date"
    told = [f"{name},{n % 3},{n},,7,20110820,20170920" for n, name in enumerate(members)]
    (folder / "members.csv").write_text("\n".join([head, *told]) + "\n", "utf-8")
    head = "song_id,song_length,genre_ids,artist_name,composer,lyricist,language"
    told = [f"{name},247640,465|458,Artist {n // 4},,,3" for n, name in enumerate(songs[:30])]
    (folder / "songs.csv").write_text("\n".join([head, *told]) + "\n", "utf-8")
    return folder


def plays_file(path: Path, listeners: int = 240, songs: int = 120, seed: int = 0, kinds: int = 4) -> Path:
    """Taste Profile triplets: `kinds` of listeners, each with songs of their own kind, and a few hits for all."""
    draw = np.random.default_rng(seed)
    lines = []
    for who in range(listeners):
        odds = np.where(np.arange(songs) % kinds == who % kinds, 1.0, 0.03) * np.where(np.arange(songs) < 12, 3.0, 1.0)
        for song in draw.choice(songs, 14, replace=False, p=odds / odds.sum()):
            lines.append(f"{who:040x}\tSO{song:016d}\t{draw.integers(1, 9)}")
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path
