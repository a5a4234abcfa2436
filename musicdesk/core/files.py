"""Writing files so that a reader sees the old one or the new one, never half of one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

TEMP_MARK = ".musicdesk-tmp-"


@contextmanager
def replacing(target: Path, mode: int = 0o600) -> Iterator[IO[bytes]]:
    """Opens a temporary file beside `target`; on success it becomes `target`, else it is removed."""
    handle, name = tempfile.mkstemp(prefix=TEMP_MARK, dir=target.parent)
    temp = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        temp.chmod(mode)
        os.replace(temp, target)
    except BaseException:
        temp.unlink(missing_ok=True)
        raise
    sync_folder(target.parent)


def write_with(target: Path, write: Callable[[Path], None], mode: int = 0o600) -> None:
    """Like `replacing` for libraries that want a path: `write(temp)` makes the file."""
    handle, name = tempfile.mkstemp(prefix=TEMP_MARK, suffix=target.suffix, dir=target.parent)
    os.close(handle)
    temp = Path(name)
    try:
        write(temp)
        with temp.open("rb+") as stream:
            os.fsync(stream.fileno())
        temp.chmod(mode)
        os.replace(temp, target)
    except BaseException:
        temp.unlink(missing_ok=True)
        raise
    sync_folder(target.parent)


def write_text(target: Path, text: str, mode: int = 0o600) -> None:
    with replacing(target, mode) as stream:
        stream.write(text.encode("utf-8"))


def sync_folder(folder: Path) -> None:
    """Makes a rename durable. Windows has no such call; there it is skipped."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sweep_temps(folder: Path) -> int:
    """Removes temporary files that a killed process left in `folder`; returns how many."""
    count = 0
    for path in folder.glob(f"{TEMP_MARK}*"):
        path.unlink(missing_ok=True)
        count += 1
    return count
