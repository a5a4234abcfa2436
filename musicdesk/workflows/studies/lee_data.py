"""What the study of Lee et al. 2018 works on: the busiest listeners and songs of a crowd's file, and songs' sound."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from musicdesk.audio.contract import MEMORY_BYTES, deadline_s
from musicdesk.core.errors import Unusable
from musicdesk.core.killable import Fate, Pool
from musicdesk.core.types import Vectors
from musicdesk.evaluation.splits import busiest
from musicdesk.history.base import Account
from musicdesk.history.crowd import crowd_of
from musicdesk.history.crowd_formats import crowd_format_of
from musicdesk.history.crowd_names import Title
from musicdesk.history.matching import keys
from musicdesk.history.sources import FileSource
from musicdesk.history.text import head_of
from musicdesk.learning.window_store import KEPT, WindowStore
from musicdesk.learning.windows import MelWindows
from musicdesk.workflows.studies.study import Given
from musicdesk.workflows.windows import windows_for

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

PLAYS = ("train_triplets.txt", "train_triplets.txt.gz", "triplets.txt", "triplets.txt.gz")
TITLES = ("unique_tracks.txt", "unique_tracks_head.txt")
SOUND = "audio"
SLOT = KEPT * 130 * 128 * 2  # bytes of a song's windows
PART = 256  # songs embedded at once


@dataclass(frozen=True, eq=False)
class LeeData:
    """plays: CSR float32 (listeners, songs) binarised, songs by popularity rank; counts: int64 (songs,), total plays
    artists: int64 (songs,), -1 where not known; tracks: int64 (songs,), ids among the windows, -1 without sound
    windows, vectors: of the sound that there is, with the encoder's name; None without any
    source: a sentence about all of it
    """

    plays: csr_matrix
    counts: np.ndarray
    artists: np.ndarray
    tracks: np.ndarray
    windows: MelWindows | None
    vectors: Vectors
    source: str


def read(given: Given) -> LeeData:
    """Raises NotFound without a file of plays, Unusable when it is none."""
    path = given.file(*PLAYS)
    source = FileSource(path, path.name)
    form = crowd_format_of(head_of(source))
    if form is None or form.plays is None:
        raise Unusable(f"{path.name} holds no plays of many people: 'user<TAB>song<TAB>plays' is wanted.")
    coded, named = form.plays(source, Account())
    crowd = crowd_of(coded)
    from scipy.sparse import csr_matrix

    shape = (len(crowd.listeners), len(crowd.songs))
    whole = csr_matrix((crowd.plays.astype(np.float32), crowd.indices.astype(np.int32), crowd.indptr), shape=shape)
    users, songs = busiest(whole, given.count("users"), given.count("songs"))
    part = whole[users][:, songs].tocsr()
    part.sort_indices()
    counts = np.asarray(part.sum(axis=0)).ravel().astype(np.int64)
    names = [name.decode("ascii", "replace") for name in crowd.songs[songs]]
    titles = _titles([*named, *_told(path.parent)], set(names))
    artists = np.full(len(names), -1, np.int64)
    codes: dict[str, int] = {}
    for place, name in enumerate(names):
        if name in titles and titles[name].artist:
            artists[place] = codes.setdefault(keys(titles[name].artist, "")[0], len(codes))
    tracks, windows = _sound(given, path.parent, names, titles)
    part.data = np.ones_like(part.data)
    told = f"{path.name}: {part.nnz:,} pairs of the {part.shape[0]:,} busiest listeners and {part.shape[1]:,} songs"
    told += f" (of {shape[0]:,} and {shape[1]:,} in the file); the paper has 20,000 and 10,000"
    return LeeData(part, counts, artists, tracks, windows, _vectors(given, windows), told)


def _told(folder: Path) -> Iterator[Title]:
    """Rows about songs that lie beside the plays."""
    for name in TITLES:
        if not (folder / name).is_file():
            continue
        source = FileSource(folder / name, name)
        form = crowd_format_of(head_of(source))
        if form is not None and form.titles is not None:
            yield from (row for row in form.titles(source, Account()) if isinstance(row, Title))


def _titles(rows: Iterable[Title], wanted: set[str]) -> dict[str, Title]:
    return {row.name: row for row in rows if row.name in wanted and not row.wrong}


def _sound(
    given: Given, folder: Path, names: list[str], titles: dict[str, Title]
) -> tuple[np.ndarray, MelWindows | None]:
    """The track of each song, and the windows of those: files in `audio`, else matched tracks of the library."""
    tracks = np.full(len(names), -1, np.int64)
    if (folder / SOUND).is_dir():
        files = {path.stem: path for path in sorted((folder / SOUND).iterdir()) if path.is_file()}
        found: dict[int, Path] = {}
        for place, name in enumerate(names):
            known = titles[name].tracks if name in titles else ()
            for path in (files[stem] for stem in (name, *known) if stem in files):
                found[place] = path
        tracks[list(found)] = list(found)
        windows = _decoded(given, found)
    else:
        owned = {keys(artist, title): track for track, artist, title, *_ in given.desk.catalog.matches.tracks()}
        for place, name in enumerate(names):
            if name in titles:
                tracks[place] = owned.get(keys(titles[name].artist, titles[name].title), -1)
        if not (tracks >= 0).any():
            return tracks, None
        windows = windows_for(given.desk, tracks[tracks >= 0], given.monitor.part(0.1))
    tracks[windows.at(tracks) < 0] = -1
    return tracks, windows if (tracks >= 0).any() else None


def _decoded(given: Given, files: dict[int, Path]) -> MelWindows:
    """Windows of the files, kept in the study's folder so that a second run decodes nothing."""
    store = WindowStore(given.out / "windows", SLOT * len(files))
    facts = {place: path.stat() for place, path in files.items()}
    wanted = {place: f"{fact.st_size}-{fact.st_mtime_ns}" for place, fact in facts.items()}
    store.ask(wanted)
    missing = store.missing(wanted)
    part = given.monitor.part(0.1)
    requests: Iterator[dict[str, Any]] = ({"path": os.fspath(files[place]), "place": place} for place in missing)
    with Pool(
        "musicdesk.audio.listen:windows", given.desk.settings.processes or os.cpu_count() or 1, MEMORY_BYTES
    ) as pool:
        try:
            for done, (request, answer) in enumerate(pool.run(requests, deadline_s(None), part)):
                if answer.fate is Fate.OK:
                    store.put(request["place"], wanted[request["place"]], answer.arrays["mel"])
                part.report(done + 1, len(missing), "Hearing the songs")
                if done % 64 == 63:
                    store.commit()
        finally:
            store.commit()
    return store.windows(wanted)


def _vectors(given: Given, windows: MelWindows | None) -> Vectors:
    """The encoder's embeddings of the windows, for the ridge regression."""
    if windows is None:
        return Vectors(np.empty(0, np.int64), np.empty((0, 0), np.float32))
    from musicdesk.encoders.embed import Embedder
    from musicdesk.encoders.weights import load
    from musicdesk.learning.device import choose

    entry = given.desk.encoders()[given.desk.default_encoder]  # ours: the windows are made for it
    embedder = Embedder(load(entry.folder, entry.name), choose(given.desk.device))
    rows = []
    for start in range(0, len(windows), PART):
        given.monitor.check()
        at = np.arange(start, min(start + PART, len(windows)))
        pictures = np.split(windows.take(windows.windows_of(at)), np.cumsum(windows.counts[at])[:-1])
        rows.append(embedder.embed(pictures))
    return Vectors(windows.ids, np.concatenate(rows), entry.encoder_id)
