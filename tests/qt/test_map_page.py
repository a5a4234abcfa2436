"""The map as a page: whole in itself, silent about folders, and with the window's own camera."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtQml import QJSEngine
from PySide6.QtWidgets import QApplication

from musicdesk.core.errors import NotFound, NotReady
from musicdesk.core.paths import resources
from musicdesk.core.types import Found, Tags
from musicdesk.space.camera import RESTING, Camera
from musicdesk.space.points import clean
from musicdesk.space.screen import point_scale
from musicdesk.space.shading import ON_LIGHT
from musicdesk.workflows.desk import Desk, open_desk
from musicdesk.workflows.map_page import WIDE, write_page
from musicdesk.workflows.picture import Look

EVIL = "</script><img src=x onerror=alert(1)> & “quoted”"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path / "profile") as opened:
        root = opened.catalog.roots.add(b"/home/somebody/secret-folder")
        for number in range(12):
            found = Found(f"/home/somebody/secret-folder/file-{number}.mp3".encode(), 1, 1)
            tags = Tags(title=EVIL if number == 3 else f"Song {number}", artist=f"Band {number % 2}", genre="Jazz")
            opened.catalog.tracks.add(root, found, tags, "", "")
        yield opened


def lay_out(desk: Desk, xyz: np.ndarray) -> None:
    ids = np.arange(1, len(xyz) + 1)
    desk.catalog.layouts.save("pca", "e", ids, xyz.astype(np.float32), 0.9, 1.0, np.linspace(0, 1, len(xyz)))


class Page(HTMLParser):
    """Every address that a tag names, and the text of each script."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.tags: list[str] = []
        self.scripts: list[str] = []
        self._inside = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [str(value) for name, value in attrs if name in ("src", "href", "action", "data")]
        self._inside = tag == "script"

    def handle_endtag(self, tag: str) -> None:
        self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.scripts.append(data)


def test_a_page_is_whole_and_says_no_more_than_it_should(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(NotReady):
        write_page(desk, tmp_path / "map.html")
    xyz = np.random.default_rng(0).normal(size=(12, 3))
    lay_out(desk, xyz)
    text = write_page(desk, tmp_path / "map.html", Look("trust", "trust", "light")).read_text("utf-8")
    page = Page(text)
    assert not page.addresses and "img" not in page.tags and len(page.scripts) == 2
    code = text.replace(page.scripts[0], "")
    assert not re.search(r"https?:|url\(|@import|import\(|fetch\(|XMLHttp|WebSocket|sendBeacon", code)
    assert not re.search(r"secret|somebody|file-\d|\.mp3", text)
    assert "default-src 'none'" in text
    data = json.loads(page.scripts[0])
    places = np.frombuffer(base64.b64decode(data["places"]), "<f4").reshape(-1, 3)
    for axis in range(3):
        assert np.corrcoef(places[:, axis], xyz[:, axis])[0, 1] > 0.999
    codes = np.frombuffer(base64.b64decode(data["codes"]), np.uint8)
    assert np.bincount(codes).tolist() == [entry["count"] for entry in data["entries"]]
    assert len(base64.b64decode(data["colours"])) == 48 and len(base64.b64decode(data["sizes"])) == 48
    assert data["names"][3] == [EVIL, "Band 1"] and len(data["ramp"]) == 9
    assert tuple(data["shade"]) == ON_LIGHT and data["camera"]["distance"] > 0
    with pytest.raises(NotFound, match="trust"):
        write_page(desk, tmp_path / "map.html", Look("trusty"))


@pytest.mark.parametrize("n", [0, 1, 2])
def test_a_page_of_few_points(desk: Desk, tmp_path: Path, n: int) -> None:
    lay_out(desk, np.ones((n, 3)))
    data = json.loads(Page(write_page(desk, tmp_path / "map.html").read_text("utf-8")).scripts[0])
    assert len(data["names"]) == n


@pytest.fixture
def engine(app: QApplication) -> QJSEngine:
    made = QJSEngine()
    result = made.evaluate((resources() / "map" / "math.js.j2").read_text("utf-8"))
    assert not result.isError(), result.toString()
    return made


def ask(engine: QJSEngine, code: str) -> object:
    result = engine.evaluate(f"JSON.stringify({code})")
    assert not result.isError(), result.toString()
    return json.loads(result.toString())


def script(camera: Camera) -> str:
    values = {"target": camera.target, "distance": camera.distance, "yaw": camera.yaw, "pitch": camera.pitch}
    return json.dumps(values)


def test_the_page_looks_as_the_window_does(engine: QJSEngine) -> None:
    wide, narrow = (ask(engine, f"resting({script(Camera())}, {aspect})") for aspect in (2 * WIDE, WIDE / 2))
    assert wide == json.loads(script(Camera()))
    assert narrow == {**wide, "distance": pytest.approx(2 * Camera().distance)}
    for camera in (Camera(), Camera((0.3, -0.2, 0.5), 1.2, -2.0, 1.1), Camera().orbited(3, 9).zoomed(4)):
        for aspect in (0.5, 1.7):
            columns = np.array(ask(engine, f"matrixOf({script(camera)}, {aspect})")).reshape(4, 4)
            assert np.allclose(columns.T, camera.matrix(aspect), atol=1e-4)
    near, far = (point_scale(clean(np.zeros((1, 3))), Camera(distance=distance), 700) for distance in (0.7, RESTING))
    assert ask(engine, f"untangling({script(Camera(distance=0.7))})") == pytest.approx(near / far)
    moved = ask(engine, f"panned({script(Camera())}, 30, -12, 500)")
    assert isinstance(moved, dict) and moved["target"] == pytest.approx(Camera().panned(30, -12, 500).target)
    closer = ask(engine, f"zoomed({script(Camera())}, 3)")
    assert isinstance(closer, dict) and closer["distance"] == pytest.approx(Camera().zoomed(3).distance)
    steep = ask(engine, f"orbited({script(Camera())}, 0.5, 9)")
    assert isinstance(steep, dict) and steep["pitch"] == pytest.approx(Camera().orbited(0.5, 9).pitch)


def test_the_nearest_of_what_lies_under_the_pointer_is_picked(engine: QJSEngine) -> None:
    camera = replace(Camera(), yaw=0.0, pitch=0.0)
    places = "[0,0,0, 0,0,1, 0.5,0,0, 0,0,9]"  # the second hides the first; the last lies behind the eye
    code = f"picked({places}, matrixOf({script(camera)}, 1), 400, 400, X, Y, (depth, row) => 5, row => LIT)"
    middle = code.replace("X", "200").replace("Y", "200")
    assert ask(engine, middle.replace("LIT", "true")) == 1
    assert ask(engine, middle.replace("LIT", "row !== 1")) == 0
    assert ask(engine, code.replace("X", "30").replace("Y", "390").replace("LIT", "true")) == -1
