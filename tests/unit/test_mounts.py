"""Where a profile lies: network folders are told by the system's list of mounts."""

from __future__ import annotations

from pathlib import Path

import pytest

from musicdesk.core import mounts
from musicdesk.core.mounts import kind_of, network_words
from musicdesk.workflows import doctor

TEXT = r"""22 1 0:21 / / rw,relatime - ext4 /dev/vda rw
30 22 0:40 / /home/ann rw,relatime shared:1 - nfs4 server:/home rw,vers=4.2
31 30 0:41 / /home/ann/my\040disk rw,relatime - xfs /dev/sdb1 rw
32 22 0:42 / /mnt rw - ext4 /dev/sdc rw
33 32 0:43 / /mnt rw master:2 - fuse.sshfs ann@host: rw
34 22 0:44 / /mnt\134x rw - cifs //host/music rw
half a line
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/var/lib", "ext4"),
        ("/home/ann", "nfs4"),
        ("/home/ann/.local/share/musicdesk", "nfs4"),
        ("/home/anna/x", "ext4"),
        ("/home/ann/my disk/x", "xfs"),
        ("/mnt/x", "fuse.sshfs"),
        ("/mnt\\x/y", "cifs"),
    ],
)
def test_the_nearest_mount_above_a_folder_tells_its_kind(folder: str, kind: str) -> None:
    assert kind_of(Path(folder), TEXT) == kind
    assert bool(network_words(Path(folder), TEXT)) == (kind not in ("ext4", "xfs"))


def test_what_nobody_tells_is_no_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert kind_of(tmp_path, "") == "" and network_words(tmp_path, "nonsense - ") == ""
    monkeypatch.setattr(mounts, "MOUNTS", tmp_path / "nowhere")
    assert network_words(tmp_path) == ""


def test_doctor_warns_of_a_network_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mounts").write_text(f"1 1 0:1 / {tmp_path} rw - nfs server:/ rw\n")
    monkeypatch.setattr(mounts, "MOUNTS", tmp_path / "mounts")
    told = doctor._place(tmp_path / "profile")
    assert told["ok"] and "network folder (nfs)" in told["text"]


def test_doctor_tells_a_part_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "PARTS", ("numpy", "no-such-part"))
    told = doctor._versions()
    assert not told["ok"] and "numpy" in told["text"] and "Not installed: no-such-part." in told["text"]
