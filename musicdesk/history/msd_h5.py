"""Songs out of the Million Song Dataset's HDF5 files: one song a file, or many in a summary file.

The HDF5 library can crash on broken files, so they are read in a child that can be killed.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from musicdesk.core.killable import Answer, Fate, Pool
from musicdesk.core.wording import clean
from musicdesk.history.base import UNREADABLE, Account, Head, Refused, Source, example
from musicdesk.history.crowd_names import DAY_MS, Title, Titles, named, weighed, word
from musicdesk.history.sources import FileSource, MemberSource, SourceFault

MAGIC = b"\x89HDF\r\n\x1a\n"
TARGET = "musicdesk.history.msd_h5:read_many"
MEMORY = 3 << 30  # bytes of address space
FILES, ROWS = 32, 2_000  # per request; rows of one file
DEADLINE_S, FILE_DEADLINE_S = 60.0, 20.0
LARGEST = 256 << 20  # bytes of a file that is read whole, because it comes out of an archive
TERMS = 100
Place = list[str]  # [path, member of the ZIP at that path or ""]
Told = dict[str, Any]  # {"rows": [[track, song, artist, title, album, year, seconds, terms]], "of": rows, "reason": ""}


def is_h5(head: Head) -> bool:
    return head.raw.startswith(MAGIC)


def read(sources: Sequence[Source], account: Account) -> Titles:
    """The songs of many files, in their order. A file that cannot be read is one refused row."""
    number = 0
    with Pool(TARGET, processes=1, memory=MEMORY) as pool:
        waiting = iter(sources)
        while part := list(islice(waiting, FILES)):
            for source, told in _read(pool, part):
                for row in told["rows"]:
                    number += 1
                    yield _title(number, row)
                if told["reason"]:
                    number += 1
                    yield Refused(UNREADABLE, example(number, source.name, told["reason"]))


def _read(pool: Pool, sources: list[Source]) -> Iterator[tuple[Source, Told]]:
    answer = _ask(pool, [_place(source) for source in sources], 0)
    files = _files(answer, len(sources))
    for place, source in enumerate(sources):
        told = files[place] if files else _one(pool, source, 0)
        yield source, told
        done = len(told["rows"])
        while not told["reason"] and 0 < done < told["of"]:  # a summary file
            told = _one(pool, source, done)
            if not told["rows"] and not told["reason"]:
                break
            yield source, told
            done += len(told["rows"])


def _one(pool: Pool, source: Source, start: int) -> Told:
    answer = _ask(pool, [_place(source)], start)
    files = _files(answer, 1)
    return files[0] if files else {"rows": [], "of": 0, "reason": answer.text or "the reader's answer made no sense"}


def _ask(pool: Pool, places: list[Place], start: int) -> Answer:
    deadline = DEADLINE_S if len(places) > 1 else FILE_DEADLINE_S
    ((_request, answer),) = pool.run([{"files": places, "start": start}], deadline)
    return answer


def _files(answer: Answer, count: int) -> list[Told] | None:
    """The answer's files, or None when there is none that can be trusted."""
    files = answer.head.get("files")
    if answer.fate is not Fate.OK or not isinstance(files, list) or len(files) != count:
        return None
    good = all(
        isinstance(told, dict)
        and isinstance(told.get("rows"), list)
        and all(isinstance(row, list) and len(row) == 8 for row in told["rows"])
        and isinstance(told.get("of"), int)
        and isinstance(told.get("reason"), str)
        for told in files
    )
    return files if good else None


def _place(source: Source) -> Place:
    if isinstance(source, MemberSource):
        return [str(source.archive.filename), source.info.filename]
    assert isinstance(source, FileSource)
    return [str(source.path), ""]


def _title(number: int, row: list[Any]) -> Title | Refused:
    track, song, artist, title, album = (clean(part) for part in row[:5])
    year, seconds, terms = row[5:]
    length = seconds * 1000 if isinstance(seconds, int | float) else 0
    words = {word(str(term)): weighed(float(share)) for term, share in reversed(terms)}
    words.pop("", None)
    told = Title(
        song,
        artist,
        title,
        album=album,
        year=year if isinstance(year, int) and 1000 <= year <= 9999 else None,
        length_ms=round(length) if 0.5 <= length < DAY_MS else None,
        tracks=(track,) if track else (),
        words=tuple(words.items()),
    )
    return named(number, told)


# in the child


def read_many(request: dict[str, Any]) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Served: {"files": [[path, member]], "start": row} -> {"files": [what each holds from that row on]}."""
    return {"files": [_told(path, member, request["start"]) for path, member in request["files"]]}, {}


def _told(path: str, member: str, start: int) -> Told:
    import h5py

    try:
        with h5py.File(_opened(path, member), "r") as file:
            rows, of = _rows(file, start)
            return {"rows": rows, "of": of, "reason": ""}
    except (KeyError, AttributeError, TypeError, IndexError):
        reason = "it is no file of the Million Song Dataset"
    except MemoryError:
        reason = "it asks for more memory than a file may use"
    except Exception as error:  # h5py raises anything on hostile files; the text is kept as the reason
        reason = clean(" ".join(str(error).split()))[:200] or type(error).__name__
    return {"rows": [], "of": 0, "reason": reason}


def _opened(path: str, member: str) -> BinaryIO | str:
    """The file's path, or what is unpacked of it."""
    if member:
        with zipfile.ZipFile(path) as archive:
            return _whole(MemberSource(archive, archive.getinfo(member), member))
    with Path(path).open("rb") as stream:
        plain = stream.read(len(MAGIC)) == MAGIC
    return path if plain else _whole(FileSource(Path(path), Path(path).name))


def _whole(source: Source) -> BinaryIO:
    """What unpacks from an archive, in memory."""
    data = io.BytesIO()
    with source.open() as stream:
        while block := stream.read(1 << 20):
            data.write(block)
            if data.tell() > LARGEST:
                raise SourceFault(f"it is larger than {LARGEST >> 20} MB; unpack it first")
    data.seek(0)
    return data


def _rows(file: Any, start: int) -> tuple[list[list[Any]], int]:
    songs = file["metadata/songs"]
    part = slice(start, start + ROWS)
    meta, heard = songs[part], file["analysis/songs"][part]
    years = file["musicbrainz/songs"][part]["year"] if "musicbrainz/songs" in file else np.zeros(len(meta), int)
    terms = _terms(file, songs, part)
    rows = [
        [
            *(_text(cell) for cell in (sound["track_id"], song["song_id"], song["artist_name"], song["title"])),
            _text(song["release"]),
            int(made),
            float(sound["duration"]) if np.isfinite(sound["duration"]) else 0.0,
            some,
        ]
        for song, sound, made, some in zip(meta, heard, years, terms, strict=True)
    ]
    return rows, len(songs)


def _terms(file: Any, songs: Any, part: slice) -> list[list[tuple[str, float]]]:
    """(term, weight) of each song's artist: rows of one long list, from each song's place to the next one's."""
    names, shares = file["metadata/artist_terms"], file["metadata/artist_terms_weight"]
    starts = [int(start) for start in songs["idx_artist_terms"][part.start : part.stop + 1]]
    wanted = min(ROWS, len(songs) - part.start)
    ends = [*starts[1:], len(names)][:wanted]
    return [
        [
            (_text(name), float(share))
            for name, share in zip(names[a : min(b, a + TERMS)], shares[a : min(b, a + TERMS)], strict=True)
        ]
        for a, b in zip(starts[:wanted], ends, strict=True)
    ]


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
