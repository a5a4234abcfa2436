"""Writing files so that a reader sees the old one or the new one, never half of one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from musicdesk.core.errors import Unusable
from musicdesk.core.paths import Profile, placed

TEMP_MARK = ".musicdesk-tmp-"


def place_for(target: Path, profile: Profile) -> Path:
    """`target`, absolute, for a file that a person has named. Raises Unusable where none can be made, or one of the
    profile's own would be lost, before the work that fills it."""
    target = placed(target)
    if target.is_dir():
        raise Unusable(f"{target} is a folder; name a file in it.")
    if not target.parent.is_dir():
        raise Unusable(f"There is no folder {target.parent}.")
    if not os.access(target.parent, os.W_OK):
        raise Unusable(f"The folder {target.parent} may not be written.")
    profile.spare(target)
    return target


@contextmanager
def replacing(target: Path, mode: int = 0o600) -> Iterator[IO[bytes]]:
    """Opens a temporary file beside `target`; on success it becomes `target`, else it is removed."""
    handle, name = _temp(target.parent)
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
    handle, name = _temp(target.parent, target.suffix)
    os.close(handle)
    temp = Path(name)
    try:
        write(temp)
        with temp.open("rb+") as stream:
            os.fsync(stream.fileno())
        temp.chmod(mode)
        os.replace(temp, target)
    except BaseException:
        for part in temp.parent.glob(f"{temp.name}*"):  # also what a database keeps beside itself
            part.unlink(missing_ok=True)
        raise
    sync_folder(target.parent)


def write_text(target: Path, text: str, mode: int = 0o600) -> None:
    with replacing(target, mode) as stream:
        stream.write(text.encode("utf-8"))


def temp_beside(target: Path) -> Path:
    """A name in the folder of `target` for what takes its place later; nothing lies there, nor what others left."""
    sweep_temps(target.parent)
    temp = target.with_name(f"{TEMP_MARK}{os.getpid()}-next{target.suffix}")
    for part in temp.parent.glob(f"{temp.name}*"):
        part.unlink()
    return temp


def sync_folder(folder: Path) -> None:
    """Makes a rename durable. Windows has no such call; there it is skipped."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


_swept: set[Path] = set()  # folders that this process has written in, and swept before


def _temp(folder: Path, suffix: str = "") -> tuple[int, str]:
    """A new temporary file that tells whose it is; what killed processes left beside it goes."""
    if folder not in _swept:
        sweep_temps(folder)
        _swept.add(folder)
    return tempfile.mkstemp(prefix=f"{TEMP_MARK}{os.getpid()}-", suffix=suffix, dir=folder)


def sweep_temps(folder: Path) -> int:
    """Removes temporary files of processes that are gone from `folder`; returns how many."""
    count = 0
    for path in folder.glob(f"{TEMP_MARK}*"):
        owner = path.name.removeprefix(TEMP_MARK).partition("-")[0]
        if owner.isdecimal() and runs(int(owner)):
            continue
        path.unlink(missing_ok=True)
        count += 1
    return count


def runs(process: int) -> bool:
    """Whether a process of that number is there. One that took the number over later only delays what is cleared."""
    if os.name != "posix":  # elsewhere a signal would end it
        return process == os.getpid()
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
