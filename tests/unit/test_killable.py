"""Children that crash, hang, overeat or talk garbage cost one request and nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from musicdesk.core.errors import Cancelled
from musicdesk.core.killable import Fate, Pool
from musicdesk.core.progress import Silent

TARGET = "tests.helpers.children:misbehave"


def run(requests, processes=2, deadline=5.0, memory=0, monitor=None):
    with Pool(TARGET, processes, memory) as pool:
        return {request["n"]: answer for request, answer in pool.run(requests, deadline, monitor)}


def test_answers_carry_values_and_arrays():
    answers = run([{"n": n, "do": "square"} for n in range(20)])
    assert {n: a.head["square"] for n, a in answers.items()} == {n: n * n for n in range(20)}
    assert answers[3].arrays["row"].dtype == np.float32
    assert answers[3].arrays["row"].tolist() == [3.0, 3.0]


def test_a_crash_costs_one_request():
    answers = run([{"n": n, "do": "crash" if n == 2 else "square"} for n in range(6)])
    assert answers[2].fate is Fate.CRASH and "SIGSEGV" in answers[2].text
    assert all(a.fate is Fate.OK for n, a in answers.items() if n != 2)


def test_a_hang_is_ended_at_its_deadline():
    begun = time.monotonic()
    answers = run([{"n": 0, "do": "hang"}, {"n": 1, "do": "square"}], deadline=1.0)
    assert answers[0].fate is Fate.HANG and "1 s" in answers[0].text
    assert answers[1].fate is Fate.OK
    assert time.monotonic() - begun < 10


def test_a_busy_machine_makes_no_hang():
    """Work that is done well within the deadline, on a processor that two others want as well."""
    if not hasattr(os, "sched_setaffinity") or not os.path.exists("/proc/self/schedstat"):
        pytest.skip("only Linux tells how long a process has waited for a processor")
    core = min(os.sched_getaffinity(0))
    spin = f"import os\nos.sched_setaffinity(0, {{{core}}})\nwhile True: pass"
    others = [subprocess.Popen([sys.executable, "-c", spin]) for _ in range(2)]
    try:
        begun = time.monotonic()
        work = {"do": "work", "core": core}
        with Pool(TARGET, 1) as pool:
            assert next(iter(pool.run([{"n": 0, "do": "pid"}], 60.0)))[1].fate is Fate.OK  # it has started
            asked = [{"n": 1, "seconds": 0.35, **work}, {"n": 2, "seconds": 600.0, **work}]
            answers = {request["n"]: answer for request, answer in pool.run(asked, 0.6)}
    finally:
        for other in others:
            other.kill()
            other.wait()
    assert answers[1].fate is Fate.OK and answers[1].seconds > 0.6
    assert answers[2].fate is Fate.HANG
    assert time.monotonic() - begun < 120


def test_errors_come_as_sentences_and_the_child_lives_on():
    answers = run([{"n": 0, "do": "raise"}, {"n": 1, "do": "pid"}, {"n": 2, "do": "pid"}], processes=1)
    assert answers[0].fate is Fate.ERROR and answers[0].text == "no such sound"
    assert answers[1].head["pid"] == answers[2].head["pid"] != os.getpid()


def test_memory_is_limited():
    answers = run([{"n": 0, "do": "eat"}], memory=1 << 30)
    assert answers[0].fate in (Fate.ERROR, Fate.CRASH)
    if answers[0].fate is Fate.ERROR:
        assert "memory" in answers[0].text


def test_prints_do_not_break_the_frames():
    answers = run([{"n": 0, "do": "print"}])
    assert answers[0].head == {"printed": True}


def test_garbage_on_the_pipe_is_a_crash():
    assert run([{"n": 0, "do": "garbage"}])[0].fate is Fate.CRASH


def test_cancel_kills_what_is_at_work():
    monitor = Silent()
    threading.Timer(0.6, monitor.stop.set).start()
    begun = time.monotonic()
    with pytest.raises(Cancelled):
        run([{"n": n, "do": "hang"} for n in range(3)], deadline=60.0, monitor=monitor)
    assert time.monotonic() - begun < 10


def test_a_child_that_is_killed_while_idle_is_replaced():
    with Pool(TARGET, 1) as pool:
        first = next(iter(pool.run([{"n": 0, "do": "pid"}], 5.0)))[1]
        os.kill(first.head["pid"], signal.SIGKILL)
        time.sleep(0.1)
        answers = [answer for _request, answer in pool.run([{"n": n, "do": "pid"} for n in range(3)], 5.0)]
    assert [answer.fate for answer in answers] == [Fate.OK] * 3
