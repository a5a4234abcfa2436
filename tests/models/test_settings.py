"""Settings of models as people type them: what nothing can be learned with is refused before any work."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from musicdesk.core.errors import Unusable
from musicdesk.core.progress import Silent
from musicdesk.core.types import Listener, TrackId
from musicdesk.demo.world import WorldSpec, grow
from musicdesk.recommenders.artist import Artist
from musicdesk.recommenders.base import TrainingData
from musicdesk.recommenders.blend import Blend
from musicdesk.recommenders.factors import FactorFitted
from musicdesk.recommenders.item_knn import ItemKnn
from musicdesk.recommenders.registry import configured, models
from musicdesk.recommenders.wmf import Wmf
from tests.models.test_crowd_models import crowd_of


@pytest.fixture(scope="module")
def data() -> TrainingData:
    world = grow(WorldSpec(artists=60, tracks=240, listeners=900, plays_median=0.1))
    return crowd_of(csr_matrix(world.counts().astype(np.float32)))


@pytest.mark.parametrize(
    ("name", "setting"),
    [(name, setting) for name, model in models().items() for setting in type(model).above_0],
)
def test_settings_that_nothing_can_be_learned_with_are_refused_in_a_sentence(name: str, setting: str):
    with pytest.raises(Unusable, match=f"The setting '{setting}' of '{name}' must be above 0"):
        configured(name, {setting: "0"})


NUMBERS = [
    (name, field.name)
    for name, model in models().items()
    for field in fields(type(model))  # type: ignore[arg-type]
    if not field.metadata.get("choices")
]
BEYOND = (
    "1000000000000",
    "1e308",
    1e308,
    float("inf"),
    float("nan"),
    "nan",
    10**400,
    -1,
    "many",
    "1,5",
    True,
    None,
    [1],
)


@pytest.mark.parametrize(("name", "setting"), NUMBERS)
def test_numbers_beyond_all_use_are_refused_before_any_work(name: str, setting: str):
    for value in BEYOND:
        with pytest.raises(Unusable, match=f"setting '{setting}' of '{name}'"):
            configured(name, {setting: value})
    if setting in type(models()[name]).above_0:
        with pytest.raises(Unusable, match=r"must be above 0|must be at least|not a whole number"):
            configured(name, {setting: 1e-300})


def test_factors_that_the_plays_do_not_determine_are_told():
    draw = np.random.default_rng(0)
    plays = csr_matrix(((draw.random((199, 90)) < 0.23) * draw.integers(1, 30, (199, 90))).astype(np.float32))
    model = Wmf(factors=256, regularization=1e-6, iterations=2).fit(crowd_of(plays), 0, Silent())
    assert isinstance(model, FactorFitted)
    with pytest.raises(Unusable, match="do not settle so many factors; raise 'regularization'"):
        model.fold_in(plays)


def test_half_a_vector_is_none():
    with pytest.raises(Unusable, match=r"'2.7' is not a whole number, as the setting 'factors' of 'wmf' needs one"):
        configured("wmf", {"factors": 2.7})
    assert configured("wmf", {"factors": 3.0}) == configured("wmf", {"factors": "3"})


@pytest.mark.parametrize("model", ["wmf", "ease", "item_knn", "crowd_blend"])
def test_every_other_setting_may_be_nothing(data: TrainingData, model: str):
    """What is not refused learns, and scores with numbers."""
    quick = {"factors": 8, "iterations": 2} if model in ("wmf", "crowd_blend") else {}
    made = type(models()[model])
    others = {field.name for field in fields(made)} - set(made.above_0)
    for given in [{}, *({name: 0} for name in sorted(others))]:
        fitted = configured(model, {**quick, **given}).fit(data, 1, Silent())
        scores = fitted.score(Listener(plays={TrackId(101): 2}), np.arange(101, 151))
        assert np.isfinite(scores).all(), given


def test_a_dropout_of_everything_leaves_nothing_to_learn_from():
    for name in ("content_aware", "genre_cf"):
        with pytest.raises(Unusable, match=f"'dropout' of '{name}' must be below 1"):
            configured(name, {"dropout": 1})
    assert configured("wmf", {"eps": 1e-3}) == Wmf(eps=1e-3)
    assert {"factors", "iterations", "eps", "regularization"} <= set(Wmf.above_0) & set(Blend.above_0)
    assert "neighbours" in ItemKnn.above_0 and "factors" in Artist.above_0
