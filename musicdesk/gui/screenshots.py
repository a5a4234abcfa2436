"""Pictures of every page in both themes and two sizes: python -m musicdesk.gui.screenshots OUT --profile DIR.

With an X display (Xvfb will do) the map is drawn by OpenGL; offscreen it is drawn in software.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from musicdesk.core.types import TrackId

if TYPE_CHECKING:
    from PySide6.QtGui import QPixmap

    from musicdesk.gui.window import MainWindow

SIZES = ((1280, 800), (1920, 1080))
THEMES = ("dark", "light")
PAGES = (
    "discover",
    "playlist",
    "library",
    "map",
    "history",
    "history-songs",
    "history-imports",
    "history-review",
    "models",
    "evaluation",
    "evaluation-feedback",
    "evaluation-duel",
    "settings",
)
SETTLE_S = 1.5  # covers arrive, the map flies


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="musicdesk.gui.screenshots")
    parser.add_argument("out", type=Path)
    parser.add_argument("--profile", type=Path, required=True)
    given = parser.parse_args(arguments)
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    given.out.mkdir(parents=True, exist_ok=True)
    for path in shoot(given.profile, given.out):
        sys.stdout.write(f"{path}\n")
    return 0


def shoot(profile: Path, out: Path, sizes: tuple[tuple[int, int], ...] = SIZES) -> list[Path]:
    """Opens the window on a profile and writes one picture per page, theme and size."""
    from musicdesk.gui.main import application, open_window

    app = application()
    opened = open_window(app, profile)
    desk = opened.shell.desk
    desk.settings = replace(desk.settings, window_geometry="", watch_folders=False, reduced_motion=True)
    window, made = opened.window, []
    window.show()
    for theme in THEMES:
        opened.theme.choose(theme)
        for size in sizes:
            window.resize(*size)
            for page in PAGES:
                _visit(window, page)
                _spin(app.processEvents, SETTLE_S)
                while not window.page.settled:
                    _spin(app.processEvents, SETTLE_S / 2)  # and once more for what arrived to be laid out
                path = out / f"{page}-{theme}-{size[0]}x{size[1]}.png"
                picture_of(window).save(os.fspath(path))
                made.append(path)
    opened.close()
    return made


def picture_of(window: MainWindow) -> QPixmap:
    """The window as it is seen. Qt's own grab leaves out what is painted over OpenGL, so the map is laid in."""
    from PySide6.QtCore import QPoint
    from PySide6.QtGui import QPainter, QRegion
    from PySide6.QtWidgets import QFrame, QWidget

    picture = window.grab()
    cloud = getattr(window.page, "cloud", None)
    if cloud is not None:
        painter = QPainter(picture)
        painter.drawImage(cloud.mapTo(window, QPoint(0, 0)), cloud.picture())
        floats = [part for part in window.page.findChildren(QFrame) if part.property("kind") == "float"]
        for above in (*floats, window.notices):
            if above.isVisible():
                above.render(painter, above.mapTo(window, QPoint(0, 0)), QRegion(), QWidget.RenderFlag.DrawChildren)
        painter.end()
    return picture


def _visit(window: MainWindow, page: str) -> None:
    """Brings a page into a state worth looking at: something selected, something queued."""
    from musicdesk.catalog.browse import Query
    from musicdesk.gui.pages import place_of
    from musicdesk.gui.pages.discover import DiscoverPage
    from musicdesk.gui.pages.discover_state import Draw
    from musicdesk.gui.pages.evaluation_state import MODELS
    from musicdesk.gui.pages.history import HistoryPage
    from musicdesk.gui.pages.library import LibraryPage
    from musicdesk.gui.shell import Goto

    shell = window.shell
    ids = [TrackId(int(i)) for i in shell.desk.catalog.browse.ids(Query())[:12]]
    if ids and not len(window.listen.player.queue):
        window.listen.enqueue(ids)
        window.listen.show_paused(ids[0])
    if page == "playlist":
        cast("DiscoverPage", window.open("discover")).show_draw(Draw())
        return
    if page == "discover":
        cast("DiscoverPage", window.open("discover")).home()
        return
    name, _, part = page.partition("-")
    place_of(name).load()
    opened = window.open(name)
    opened.finish()
    if page == "map" and ids:
        opened.go(Goto("map", "show", ids[0]))
    if name == "evaluation":
        opened.go(Goto("evaluation", part or MODELS))
    if isinstance(opened, HistoryPage):
        opened.open(part or "overview")
    if isinstance(opened, LibraryPage) and ids:
        opened.table.selectRow(2)


def _spin(process: Callable[[], None], seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        process()
        time.sleep(0.01)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
