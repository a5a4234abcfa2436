"""Watching the person's folders while the window is open: which of them changed, after things went quiet."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer

from musicdesk.library.cover import is_beside
from musicdesk.library.find import linked
from musicdesk.library.kinds import KINDS

log = logging.getLogger(__name__)
logging.getLogger("watchdog").setLevel(logging.CRITICAL)  # it calls its own harmless races at the end errors

QUIET_S = 2.0  # without a change before they are told
LONGEST_S = 30.0  # changes that never stop are told at least so often
POLL_S = 30.0
JOIN_S = 10.0
# On Linux a written file is told when it is closed. Asking for less also keeps watchdog's own opening of
# folders, when there are many, from flooding the system's queue.
_WRITTEN: type[FileSystemEvent] = FileClosedEvent if sys.platform == "linux" else FileModifiedEvent
_EVENTS: list[type[FileSystemEvent]] = [
    *(FileCreatedEvent, FileDeletedEvent, FileMovedEvent, DirCreatedEvent, DirDeletedEvent, DirMovedEvent),
    _WRITTEN,
]

LIMIT_REACHED = (
    "The system watches no more folders than it allows (fs.inotify.max_user_watches); "
    "changes in your music folders are noticed within half a minute instead of at once."
)


class Watcher:
    """Calls `changed(folders)` from a thread of its own after files in `roots` were made, changed or removed.

    Folders that links lead to are watched as well, but for those in `avoid` (our own profile). `start` returns at
    once, also with 20,000 folders; `stop` returns when no thread is left. `trouble` is '' or a sentence for the
    person when folders can only be looked at now and then. `pictured` is called at once, and from another thread, for a
    cover that lies beside the music; where folders are only looked at, `changed` tells of some of them.
    """

    def __init__(
        self,
        roots: Sequence[bytes],
        changed: Callable[[set[bytes]], None],
        quiet_s: float = QUIET_S,
        poll_s: float = POLL_S,
        avoid: Sequence[bytes] = (),
        pictured: Callable[[], None] = lambda: None,
    ) -> None:
        self.trouble = ""
        self.ready = threading.Event()  # changes from now on are noticed
        self._roots = [root for root in roots if os.path.isdir(root)]
        self._avoid = avoid
        self._elsewhere: list[bytes] = []  # folders that links lead to, by their real names
        self._changed = changed
        self.pictured = pictured
        self._quiet_s = quiet_s
        self._poll_s = poll_s
        self._seen: set[bytes] = set()
        self._wake = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="folder watcher", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        with self._wake:
            self._stopping = True
            self._wake.notify_all()
        if self._thread.is_alive():
            self._thread.join(JOIN_S)

    def note(self, folders: set[bytes]) -> None:
        """Something changed in these folders."""
        with self._wake:
            self._seen |= folders
            self._wake.notify_all()

    def _run(self) -> None:
        observer = self._observe()
        poll = None if observer else _Poll([*self._roots, *self._led_to(self._roots)])
        self.ready.set()
        try:
            while not self._stopping:
                if folders := self._gather(None if observer else self._poll_s):
                    self._follow(observer or poll, folders)
                    self._changed(folders)
                elif poll and not self._stopping:
                    self.note(poll.look())
        finally:
            if observer:
                _end(observer)

    def _led_to(self, folders: Collection[bytes], deep: bool = True) -> Iterator[bytes]:
        """Folders that links in `folders` lead to and that are not watched yet, by their real names."""
        for folder in linked([*folders], [*self._avoid, *self._roots, *self._elsewhere], deep):
            self._elsewhere.append(os.path.realpath(folder))
            yield self._elsewhere[-1]

    def _follow(self, watching: Any, folders: set[bytes]) -> None:
        """Watches what links that have come to `folders` lead to."""
        for folder in self._led_to(folders, deep=False):
            if isinstance(watching, _Poll):
                watching.learn(folder)
            else:
                with contextlib.suppress(OSError):  # it is gone by now, or the system watches no more
                    self._watch(watching, folder)

    def _gather(self, longest_wait_s: float | None) -> set[bytes]:
        """Waits for a change and then for quiet; empty when the wait was over or the watcher stops."""
        with self._wake:
            self._wake.wait_for(lambda: self._seen or self._stopping, longest_wait_s)
            begun = time.monotonic()
            count = -1
            while self._seen and not self._stopping and time.monotonic() - begun < LONGEST_S:
                if count == len(self._seen) and not self._wake.wait(self._quiet_s):
                    break
                count = len(self._seen)
            folders, self._seen = self._seen, set()
            return set() if self._stopping else folders

    def _observe(self) -> Any:
        """watchdog at work on the roots, or None where the system cannot do it."""
        observer: Any = None
        try:
            observer = Observer()
            observer.start()
            for root in self._roots:
                self._watch(observer, root)
            for folder in self._led_to(self._roots):
                with contextlib.suppress(FileNotFoundError, NotADirectoryError, PermissionError):
                    self._watch(observer, folder)
        except OSError as error:
            log.info("folders are polled: %s", error)
            self.trouble = LIMIT_REACHED
            self._elsewhere.clear()
            if observer is not None:
                _end(observer)
            return None
        return observer

    def _watch(self, observer: Any, folder: bytes) -> None:
        observer.schedule(_Handler(self), os.fsdecode(folder), recursive=True, event_filter=_EVENTS)


class _Handler(FileSystemEventHandler):
    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher

    def on_any_event(self, event: FileSystemEvent) -> None:
        folders: set[bytes] = set()
        for name in (event.src_path, event.dest_path):
            path = os.fsencode(name)
            if is_beside(path):
                self._watcher.pictured()
            if not path or not _matters(path, event.is_directory):
                continue
            folders.add(os.path.dirname(path))
            if event.is_directory and os.path.isdir(path):
                folders.add(path)
        if folders:
            self._watcher.note(folders)


def _matters(path: bytes, is_folder: bool) -> bool:
    name = os.path.basename(path)
    if name.startswith(b"."):
        return False
    return is_folder or KINDS.get(name[name.rfind(b".") + 1 :].lower()) is not False


def _end(observer: Any) -> None:
    with contextlib.suppress(RuntimeError):  # it was never begun
        observer.stop()
        observer.join(JOIN_S)


class _Poll:
    """The modification times of all folders: one of them changes when a file comes, goes or is replaced."""

    def __init__(self, roots: Sequence[bytes]) -> None:
        self._times: dict[bytes, int] = {}
        for root in roots:
            self.learn(root)

    def look(self) -> set[bytes]:
        """The folders that changed since the last look."""
        changed: set[bytes] = set()
        for folder, before in list(self._times.items()):
            try:
                now = os.stat(folder).st_mtime_ns
            except OSError:
                del self._times[folder]
                changed.add(os.path.dirname(folder))
                continue
            if now != before:
                self._times[folder] = now
                changed.add(folder)
                for below in _folders(folder):
                    if below not in self._times:
                        changed |= self.learn(below)
        return changed

    def learn(self, top: bytes) -> set[bytes]:
        """Looks after a folder with all below from now on; which folders are new."""
        new: set[bytes] = set()
        waiting = [top]
        while waiting:
            folder = waiting.pop()
            try:
                self._times[folder] = os.stat(folder).st_mtime_ns
            except OSError:
                continue
            new.add(folder)
            waiting += _folders(folder)
        return new


def _folders(folder: bytes) -> Iterator[bytes]:
    try:
        with os.scandir(folder) as entries:
            found = [e.path for e in entries if not e.name.startswith(b".") and e.is_dir(follow_symlinks=False)]
    except OSError:
        return
    yield from found
