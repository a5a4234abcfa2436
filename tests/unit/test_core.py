"""The ground floor: files, settings, progress, registries, paths."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs
import pytest

from musicdesk.cli.main import main
from musicdesk.core import files, paths, settings
from musicdesk.core.changes import Changes, from_names, to_names
from musicdesk.core.errors import Cancelled, NotFound, Unusable
from musicdesk.core.locks import FileLock
from musicdesk.core.progress import Curves, Dividing, Silent, WithoutCurves
from musicdesk.core.registry import Registry
from musicdesk.core.settings import Settings
from musicdesk.workflows.protocol import Pace, Request, Told


def test_replacing_is_all_or_nothing(tmp_path: Path):
    target = tmp_path / "list.m3u8"
    files.write_text(target, "old")
    with pytest.raises(RuntimeError), files.replacing(target) as stream:
        stream.write(b"half")
        raise RuntimeError
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["list.m3u8"]
    files.write_text(target, "new")
    assert target.read_text() == "new" and target.stat().st_mode & 0o777 == 0o600


def test_leftover_temps_are_swept(tmp_path: Path):
    (tmp_path / f"{files.TEMP_MARK}x").write_text("")
    (tmp_path / "mine").write_text("")
    assert files.sweep_temps(tmp_path) == 1
    assert [p.name for p in tmp_path.iterdir()] == ["mine"]


def test_settings_survive_and_heal(tmp_path: Path):
    path = tmp_path / "settings.json"
    settings.save(Settings(theme="dark", exclude_shorter_s=30.0, unknown={"later": 1}), path)
    assert settings.load(path) == Settings(theme="dark", exclude_shorter_s=30.0, unknown={"later": 1})
    path.write_text('{"theme": "pink", "device": 3, "volume": 1, "exclude_words": ["x", 4], "watch_folders": "no"}')
    assert settings.load(path) == Settings(volume=1)
    path.write_text("{")
    assert settings.load(path) == Settings()


@pytest.mark.parametrize(
    "value", ["NaN", "Infinity", "-Infinity", "-1", "1e300", "1" + "0" * 40, "true", '"8"', "null"]
)
def test_a_setting_that_is_no_number_of_use_falls_back(tmp_path: Path, value: str):
    path = tmp_path / "settings.json"
    for name in ("volume", "exclude_shorter_s", "exclude_longer_s", "processes", "windows_mb"):
        path.write_text(f'{{"{name}": {value}, "theme": "dark"}}', "utf-8")
        assert settings.load(path) == Settings(theme="dark"), name
    path.write_text('{"processes": 2.5, "exclude_longer_s": 0.0}', "utf-8")
    assert settings.load(path) == Settings(exclude_longer_s=0.0)


def test_registry_suggests_the_nearest():
    registry: Registry[int] = Registry("model")
    registry.add("wmf", 1)
    assert registry["wmf"] == 1
    with pytest.raises(NotFound, match="no model 'wfm'; did you mean 'wmf'"):
        registry["wfm"]
    with pytest.raises(ValueError, match="twice"):
        registry.add("wmf", 2)


def test_changes_travel_by_name():
    changes = Changes.TRACKS | Changes.MAP
    assert from_names(to_names(changes)) == changes
    assert set(to_names(Changes.EVERYTHING)) >= {"TRACKS", "FEEDBACK"}


class Seen(Dividing):
    def __init__(self) -> None:
        self.at: list[int] = []

    def report(self, done: int, total: int | None, message: str = "") -> None:
        self.at.append(done)

    def check(self) -> None:
        pass


def test_parts_add_up_to_one_bar():
    seen = Seen()
    first, second = seen.part(0.25), seen.part(0.75)
    first.report(10, 10)
    second.part(0.5).report(1, 2)
    second.part(0.5).report(2, 2)
    assert seen.at == [250, 438, 1000]


def test_cancel_is_an_exception_between_steps():
    monitor = Silent()
    monitor.check()
    monitor.stop.set()
    with pytest.raises(Cancelled):
        monitor.part(0.5).check()


def test_pace_tells_rate_and_time_left():
    pace = Pace()
    assert pace.rate() is None
    for second in range(11):
        pace.note(second * 5, now=float(second))
    assert pace.rate() == pytest.approx(5.0)
    assert pace.eta(50, 100) == pytest.approx(10.0)


def test_progress_is_told_at_most_every_50_ms():
    told: list[dict] = []
    monitor = Told(told.append, lambda: False)
    for n in range(1000):
        monitor.report(n, 1000)
    monitor.report(1000, 1000)
    assert 2 <= len(told) < 200 and told[-1]["done"] == 1000


def test_requests_come_back_from_their_line():
    request = Request("/p", "scan", {"roots": ["a\udcff"]}, "cpu")
    assert Request.parse(request.line()) == request
    with pytest.raises(Unusable):
        Request.parse("{}")


def test_locks_have_one_holder(tmp_path: Path):
    first, second = FileLock(tmp_path / "x.lock"), FileLock(tmp_path / "x.lock")
    assert first.take() and not second.take()
    first.release()
    assert second.take()
    second.release()


def test_paths_are_bytes_and_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    assert paths.absolute("a b") == os.fsencode(tmp_path) + b"/a b"
    assert paths.shown(b"/m/\xff.mp3") == "/m/\N{REPLACEMENT CHARACTER}.mp3"


def test_a_profile_that_cannot_be_made_is_a_sentence(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(Unusable, match="cannot be made"):
        paths.Profile(tmp_path / "file" / "profile").make()


def test_without_a_home_a_profile_must_be_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """As a user id that the system knows no name for, in containers."""

    def homeless(path: Path) -> Path:
        raise RuntimeError(f"Could not determine home directory of {path}")

    for name in (paths.PROFILE_VARIABLE, "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(platformdirs, "user_data_path", lambda *_, **__: homeless(Path("~")))
    for command in ("status", "doctor", "delete-all-data"):
        assert main([command]) == 1
        assert "name another place with --profile DIR" in capsys.readouterr().err
    assert main(["--profile", str(tmp_path / "p"), "status"]) == 0


def test_profile_folders_are_private(tmp_path: Path):
    profile = paths.Profile(tmp_path / "p").make()
    assert profile.folder.stat().st_mode & 0o777 == 0o700


def test_points_of_curves_reach_whoever_watches_and_are_kept():
    told: list[dict] = []
    curves = Curves(Told(told.append, lambda: False))
    stretch = curves.part(0.5).part(0.5)
    stretch.figure("loss", 1, 0.5)
    stretch.figure("loss", 2, float("nan"))
    curves.figure("validation loss", 2, 0.7)
    assert curves.points == {"loss": [[1.0, 0.5]], "validation loss": [[2.0, 0.7]]}
    curves.figure("validation loss", 1, 0.9)  # it learns once more
    assert curves.points["validation loss"] == [[1.0, 0.9]]
    assert told[0] == {"event": "figure", "curve": "loss", "step": 1.0, "value": 0.5} and len(told) == 3


def test_what_is_fitted_once_more_draws_no_curves():
    curves = Curves(Silent())
    curves.figure("loss", 1, 0.5)
    rest = WithoutCurves(curves.part(0.5))
    rest.figure("loss", 1, 0.9)
    rest.part(0.5).figure("loss", 2, 0.8)
    assert curves.points == {"loss": [[1.0, 0.5]]}
