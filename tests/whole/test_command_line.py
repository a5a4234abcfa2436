"""The whole way on the command line, as an outsider drives it: keys, exit codes, sentences."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from musicdesk.cli.commands import commands
from musicdesk.cli.main import parser
from musicdesk.workflows.jobs import JOBS
from tests.helpers.histories import account, put
from tests.helpers.music import make_file, make_library
from tests.helpers.programs import ask, run


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A profile with eight tracks, scanned, analyzed and mapped."""
    folder = tmp_path_factory.mktemp("whole")
    make_library(folder / "music", 8, seconds=50.0)
    assert ask(folder / "p", "scan", str(folder / "music"))["added"] == 8
    heard = ask(folder / "p", "analyze")
    assert (heard["analyzed"], heard["failed"], heard["remaining"]) == (8, 0, 0)
    assert 390 < heard["audio_seconds"] < 410
    return folder


def profile(home: Path) -> Path:
    return home / "p"


def test_every_command_speaks_json_and_every_job_has_a_command():
    names = {command.name for command in commands()}
    for name in names - {"playlist", "spotify"}:
        extra = {
            "import": ["f"],
            "similar": ["x"],
            "rate": ["1", "like"],
            "why": ["1"],
            "hear-why": ["1", "2"],
            "use": ["1"],
            "backup": ["f"],
            "export-embeddings": ["f"],
        }
        assert parser(commands()).parse_args([name, *extra.get(name, []), "--json"]).json
    contract = "gui demo scan failed-files analyze recommend similar rate map export-embeddings playlist models use"
    assert {
        *contract.split(),
        "train",
        "evaluate",
        "reproduce",
        "import",
        "match",
        "status",
        "doctor",
        "backup",
        "backups",
        "restore",
        "crashes",
        "delete-all-data",
    } <= names
    inner = {"project": "map", "settle": "gui", "waveform": "gui", "offers": "train", "forget": "import"}
    inner |= {"recommend-crowd": "recommend", "look-through": "doctor", "encoder": "encoders", "lessons": "questions"}
    inner |= {"around": "map", "compare-maps": "map", "teach": "train", "remove-encoder": "encoders"}
    inner |= {job: "spotify" for job in JOBS if job.startswith("spotify-")}
    assert {inner.get(job, job) for job in JOBS} <= names


def test_scanning_again_finds_nothing_new(home: Path):
    again = ask(profile(home), "scan")
    assert (again["found"], again["unchanged"], again["failed"]) == (8, 8, 0)
    assert ask(profile(home), "analyze")["analyzed"] == 0


def test_similar_answers_for_tracks_and_for_files_from_outside(home: Path):
    own = sorted((home / "music").rglob("*.flac"))[0]
    items = ask(profile(home), "similar", str(own), "-n", "3")["items"]
    assert len(items) == 3 and str(own) not in [item["path"] for item in items]
    assert items[0]["similarity"] >= items[1]["similarity"] >= items[2]["similarity"]
    outside = make_file(home / "outside.ogg", 110.0, 50.0)
    found = ask(profile(home), "similar", str(outside), "-n", "3")["items"]
    assert os.path.isabs(found[0]["path"]) and found[0]["similarity"] > 0.9


def test_ratings_change_the_list_and_can_be_taken_back(home: Path):
    tracks = {item["track"] for item in ask(profile(home), "similar", "1", "-n", "8")["items"]}
    run(profile(home), "rate", "1", "clear")
    error = run(profile(home), "recommend", code=1)
    assert "like three tracks" in error and error.count("\n") == 1
    rated = ask(profile(home), "rate", "1", "like")
    assert rated["effect"]["up"] + rated["effect"]["down"] > 0
    before = ask(profile(home), "recommend", "-n", "5")
    assert [item["position"] for item in before["items"]] == [1, 2, 3, 4, 5]
    assert all(item["reasons"] for item in before["items"])
    victim = next(item["track"] for item in before["items"] if item["track"] in tracks)
    ask(profile(home), "rate", str(victim), "never")
    after = ask(profile(home), "recommend", "-n", "5")
    assert victim not in [item["track"] for item in after["items"]]
    ask(profile(home), "rate", str(victim), "clear")
    again = ask(profile(home), "recommend", "-n", "5")
    assert [item["track"] for item in again["items"]] == [item["track"] for item in before["items"]]


def test_playlists_are_kept_and_written(home: Path):
    ask(profile(home), "rate", "2", "like")
    made = ask(profile(home), "recommend", "--kind", "artist-radio", "--artist", "Artist 1", "-n", "4")
    assert made["playlist"] in [p["id"] for p in ask(profile(home), "playlist", "list")["playlists"]]
    shown = ask(profile(home), "playlist", "show", str(made["playlist"]))
    assert shown["items"] == made["items"]
    for form in ("m3u8", "xspf", "jspf", "csv"):
        target = home / f"list.{form}"
        assert ask(profile(home), "playlist", "export", str(made["playlist"]), str(target))["tracks"] == len(
            made["items"]
        )
        assert Path(made["items"][0]["path"]).name.split(" - ")[0] in target.read_text("utf-8")


def test_train_models_use(home: Path):
    assert {m["model"] for m in ask(profile(home), "train", "--list")["models"]} >= {"content", "popularity"}
    ask(profile(home), "rate", "1", "like")
    run_id = ask(profile(home), "train", "content", "--seed", "3")["run"]
    assert ask(profile(home), "use", str(run_id))["active"]
    runs = ask(profile(home), "models")["runs"]
    assert [r["run"] for r in runs if r["active"]] == [run_id]
    assert ask(profile(home), "recommend", "-n", "3")["model"] == "content"
    assert "did you mean 'content'" in run(profile(home), "train", "contend", code=1)


def test_map_and_embeddings_as_files(home: Path):
    png, places, vectors = home / "map.png", home / "map.npz", home / "vectors.npz"
    made = ask(profile(home), "map", "--method", "pca", "--png", str(png), "--out", str(places))
    assert made["points"] == 8 and 0 <= made["trustworthiness"] <= 1
    assert png.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert ask(profile(home), "export-embeddings", str(vectors))["tracks"] == 8
    with np.load(vectors) as file:
        assert file["vector"].dtype == np.float32 and file["vector"].shape[0] == 8
        assert np.allclose(np.linalg.norm(file["vector"], axis=1), 1, atol=1e-5)
        assert np.isfinite(file["xyz"]).all() and file["xyz"].shape == (8, 3)
        assert Path(str(file["path"][0])).exists()
    with np.load(places) as file:
        assert file["xyz"].shape == (8, 3)


def test_a_picture_of_any_layer_and_of_a_neighbourhood(home: Path):
    before = ask(profile(home), "map", "--method", "pca")
    for theme, colour, size in (("dark", "tempo", "loudness"), ("light", "key", "none"), ("dark", "trust", "plays")):
        png = home / f"{theme}-{colour}.png"
        look = ["--color", colour, "--size", size, "--theme", theme, "--resolution", "400x300"]
        assert ask(profile(home), "map", "--keep", "--png", str(png), *look)["points"] == 8
        head = png.read_bytes()[:24]
        assert (int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")) == (400, 300)
    page = home / "map.html"
    assert ask(profile(home), "map", "--keep", "--html", str(page), "--color", "tempo")["html"] == str(page)
    assert str(home) not in page.read_text("utf-8")
    near = ask(profile(home), "map", "--around", "3", "--count", "4", "--out", str(home / "near.npz"))
    assert len(near["ids"]) == len(near["xyz"]) == len(near["trust"]) == 5 and 3 in near["ids"]
    with np.load(home / "near.npz") as file:
        assert file["track"].tolist() == near["ids"]
    assert ask(profile(home), "map", "--keep")["trustworthiness"] == before["trustworthiness"]
    table = ask(profile(home), "map", "--compare", "--method", "pca")["maps"]
    assert [row["method"] for row in table] == ["pca"] and 0 <= table[0]["trustworthiness"] <= 1
    assert "trusted" in run(profile(home), "map", "--compare", "--method", "pca")
    assert "did you mean 'tempo'" in run(profile(home), "map", "--keep", "--png", str(png), "--color", "temp", code=1)
    assert "pixels" in run(profile(home), "map", "--keep", "--png", str(png), "--resolution", "5x5", code=1)
    run(profile(home), "map", "--resolution", "big", code=2)


def test_status_adds_up_and_doctor_is_content(home: Path):
    status = ask(profile(home), "status")
    assert sum(status["analysis"].values()) == status["tracks"]["present"] == 8
    doctor = ask(profile(home), "doctor")
    assert doctor["ok"], doctor


def test_the_day_has_its_backup(home: Path, tmp_path: Path):
    (daily,) = (profile(home) / "backups").glob("daily-*.sqlite")
    make_file(tmp_path / "music" / "a.flac", title="A")
    assert ask(tmp_path / "p", "scan", str(tmp_path / "music"))["added"] == 1
    (own,) = (tmp_path / "p" / "backups").glob("daily-*.sqlite")
    ask(tmp_path / "p", "rate", "1", "never")
    assert ask(tmp_path / "p", "restore")["file"].endswith(".sqlite")
    assert ask(tmp_path / "p", "status")["feedback"]["never"] == 0
    assert daily.stat().st_size > 0 and own.exists()


def test_backup_restore_and_delete(home: Path, tmp_path: Path):
    own = tmp_path / "p"
    make_file(tmp_path / "music" / "a.flac", title="A")
    ask(own, "scan", str(tmp_path / "music"))
    ask(own, "backup", str(tmp_path / "b.sqlite"))
    ask(own, "rate", "1", "never")
    assert ask(own, "restore", str(tmp_path / "b.sqlite"))["set_aside"]
    assert ask(own, "status")["feedback"]["never"] == 0
    assert "Nothing was deleted" in run(own, "delete-all-data", code=1)
    assert ask(own, "delete-all-data", "--yes")["files"] > 0
    assert not own.exists() and (tmp_path / "music" / "a.flac").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["scan", "/nowhere/at/all"], 1, "no folder"),
        (["similar", "nothing.mp3"], 1, "neither"),
        (["similar", "--artist", ""], 1, "There is no artist"),
        (["rate", "999", "like"], 1, "neither"),
        (["use", "99"], 1, "no run number 99"),
        (["recommend", "--kind", "for-yuo"], 1, "did you mean 'for-you'"),
        (["recommend", "--kind", "similar"], 1, "--seed-track"),
        (["recommend", "--pin", "²=1"], 1, "'²=1' pins nothing"),
        (["recommend", "--pin", "9" * 5_000 + "=1"], 1, "pins nothing"),
        (["recommend", "--as-of", "9999"], 1, "has not come yet"),
        (["train", "wmf", "--crowd", "one", "--set", "eps=0"], 1, "'eps' of 'wmf' must be above 0"),
        (["playlist", "show", "77"], 1, "no playlist number 77"),
        (["export-embeddings", "/nowhere/at/all/e.npz"], 1, "no folder /nowhere/at/all"),
        (["export-embeddings", str(Path(__file__).parent)], 1, "is a folder; name a file"),
        (["export-embeddings", "/"], 1, "is a folder; name a file"),
        (["map", "--keep", "--png", "/nowhere/at/all/m.png"], 1, "no folder /nowhere/at/all"),
        (["map", "--keep", "--out", "/"], 1, "is a folder"),
        (["restore", "nothing.sqlite"], 1, "no backup"),
        (["rate", "1", "adore"], 2, "invalid choice"),
        (["recommend", "--adventure", "7"], 2, "'7' is no number from 0 to 1"),
        (["recommend", "--era", "soon"], 2, "neither a year nor"),
        (["nonsense"], 2, "invalid choice"),
    ],
)
def test_mistakes_get_one_sentence(home: Path, arguments, code, words):
    error = run(profile(home), *arguments, code=code)
    assert words in error
    if code == 1:
        assert error.strip().count("\n") == 0 and "Traceback" not in error


@pytest.mark.skipif(os.name == "nt", reason="streams are closed by a shell there is not")
def test_a_closed_stream_is_no_reason_to_fail(home: Path):
    def said(command: str, closed: str) -> tuple[int, str]:
        line = f'exec "{sys.executable}" -m musicdesk --profile "{profile(home)}" {command} {closed}'
        done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, timeout=120)
        return done.returncode, done.stdout + done.stderr

    code, out = said("status --json", "2>&-")
    assert code == 0 and json.loads(out)["tracks"]["total"] == 8
    assert said("playlist show 77 --json", "2>&-") == (1, "")
    assert said("similar 1 --json", ">&-") == (0, "")
    code, error = said("delete-all-data", "<&-")
    assert code == 1 and "Nothing was deleted" in error
    assert said("status", "<&- >&- 2>&-") == (0, "")


def test_a_bug_is_kept_in_the_log(tmp_path: Path, monkeypatch, capsys, caplog):
    from musicdesk.cli import main as face
    from musicdesk.workflows import status

    def broken(_desk):
        raise RuntimeError("canary")

    monkeypatch.setattr(status, "status", broken)
    assert face.main(["--profile", str(tmp_path / "p"), "status", "--json"]) == 70
    told = capsys.readouterr()
    assert told.out == "" and "canary" not in told.err
    assert "canary" in (tmp_path / "p" / "logs" / "musicdesk.log").read_text()
    assert "bug in status" in caplog.text
    caplog.clear()


def test_json_carries_names_that_are_no_text(tmp_path: Path):
    odd = os.fsencode(tmp_path / "music") + b"/b\xff\n.flac"
    plain = make_file(tmp_path / "music" / "a.flac", 330.0, 50.0)
    os.rename(plain, odd)
    ask(tmp_path / "p", "scan", str(tmp_path / "music"))
    assert ask(tmp_path / "p", "analyze")["analyzed"] == 1
    make_file(tmp_path / "music" / "c.flac", 331.0, 50.0)
    ask(tmp_path / "p", "scan")
    ask(tmp_path / "p", "analyze")
    found = json.loads(run(tmp_path / "p", "similar", str(tmp_path / "music" / "c.flac"), "--json"))
    assert os.fsencode(found["items"][0]["path"]) == odd


def test_a_terminal_that_cannot_write_a_name_is_no_mistake_of_the_program(tmp_path: Path, monkeypatch):
    rows = [account(artistName="宇多田ヒカル", trackName="初恋")]
    ask(tmp_path / "p", "import", str(put(tmp_path, "StreamingHistory0.json", rows)))
    monkeypatch.setenv("PYTHONIOENCODING", "latin-1")
    assert "Not in the library" in run(tmp_path / "p", "match", "--wishes")
    (wish,) = ask(tmp_path / "p", "match", "--wishes")["wishes"]
    assert wish["title"] == "初恋"


def test_json_before_the_action_is_json_too(tmp_path: Path):
    assert json.loads(run(tmp_path / "p", "playlist", "--json", "list"))["playlists"] == []
    assert ask(tmp_path / "p", "playlist", "list")["playlists"] == []
