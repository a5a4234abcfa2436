"""The autoencoder: linear it is PCA, curved it unfolds; trained beside others as alone; its neighbours recommend."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from musicdesk.core.errors import NotReady, Unusable
from musicdesk.core.progress import Curves, Silent
from musicdesk.core.types import Listener, TrackId, Vectors
from musicdesk.learning.autoencoder import AutoencoderSpec, is_degenerate, learn_beside
from musicdesk.recommenders.autoencoder import LEAST, LOWEST, Autoencoder, AutoencoderFitted
from musicdesk.recommenders.base import TrainingData
from musicdesk.recommenders.registry import configured
from musicdesk.space.pca import pca
from musicdesk.space.trust import trustworthiness

NONE = np.zeros((1, 0, 8), np.float32)
TRACKS = 240


def spread(n: int = 200, seed: int = 0) -> np.ndarray:
    """float32 (1, n, 8), standardised, with directions of very different strength."""
    draw = np.random.default_rng(seed)
    mixed = draw.normal(size=(n, 8)) * np.array([3, 2, 1.5, 0.8, 0.5, 0.4, 0.3, 0.2]) @ draw.normal(size=(8, 8))
    return ((mixed - mixed.mean(axis=0)) / mixed.std(axis=0)).astype(np.float32)[None]


def test_without_activations_it_is_pca() -> None:
    """Baldi and Hornik 1989: a linear autoencoder's optimum is the space of the first principal components."""
    data = spread()
    spec = AutoencoderSpec(code="linear", linear=True, penalty=0.0, epochs=60, batch=20, rate=1e-2, cosine=True)
    learned = learn_beside(data, NONE, spec, 0, Silent())
    kept = data[0] - data[0].mean(axis=0)
    scores = pca(kept, 3)
    left = float(np.square(kept).sum() - np.square(scores).sum()) / kept.size
    assert left <= learned.train[0, -1] + 1e-6
    assert learned.train[0, -1] == pytest.approx(left, abs=1e-3)
    code = learned.codes(data[0])[0]
    rebuilt = np.linalg.lstsq(np.column_stack([scores, np.ones(len(scores))]), code, rcond=None)[0]
    assert np.abs(np.column_stack([scores, np.ones(len(scores))]) @ rebuilt - code).max() < 0.15  # the same space


def test_a_curved_manifold_is_unfolded() -> None:
    draw = np.random.default_rng(3)
    inner = draw.normal(size=(300, 3))
    bent = np.tanh(inner @ draw.normal(size=(3, 30)) * 1.5) + 0.05 * draw.normal(size=(300, 30))
    data = ((bent - bent.mean(axis=0)) / bent.std(axis=0)).astype(np.float32)
    spec = AutoencoderSpec(code="leaky", penalty=1e-3, epochs=100, rate=4e-3, cosine=True)
    code = learn_beside(data[None], np.zeros((1, 0, 30)), spec, 1, Silent()).codes(data)[0]
    assert trustworthiness(inner, code) > max(0.95, trustworthiness(inner, pca(data)))


def test_networks_beside_each_other_do_not_touch() -> None:
    data = np.concatenate([spread(seed=1), spread(seed=2)])
    spec = AutoencoderSpec(epochs=3)
    whole = learn_beside(data, data[:, :50], spec, 0, Silent())
    other = learn_beside(np.concatenate([data[:1], spread(seed=9)]), data[:, :50], spec, 0, Silent())
    assert np.array_equal(whole.train[0], other.train[0]) and not np.array_equal(whole.train[1], other.train[1])
    assert whole.validation.shape == (2, 3) and whole.codes(data).shape == (2, 200, 3)


def test_each_epoch_draws_its_curves() -> None:
    watch = Curves(Silent())
    learn_beside(spread(), spread()[:, :40], AutoencoderSpec(epochs=4), 0, watch)
    assert set(watch.points) == {"loss", "error 0", "validation error 0"}
    assert [step for step, _ in watch.points["loss"]] == [1, 2, 3, 4]
    assert watch.points["error 0"][-1][1] < watch.points["error 0"][0][1]


PROGRAM = """
import sys
from pathlib import Path
from tests.models.test_autoencoder import killed_course
killed_course(Path(sys.argv[1]))
"""


def killed_course(folder: Path | None) -> list[float]:
    spec = AutoencoderSpec(epochs=80, batch=64)
    return learn_beside(spread(1_000), spread(1_000)[:, :100], spec, 5, Silent(), folder).losses.tolist()


def test_killed_in_the_middle_it_comes_to_the_same_loss(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(tmp_path)], cwd=Path(__file__).resolve().parents[2])
    until = time.monotonic() + 120
    while not list(tmp_path.glob("epoch-*.safetensors")) and time.monotonic() < until:
        time.sleep(0.02)
    time.sleep(0.1)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert process.returncode == -signal.SIGKILL, "it was too quick to be killed"
    assert killed_course(tmp_path) == killed_course(None)


def test_a_loss_that_is_no_number_stops_with_a_sentence(tmp_path: Path) -> None:
    wild = AutoencoderSpec(epochs=50, rate=1e30)
    with pytest.raises(Unusable, match="no longer a number"):
        learn_beside(spread(), NONE, wild, 0, Silent(), tmp_path)


def test_a_dead_code_is_noticed() -> None:
    crushing = AutoencoderSpec(penalty=100.0, epochs=3)
    assert is_degenerate(learn_beside(spread(), NONE, crushing, 0, Silent()).codes(spread()[0])[0])


# The recommender


def library() -> Vectors:
    """Unit vectors of 240 tracks in six clusters."""
    draw = np.random.default_rng(0)
    centres = draw.normal(size=(6, 16))
    points = centres[np.arange(TRACKS) % 6] + 0.25 * draw.normal(size=(TRACKS, 16))
    rows = (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)
    return Vectors(np.arange(1, TRACKS + 1), rows, "test")


QUICK = Autoencoder(epochs=15, starts=2)
FANS = Listener(
    liked={TrackId(1): 1.0, TrackId(7): 1.0}, disliked={TrackId(2): 1.0}
)  # the first cluster, not the second


@pytest.fixture(scope="module")
def fitted() -> AutoencoderFitted:
    return QUICK.fit(TrainingData(library(), FANS, titles={TrackId(1): "One"}), 0, Silent())


def test_tracks_of_the_liked_cluster_come_first_and_of_the_disliked_last(fitted: AutoencoderFitted) -> None:
    ids = library().ids
    scores = fitted.score(FANS, ids)
    assert scores.dtype == np.float32 and np.isfinite(scores).all() and np.abs(scores).max() < 1.0
    ranked = ids[np.argsort(-scores)]
    assert (ranked[:20] % 6 == 1).mean() > 0.8
    assert ids[np.argmin(scores)] % 6 == 2
    assert (fitted.score(Listener(), ids) == 0).all()
    assert fitted.score(FANS, np.array([1, 9_999]))[1] == LOWEST


def test_within_the_radius_a_seed_speaks_with_full_voice(fitted: AutoencoderFitted) -> None:
    one = Listener(liked={TrackId(1): 1.0})
    scores = fitted.score(one, library().ids)
    away = np.linalg.norm(fitted.code - fitted.code[0], axis=1)
    assert (scores[away <= QUICK.radius] == 1.0).all() and (scores[away > QUICK.radius * 1.01] < 1.0).all()
    order = np.argsort(away, kind="stable")
    assert (np.diff(scores[order]) <= 1e-6).all()


def test_reasons_are_the_scores_own_parts(fitted: AutoencoderFitted) -> None:
    for item in (TrackId(13), TrackId(2), TrackId(1)):
        reasons = fitted.explain(FANS, item)
        assert sum(reason.share for reason in reasons) == pytest.approx(1.0, abs=1e-5)
    assert fitted.explain(FANS, TrackId(1))[0].text == "you like it"
    assert "'One'" in " ".join(reason.text for reason in fitted.explain(FANS, TrackId(13)))
    assert fitted.explain(FANS, TrackId(8))[0].text.startswith("held back")
    assert fitted.explain(Listener(), TrackId(1)) == [] and fitted.explain(FANS, TrackId(9_999)) == []


def test_what_was_saved_scores_the_same(fitted: AutoencoderFitted, tmp_path: Path) -> None:
    fitted.save(tmp_path)
    again = QUICK.load(tmp_path, TrainingData(library(), FANS))
    assert np.array_equal(again.score(FANS, library().ids), fitted.score(FANS, library().ids))
    other = replace(library(), encoder="another")
    with pytest.raises(Unusable, match="another encoder"):
        QUICK.load(tmp_path, TrainingData(other))
    with pytest.raises(Unusable, match="another size"):
        QUICK.load(tmp_path, TrainingData(Vectors(np.array([1]), np.ones((1, 3), np.float32), "test")))


def test_it_says_what_it_needs() -> None:
    few = Vectors(np.arange(1, LEAST), library().matrix[: LEAST - 1], "test")
    assert "at least 50" in str(Autoencoder().why_not(TrainingData(few, FANS)))
    with pytest.raises(NotReady):
        QUICK.fit(TrainingData(few), 0, Silent())
    assert "like three" in str(Autoencoder().why_not(TrainingData(library())))
    assert Autoencoder().why_not(TrainingData(library(), FANS)) is None
    with pytest.raises(Unusable, match="radius"):
        configured("autoencoder", {"radius": 0})
