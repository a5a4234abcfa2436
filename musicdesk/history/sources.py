"""Where rows come from: a file, a folder, a ZIP, gzipped or not. Everything is streamed, nothing extracted.

Archives are not trusted: names that lead elsewhere, links, encrypted members and archives inside archives
are left out with a sentence, and what unpacks to more than it should is stopped while it is read.
"""

from __future__ import annotations

import gzip
import io
import lzma
import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from musicdesk.core.errors import NotFound, Unusable
from musicdesk.core.wording import clean

LONGEST = 4 << 30  # bytes a member may unpack to
RATIO = 200  # and how many times its packed size,
SMALL = 1 << 20  # unless it is no bigger than this
MEMBERS = 20_000  # of an archive or a folder
PIECE = 1 << 16  # bytes unpacked at once
# Besides OSError; the last is what zipfile says of ways to pack that it does not know.
_BROKEN = (zlib.error, lzma.LZMAError, zipfile.BadZipFile, EOFError, struct.error, NotImplementedError)
_GZIP = b"\x1f\x8b"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")  # the second: with nothing in it
_DRIVE = re.compile("[A-Za-z]:")
_TOO_MANY = f"{{}} holds more than {MEMBERS:,} files; choose the history inside it."


class SourceFault(Unusable):
    """A source that cannot be read, or not to its end."""


class Limited:
    """A stream that counts what it gives, and turns every way of being broken into `SourceFault`."""

    def __init__(self, stream: BinaryIO, name: str, packed: int | None) -> None:
        self._stream = stream
        self._name = name
        self._packed = packed  # None: not an archive, nothing unpacks
        self._read = 0
        self._fault: SourceFault | None = None  # found behind what was given last

    def read(self, size: int = -1) -> bytes:
        wanted = size if size >= 0 else 1 << 20
        data = self._piece(self._stream.read, wanted) if self._packed is None else self._unpacked(wanted)
        self._read += len(data)
        if self._packed is not None:
            if self._read > LONGEST:
                raise SourceFault(f"{self._name} unpacks to more than 4 GB; the rest was left out.")
            if self._read > SMALL and self._read > RATIO * max(1, self._packed):
                raise SourceFault(f"{self._name} unpacks to more than {RATIO} times its size and was stopped.")
        return data

    def _unpacked(self, wanted: int) -> bytes:
        """In pieces, so that where an archive breaks off only the end of it is lost."""
        read = cast(io.BufferedIOBase, self._stream).read1
        data = bytearray()
        while len(data) < wanted and self._fault is None:
            try:
                piece = self._piece(read, min(PIECE, wanted - len(data)))
            except SourceFault as fault:
                self._fault = fault
                break
            if not piece:
                return bytes(data)
            data += piece
        if not data and self._fault is not None:
            raise self._fault
        return bytes(data)

    def _piece(self, read: Callable[[int], bytes], size: int) -> bytes:
        try:
            return read(size)
        except (*_BROKEN, gzip.BadGzipFile) as error:
            raise SourceFault(f"{self._name} is damaged or ends in the middle ({error}).") from error
        except OSError as error:
            raise SourceFault(f"{self._name} cannot be read to its end ({error.strerror or error}).") from error

    def close(self) -> None:
        self._stream.close()

    def __enter__(self) -> Limited:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Unzipped(gzip.GzipFile):
    """A gzipped stream that closes the file beneath it too."""

    def __init__(self, beneath: BinaryIO) -> None:
        super().__init__(fileobj=beneath, mode="rb")
        self._beneath = beneath

    def close(self) -> None:
        super().close()
        self._beneath.close()


@dataclass(frozen=True)
class FileSource:
    """A plain file, or a gzipped one."""

    path: Path
    name: str

    def open(self) -> BinaryIO:
        try:
            stream: BinaryIO = self.path.open("rb")
            zipped = stream.read(2) == _GZIP
            stream.seek(0)
            packed = self.path.stat().st_size if zipped else None
            if zipped:
                stream = cast(BinaryIO, _Unzipped(stream))
        except OSError as error:
            raise SourceFault(f"{self.name} cannot be read ({error.strerror}).") from error
        return cast(BinaryIO, Limited(stream, self.name, packed))


@dataclass(frozen=True)
class MemberSource:
    """A member of a ZIP file that is kept open."""

    archive: zipfile.ZipFile
    info: zipfile.ZipInfo
    name: str

    def open(self) -> BinaryIO:
        try:
            stream = cast(BinaryIO, self.archive.open(self.info))
        except (*_BROKEN, RuntimeError, OSError, ValueError) as error:
            raise SourceFault(f"{self.name} cannot be unpacked ({error}).") from error
        return cast(BinaryIO, Limited(stream, self.name, self.info.compress_size))


Opened = FileSource | MemberSource


class Sources:
    """The streams behind the paths that a person has named. Archives stay open until it is closed.

    `notes` has a sentence for each thing left out. Raises NotFound, and Unusable for an archive that is
    damaged or holds too many files.
    """

    def __init__(self, paths: list[Path]) -> None:
        self.notes: list[str] = []
        self.found: list[Opened] = []
        self._archives: list[zipfile.ZipFile] = []
        try:
            for path in paths:
                self._add(path)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Sources:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        for archive in self._archives:
            archive.close()

    def _add(self, path: Path) -> None:
        if path.is_dir():
            files, links = _files(path)
            if links:
                first = clean(str(links[0].relative_to(path)))
                more = f" and {len(links) - 1:,} more are links" if len(links) > 1 else " is a link"
                self.notes.append(f"{first}{more}, left out; name what they lead to.")
            for file in files:
                try:
                    self._add_file(file, str(file.relative_to(path)))
                except SourceFault as fault:
                    self.notes.append(str(fault))
        elif path.is_file():
            self._add_file(path, path.name)
        elif path.exists():
            raise Unusable(f"{path} is neither a file nor a folder; name the export itself.")
        else:
            raise NotFound(f"There is no file or folder {path}.")

    def _add_file(self, path: Path, name: str) -> None:
        try:
            with path.open("rb") as stream:
                zipped = stream.read(4) in _ZIP
        except OSError as error:
            raise SourceFault(f"{name} cannot be read ({error.strerror}).") from error
        if zipped:
            self._add_members(path, name)
        else:
            self.found.append(FileSource(path, name))

    def _add_members(self, path: Path, name: str) -> None:
        try:
            archive = zipfile.ZipFile(path)
        except (*_BROKEN, OSError, ValueError) as error:
            raise SourceFault(f"{name} is not a whole ZIP file ({error}); nothing was read from it.") from error
        self._archives.append(archive)
        infos = archive.infolist()
        if len(infos) > MEMBERS:
            raise Unusable(_TOO_MANY.format(name))
        for info in sorted(infos, key=lambda info: info.filename):
            if info.filename.endswith("/"):  # is_dir() wants a name to be there
                continue
            if fault := _fault(info):
                self.notes.append(f"{info.filename[:200]!r} in {name} was left out: {fault}.")
            else:
                self.found.append(MemberSource(archive, info, f"{name}/{info.filename}"))


def is_archive(start: bytes) -> bool:
    """Whether bytes begin a ZIP or gzip file. Inside an archive, such a member is left out."""
    return start[:4] in _ZIP or start[:2] == _GZIP


def _files(folder: Path) -> tuple[list[Path], list[Path]]:
    """The files in a folder, and the links in it, which may lead anywhere."""
    files: list[Path] = []
    links: list[Path] = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for path in (Path(place, name) for name in [*sorted(names), *folders] if not name.startswith(".")):
            if path.is_symlink():
                links.append(path)
            elif path.is_file():
                files.append(path)
            if len(files) > MEMBERS:
                raise Unusable(_TOO_MANY.format(folder))
    return files, links


def _fault(info: zipfile.ZipInfo) -> str:
    parts = info.filename.replace("\\", "/").split("/")
    if ".." in parts or not parts[0] or _DRIVE.match(parts[0]) or "\0" in info.orig_filename:
        return "its name leads out of the archive"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "it is a link"
    if info.flag_bits & 1:
        return "it is encrypted"
    return ""
