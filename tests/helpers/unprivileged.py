"""The program with no more rights than an ordinary person has: root may read any file, and so proves nothing."""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.helpers.forks import lasting

_PR_CAPBSET_DROP = 24
_MAY_READ_ALL = (1, 2)  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH


def _drop() -> None:
    """Gives up, for this process and those it starts, reading what it may not: done before the program is loaded."""
    if sys.platform == "linux" and os.geteuid() == 0:
        libc = ctypes.CDLL(None)
        for capability in _MAY_READ_ALL:
            libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)


def can_be_kept_out(folder: Path) -> bool:
    """Whether rights can be taken away here at all."""
    closed = folder / "closed"
    closed.write_text("")
    closed.chmod(0)
    command = [sys.executable, "-c", f"import os; print(os.access({str(closed)!r}, os.R_OK))"]
    return subprocess.check_output(command, preexec_fn=_drop, text=True).strip() == "False"


def ask(profile: Path, *arguments: str) -> Any:
    code, said, told = lasting(_drop).say(profile, *arguments, "--json", environment=dict(os.environ))
    assert code == 0, (arguments, told)
    return json.loads(said)
