"""Spoiled sound files through the real program: each ends in one state, and nothing else happens."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import SHARED
from tests.faults.mutants import PART, Told, survive
from tests.helpers.mutants import WAYS, mutant, originals

HOSTILE = SHARED / "hostile"
GROWTH_MB = 32  # of the program, in the second half of its work


@pytest.mark.parametrize(("count", "seed"), [(150, 1), pytest.param(20_000, 2, marks=pytest.mark.long)])
def test_spoiled_files_end_in_one_state_and_do_nothing_else(count: int, seed: int, tmp_path: Path) -> None:
    """Heard or failed with a sentence, never both; no connection, nothing written elsewhere, no file changed."""
    total = Told()
    for first in range(0, count, PART):
        others = HOSTILE if HOSTILE.is_dir() else None
        total.add(survive(tmp_path / str(first), min(PART, count - first), seed, others, first))
    assert total.heard + total.ignored + sum(total.reasons.values()) == count
    assert total.heard > count // 5 and sum(total.reasons.values()) > count // 5
    assert total.growth_mb < GROWTH_MB


def test_the_same_seed_spoils_the_same_way(tmp_path: Path) -> None:
    known = originals(tmp_path)
    assert mutant(known, 7, 1) == mutant(known, 7, 1) != mutant(known, 7, 2)
    done = {way for number in range(300) for way in mutant(known, number, 1)[2].split("+")}
    assert done == {way.__name__.strip("_") for way in WAYS}
