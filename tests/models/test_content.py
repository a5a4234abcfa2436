"""Content: agreement among likes, reasons that are the score, and what is kept on disk."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from musicdesk.core.errors import Cancelled, NotFound, NotReady, Unusable
from musicdesk.core.progress import Silent
from musicdesk.core.types import Listener, TrackId, Vectors
from musicdesk.recommenders.base import SEEDS, TrainingData
from musicdesk.recommenders.content import Content, ContentFitted
from musicdesk.recommenders.registry import configured, models
from musicdesk.recommenders.seeds import grouped, liked


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)


def library(n: int = 400, dim: int = 32, seed: int = 0) -> Vectors:
    rows = unit(np.random.default_rng(seed).normal(size=(n, dim)))
    return Vectors(np.arange(10, 10 + n, dtype=np.int64), rows, "test")


def fitted(vectors: Vectors, config: Content | None = None, **more: object) -> ContentFitted:
    return (config or Content()).fit(TrainingData(vectors, **more), 0, Silent())  # type: ignore[arg-type]


def likes(*tracks: int) -> Listener:
    return Listener(liked={TrackId(track): 1.0 for track in tracks})


def with_rows(vectors: Vectors, *rows: np.ndarray) -> Vectors:
    matrix = np.concatenate([vectors.matrix, unit(np.stack(rows))])
    return Vectors(np.arange(10, 10 + len(matrix), dtype=np.int64), matrix, vectors.encoder)


def test_agreement_beats_the_average() -> None:
    """Planted: one item near all three likes, another the twin of one. The mean of cosines prefers the twin."""
    base = library(2_000)
    a, b, c = np.eye(32)[:3]
    vectors = with_rows(base, a, b, c, 0.42 * (a + b + c) + 0.7 * np.eye(32)[5], a + 0.02 * np.eye(32)[7])
    one, two, three, agreed, twin = (int(i) for i in vectors.ids[-5:])
    listener = likes(one, two, three)
    score = dict(zip((agreed, twin), fitted(vectors).score(listener, np.array([agreed, twin])), strict=True))
    assert score[agreed] > score[twin]

    mean_like = vectors.matrix[-5:-2].mean(axis=0)
    twin_mean, agreed_mean = vectors.matrix[-1] @ mean_like, vectors.matrix[-2] @ mean_like
    ratio = float(agreed_mean / twin_mean)
    assert ratio < 1.5  # by the average the two are close; by agreement they are not
    assert score[agreed] / score[twin] > ratio


def test_a_hub_among_the_likes_says_little() -> None:
    """A like that is near everything must not carry what is near to it: its voice is standardised."""
    rng = np.random.default_rng(3)
    common = np.eye(32)[0]
    rows = unit(2.0 * common + rng.normal(size=(1_000, 32)) * 0.4)
    vectors = Vectors(np.arange(1_000), rows, "test")
    hub = int(np.argmax(rows @ rows.mean(axis=0)))
    scores = fitted(vectors).score(likes(hub), vectors.ids)
    raw = rows @ rows[hub]
    assert np.median(raw) > 0.5  # everything sounds like the hub
    others = np.delete(scores, hub)
    assert abs(float(np.median(others))) < 0.2  # and yet the middle of the library stands near 0


def test_dislikes_subtract_and_only_near_themselves() -> None:
    vectors = library()
    model = fitted(vectors)
    before = model.score(likes(10), vectors.ids)
    listener = Listener(liked={TrackId(10): 1.0}, disliked={TrackId(11): 1.0})
    after = model.score(listener, vectors.ids) * 2  # weights are halved by the second seed
    near = vectors.matrix @ vectors.matrix[1]
    change = after - before
    assert change[1] < -0.5
    assert np.corrcoef(near[near > 0.2], change[near > 0.2])[0, 1] < -0.9
    assert abs(change[near < 0]).max() < 0.05


def test_plays_are_weak_likes() -> None:
    vectors = library()
    one_like = Listener(liked={TrackId(10): 1.0}, plays={TrackId(11): 1_000})
    scores = fitted(vectors).score(one_like, np.array([10, 11]))
    assert scores[0] > scores[1] > 0
    many = Listener(liked={TrackId(10): 1.0}, plays={TrackId(i): 50 for i in range(11, 111)})
    seeds = liked(many, vectors, 0.3)
    assert seeds.weights.sum() == pytest.approx(2.0, abs=1e-5)  # a hundred played tracks weigh one like together
    assert seeds.weights[1:].max() < 0.05


def test_score_is_the_same_for_parts_of_the_library() -> None:
    vectors = library()
    model = fitted(vectors)
    listener = likes(10, 20, 30)
    whole = model.score(listener, vectors.ids)
    part = model.score(listener, np.array([399, 12, 50_000, 15]))
    assert part[[0, 1, 3]] == pytest.approx(whole[[389, 2, 5]], abs=1e-6)
    assert part[2] == -1.0  # no vector
    assert np.isfinite(whole).all() and whole.dtype == np.float32
    assert (model.score(Listener(), vectors.ids) == 0).all()
    assert len(model.score(listener, np.empty(0, np.int64))) == 0


def test_reasons_are_the_parts_of_the_score() -> None:
    vectors = library()
    model = fitted(vectors, titles={TrackId(i): f"Song {i}" for i in range(10, 410)})
    listener = Listener(
        liked={TrackId(i): 1.0 for i in (10, 11)}, disliked={TrackId(12): 1.0}, plays={TrackId(13): 5, TrackId(10): 2}
    )
    for item in (TrackId(100), TrackId(10), TrackId(12)):
        reasons = model.explain(listener, item)
        assert sum(reason.share for reason in reasons) == pytest.approx(1.0, abs=1e-5)
        assert all(0 <= reason.share <= 1 for reason in reasons)
    assert model.explain(listener, TrackId(10))[0].text == "you like it"
    assert model.explain(listener, TrackId(12))[0].text == "held back: near 'Song 12', which you dislike"
    assert "you play it" in [reason.text for reason in model.explain(listener, TrackId(13))]
    twin = fitted(Vectors(np.arange(10, 12), vectors.matrix[[0, 0]], "test"), titles={TrackId(10): "Song 10"})
    assert [reason.text for reason in twin.explain(likes(10), TrackId(11))] == []  # two tracks: nothing stands out
    played = Listener(plays={TrackId(13): 5})
    near = TrackId(int(vectors.ids[np.argsort(-(vectors.matrix @ vectors.matrix[3]))[1]]))
    assert model.explain(played, near)[0].text == "near 'Song 13', which you play"
    seeds = Listener(SEEDS, {TrackId(10): 1.0})
    assert model.explain(seeds, TrackId(10))[0].text == "near 'Song 10'"
    assert model.explain(listener, TrackId(9_999)) == []
    assert model.explain(Listener(), TrackId(10)) == []


def test_signed_shares_rebuild_the_score() -> None:
    """With as few seeds as reasons, the shares times what was said in all give the score itself."""
    vectors = library()
    model = fitted(vectors)
    listener = Listener(liked={TrackId(10): 1.0, TrackId(11): 2.0}, disliked={TrackId(12): 1.0})
    item = TrackId(50)
    alone = [
        float(model.score(Listener(liked={TrackId(10): 1.0}), np.array([item]))[0]) * 1.0,
        float(model.score(Listener(liked={TrackId(11): 1.0}), np.array([item]))[0]) * 2.0,
        float(model.score(Listener(disliked={TrackId(12): 1.0}), np.array([item]))[0]) * 1.0,
    ]
    assert sum(alone) / 4 == pytest.approx(float(model.score(listener, np.array([item]))[0]), abs=1e-6)
    shares = {reason.track: reason.share for reason in model.explain(listener, item)}
    for track, part in zip((10, 11, 12), alone, strict=True):
        share = abs(part) / sum(map(abs, alone))
        assert shares.get(TrackId(track), 0.0) == pytest.approx(share, abs=1e-5)


def test_many_likes_are_grouped_and_every_taste_keeps_a_voice() -> None:
    rng = np.random.default_rng(5)
    big = unit(np.eye(32)[0] + 0.05 * rng.normal(size=(300, 32)))
    small = unit(np.eye(32)[1] + 0.05 * rng.normal(size=(3, 32)))
    vectors = with_rows(library(), *big, *small)
    listener = likes(*range(410, 713))
    model = fitted(vectors)
    groups = grouped(liked(listener, vectors, 0.3), vectors.matrix, 16)
    assert len(groups.weights) <= 16
    assert groups.weights == pytest.approx([len(members) ** 0.5 for members in groups.members])
    assert sum(len(members) for members in groups.members) == 303
    scores = model.score(listener, vectors.ids)
    assert scores[-3:].min() > np.quantile(scores[:400], 0.99)
    reasons = model.explain(listener, TrackId(420))
    assert "like it" in reasons[0].text
    assert sum(reason.share for reason in reasons) == pytest.approx(1.0, abs=1e-5)


def test_identical_vectors_and_one_track_stay_finite() -> None:
    same = Vectors(np.arange(5), np.tile(unit(np.ones(8)), (5, 1)), "test")
    assert np.isfinite(fitted(same).score(likes(0, 1), same.ids)).all()
    one = Vectors(np.arange(1), unit(np.ones((1, 8))), "test")
    assert np.isfinite(fitted(one).score(likes(0), one.ids)).all()


def test_why_not_speaks_before_the_work() -> None:
    empty = Vectors(np.empty(0, np.int64), np.empty((0, 0), np.float32))
    assert "analyze" in str(Content().why_not(TrainingData(empty)))
    assert "like three" in str(Content().why_not(TrainingData(library())))
    assert Content().why_not(TrainingData(library(), likes(10))) is None
    with pytest.raises(NotReady):
        fitted(empty)
    stopped = Silent()
    stopped.stop.set()
    with pytest.raises(Cancelled):
        Content().fit(TrainingData(library()), 0, stopped)


def test_what_is_kept_scores_the_same(tmp_path: Path) -> None:
    vectors = library()
    model = fitted(vectors, Content(saturation=3.0))
    model.save(tmp_path)
    again = Content().load(tmp_path, TrainingData(vectors))
    assert again.config.saturation == 3.0
    assert np.array_equal(model.score(likes(10), vectors.ids), again.score(likes(10), vectors.ids))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.json", "model.safetensors"]


def test_a_damaged_or_foreign_model_is_refused(tmp_path: Path) -> None:
    vectors = library()
    fitted(vectors).save(tmp_path)
    with pytest.raises(Unusable, match="another encoder"):
        Content().load(tmp_path, TrainingData(Vectors(vectors.ids, vectors.matrix, "other")))
    with pytest.raises(Unusable, match="another kind"):
        models()["popularity"].load(tmp_path, TrainingData(vectors))
    head = tmp_path / "model.json"
    whole = head.read_text()
    head.write_text(json.dumps({**json.loads(whole), "encoder": "other"}))
    with pytest.raises(Unusable, match="damaged"):
        Content().load(tmp_path, TrainingData(vectors))
    head.write_text(whole)
    body = bytearray((tmp_path / "model.safetensors").read_bytes())
    body[len(body) // 2] ^= 1
    (tmp_path / "model.safetensors").write_bytes(body)
    with pytest.raises(Unusable, match="damaged"):
        Content().load(tmp_path, TrainingData(vectors))
    head.unlink()
    with pytest.raises(NotFound):
        Content().load(tmp_path, TrainingData(vectors))


def test_settings_come_as_typed() -> None:
    model = configured("content", {"saturation": "3", "groups": "4"})
    assert model.parameters() == {**Content().parameters(), "saturation": 3.0, "groups": 4}
    with pytest.raises(NotFound, match="did you mean 'content'"):
        configured("contend", {})
    with pytest.raises(NotFound, match="no setting 'factors'"):
        configured("content", {"factors": 3})
    for bad in ({"saturation": "high"}, {"saturation": -1}, {"saturation": 0}, {"leak": "nan"}):
        with pytest.raises(Unusable):
            configured("content", bad)


def test_digest_moves_with_what_matters() -> None:
    vectors = library(20)
    base = TrainingData(vectors, likes(10)).digest()
    assert base == TrainingData(library(20), likes(10), titles={TrackId(10): "x"}).digest()
    assert base != TrainingData(vectors, likes(11)).digest()
    assert base != TrainingData(library(20, seed=1), likes(10)).digest()
