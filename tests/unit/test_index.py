"""The annoy index is never loaded unless it is exactly what was written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from musicdesk.core.errors import Cancelled
from musicdesk.core.progress import Silent
from musicdesk.core.types import TrackId, Vectors
from musicdesk.space import index as module
from musicdesk.space.index import Approximate, is_sound, neighbours
from musicdesk.space.neighbours import Exact


def made(n: int = 400, seed: int = 0, encoder: str = "test") -> Vectors:
    rows = np.random.default_rng(seed).normal(size=(n, 16)).astype(np.float32)
    return Vectors(np.arange(n) * 2, rows / np.linalg.norm(rows, axis=1, keepdims=True), encoder)


def test_finds_what_exact_search_finds(tmp_path: Path) -> None:
    vectors = made()
    trees = Approximate.open(vectors, tmp_path)
    for row in range(10):
        ids, similarity = trees.near(vectors.matrix[row], 10, [TrackId(int(vectors.ids[row]))])
        exact, values = Exact(vectors).near(vectors.matrix[row], 10, [TrackId(int(vectors.ids[row]))])
        assert np.array_equal(ids, exact)
        assert similarity == pytest.approx(values, abs=1e-6)
    many, _ = trees.near_many(vectors.matrix[:3], 4)
    assert [ids[0] for ids in many] == list(vectors.ids[:3])


def test_a_sound_index_is_kept(tmp_path: Path) -> None:
    Approximate.open(made(), tmp_path)
    before = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    Approximate.open(made(), tmp_path)
    assert before == {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert sorted(before) == ["neighbours.annoy", "neighbours.ids.npy", "neighbours.json"]


@pytest.mark.parametrize("name", ["neighbours.annoy", "neighbours.json", "neighbours.ids.npy"])
@pytest.mark.parametrize("damage", ["flip first", "flip middle", "flip last", "cut", "empty", "gone"])
def test_damage_is_seen_and_repaired(tmp_path: Path, name: str, damage: str) -> None:
    vectors = made()
    Approximate.open(vectors, tmp_path)
    path = tmp_path / name
    body = bytearray(path.read_bytes())
    if damage.startswith("flip"):
        at = {"first": 0, "middle": len(body) // 2, "last": len(body) - 1}[damage.split()[1]]
        body[at] ^= 0x10
    path.write_bytes({"cut": body[: len(body) // 2], "empty": b""}.get(damage, body))
    if damage == "gone":
        path.unlink()
    if not (damage == "flip last" and name.endswith("json")):  # the last byte there is a line's end
        assert not is_sound(tmp_path / "neighbours.annoy", vectors)
    ids, _ = Approximate.open(vectors, tmp_path).near(vectors.matrix[3], 1)
    assert ids[0] == vectors.ids[3]
    assert is_sound(tmp_path / "neighbours.annoy", vectors)


def test_bytes_at_random(tmp_path: Path) -> None:
    vectors = made(60)
    Approximate.open(vectors, tmp_path)
    path = tmp_path / "neighbours.annoy"
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    for at, bit in zip(rng.integers(0, len(whole), 200), rng.integers(0, 8, 200), strict=True):
        body = bytearray(whole)
        body[at] ^= 1 << bit
        path.write_bytes(body)
        assert not is_sound(path, vectors)


def test_other_vectors_or_encoder_make_it_stale(tmp_path: Path) -> None:
    Approximate.open(made(), tmp_path)
    path = tmp_path / "neighbours.annoy"
    assert not is_sound(path, made(encoder="other"))
    assert not is_sound(path, made(401))
    assert not is_sound(path, made(seed=1))
    fresh = made(401)
    assert Approximate.open(fresh, tmp_path).near(fresh.matrix[400], 1)[0][0] == 800


def test_a_cancelled_build_leaves_nothing_to_load(tmp_path: Path) -> None:
    stopped = Silent()
    stopped.stop.set()
    with pytest.raises(Cancelled):
        Approximate.open(made(), tmp_path, stopped)
    assert list(tmp_path.iterdir()) == []


def test_small_libraries_are_searched_exactly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(neighbours(made(), tmp_path), Exact)
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(module, "EXACT_UP_TO", 100)
    assert isinstance(neighbours(made(), tmp_path), Approximate)
