"""Tracks on their way from a list to the queue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QMimeData

from musicdesk.core.types import PickId, TrackId

TRACKS_MIME = "application/x-musicdesk-tracks"


def packed(tracks: Sequence[TrackId], picks: Mapping[TrackId, PickId]) -> QMimeData:
    data = QMimeData()
    rows = (f"{int(track)}:{int(picks[track]) if track in picks else ''}" for track in tracks)
    data.setData(TRACKS_MIME, ",".join(rows).encode())
    return data


def unpacked(data: QMimeData) -> tuple[list[TrackId], dict[TrackId, PickId]]:
    """Tracks in their order, and the picks of those that came from a playlist."""
    tracks, picks = list[TrackId](), dict[TrackId, PickId]()
    for row in data.data(TRACKS_MIME).toStdString().split(","):
        track, _, pick = row.partition(":")
        if track.isdigit():
            tracks.append(TrackId(int(track)))
            if pick.isdigit():
                picks[tracks[-1]] = PickId(int(pick))
    return tracks, picks
