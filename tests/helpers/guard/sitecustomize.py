"""Loaded by every Python process that has this folder on its path, and by the tests themselves.

GUARD_REFUSED: a file; whoever wants to reach another machine is refused and named there. GUARD_LOG: a file in which
connections and writes are noted.
"""

from __future__ import annotations

import os
import sys
from typing import Any

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
NAMES = ("socket.getaddrinfo", "socket.gethostbyname")
REACHING = ("socket.connect", "socket.sendto", "socket.sendmsg")
NETWORK = (*REACHING, *NAMES, "socket.bind")
CHANGING = ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate", "shutil.move")
HERE = ("127.", "::1", "localhost", "ip6-localhost")


def refuse() -> None:
    """From now on this process reaches no other machine; the wish is noted, whoever swallows the error."""

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event.startswith("socket.") and (to := _elsewhere(event, args)):
            with open(os.environ["GUARD_REFUSED"], "ab") as notes:
                notes.write(f"{event}\t{to}\n".encode("utf-8", "surrogateescape"))
            raise PermissionError(f"{event}: a test wanted to reach {to}")

    sys.addaudithook(hook)


def _elsewhere(event: str, args: tuple[Any, ...]) -> str:
    """The other machine that is meant; '' for this one and for sockets without a machine."""
    if event in NAMES:
        host = args[0]
    elif event in REACHING and isinstance(args[1], tuple):
        host = args[1][0]
    else:
        return ""
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host or "")
    return "" if not name or name.startswith(HERE) else name


def guard(path: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def note(event: str, what: object) -> None:
        os.write(handle, f"{event}\t{what}\n".encode("utf-8", "surrogateescape"))

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event in NETWORK:
            note(event, args)
            return
        writes = event in CHANGING or (event == "open" and args[2] & WRITING)
        if writes and isinstance(args[0], str | bytes) and os.path.isabs(args[0]):
            note(event, os.fsdecode(args[0]))

    sys.addaudithook(hook)


if "GUARD_LOG" in os.environ:
    guard(os.environ["GUARD_LOG"])
if "GUARD_REFUSED" in os.environ:
    refuse()
