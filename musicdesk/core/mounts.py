"""On what kind of file system a folder lies, as far as the system tells (Linux: /proc/self/mountinfo)."""

from __future__ import annotations

import os
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")
NETWORK = frozenset(
    ("nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "coda", "ceph", "glusterfs", "9p", "davfs", "davfs2")
)
NETWORK_FUSE = frozenset(("sshfs", "rclone", "davfs2", "glusterfs", "s3fs", "gvfsd-fuse", "smbnetfs", "curlftpfs"))


def kind_of(folder: Path, mounts: str) -> str:
    """The file system of `folder` (absolute) by the text of a mountinfo, its longest mount point above; '' unknown."""
    path, best, kind = os.fsencode(folder), b"", ""
    for line in mounts.splitlines():
        mounted, dash, source = line.partition(" - ")
        parts = mounted.split(" ")
        if not dash or len(parts) < 5:
            continue
        point = _plain(parts[4])
        inside = path == point or path.startswith(point.rstrip(b"/") + b"/")
        if inside and len(point) >= len(best):  # of two on the same place the later one lies on top
            best, kind = point, source.split(" ")[0]
    return kind


def _plain(point: str) -> bytes:
    """Space, tab, newline and backslash are written as octal numbers."""
    raw = os.fsencode(point)
    for sign in (b" ", b"\t", b"\n", b"\\"):
        raw = raw.replace(b"\\%03o" % sign[0], sign)
    return raw


def network_words(folder: Path, mounts: str | None = None) -> str:
    """A warning where a profile lies on a network folder, else ''."""
    if mounts is None:
        try:
            mounts = os.fsdecode(MOUNTS.read_bytes())
        except OSError:
            return ""
    kind = kind_of(folder.resolve(), mounts)
    if kind not in NETWORK and kind.removeprefix("fuse.") not in NETWORK_FUSE:
        return ""
    return (
        f"The profile lies on a network folder ({kind}). Two computers that use it at once can damage the library, and "
        "a connection that breaks can lose what was said last; keep it on a disk of this computer (--profile DIR)."
    )
