"""The queue outlives the window: opened anew, the program shows it again, silent, where it stood."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer

from musicdesk.core.files import write_text
from musicdesk.core.types import PickId, TrackId
from musicdesk.gui.listen import Listen
from musicdesk.gui.player.queue import Repeat
from musicdesk.gui.shell import Shell

log = logging.getLogger(__name__)

SOON_MS = 2_000  # after a change: skipping through a list is one change
MOST = 5_000  # tracks that are kept


class KeptQueue(QObject):
    """Writes `queue.json` of the profile whenever the queue has changed, and once more as the window closes."""

    def __init__(self, shell: Shell, listen: Listen) -> None:
        super().__init__(listen)
        self._shell, self._listen = shell, listen
        self._file: Path = shell.desk.profile.queue
        self._soon = QTimer(self, singleShot=True, interval=SOON_MS)
        self._soon.timeout.connect(self._write)
        listen.player.queue_changed.connect(self._soon.start)
        shell.closing.connect(self._close)

    def restore(self) -> None:
        """What was queued last and is still known; nothing where something is queued already."""
        kept = _read(self._file)
        tracks = [TrackId(track) for track in kept.get("tracks", []) if type(track) is int]
        known = {track.id for track in self._shell.desk.catalog.tracks.get_many(tracks)}
        at = kept.get("at")
        at = at if type(at) is int and 0 <= at < len(tracks) else 0
        before = sum(track in known for track in tracks[:at])  # it stands on the same track although others have gone
        tracks = [track for track in tracks if track in known]
        player = self._listen.player
        if not tracks or len(player.queue):
            return
        picks = {t: PickId(pick) for t in tracks if type(pick := kept.get("picks", {}).get(str(t))) is int}
        repeat = Repeat(kept["repeat"]) if kept.get("repeat") in list(Repeat) else Repeat.OFF
        player.lay_out(tracks, min(before, len(tracks) - 1), picks, repeat)
        self._listen.show_paused(player.queue.tracks[player.queue.position])

    def _close(self) -> None:
        if self._soon.isActive():
            self._soon.stop()
            self._write()

    def _write(self) -> None:
        queue = self._listen.player.queue
        first = max(0, queue.position - MOST // 2) if len(queue) > MOST else 0
        stretch = slice(first, first + MOST)
        tracks, picks = queue.tracks[stretch], queue.picks[stretch]
        said = {
            "tracks": [int(track) for track in tracks],
            "at": max(queue.position - first, 0),
            "picks": {str(track): int(pick) for track, pick in zip(tracks, picks, strict=True) if pick is not None},
            "repeat": str(queue.repeat),
        }
        try:
            if tracks:
                write_text(self._file, json.dumps(said))
            else:
                self._file.unlink(missing_ok=True)
        except OSError as error:  # a full disk takes no music away
            log.warning("the queue was not kept: %s", error)


def _read(file: Path) -> dict[str, Any]:
    try:
        kept = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    fits = isinstance(kept, dict) and isinstance(kept.get("tracks"), list) and isinstance(kept.get("picks", {}), dict)
    return kept if fits else {}
