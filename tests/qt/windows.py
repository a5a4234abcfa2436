"""Windows for tests: a small library, scripted answers, a stand-in for the worker command."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from musicdesk.gui.main import Opened, open_window
from musicdesk.gui.page import Page
from musicdesk.gui.pages import place_of
from musicdesk.workflows.desk import open_desk
from tests.helpers.big_catalog import fill

WORKER = """
import json, sys, time
def say(**event): print(json.dumps(event), flush=True)
request = json.loads(sys.stdin.readline())
say(event="started")
print("chatter that is no event", flush=True)
kind = request["request"].get("do", "finish")
if kind == "crash":
    import os; os.abort()
for step in range(3):
    say(event="progress", done=step, total=3, message="", rate=2.0, eta=1.0)
say(event="changed", what=["TRACKS"])
if kind == "link":
    say(event="link", url="https://example.org/")
if kind == "wait":
    while True:
        line = sys.stdin.readline()
        if not line or line.strip() == "cancel":
            say(event="cancelled", text="Stopped.", what=["TRACKS"]); sys.exit(3)
if kind == "deaf":
    time.sleep(600)
if kind == "explain":
    say(event="failed", kind="explained", text="The folder is not there.", what=[]); sys.exit(1)
say(event="finished", result={"pid": 1, "job": request["job"]}, what=["TRACKS", "MAP"])
"""
COMMAND = [sys.executable, "-c", WORKER]


@dataclass
class Answers:
    """The person, scripted: what each question is answered with, and what was asked."""

    yes: bool = True
    path: Path | None = None
    name: str = ""
    asked: list[str] = field(default_factory=list)

    def folder(self, title: str) -> Path | None:
        self.asked.append(title)
        return self.path

    def save_as(self, title: str, name: str, endings: Sequence[tuple[str, str]]) -> Path | None:
        self.asked.append(title)
        return self.path

    def open_file(self, title: str, endings: Sequence[tuple[str, str]]) -> Path | None:
        self.asked.append(title)
        return self.path

    def text(self, title: str, text: str, value: str = "") -> str | None:
        self.asked.append(title)
        return (self.name or value) if self.yes else None

    def sure(self, title: str, text: str, yes: str, danger: bool = False) -> bool:
        self.asked.append(title)
        return self.yes

    def tell(self, title: str, text: str) -> None:
        self.asked.append(title)


def make_library(profile: Path, tracks: int, layout: bool = True, heard: bool = True) -> np.ndarray:
    """A profile with made-up tracks, embeddings and a map; returns the ids."""
    with open_desk(profile) as desk:
        return fill(desk.catalog, tracks, desk.encoder if heard else "", layout=layout and heard)


@contextmanager
def window(app: QApplication, profile: Path, answers: Answers | None = None, **options: object) -> Iterator[Opened]:
    """An open window that is closed and gone afterwards."""
    options.setdefault("command", COMMAND)
    opened = open_window(app, profile, ask=answers or Answers(), **options)  # type: ignore[arg-type]
    opened.shell.desk.save_settings(_calm(opened))
    try:
        yield opened
    finally:
        opened.close()
        opened.window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        app.processEvents()


def page_of(opened: Opened, name: str) -> Page:
    """Opens a page and waits for none of its turns."""
    place_of(name).load()
    page = opened.window.open(name)
    page.finish()
    return page


def _calm(opened: Opened):  # type: ignore[no-untyped-def]
    from dataclasses import replace

    return replace(opened.shell.desk.settings, watch_folders=False, reduced_motion=True)
