"""Words on a picture of points: beside what they name, apart from each other, over no points they would hide."""

from __future__ import annotations

import numpy as np
import pytest

from musicdesk.space.placing import EDGE, Wanted, placed


def box(words: Wanted, left: float, top: float) -> tuple[float, float, float, float]:
    return left, top, left + words.width, top + words.height


def covers(one: tuple[float, float, float, float], seen: np.ndarray) -> int:
    across = np.maximum(np.maximum(one[0] - seen[:, 0], seen[:, 0] - one[2]), 0)
    down = np.maximum(np.maximum(one[1] - seen[:, 1], seen[:, 1] - one[3]), 0)
    return int((np.hypot(across, down) < seen[:, 2] - 1e-6).sum())


@pytest.mark.parametrize("n", [1, 40, 400])
def test_titles_overlap_nothing(n: int) -> None:
    rng = np.random.default_rng(n)
    seen = np.column_stack([rng.uniform(0, 900, n), rng.uniform(0, 600, n), rng.uniform(3, 12, n)])
    wanted = [Wanted(x, y, rng.uniform(40, 160), 16, radius + 4) for x, y, radius in seen.tolist()]
    found = placed(wanted, seen, 900, 600)
    assert len(found) >= min(n, 8)
    boxes = [box(wanted[place.index], place.left, place.top) for place in found]
    for at, one in enumerate(boxes):
        assert one[0] >= EDGE and one[2] <= 900 - EDGE and one[1] >= EDGE and one[3] <= 600 - EDGE
        assert covers(one, seen) == 0, "not even the point it names"
        for other in boxes[:at]:
            assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        words = wanted[found[at].index]
        near = np.hypot(max(one[0] - words.x, words.x - one[2], 0), max(one[1] - words.y, words.y - one[3], 0))
        assert near <= words.gap + 2, "it stands beside its point"


def test_a_region_writes_outside_its_points_with_a_line_to_them() -> None:
    rng = np.random.default_rng(3)
    seen = np.column_stack([rng.normal(300, 18, 200), rng.normal(200, 18, 200), np.full(200, 4.0)])
    [place] = placed([Wanted(300, 200, 90, 18, roams=True)], seen, 600, 400)
    assert place.away and covers((place.left, place.top, place.left + 90, place.top + 18), seen) == 0
    [free] = placed([Wanted(80, 60, 90, 18, roams=True)], seen, 600, 400)
    assert not free.away and (free.left, free.top) == (35, 51)


def test_many_points_are_counted_on_a_grid_and_what_finds_no_place_is_left_out() -> None:
    rng = np.random.default_rng(4)
    seen = np.column_stack([rng.uniform(0, 600, 20_000), rng.uniform(0, 400, 20_000), np.full(20_000, 2.0)])
    assert placed([Wanted(300, 200, 90, 18, roams=True)], seen, 600, 400) == []
    assert len(placed([Wanted(300, 200, 90, 18, roams=True, allowed=400)], seen, 600, 400)) == 1
    seen = seen[seen[:, 0] < 250]
    [place] = placed([Wanted(252, 200, 90, 18, roams=True)], seen, 600, 400)
    assert place.left > 246, "where the points end"


def test_the_first_has_the_better_place() -> None:
    both = [Wanted(100, 100, 60, 16, 6), Wanted(102, 101, 60, 16, 6)]
    found = placed(both, np.array([[100, 100, 4.0]]), 300, 200)
    assert found[0].index == 0 and found[0].left == 106 and len(found) == 2 and found[1].left < 100
