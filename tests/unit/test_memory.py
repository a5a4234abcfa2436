"""What threads of the window have freed is not kept by each of them."""

from __future__ import annotations

import subprocess
import sys

import pytest

THREADS, PIECES, PIECE = 6, 8_000, 4_000
CODE = f"""
import os, sys, threading
from musicdesk.core import memory
if sys.argv[1] == "spare":
    memory.spare()
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
def read():
    pieces = [bytes({PIECE}) for _ in range({PIECES})]
    kept.append(pieces[::500])  # a little of it is still used
    del pieces
    done.release()
    over.wait()
kept, done, over, before = [], threading.Semaphore(0), threading.Event(), resident()
threads = [threading.Thread(target=read) for _ in range({THREADS})]
for thread in threads:  # one after the other; each stays for more work
    thread.start()
    done.acquire()
over.set()
for thread in threads:
    thread.join()
print(resident() - before)
memory.give_back()
print(resident() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the C library of Linux")
def test_threads_share_what_they_have_freed() -> None:
    def grown(how: str) -> tuple[int, int]:
        done = subprocess.run([sys.executable, "-c", CODE, how], capture_output=True, text=True, check=True)
        before, after = map(int, done.stdout.split())
        return before, after

    once = PIECES * PIECE
    usual, spared = grown("as it comes"), grown("spare")
    assert spared[0] < 3 * once, f"{spared[0] >> 20} MB after {THREADS} times {once >> 20} MB"
    assert spared[0] < 0.7 * usual[0]
    assert spared[1] < once / 2, "and what is left of that goes back when it is told"
