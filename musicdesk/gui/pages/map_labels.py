"""Names on the map: of regions always, of artists from nearer, of songs from near; none hides another or a point."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QWidget

from musicdesk.core.types import TrackId
from musicdesk.gui.labels import plain
from musicdesk.gui.pages.map_reading import Names
from musicdesk.gui.shell import Shell
from musicdesk.gui.style.tokens import SMALL, Tokens
from musicdesk.space.placing import Wanted, placed

if TYPE_CHECKING:
    from musicdesk.gui.cloud import CloudView
    from musicdesk.gui.pages.map_ghosts import GhostLayer

GENRES, ARTISTS, SONGS = 12, 14, 18  # names at once
LONGEST = 190  # pixels of a name
NEARER = 0.72  # of the resting distance, from where artists are named
SONG_PX = 7.0  # radius from which a point may have its title
ALLOWED = 0.004  # share of many points that the name of a region may cover
REGIONS = ("genre", "artist")  # kinds of names that may stand aside
FEW = 500  # points in view of which a region's name may cover none


@dataclass(frozen=True)
class _Name:
    text: str
    x: float
    y: float
    kind: str  # genre, artist, song, ghost
    gap: float = 0.0


@dataclass(frozen=True)
class _Written:
    """A name with its box, in pixels of the view; away: whether a line leads to what it names."""

    name: _Name
    box: QRectF
    away: bool


class Labels:
    """Words are placed when the camera stands; while it moves there are none."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self.taken: QWidget | None = None  # what floats over the view
        self.ghosts: GhostLayer | None = None  # of songs that one does not own: named, and their rings not covered
        self.names = Names()
        self.written: list[_Written] = []
        self._of: tuple[object, ...] = ()  # what the words were placed for: places on the screen, and all else

    def tell(self, names: Names) -> None:
        self.names = names
        self.place_anew()

    def place_anew(self) -> None:
        """Something else is to be named."""
        self._of = ()

    def paint(self, painter: QPainter, cloud: CloudView, tokens: Tokens, font: QFont, first: int = -1) -> None:
        """`first`: id of a point whose title comes before all others."""
        if not len(cloud.ids):
            return
        if cloud.moving:
            return  # words that jump about say less than none
        seen, words = (cloud.camera, cloud.width(), cloud.height(), id(cloud.ids)), (first, tokens.name)
        if (seen, words) != self._of:
            if self._of[:1] != (seen,):
                self.written = []
            self._of = (seen, words)
            # In a turn of its own: the points have just been painted anew, and that takes long enough.
            QTimer.singleShot(0, cloud, partial(self._place_again, cloud, font, first, self._of))
        for written in self.written:
            _write(painter, written, tokens, _font(font, written.name.kind))

    def _place_again(self, cloud: CloudView, font: QFont, first: int, wanted: tuple[object, ...]) -> None:
        if wanted != self._of:
            return  # something else is to be seen by now
        if cloud.moving:
            self._of = ()
            return
        self.written = self._place(cloud, font, first)
        cloud.redraw()

    def _place(self, cloud: CloudView, font: QFont, first: int) -> list[_Written]:
        screen = cloud.seen()
        there = (screen.x > 0) & (screen.x < screen.width) & (screen.y > 0) & (screen.y < screen.height)
        rows = np.flatnonzero(there & (screen.radius > 0))
        names = self._regions(cloud) + self._songs(cloud, rows, first)
        if self.ghosts is not None:
            names += [_Name(plain(text), x, y, "ghost", gap) for text, x, y, gap in self.ghosts.named()]
        metrics = {kind: QFontMetricsF(_font(font, kind)) for kind in ("genre", "artist", "song", "ghost")}
        names = [_elided(name, metrics[name.kind]) for name in names]
        sizes = [metrics[name.kind].boundingRect(name.text).size() for name in names]
        allowed = int(ALLOWED * len(rows)) if len(rows) > FEW else 0
        wanted = [
            Wanted(
                *(name.x, name.y, size.width() + 6, size.height() + 2, name.gap),
                *(name.kind in REGIONS, allowed if name.kind in REGIONS else 0),
            )
            for name, size in zip(names, sizes, strict=True)
        ]
        seen = np.column_stack([screen.x[rows], screen.y[rows], screen.radius[rows]])
        if self.ghosts is not None:
            seen = np.concatenate([seen, self.ghosts.rings()])
        found = placed(wanted, seen, screen.width, screen.height, self._over())
        return [
            _Written(
                names[place.index],
                QRectF(place.left, place.top, wanted[place.index].width, wanted[place.index].height),
                place.away,
            )
            for place in found
        ]

    def _over(self) -> list[tuple[float, float, float, float]]:
        if self.taken is None:
            return []
        box = QRectF(self.taken.geometry())
        return [(box.left(), box.top(), box.right(), box.bottom())]

    def _regions(self, cloud: CloudView) -> list[_Name]:
        genres, artists = self.names.genres, self.names.artists
        near = cloud.camera.distance < NEARER * cloud.resting.distance
        chosen = [(region, "genre") for region in genres] if not near or not artists else []
        if near or not genres:
            chosen += [(region, "artist") for region in artists]
        if not chosen:
            return []
        spots = cloud.spots(np.array([region.place for region, _kind in chosen]))
        middle = np.array([cloud.width() / 2, cloud.height() / 2])
        found = []
        for (region, kind), (x, y, _depth, radius) in zip(chosen, spots.tolist(), strict=True):
            if radius > 0 and 0 < x < cloud.width() and 0 < y < cloud.height():
                found.append((_Name(plain(region.name), x, y, kind), np.hypot(*(np.array([x, y]) - middle))))
        if near:  # those in the middle of the view, since there are many
            found.sort(key=lambda pair: float(pair[1]))
        return [name for name, _away in found][: ARTISTS if near else GENRES]

    def _songs(self, cloud: CloudView, rows: np.ndarray, first: int) -> list[_Name]:
        screen = cloud.seen()
        rows = rows[(screen.radius[rows] >= SONG_PX) & (screen.cloud.colours[rows, 3] > 128)]
        rows = rows[np.argsort(screen.depth[rows], kind="stable")][:SONGS]
        chosen = np.flatnonzero(cloud.ids == first) if first >= 0 else np.empty(0, np.int64)
        rows = np.concatenate([chosen, rows[~np.isin(rows, chosen)]])
        found = self._shell.desk.catalog.tracks.get_many([TrackId(int(track)) for track in cloud.ids[rows]])
        titles = {track.id: plain(track.tags.title) for track in found}
        return [
            _Name(titles[track], float(screen.x[row]), float(screen.y[row]), "song", float(screen.radius[row]) + 5)
            for row in rows.tolist()
            if screen.radius[row] > 0 and titles.get(track := TrackId(int(cloud.ids[row])))
        ]


def _elided(name: _Name, metrics: QFontMetricsF) -> _Name:
    text = metrics.elidedText(name.text, Qt.TextElideMode.ElideRight, LONGEST)
    return _Name(text, name.x, name.y, name.kind, name.gap)


def _font(font: QFont, kind: str) -> QFont:
    made = QFont(font)
    made.setPixelSize(SMALL + (1 if kind == "genre" else 0))
    made.setItalic(kind == "ghost")
    made.setWeight(QFont.Weight.DemiBold if kind == "genre" else QFont.Weight.Normal)
    return made


def _write(painter: QPainter, written: _Written, tokens: Tokens, font: QFont) -> None:
    """Text with a halo of the background, so that it reads over points of any colour."""
    name, box = written.name, written.box
    painter.setFont(font)
    ink = QColor(tokens.text if name.kind == "genre" else tokens.secondary)
    if written.away:
        line = QColor(tokens.secondary)
        line.setAlphaF(0.45)
        painter.setPen(QPen(line, 1.0))
        x = min(max(name.x, box.left()), box.right())
        y = min(max(name.y, box.top()), box.bottom())
        painter.drawLine(QPointF(name.x, name.y), QPointF(x, y))
    metrics = QFontMetricsF(font)
    path = QPainterPath()
    path.addText(box.left() + 3, box.center().y() + (metrics.ascent() - metrics.descent()) / 2, font, name.text)
    halo = QColor(tokens.window)
    halo.setAlphaF(0.85)
    painter.strokePath(path, QPen(halo, 3.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.setPen(ink)
    painter.drawText(box.adjusted(3, 0, 3, 0), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name.text)
