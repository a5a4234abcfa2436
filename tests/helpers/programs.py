"""The program as outsiders start it: a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def start(profile: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "musicdesk", "--profile", str(profile), "--device", "cpu", *arguments]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def run(profile: Path, *arguments: str, code: int = 0) -> str:
    """The standard output of a command that must end with `code`; errors come back instead of it."""
    process = start(profile, *arguments)
    out, err = process.communicate(timeout=240)
    assert process.returncode == code, f"{arguments} ended with {process.returncode}:\n{err}\n{out}"
    return out if code == 0 else err


def ask(profile: Path, *arguments: str) -> dict[str, Any]:
    """The one JSON object that a command prints."""
    found: dict[str, Any] = json.loads(run(profile, *arguments, "--json"))
    return found
