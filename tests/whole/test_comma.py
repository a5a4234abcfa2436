"""A locale that writes numbers with a comma and months in German: files and sentences are what they are elsewhere."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from musicdesk.core.errors import Unusable
from musicdesk.recommenders.registry import configured
from tests.helpers.programs import ROOT
from tests.qt.windows import make_library

GERMAN = "de_DE.UTF-8"
WINDOW = """
import json, locale, sys
from pathlib import Path
from time import gmtime, monotonic
from PySide6.QtCore import QLocale
from PySide6.QtTest import QTest
from musicdesk.core.dates import written
from musicdesk.gui.main import application, open_window
from musicdesk.gui.pages import PAGES, place_of
from musicdesk.gui.pages.discover_state import past_offers
from musicdesk.gui.pages.history_draw import named
from musicdesk.workflows.request import Request, said_of
profile, out, change = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
app = application()
began = locale.localeconv()["decimal_point"]
opened = open_window(app, profile)
window = opened.window
window.show()
if change:  # as a desktop does whose language is changed meanwhile
    locale.setlocale(locale.LC_ALL, change)
    QLocale.setDefault(QLocale(change.partition(".")[0]))
for place in PAGES:
    place.load()
    window.open(place.name).finish()
    end = monotonic() + 20
    while monotonic() < end and not window.page.settled:
        app.processEvents()
    assert not window.grab().isNull()
settings = window.page
typed = {}
for text in ("500", "12345"):
    settings.windows.selectAll()
    QTest.keyClicks(settings.windows, text)
    typed[text] = settings.windows.value()
settings.windows.editingFinished.emit()
page = window.open("discover")
page.finish()
assert page.show_draw(Request())
written_lists = {}
for kind in ("m3u8", "xspf", "jspf"):
    opened.shell.ask.save_as = lambda *_told, kind=kind: out / f"list.{kind}"
    page.list._export(kind)
    written_lists[kind] = (out / f"list.{kind}").read_text("utf-8")
found = {
    "typed": typed,
    "settings": {k: v for k, v in json.loads((profile / "settings.json").read_text()).items() if "geometry" not in k},
    "lists": written_lists,
    "dates": [written("%A %a %d %B %b %Y", gmtime(1.7e9 + 1e7 * at)) for at in range(12)],
    "named": [named("day", 1_709_500_000), named("week", 1_709_500_000), said_of(1_709_500_000.0)],
    "past": [offer.text for _year, offers in past_offers((1.6e9, 1.62e9)) for offer in offers],
    "sums": opened.shell.desk.catalog.store.conn.execute("SELECT '1.5' * 2, printf('%.2f', 1.5)").fetchone(),
}
now = locale.localeconv()["decimal_point"]
opened.close()
print(json.dumps({"decimal": [began, now], "found": found}))
"""


@pytest.fixture(scope="module")
def german(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment in which this locale is there."""
    made = tmp_path_factory.mktemp("locales")
    compiler = shutil.which("localedef")
    if compiler is None:
        pytest.skip("no localedef to make the locale with")
    command = [compiler, "-i", "de_DE", "-f", "UTF-8", str(made / GERMAN)]
    if subprocess.run(command, capture_output=True).returncode > 1 or not (made / GERMAN).is_dir():
        pytest.skip("localedef has no sources of de_DE")
    return {"LOCPATH": str(made)}


def run(locale: str, more: dict[str, str], *command: str) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG"))}
    environment = {**kept, "LC_ALL": locale, "LANG": locale, "QT_QPA_PLATFORM": "offscreen", **more}
    done = subprocess.run([sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, timeout=240)
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    return done.stdout.decode("utf-8")


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("profile")
    make_library(folder, 120)
    return folder


def window(where: Path, profile: Path, locale: str, more: dict[str, str], change: str = "") -> dict[str, object]:
    """What a window tells that was opened on a copy of the profile."""
    shutil.copytree(profile, where / "p")
    told = run(locale, more, "-c", WINDOW, str(where / "p"), str(where), change)
    found: dict[str, object] = json.loads(told.splitlines()[-1])
    return found


def test_a_window_writes_and_reads_numbers_as_everywhere(tmp_path: Path, profile: Path, german: dict[str, str]) -> None:
    places = [tmp_path / name for name in ("plain", "german", "changed")]
    for place in places:
        place.mkdir()
    plain = window(places[0], profile, "C.UTF-8", german)
    there = window(places[1], profile, GERMAN, german)
    changed = window(places[2], profile, "C.UTF-8", german, GERMAN)
    assert (plain["decimal"], there["decimal"], changed["decimal"]) == ([".", "."], [",", ","], [".", ","])
    assert there["found"] == plain["found"] and changed["found"] == plain["found"]


def test_the_command_line_tells_the_same(tmp_path: Path, profile: Path, german: dict[str, str]) -> None:
    told = []
    for locale in ("C.UTF-8", GERMAN):
        where = tmp_path / locale
        shutil.copytree(profile, where)
        desk = ("-m", "musicdesk", "--profile", str(where))
        found = json.loads(run(locale, german, *desk, "similar", "5", "--json"))
        told.append((found["items"], run(locale, german, *desk, "status").replace(str(where), "")))
    assert told[0] == told[1]


def test_a_comma_that_is_typed_is_told_how_to_be_written() -> None:
    with pytest.raises(Unusable, match=r"'0,05' is not a number.*with a point"):
        configured("wmf", {"regularization": "0,05"})
