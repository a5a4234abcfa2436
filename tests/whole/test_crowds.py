"""Crowds on the command line: lists for everybody as a file, and models measured on what was hidden."""

from __future__ import annotations

import csv
import json
import shutil
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from musicdesk.core.changes import Changes
from musicdesk.core.progress import Silent
from musicdesk.core.types import RunId
from musicdesk.demo.world import WorldSpec, grow
from musicdesk.workflows.desk import open_desk
from musicdesk.workflows.jobs import run_job
from musicdesk.workflows.reports import reports
from tests.helpers.big_catalog import fill
from tests.helpers.big_history import fill_history
from tests.helpers.programs import ask, run

Triplets = list[tuple[str, str, int]]


def user(number: int) -> str:
    return f"{number:040x}"


@pytest.fixture(scope="module")
def parts() -> tuple[Triplets, Triplets]:
    """What is imported, and a random fifth that is kept elsewhere."""
    world = grow(WorldSpec(artists=40, tracks=160, listeners=300, plays_median=0.12))
    draw = np.random.default_rng(1)
    rows = [
        (user(u), f"SO{s:016}", int(n))
        for u, s, n in zip(world.plays.listener, world.plays.track, world.plays.count, strict=True)
    ]
    out = draw.random(len(rows)) < 0.2
    return [row for row, o in zip(rows, out, strict=True) if not o], [
        row for row, o in zip(rows, out, strict=True) if o
    ]


@pytest.fixture(scope="module")
def profile(parts: tuple[Triplets, Triplets], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("crowd")
    file = folder / "train_triplets.txt"
    file.write_text("".join(f"{u}\t{s}\t{n}\n" for u, s, n in parts[0]))
    run(folder / "p", "import", str(file), "--crowd", "them")
    return folder / "p"


def read(path: Path) -> dict[str, list[tuple[str, float]]]:
    found: dict[str, list[tuple[str, float]]] = {}
    with path.open(newline="") as stream:
        for user, song, score in csv.reader(stream, delimiter="\t"):
            found.setdefault(user, []).append((song, float(score)))
    return found


def recall(lists: dict[str, list[tuple[str, float]]], hidden: Triplets, k: int) -> float:
    """As an outsider computes it, from the file alone."""
    wanted: dict[str, set[str]] = {}
    for user, song, _ in hidden:
        wanted.setdefault(user, set()).add(song)
    each = [
        len(songs & {song for song, _ in lists.get(user, [])[:k]}) / min(k, len(songs))
        for user, songs in wanted.items()
    ]
    return float(np.mean(each))


def test_lists_for_everybody(profile: Path, parts: tuple[Triplets, Triplets], tmp_path: Path):
    shown, hidden = parts
    out = tmp_path / "lists.tsv"
    made = ask(profile, "recommend", "--crowd", "them", "--listeners", "all", "-n", "30", "--out", str(out))
    lists = read(out)
    played: dict[str, set[str]] = {}
    for user, song, _ in shown:
        played.setdefault(user, set()).add(song)
    assert set(lists) == set(played) and made["listeners"] == len(played) and made["model"] == "crowd_blend"
    songs = {song for _, song, _ in shown}
    for user, rows in lists.items():
        names = [song for song, _ in rows]
        assert len(set(names)) == len(names) == min(30, len(songs - played[user]))
        assert not set(names) & played[user] and set(names) <= songs
        scores = [score for _, score in rows]
        assert scores == sorted(scores, reverse=True)
    popular = tmp_path / "popular.tsv"
    ask(profile, "recommend", "--crowd", "them", "--model", "popularity", "-n", "30", "--out", str(popular))
    assert recall(lists, hidden, 10) > recall(read(popular), hidden, 10) + 0.03
    again = tmp_path / "again.tsv"
    second = ask(profile, "recommend", "--crowd", "them", "-n", "30", "--out", str(again))
    assert second["run"] == made["run"] and again.read_bytes() == out.read_bytes()  # the run is used again


def test_lists_for_some_and_the_unknown_are_told(profile: Path, tmp_path: Path):
    whose = tmp_path / "whose.txt"
    whose.write_text(f"{user(7)}\nnobody\n\n{user(3)}\tSO001\t4\n{user(7)}\n", "utf-8-sig")
    out = tmp_path / "lists.tsv"
    made = ask(
        profile, "recommend", "--crowd", "them", "--listeners", str(whose), "-n", "5",
        "--model", "item_knn", "--out", str(out),
    )  # fmt: skip
    assert list(read(out)) == [user(7), user(3)]
    assert (made["unknown"], made["examples"], made["rows"]) == (1, ["nobody"], 10)


def test_a_seed_that_is_named_is_the_one_of_the_run(profile: Path, tmp_path: Path):
    def made(*seed: str) -> tuple[int, int, bool]:
        words = ("--crowd", "them", "--model", "wmf", "-n", "5", *seed, "--out", str(tmp_path / "lists.tsv"))
        found = ask(profile, "recommend", *words)
        return found["run"], found["seed"], found["learned"]

    five = made("--seed", "5")
    six = made("--seed", "6")
    assert (five[1:], six[1:]) == ((5, True), (6, True))
    assert made() == (*six[:2], False)  # the newest, where none is named
    assert made("--seed", "5") == (*five[:2], False)


def test_popularity_of_a_crowd_is_measured_on_its_listeners(profile: Path):
    told = run(profile, "train", "popularity", "--crowd", "them")
    figures = next(row["metrics"] for row in ask(profile, "models")["runs"] if row["model"] == "popularity")
    assert figures["listeners"] > 0 and "what all play" in told
    for name in ("recall@20", "auc"):
        assert figures[name] == figures["controls"]["popularity"][name], "it is what all play"


def test_a_run_that_is_named_by_its_number_makes_the_lists_or_is_refused(profile: Path, tmp_path: Path):
    out = tmp_path / "lists.tsv"
    number = str(ask(profile, "train", "item_knn", "--crowd", "them")["run"])
    arguments = ("recommend", "--crowd", "them", "-n", "3", "--model", number, "--out", str(out))
    made = ask(profile, *arguments)
    assert (str(made["run"]), made["model"], made["learned"]) == (number, "item_knn", False)
    assert "has learned with the seed 0, not 5" in run(profile, *arguments, "--seed", "5", code=1)
    out.unlink()
    with open_desk(profile) as desk:
        shutil.rmtree(profile / "models" / desk.catalog.runs.get(RunId(int(number))).folder)
    evaluated = ("evaluate", "--crowd", "them", "--run", number, "--out", str(tmp_path / "report"))
    for said in (arguments, evaluated):
        assert f"Run {number} (item_knn) cannot be used any more; train it again." in run(profile, *said, code=1)
    assert not list(tmp_path.iterdir())
    run(profile, "models", "--delete", number)


def test_lists_longer_than_the_crowd_has_songs_take_no_more_memory(profile: Path, tmp_path: Path):
    request = {"crowd": "them", "model": "popularity", "n": 1_000_000, "out": str(tmp_path / "lists.tsv")}
    with open_desk(profile) as desk:
        run_job(desk, "recommend-crowd", {**request, "n": 5}, Silent())
        tracemalloc.start()
        try:
            made = run_job(desk, "recommend-crowd", request, Silent()).result
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert made["rows"] > 10_000 and peak < 100e6


WRONG = {
    "is a folder; name a file in it": ["--crowd", "them", "--out", "{}"],
    "The seed '-7' is no whole number": ["--crowd", "them", "--seed", "-7", "--out", "{}/x.tsv"],
    "'all' stands for everybody": ["--crowd", "them", "--listeners", "", "--out", "{}/x.tsv"],
    "--out FILE.tsv": ["--crowd", "them"],
    "There is no crowd 'others'": ["--crowd", "others", "--out", "{}/x.tsv"],
    "no file missing.txt": ["--crowd", "them", "--listeners", "missing.txt", "--out", "{}/x.tsv"],
    "There is no folder": ["--crowd", "them", "--out", "{}/no/such/folder/x.tsv"],
}


@pytest.mark.parametrize("said", WRONG)
def test_what_cannot_be_done_is_said_and_leaves_no_file(profile: Path, said: str, tmp_path: Path):
    arguments = [part.format(tmp_path) for part in WRONG[said]]
    assert said in run(profile, "recommend", *arguments, code=1)
    assert not list(tmp_path.iterdir())


def test_a_folder_for_the_figures_is_refused_before_the_work(profile: Path, tmp_path: Path):
    for name in (str(tmp_path), ""):
        assert "is a folder; name a file in it" in run(profile, "evaluate", "--crowd", "them", "--json", name, code=1)


@pytest.mark.parametrize("split", ["listeners", "items", "cold-items"])
def test_models_are_measured_beside_controls(split: str, profile: Path):
    ask(profile, "train", "wmf", "--crowd", "them", "--set", "factors=16", "--set", "regularization=5")
    trained = ask(profile, "train", "item_knn", "--crowd", "them")
    metrics = trained["metrics"]
    assert isinstance(metrics, dict) and metrics["recall@20"] > metrics["controls"]["popularity"]["recall@20"]
    found = ask(profile, "evaluate", "--crowd", "them", "--split", split, "--run", str(trained["run"]))
    models, controls = found["models"], found["controls"]
    assert isinstance(models, dict) and isinstance(controls, dict)
    chance = controls["random (control)"]["metrics"]["auc"]
    assert set(models) == {"item_knn"} and chance["low"] <= 0.5 <= chance["high"]
    ours = models["item_knn"]["metrics"]
    if split == "cold-items":
        assert ours["auc"]["mean"] == 0.5  # nothing is known of songs that nobody has played
    else:
        assert ours["recall@20"]["low"] > controls["random (control)"]["metrics"]["recall@20"]["high"]
        differences = found["differences"]
        assert isinstance(differences, dict) and differences["random (control)"]["p"] < 0.01


def test_one_listener_that_is_asked_has_no_interval(tmp_path: Path):
    file = tmp_path / "train_triplets.txt"
    rows = ((user(u), f"SO{(u + s) % 9:016}") for u in range(10) for s in range(6))
    file.write_text("".join(f"{who}\t{song}\t3\n" for who, song in rows))
    run(tmp_path / "p", "import", str(file), "--crowd", "few")
    figures = tmp_path / "figures.json"
    told = run(tmp_path / "p", "evaluate", "--crowd", "few", "--json", str(figures))
    found = json.loads(figures.read_text())
    auc = found["models"]["item_knn"]["metrics"]["auc"]
    assert found["listeners"] == 1 and auc["mean"] is not None and auc["low"] is None is auc["high"]
    assert all(gap["p"] == 1.0 and gap["low"] is None for gap in found["differences"].values())
    assert f"{auc['mean']:.3f} [–]" in told and "nan" not in told
    page = Path(found["report"]).read_text("utf-8")
    assert f"{auc['mean']:.3f}" in page and "nan" not in page.partition("base64")[0]


def test_the_last_evaluation_is_kept(profile: Path, tmp_path: Path):
    figures = tmp_path / "figures.json"
    assert "recall@20" in run(profile, "evaluate", "--split", "items", "--json", str(figures))
    assert json.loads(figures.read_text())["split"] == "items"
    with open_desk(profile) as desk:
        kept = next(report for report in reports(desk) if report.name == "evaluate")
    assert kept.page.is_file() and len(list(kept.folder.glob("*.png"))) == 4
    assert "There is no split" in run(profile, "evaluate", "--split", "nonsense", code=1)


def test_the_own_history_is_measured_over_time(tmp_path: Path):
    with open_desk(tmp_path / "p") as desk:
        ids = fill(desk.catalog, 300, desk.encoder)
        fill_history(desk.catalog, 4_000, 400, ids)
        found = run_job(desk, "evaluate", {"runs": [], "crowd": "", "split": "time", "out": None}, Silent())
        kept = reports(desk)
    assert found.changes == Changes.REPORTS and [report.name for report in kept] == ["evaluate"]
    result = found.result
    assert set(result["models"]) == {"blend"} and result["best"] == "blend"
    chance = result["controls"]["random"]["metrics"]["auc"]
    assert chance["low"] - 0.05 <= 0.5 <= chance["high"] + 0.05
    assert {"popularity", "recency", "shuffled content"} <= set(result["controls"])
    assert all(0 <= gap["p"] <= 1 for gap in result["differences"].values())
    json.dumps(result, allow_nan=False)


def test_without_a_history_or_a_crowd_it_says_what_is_missing(tmp_path: Path):
    assert "run 'musicdesk analyze' first" in run(tmp_path / "p", "evaluate", code=1)
    assert "There is no crowd" in run(tmp_path / "p", "evaluate", "--split", "items", code=1)
