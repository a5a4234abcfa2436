"""The planted world heard for real: composed and rendered, decoded from files, and learned from. Minutes, so `long`."""

from __future__ import annotations

import os

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from musicdesk.audio.contract import MEMORY_BYTES, deadline_s
from musicdesk.core.killable import Fate, Pool
from musicdesk.core.progress import Silent
from musicdesk.core.types import Vectors
from musicdesk.demo.library import DemoLibrary, make_library
from musicdesk.learning.window_store import chosen
from musicdesk.learning.windows import MelWindows
from musicdesk.recommenders.base import CrowdFitted, TrainingData
from musicdesk.recommenders.content_user import ContentUser
from musicdesk.recommenders.crowd import CrowdPlays
from musicdesk.recommenders.wmf_regression import WmfRegression
from tests.helpers.heard import auc_over, cold, without

TRACKS = 160
DRAWS = 2


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> DemoLibrary:
    return make_library(tmp_path_factory.mktemp("rendered"), TRACKS, processes=os.cpu_count() or 1)


@pytest.fixture(scope="module")
def pictures(library: DemoLibrary) -> list[np.ndarray]:
    found: dict[int, np.ndarray] = {}
    requests = ({"path": os.fspath(path), "place": place} for place, path in enumerate(library.paths))
    with Pool("musicdesk.audio.listen:windows", os.cpu_count() or 1, MEMORY_BYTES) as pool:
        for request, answer in pool.run(requests, deadline_s(None)):
            assert answer.fate is Fate.OK, answer.text
            found[request["place"]] = chosen(answer.arrays["mel"])
    return [found[place] for place in range(len(library.paths))]


def measured(
    model: ContentUser | WmfRegression, library: DemoLibrary, pictures: list[np.ndarray]
) -> tuple[float, float]:
    """(cold AUC, what knowing the truth gives), means over draws of cold artists."""
    world = library.world
    counts, found, oracle = world.counts(), [], []
    for seed in range(DRAWS):
        out = cold(world, seed=seed)
        matrix = csr_matrix(without(counts, out).astype(np.float32))
        ids = np.arange(world.spec.tracks)
        none = np.zeros(len(ids), np.float32)
        crowd = CrowdPlays("demo", lambda matrix=matrix: matrix, ids, world.tracks.artist, none, f"draw {seed}")
        data = TrainingData(
            Vectors(ids, np.eye(len(ids), 4, dtype=np.float32)), crowd=crowd, windows=MelWindows.of(ids, pictures)
        )
        fitted = model.fit(data, seed, Silent())
        assert isinstance(fitted, CrowdFitted)
        found.append(auc_over(fitted.score_crowd(matrix, np.arange(matrix.shape[0])), counts, out))
        oracle.append(auc_over(world.affinity(), counts, out))
    return float(np.mean(found)), float(np.mean(oracle))


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    "model",
    [ContentUser(dim=64), WmfRegression(factors=32, regularization=1.0, width=64)],
    ids=["content_user", "wmf_regression"],
)
def test_cold_songs_are_found_by_sound_that_was_rendered(
    model: ContentUser | WmfRegression, library: DemoLibrary, pictures: list[np.ndarray]
):
    found, oracle = measured(model, library, pictures)
    print(f"{model.name}: cold AUC {found:.3f}, oracle {oracle:.3f}")
    assert found > 0.75 and oracle - found < 0.15, (found, oracle)
