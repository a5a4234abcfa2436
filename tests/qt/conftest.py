"""One application for all widget tests; every widget a test leaves is closed and deleted after it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from time import monotonic, sleep

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

Spin = Callable[..., bool]


@pytest.fixture(scope="session")
def app() -> QApplication:
    found = QApplication.instance()
    return found if isinstance(found, QApplication) else QApplication(["tests"])


@pytest.fixture(autouse=True)
def no_widget_left(app: QApplication) -> Iterator[None]:
    yield
    for widget in app.topLevelWidgets():
        widget.close()
        widget.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    app.processEvents()
    assert not app.topLevelWidgets()


@pytest.fixture
def spin(app: QApplication) -> Spin:
    """`spin(claim, seconds)` runs the event loop until the claim holds; true when it did."""

    def until(claim: Callable[[], object] = lambda: False, seconds: float = 5.0) -> bool:
        end = monotonic() + seconds
        while monotonic() < end:
            app.processEvents()
            if claim():
                return True
            sleep(0.002)
        return False

    return until


@pytest.fixture
def screen_with_gl(app: QApplication) -> None:
    from musicdesk.gui.cloud.probe import opengl_works

    if app.platformName() != "xcb" or not opengl_works():
        pytest.skip("needs an X display with OpenGL: xvfb-run with QT_QPA_PLATFORM=xcb")
