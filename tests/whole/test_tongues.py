"""Names in many scripts, under locales that know none of them, and on a screen without a single font for them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.programs import ROOT
from tests.helpers.tagged import make_sound, set_tags

# Turkish letters that lower and upper case treat apart, Japanese, Arabic and Hebrew (written from the right), and a
# mark that turns the direction of all that follows it.
TITLES = ("İstanbul ılık", "東京の夜", "أغنية الليل", "שיר של לילה", "abc\u202edef", "Straße")
LOCALES = ("C", "tr_TR.UTF-8", "ja_JP.UTF-8", "C.UTF-8")
WINDOW = """
import sys
from pathlib import Path
from musicdesk.gui.main import application, open_window
from musicdesk.gui.pages import place_of
app = application()
opened = open_window(app, Path(sys.argv[1]))
opened.window.show()
place_of("library").load()
page = opened.window.open("library")
page.finish()
for words in ("", "東京", "istanbul", "أغنية", "שיר", "strasse", "def"):
    page._change(page.state.search(words))
    app.processEvents()
    assert not opened.window.grab().isNull()
    print(len(page.table.tracks.ids))
opened.close()
"""


def run(locale: str, *command: str, **more: str) -> str:
    """The output of a program with this locale alone, as bytes that need not be of its encoding."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PYTHONUTF8"))}
    environment = {**kept, "LC_ALL": locale, "LANG": locale, "OMP_NUM_THREADS": "1", **more}
    done = subprocess.run([sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, timeout=240)
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    return done.stdout.decode("utf-8", "surrogateescape")


@pytest.fixture(scope="module")
def music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("music")
    for number, title in enumerate(TITLES):
        path = make_sound(folder / f"{title}.flac", 300.0 + 40 * number, 0.5)
        set_tags(path, title=title, artist=title[::-1])
    (folder / "تالف 壊れた.mp3").write_bytes(b"ID3" + bytes(400))
    return folder


@pytest.mark.parametrize("locale", LOCALES)
def test_names_are_the_same_in_every_locale(tmp_path: Path, music: Path, locale: str) -> None:
    profile = ("-m", "musicdesk", "--profile", str(tmp_path / "p"))
    found = json.loads(run(locale, *profile, "scan", str(music), "--json", TZ="Asia/Kathmandu"))
    assert found["found"] == len(TITLES) + 1
    told = run(locale, *profile, "failed-files")
    assert "\u202e" not in told
    failed = json.loads(run(locale, *profile, "failed-files", "--json"))
    assert [Path(file["path"]).name for file in failed["files"]] in ([], ["تالف 壊れた.mp3"])


def test_a_window_without_any_font_for_them(tmp_path: Path, music: Path) -> None:
    """Boxes are drawn in place of letters, and everything is found."""
    run("C.UTF-8", "-m", "musicdesk", "--profile", str(tmp_path / "p"), "scan", str(music), "--json")
    fonts = tmp_path / "fonts.conf"
    fonts.write_text("<?xml version='1.0'?><!DOCTYPE fontconfig SYSTEM 'fonts.dtd'><fontconfig></fontconfig>")
    nowhere = {"FONTCONFIG_FILE": str(fonts), "QT_QPA_FONTDIR": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"}
    for locale in ("C", "tr_TR.UTF-8"):
        counts = run(locale, "-c", WINDOW, str(tmp_path / "p"), **nowhere).split()
        assert counts[0] == str(len(TITLES) + 1) and counts[1:5] == ["1", "1", "1", "1"], counts
