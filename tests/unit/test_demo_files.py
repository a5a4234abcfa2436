"""The demo library's files: covers, names, tags; made once and not twice."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import mutagen
import numpy as np
import pytest
import soundfile
from mutagen.flac import FLAC, Picture

from musicdesk.core.errors import Cancelled, Unusable
from musicdesk.core.progress import Monitor, Silent
from musicdesk.demo.covers import SIDE, cover, png
from musicdesk.demo.library import DemoLibrary, make_library
from musicdesk.demo.loudness import lufs
from musicdesk.demo.mix import RATE
from musicdesk.demo.plan import TrackPlan, demo_world, plan_library
from musicdesk.demo.recipes import Style, recipes
from musicdesk.demo.render import song_of

STYLES = recipes().styles


# -- covers ----------------------------------------------------------------------------------------


def decoded(data: bytes) -> np.ndarray:
    """A PNG of 8-bit RGB with filters None and Up back to pixels, every checksum verified."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, body, size = 8, b"", (0, 0)
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        chunk = data[at + 8 : at + 8 + length]
        assert struct.unpack_from(">I", data, at + 8 + length)[0] == zlib.crc32(kind + chunk)
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack_from(">IIBB", chunk)
            assert (depth, colour) == (8, 2)
            size = (height, width)
        body += chunk if kind == b"IDAT" else b""
        at += 12 + length
    rows = np.frombuffer(zlib.decompress(body), np.uint8).reshape(size[0], 1 + 3 * size[1])
    pixels = rows[:, 1:].copy()
    for number in range(size[0]):
        if rows[number, 0] == 2 and number:
            pixels[number] += pixels[number - 1]
    return pixels.reshape(*size, 3)


def test_png_keeps_every_pixel() -> None:
    pixels = np.random.default_rng(3).integers(0, 256, (7, 5, 3), dtype=np.uint8)
    np.testing.assert_array_equal(decoded(png(pixels)), pixels)


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.file)
def test_covers_are_drawn_and_differ(style: Style) -> None:
    first, second = cover(style.palette, style.file, 1), cover(style.palette, style.file, 2)
    assert first == cover(style.palette, style.file, 1) and first != second
    pixels = decoded(first)
    assert pixels.shape == (SIDE, SIDE, 3)
    assert pixels.std() > 12, "not an empty square"
    assert len(first) < 400_000


# -- the plan --------------------------------------------------------------------------------------


@pytest.mark.parametrize("tracks", [8, 13, 96, 500])
def test_names_never_meet(tracks: int) -> None:
    plans = plan_library(demo_world(tracks, 1, listeners=5), 1)
    assert [plan.index for plan in plans] == list(range(tracks))
    assert len({plan.file.casefold() for plan in plans}) == tracks
    assert len({plan.title.casefold() for plan in plans}) == tracks
    artists = {plan.artist for plan in plans}
    assert len({artist.casefold() for artist in artists}) == len(artists) >= 8
    assert {plan.style for plan in plans} == {style.file for style in STYLES}
    for plan in plans:
        assert len(Path(plan.file).parts) == 3 and plan.file.isprintable()
        assert TrackPlan.of(plan.request()) == plan


def test_ninety_six_tracks_are_24_artists_with_two_albums_each() -> None:
    plans = plan_library(demo_world(96, 1), 1)
    albums = {(plan.artist, plan.album) for plan in plans}
    assert len({plan.artist for plan in plans}) == 24 and len(albums) == 48
    assert all(20.0 <= song_of(plan).seconds + 1.6 <= 30.0 for plan in plans)
    assert {Path(plan.file).suffix for plan in plans} == {".flac", ".ogg"}


# -- files -----------------------------------------------------------------------------------------


class StopsAfter(Silent):
    def __init__(self, files: int) -> None:
        super().__init__()
        self._files = files

    def report(self, done: int, total: int | None, message: str = "") -> None:
        if done >= self._files:
            self.stop.set()

    def part(self, share: float) -> Monitor:
        return self


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> DemoLibrary:
    """Eight tracks; the first attempt is cancelled after two files, the second does the rest."""
    folder = tmp_path_factory.mktemp("demo") / "Music"
    with pytest.raises(Cancelled):
        make_library(folder, 8, seed=2, processes=2, monitor=StopsAfter(2))
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("[0-9][0-9] - *")}
    assert len(before) >= 2
    library = make_library(folder, 8, seed=2, processes=2)
    assert library.kept >= 2 and library.made + library.kept == 8
    unchanged = [path for path, mtime in before.items() if path.stat().st_mtime_ns == mtime]
    assert len(unchanged) >= library.kept
    assert len(list(folder.rglob("*.*"))) == 8 + 1, "the tracks and the ledger; what was half made is gone"
    return library


def test_files_are_whole_and_carry_their_tags(library: DemoLibrary) -> None:
    assert {path.suffix for path in library.paths} == {".flac", ".ogg"}
    for plan, path in zip(library.plans, library.paths, strict=True):
        info = soundfile.info(path)
        assert (info.samplerate, info.channels) == (RATE, 2) and 20.0 <= info.duration <= 30.0
        samples, _ = soundfile.read(path, dtype="float32")
        assert np.abs(samples).max() < 10 ** (-1 / 20) and -17.5 < lufs(samples.T, RATE) < -14.5
        tags = mutagen.File(path)
        assert tags["title"] == [plan.title] and tags["artist"] == tags["albumartist"] == [plan.artist]
        assert tags["album"] == [plan.album] and tags["date"] == [str(plan.year)]
        assert tags["genre"] == [plan.genre] and tags["tracknumber"] == [str(plan.track_no)]
        picture = _picture(path)
        assert (picture.type, picture.mime, picture.width, picture.height) == (3, "image/png", SIDE, SIDE)
        assert decoded(picture.data).shape == (SIDE, SIDE, 3)


def _picture(path: Path) -> Picture:
    import base64

    if path.suffix == ".flac":
        return FLAC(path).pictures[0]
    return Picture(base64.b64decode(mutagen.File(path)["metadata_block_picture"][0]))


def test_only_what_is_missing_is_made_again(library: DemoLibrary) -> None:
    lost, cut, *others = library.paths
    first = soundfile.read(lost)[0]
    times = {path: path.stat().st_mtime_ns for path in others}
    lost.unlink()
    cut.write_bytes(cut.read_bytes()[:1000])
    again = make_library(library.folder, 8, seed=2, processes=2)
    assert (again.made, again.kept) == (2, 6)
    assert times == {path: path.stat().st_mtime_ns for path in others}
    np.testing.assert_array_equal(soundfile.read(lost)[0], first)
    assert make_library(library.folder, 8, seed=2).made == 0
    assert not list(library.folder.rglob(".musicdesk-tmp-*"))


def test_listeners_played_files_near_their_taste(library: DemoLibrary) -> None:
    assert library.listeners()[0] == "me"
    mine = library.plays()
    assert mine and set(mine) <= set(library.paths) and min(mine.values()) >= 1
    better = []
    for row, name in enumerate(library.listeners()):
        played = np.array([path in library.plays(name) for path in library.paths])
        affinity = library.world.affinity(np.array([row]))[0]
        better.append(affinity[played].mean() > affinity[~played].mean())
    assert np.mean(better) > 0.9


def test_unusable_wishes_are_explained(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="8 to 500 tracks, not 7"):
        make_library(tmp_path, 7)
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(Unusable, match="cannot be written"):
        make_library(blocked, 8)
