"""Work that may crash or hang runs in child processes that can be killed.

Decoders and tag readers do crash, loop and ask for gigabytes. Each child answers one request at a time:
a JSON head and numpy arrays, framed by lengths; nothing is ever unpickled, since a child that has read a
hostile file is not trusted. The parent knows what each child is working on, so a crash costs one request.

    with Pool("musicdesk.audio.child:listen", processes=2, memory=2 << 30) as pool:
        for request, answer in pool.run(requests, deadline_s=20.0):
            ...
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import IO, Any

import numpy as np

from musicdesk.core.progress import Monitor, Silent

CHILD_FLAG = "--child"
_LENGTH = struct.Struct("<Q")
_MAX_HEAD = 64 << 20  # bytes; an answer's JSON head above this is garbage
_MAX_ARRAYS = 1 << 30
LATE = "Reading took longer than"  # how the reason of a request that was stopped begins

Served = Callable[[dict[str, Any]], tuple[dict[str, Any], dict[str, np.ndarray]]]


class Fate(StrEnum):
    OK = "ok"
    ERROR = "error"  # the function raised; `text` is its sentence
    CRASH = "crash"  # the process died
    HANG = "hang"  # over its deadline (waiting for a processor not counted), killed


@dataclass(frozen=True)
class Answer:
    fate: Fate
    head: dict[str, Any] = field(default_factory=dict)
    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    text: str = ""
    kind: str = ""  # class name of the error, or the signal's name
    seconds: float = 0.0


def child_command(target: str, memory: int) -> list[str]:
    """How to start a child, frozen into one program or not."""
    start = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "musicdesk"]
    return [*start, CHILD_FLAG, target, str(memory)]


class Pool:
    """Up to `processes` children that each serve `target` ("module:function").

    The function takes the request (a dict that JSON can carry) and returns `(head, arrays)`.
    `memory` limits the child's address space in bytes (0: no limit).
    """

    def __init__(self, target: str, processes: int, memory: int = 0) -> None:
        self._target = target
        self._size = max(1, processes)
        self._memory = memory
        self._children: list[_Child] = []

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        for child in self._children:
            child.end()
        self._children.clear()

    def run(
        self,
        requests: Iterable[dict[str, Any]],
        deadline_s: float | Callable[[dict[str, Any]], float],
        monitor: Monitor | None = None,
        before: Callable[[dict[str, Any]], None] | None = None,
    ) -> Iterator[tuple[dict[str, Any], Answer]]:
        """Answers in the order in which they are ready.

        `before(request)` is called right before a request is handed to a child, so that an attempt can
        be committed first. Raises Cancelled when the monitor says so; children at work are then killed.
        """
        watch = monitor or Silent()
        limit = deadline_s if callable(deadline_s) else lambda _request: deadline_s
        waiting = iter(requests)
        try:
            exhausted = False
            while True:
                watch.check()
                while not exhausted and (child := self._idle()) is not None:
                    request = next(waiting, None)
                    if request is None:
                        exhausted = True
                        break
                    if before:
                        before(request)
                    child.send(request, limit(request))
                busy = [child for child in self._children if child.request is not None]
                if not busy:
                    return
                for child in _ready(busy, timeout=0.05):
                    yield child.finish()
                self._children = [child for child in self._children if child.alive]
        finally:
            for child in self._children:
                if child.request is not None:
                    child.end()
            self._children = [child for child in self._children if child.alive]

    def _idle(self) -> _Child | None:
        for child in self._children:
            if child.request is None and child.still_runs():
                return child
        self._children = [child for child in self._children if child.alive]
        if len(self._children) < self._size:
            self._children.append(_Child(child_command(self._target, self._memory)))
            return self._children[-1]
        return None


class _Child:
    def __init__(self, command: list[str]) -> None:
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert self._process.stdin and self._process.stdout
        self._in: IO[bytes] = self._process.stdin
        self.out: IO[bytes] = self._process.stdout
        os.set_blocking(self.out.fileno(), False)
        self.request: dict[str, Any] | None = None
        self.alive = True
        self._answer: Answer | None = None
        self._buffer = bytearray()
        self._begun = 0.0
        self._limit = 0.0
        self._waited: dict[str, float] = {}  # what its threads had waited for a processor when it was asked

    def send(self, request: dict[str, Any], limit_s: float) -> None:
        self.request = request
        self._answer = None
        self._buffer.clear()
        self._begun, self._limit = time.monotonic(), limit_s
        self._waited = _waited(self._process.pid)
        body = json.dumps(request).encode()
        try:
            self._in.write(_LENGTH.pack(len(body)) + body)
            self._in.flush()
        except OSError:
            self._fall(Fate.CRASH)

    def still_runs(self) -> bool:
        if self.alive and self._process.poll() is not None:
            self.end()
        return self.alive

    def advance(self) -> bool:
        """Reads what has come; True when the answer (or the child's end) is there."""
        if self._answer is not None:
            return True
        while True:
            try:
                chunk = os.read(self.out.fileno(), 1 << 20)
            except BlockingIOError:
                break
            except OSError:
                chunk = b""
            if not chunk:
                self._fall(Fate.CRASH)
                return True
            self._buffer += chunk
        try:
            self._answer = _parse(self._buffer, time.monotonic() - self._begun)
        except ValueError:
            self._fall(Fate.CRASH, "the child's answer was garbage")
        if self._answer is None and self._is_late():
            self._fall(Fate.HANG)
        return self._answer is not None

    def _is_late(self) -> bool:
        """By the time that it could work: a busy machine, which lets it wait, is no fault of the file."""
        seconds = time.monotonic() - self._begun
        if seconds <= self._limit:
            return False
        now = _waited(self._process.pid)
        waited = max((now[thread] - self._waited.get(thread, 0.0) for thread in now), default=0.0)
        return seconds - waited > self._limit

    def finish(self) -> tuple[dict[str, Any], Answer]:
        assert self.request is not None and self._answer is not None
        request, answer = self.request, self._answer
        self.request = None
        return request, answer

    def _fall(self, fate: Fate, text: str = "") -> None:
        seconds = time.monotonic() - self._begun
        self.end()
        code = self._process.returncode
        name = signal.Signals(-code).name if code is not None and code < 0 else f"exit {code}"
        if fate is Fate.HANG:
            text = f"{LATE} {self._limit:.0f} s and was stopped."
        self._answer = Answer(fate, text=text or f"The reader crashed ({name}).", kind=name, seconds=seconds)

    def end(self) -> None:
        self.alive = False
        self._process.kill()
        self._process.wait()
        for stream in (self._in, self.out):
            with contextlib.suppress(OSError):  # the pipe broke; nobody is left to read what it held
                stream.close()


def _waited(pid: int) -> dict[str, float]:
    """Seconds that each thread of a process was ready to run, but had no processor; {} where nobody tells (Linux does:
    /proc/PID/task/TID/schedstat, second number, nanoseconds)."""
    found: dict[str, float] = {}
    with contextlib.suppress(OSError, ValueError, IndexError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/schedstat", encoding="ascii") as told:
                found[thread] = int(told.read().split()[1]) / 1e9
    return found


def _ready(children: list[_Child], timeout: float) -> list[_Child]:
    done = [child for child in children if child.advance()]
    if done:
        return done
    with selectors.DefaultSelector() as selector:
        for child in children:
            selector.register(child.out, selectors.EVENT_READ)
        selector.select(timeout)
    return [child for child in children if child.advance()]


def _parse(buffer: bytearray, seconds: float) -> Answer | None:
    """The answer in `buffer`, or None while it is not whole. Raises ValueError on garbage."""
    if len(buffer) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack_from(buffer)
    if length > _MAX_HEAD:
        raise ValueError("head too long")
    start = _LENGTH.size + length
    if len(buffer) < start:
        return None
    frame = json.loads(bytes(buffer[_LENGTH.size : start]))
    sizes = [int(np.prod(shape)) * np.dtype(kind).itemsize for _name, kind, shape in frame["arrays"]]
    if sum(sizes) > _MAX_ARRAYS:
        raise ValueError("arrays too large")
    if len(buffer) < start + sum(sizes):
        return None
    arrays: dict[str, np.ndarray] = {}
    for (name, kind, shape), size in zip(frame["arrays"], sizes, strict=True):
        arrays[name] = np.frombuffer(bytes(buffer[start : start + size]), dtype=kind).reshape(shape)
        start += size
    return Answer(Fate(frame["fate"]), frame["head"], arrays, frame["text"], frame["kind"], seconds)


def serve(target: str, memory: int) -> None:
    """The child's side: answers requests on stdin until it closes."""
    _limit(memory)
    stdin, stdout = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library's print must not break the frames
    module, name = target.split(":")
    import importlib

    function = getattr(importlib.import_module(module), name)
    while True:
        head = stdin.read(_LENGTH.size)
        if len(head) < _LENGTH.size:
            return
        request = json.loads(stdin.read(_LENGTH.unpack(head)[0]))
        stdout.write(_answer(function, request))
        stdout.flush()


def _answer(function: Callable[[dict[str, Any]], tuple[dict[str, Any], dict[str, np.ndarray]]], request: Any) -> bytes:
    frame: dict[str, Any] = {"fate": "ok", "head": {}, "arrays": [], "text": "", "kind": ""}
    blobs: list[bytes] = []
    try:
        frame["head"], arrays = function(request)
        for name, array in arrays.items():
            frame["arrays"].append((name, array.dtype.str, array.shape))
            blobs.append(np.ascontiguousarray(array).tobytes())
    except Exception as error:  # libraries raise anything on hostile files; the text is the reason shown
        frame.update(fate="error", head={}, arrays=[], text=_sentence(error), kind=type(error).__name__)
        frame["head"] = {"stage": getattr(error, "stage", "")}
        blobs = []
    body = json.dumps(frame, allow_nan=False).encode()
    return b"".join([_LENGTH.pack(len(body)), body, *blobs])


def _sentence(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return "The file asks for more memory than a track may use."
    text = " ".join(str(error).split())[:500]
    return text or f"The reader gave up with {type(error).__name__}."


def _limit(memory: int) -> None:
    if os.name != "posix":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    if sys.platform == "linux":  # die with the parent, also when that is killed outright
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
