"""The house stands as its rules say: packages, pins, floors, and what no file may contain."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "musicdesk").rglob("*.py"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def test_every_package_is_in_the_wheel():
    inside = {".".join(p.parent.relative_to(ROOT).parts) for p in SOURCES if p.name == "__init__.py"}
    listed = set(PROJECT["tool"]["setuptools"]["packages"])
    assert listed - {"musicdesk._resources", "musicdesk._models"} == inside


def test_every_dependency_is_pinned():
    pins = {line.partition("==")[0].lower().replace("_", "-") for line in _pins()}
    project = PROJECT["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = {re.split(r"[<>=!~ ]", spec)[0].lower().replace("_", "-") for spec in wanted}
    assert names <= pins


def _pins() -> list[str]:
    lines = (ROOT / "packaging" / "constraints.txt").read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def test_qt_is_a_version_that_keeps_none_alive():
    """PySide6 6.12 drops a reference to None with every call and ends CPython 3.11 after some thousands."""
    done = subprocess.run([sys.executable, "-c", COUNT_NONE], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


COUNT_NONE = """
import os, sys
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from PySide6.QtWidgets import QApplication, QLabel
app = QApplication([])
label = QLabel()
before = sys.getrefcount(None)
for n in range(20000):
    label.setText(str(n))
assert sys.getrefcount(None) > before - 1000, (before, sys.getrefcount(None))
"""


def trees() -> list[tuple[Path, ast.Module]]:
    return [(source.relative_to(ROOT), ast.parse(source.read_text("utf-8"))) for source in SOURCES]


def test_nothing_forbidden_is_called():
    """No pickle anywhere; no label that guesses rich text outside the one factory."""
    wrong = []
    for source, tree in trees():
        imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        wrong += [(source, name) for name in imported & {"pickle", "joblib", "marshal", "shelve"}]
        calls = [(ast.unparse(node.func), node) for node in ast.walk(tree) if isinstance(node, ast.Call)]
        wrong += [(source, node.lineno, name) for name, node in calls if name in ("torch.load", "torch.save")]
        rich = [node.lineno for name, node in calls if name == "QLabel" and node.args and source.name != "labels.py"]
        wrong += [(source, line, "QLabel(text): use plain_label") for line in rich]
        tips = [node for name, node in calls if name.endswith((".setToolTip", ".showText")) and not _literal(node)]
        wrong += [(source, node.lineno, "a tool tip with words from elsewhere: use tip()") for node in tips]
    assert not wrong


def _literal(call: ast.Call) -> bool:
    """Whether what a tool tip says was written here, has gone through `tip`, or is a time of day."""
    said = call.args[1 if ast.unparse(call.func).endswith("showText") else 0]
    both = (said.body, said.orelse) if isinstance(said, ast.IfExp) else (said,)
    return all(
        isinstance(one, ast.Constant) or (isinstance(one, ast.Call) and ast.unparse(one.func) in ("tip", "clock"))
        for one in both
    )


def test_one_file_alone_knows_the_network():
    """Every connection goes through the gate, which is where the offline switch is asked."""
    ways = {"requests", "urllib3", "urllib.request", "http.client", "socket", "ssl", "smtplib", "ftplib", "asyncio"}
    ways |= {"aiohttp", "httpx", "websockets", "xmlrpc", "xmlrpc.client", "PySide6.QtWebSockets"}
    wrong = []
    for source, tree in trees():
        names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        text = (ROOT / source).read_text("utf-8")
        if source != Path("musicdesk/integrations/gate.py"):
            wrong += [(source, name) for name in names if name in ways or name.split(".")[0] in ways]
        if source.parent != Path("musicdesk/integrations"):
            wrong += [(source, name) for name in names if name.split(".")[0] == "spotipy"]
        wrong += [(source, word) for word in ("QNetworkAccessManager", "QTcpSocket", "QWebEngine") if word in text]
    assert not wrong


def test_what_outlives_a_widget_does_not_hold_on_to_it():
    """Signals of the shell, its theme and its jobs reach methods, which Qt lets go with their widget; a lambda would
    still be called when the pages are made anew. The files named live as long as the window."""
    outlive = re.compile(r"(self\.)?_?(shell|jobs|theme)(\.\w+)*\.(?!activated)\w+\.connect")  # activated: of a box
    whole = {"listen.py", "main.py"}
    wrong = [
        (source, node.lineno)
        for source, tree in trees()
        if source.parent.parts[:2] == ("musicdesk", "gui") and source.name not in whole
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and outlive.fullmatch(ast.unparse(node.func))
        if any(isinstance(argument, ast.Lambda) for argument in node.args)
    ]
    assert not wrong, "connect a method"


def test_files_and_functions_stay_small():
    """A file over 330 lines, or a function over 70, is two things."""
    files = [(source, len(source.read_text("utf-8").splitlines())) for source in SOURCES]
    assert not [(source, lines) for source, lines in files if lines > 330]
    functions = [
        (source, node.name, node.end_lineno - node.lineno + 1)
        for source, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno
    ]
    assert not [found for found in functions if found[2] > 70 and found[1] != "style_sheet"]


def test_every_room_has_a_sentence():
    for init in (ROOT / "musicdesk").rglob("__init__.py"):
        assert ast.get_docstring(ast.parse(init.read_text("utf-8"))), init


def test_system_packages_are_checked_by_a_script():
    done = subprocess.run(
        ["sh", str(ROOT / "packaging" / "system-packages.sh"), "--check"], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr


def test_every_invariant_is_asked_for_somewhere():
    """I1 to I9 of docs/reliability.md, each named where it is asserted."""
    text = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests" / "faults").glob("*.py"))
    told = (ROOT / "docs" / "reliability.md").read_text("utf-8")
    for number in range(1, 10):
        assert re.search(rf"\bI{number}\b", text) and f"| I{number} |" in told


def test_migrations_are_numbered_without_gap_or_twin():
    from musicdesk.catalog.schema import migrations

    assert [number for number, _sql in migrations()] == list(range(1, len(migrations()) + 1))
