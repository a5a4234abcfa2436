"""Windows kept on disk: what comes out is what went in, within the limit, whatever happens on the way."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from musicdesk.core.types import MelSpec
from musicdesk.learning.window_store import KEPT, WindowStore, chosen
from musicdesk.learning.windows import MelWindows, band_statistics

SPEC = MelSpec(bands=8)
SLOT = KEPT * 6 * 8 * 2  # bytes


def store(folder: Path, tracks: int = 10) -> WindowStore:
    return WindowStore(folder, tracks * SLOT, SPEC, frames=6)


def sound(track: int, windows: int = 9) -> np.ndarray:
    return np.random.default_rng(track).random((windows, 6, 8), np.float32).astype(np.float16)


def filled(folder: Path, tracks: range, most: int = 10) -> WindowStore:
    made = store(folder, most)
    for track in tracks:
        assert made.put(track, f"hash {track}", sound(track)) == (track - tracks.start < most)
    made.commit()
    return made


def contents(tracks: range) -> dict[int, str]:
    return {track: f"hash {track}" for track in tracks}


def test_what_is_kept_comes_back_after_a_start(tmp_path: Path):
    filled(tmp_path, range(5, 8)).put(3, "hash 3", sound(3, windows=2))
    made = filled(tmp_path, range(5, 8))
    made.put(3, "hash 3", sound(3, windows=2))
    made.commit()
    found = store(tmp_path).windows(contents(range(20)))
    assert found.ids.tolist() == [3, 5, 6, 7]
    assert found.counts.tolist() == [2, 4, 4, 4]
    assert np.array_equal(found.take(found.windows_of(np.array([0]))), sound(3, windows=2))
    assert np.array_equal(found.take(np.arange(6, 10)), chosen(sound(6)))


def test_another_sound_is_missing_and_takes_the_same_place(tmp_path: Path):
    made = filled(tmp_path, range(10))
    assert made.missing({4: "new", 5: "hash 5", 11: "hash 11"}) == [4, 11]
    assert len(made.windows({4: "new"})) == 0
    assert made.put(4, "new", sound(44)) and not made.put(11, "hash 11", sound(11))
    found = made.windows({4: "new"})
    assert np.array_equal(found.take(np.arange(4)), chosen(sound(44)))


def test_what_no_training_asked_for_makes_room(tmp_path: Path):
    made = filled(tmp_path, range(10))
    made.ask(contents(range(3)))
    made.ask(contents(range(2, 5)))
    made.ask(contents(range(20, 26)))
    assert made.free == 6
    for track in range(20, 26):
        assert made.put(track, f"hash {track}", sound(track))
    made.commit()
    again = store(tmp_path)
    kept = set(range(40)) - set(again.missing(contents(range(40))))
    assert {2, 3, 4, 20, 21, 22, 23, 24, 25} <= kept and len(kept) == 10


def test_a_training_that_wants_more_than_fits_gets_what_fits(tmp_path: Path):
    made = filled(tmp_path, range(10))
    made.ask(contents(range(5, 30)))
    assert made.free == 5
    assert made.missing(contents(range(5, 30))) == list(range(10, 30))


def test_a_lower_limit_keeps_the_most_useful(tmp_path: Path):
    made = filled(tmp_path, range(10))
    made.ask(contents(range(6, 9)))
    made.commit()
    smaller = store(tmp_path, 4)
    found = smaller.windows(contents(range(10)))
    assert {6, 7, 8} <= set(found.ids.tolist()) and len(found) == 4
    for at, track in enumerate(found.ids):
        assert np.array_equal(found.take(found.windows_of(np.array([at]))), chosen(sound(int(track))))
    assert sum(file.stat().st_size for file in tmp_path.glob("*.f16")) == 4 * SLOT
    assert len(store(tmp_path, 0)) == 0


def test_damaged_slots_are_missing_and_the_others_are_not(tmp_path: Path):
    filled(tmp_path, range(6))
    data = next(tmp_path.glob("*.f16"))
    blob = bytearray(data.read_bytes())
    blob[blob.index(chosen(sound(2)).tobytes()) + 7] ^= 1
    data.write_bytes(blob)
    made = store(tmp_path)
    assert made.windows(contents(range(6))).ids.tolist() == [0, 1, 3, 4, 5]
    assert made.missing(contents(range(6))) == [2]


@pytest.mark.parametrize("rubbish", [b"", b"rubbish", b"\x93NUMPY\x01\x00"])
def test_a_damaged_index_begins_anew(tmp_path: Path, rubbish: bytes, caplog: pytest.LogCaptureFixture):
    filled(tmp_path, range(3))
    next(tmp_path.glob("*.npy")).write_bytes(rubbish)
    made = store(tmp_path)
    assert len(made) == 0 and made.put(1, "hash 1", sound(1))
    caplog.clear()


def test_a_shortened_file_loses_what_it_lost(tmp_path: Path):
    filled(tmp_path, range(3))
    data = next(tmp_path.glob("*.f16"))
    data.write_bytes(data.read_bytes()[: SLOT * 2 + 10])
    assert len(store(tmp_path).windows(contents(range(3)))) == 2


@pytest.mark.parametrize("most", [10, 2])
def test_a_file_that_is_gone_is_made_anew(tmp_path: Path, most: int):
    filled(tmp_path, range(4))
    next(tmp_path.glob("*.f16")).unlink()
    made = store(tmp_path, most)
    assert (len(made), made.free, made.missing(contents(range(4)))) == (0, most, [0, 1, 2, 3])
    assert made.put(1, "hash 1", sound(1)) and len(made.windows(contents(range(4)))) == 1


def test_a_lower_limit_holds_without_the_index(tmp_path: Path):
    filled(tmp_path, range(8))
    next(tmp_path.glob("*.npy")).unlink()
    assert store(tmp_path, 3).free == 3
    assert next(tmp_path.glob("*.f16")).stat().st_size == 3 * SLOT


@pytest.mark.parametrize("limit", [10, 2])
def test_what_stands_in_the_way_costs_windows_only(tmp_path: Path, limit: int, caplog: pytest.LogCaptureFixture):
    filled(tmp_path, range(4))
    data, index = next(tmp_path.glob("*.f16")), next(tmp_path.glob("*.npy"))
    data.unlink()
    data.mkdir()
    made = store(tmp_path, limit)
    assert not made.put(7, "hash 7", sound(7)) and len(made.windows(contents(range(8)))) == 0
    index.unlink()
    index.mkdir()
    store(tmp_path, limit).commit()
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    for folder in (in_the_way, in_the_way / "windows"):
        made = store(folder, limit)
        assert (made.most, made.put(7, "hash 7", sound(7)), len(made.windows(contents(range(8))))) == (0, False, 0)
    assert "no windows are kept" in caplog.text
    caplog.clear()


def test_a_lower_limit_of_many_is_quick(tmp_path: Path):
    """Sorted once: what took half a minute when each of them looked through all the others."""
    made, many = filled(tmp_path, range(1)), 20_000
    index = next(tmp_path.glob("*.npy"))
    row = np.load(index)
    rows = np.repeat(row, many)
    rows["track"] = rows["slot"] = np.arange(many)
    rows["asked"] = np.arange(many) % 7
    np.save(index, rows)
    with next(tmp_path.glob("*.f16")).open("r+b") as stream:
        stream.truncate(many * SLOT)
    begun = time.perf_counter()
    made = store(tmp_path, many // 2)
    assert time.perf_counter() - begun < 3.0
    kept = set(range(many)) - set(made.missing(dict.fromkeys(range(many), "hash 0")))
    assert kept and all(track % 7 > 2 for track in kept)


CHILD = """
import sys, numpy as np
from pathlib import Path
from tests.unit.test_window_store import store, sound
made = store(Path(sys.argv[1]), 8)
print("ready", flush=True)
for turn in range(100_000):
    track = turn % 50
    made.ask({track: f"hash {track}"})
    made.put(track, f"hash {track}", sound(track))
    if turn % 3 == 0:
        made.commit()
"""


def test_killed_while_it_writes(tmp_path: Path):
    """kill -9 at any moment: whatever is still here is what went in."""
    for kill in range(6):
        child = subprocess.Popen([sys.executable, "-c", CHILD, str(tmp_path)], stdout=subprocess.PIPE)
        assert child.stdout is not None and child.stdout.readline() == b"ready\n"
        time.sleep(0.05 + 0.037 * kill)
        child.kill()
        child.communicate()
        found = store(tmp_path, 8).windows(contents(range(50)))
        for at, track in enumerate(found.ids):
            assert np.array_equal(found.take(found.windows_of(np.array([at]))), chosen(sound(int(track))))
        assert not list(tmp_path.glob(".musicdesk-tmp-*"))
    assert len(found) >= 5


FULL = """
import resource, sys
from pathlib import Path
from tests.unit.test_window_store import SLOT, contents, store, sound
resource.setrlimit(resource.RLIMIT_FSIZE, (2 * SLOT + 100,) * 2)
made = store(Path(sys.argv[1]))
print([made.put(track, f"hash {track}", sound(track)) for track in range(4)], made.windows(contents(range(4))).ids)
"""


def test_a_full_disk_costs_windows_only(tmp_path: Path):
    done = subprocess.run([sys.executable, "-c", FULL, str(tmp_path)], capture_output=True, text=True, timeout=60)
    assert done.stdout == "[True, True, False, False] [0 1]\n", done.stderr


def test_numbers_that_are_not_finite_are_refused(tmp_path: Path):
    with pytest.raises(ValueError, match="finite"):
        store(tmp_path).put(1, "x", np.full((2, 6, 8), np.nan, np.float16))


def test_a_part_of_the_windows():
    made = MelWindows.of(np.array([2, 5, 9]), [sound(2, 3), sound(5, 1), sound(9, 2)])
    part = made.only(np.array([0, 2]))
    assert part.ids.tolist() == [2, 9] and part.first.tolist() == [0, 3, 5]
    assert np.array_equal(part.take(np.array([4, 0])), np.stack([sound(9, 2)[1], sound(2, 3)[0]]))
    assert part.at(np.array([9, 5, 2, 100])).tolist() == [1, -1, 0, -1]
    assert part.digest != made.digest != ""
    mean, sd = part.statistics()
    rows = np.concatenate([sound(2, 3), sound(9, 2)]).astype(np.float64).reshape(-1, 8)
    assert mean == pytest.approx(rows.mean(axis=0), abs=1e-6) and sd == pytest.approx(rows.std(axis=0), abs=1e-6)
    assert band_statistics(np.zeros((2, 6, 8), np.float16), np.arange(2))[1].min() > 0
