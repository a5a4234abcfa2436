"""The guard over the whole suite is a real one: other machines are out of reach, here and in processes of ours."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys

import pytest

from tests.conftest import REFUSED

OTHER = ("192.0.2.1", 9)  # of the addresses that belong to nobody
REACH = """
import socket
try:
    socket.create_connection(("192.0.2.1", 9), 0.2)
except OSError:
    pass
"""


def wishes() -> list[str]:
    """What was refused until now; forgotten, so that this test does not fail for it."""
    lines = REFUSED.read_text().splitlines()
    os.truncate(REFUSED, 0)
    return lines


def test_other_machines_are_refused() -> None:
    with pytest.raises(PermissionError, match=re.escape(OTHER[0])):
        socket.create_connection(OTHER, 0.2)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams, pytest.raises(PermissionError):
        datagrams.sendto(b"x", OTHER)
    with pytest.raises(PermissionError, match="example"):
        socket.getaddrinfo("example.org", 443)
    with socket.socket() as stream, pytest.raises(PermissionError):
        stream.connect(OTHER)
    assert [line.partition("\t")[0].removeprefix("socket.") for line in wishes()] == [
        "getaddrinfo",  # create_connection asks for the address first
        "sendto",
        "getaddrinfo",
        "connect",
    ]


def test_processes_of_ours_are_refused_and_told_of() -> None:
    assert subprocess.run([sys.executable, "-c", REACH], timeout=60).returncode == 0
    assert wishes()


def test_this_machine_is_within_reach() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        for host in ("127.0.0.1", "localhost"):
            socket.create_connection((host, port), 1).close()
    assert not wishes()
