"""The program as outsiders start it: a process of its own, or a fork of one that has done its imports."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil

from tests.helpers.forks import ROOT, lasting


def start(profile: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "musicdesk", "--profile", str(profile), "--device", "cpu", *arguments]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def kill_after(profile: Path, seconds: float, *arguments: str) -> bool:
    """Starts a command and kills it with all it started; True when it was still running."""
    process = start(profile, *arguments)
    time.sleep(seconds)
    running = process.poll() is None
    family = psutil.Process(process.pid).children(recursive=True) if running else []
    process.kill()
    process.communicate()
    psutil.wait_procs(family, timeout=5)
    assert not [child for child in family if child.is_running()], "a child outlived its parent"
    return running


def run(profile: Path, *arguments: str, code: int = 0) -> str:
    """The standard output of a command that must end with `code`; errors come back instead of it."""
    ended, said, told = lasting().say(profile, *arguments, environment=dict(os.environ))
    assert ended == code, f"{arguments} ended with {ended}:\n{told}\n{said}"
    return said if code == 0 else told


def ask(profile: Path, *arguments: str) -> dict[str, Any]:
    """The one JSON object that a command prints."""
    found: dict[str, Any] = json.loads(run(profile, *arguments, "--json"))
    return found
