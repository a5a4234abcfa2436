"""The models there are, by name, filled explicitly."""

from __future__ import annotations

import sys
from dataclasses import fields, replace
from typing import Any

from musicdesk.core.errors import NotFound, Unusable
from musicdesk.core.registry import Registry
from musicdesk.recommenders.artist import Artist
from musicdesk.recommenders.autoencoder import Autoencoder
from musicdesk.recommenders.base import Recommender
from musicdesk.recommenders.blend import Blend
from musicdesk.recommenders.content import Content
from musicdesk.recommenders.content_aware import ContentAware
from musicdesk.recommenders.content_user import ContentUser
from musicdesk.recommenders.crowd_blend import CrowdBlend
from musicdesk.recommenders.ease import Ease
from musicdesk.recommenders.genre_cf import GenreCf
from musicdesk.recommenders.item_knn import ItemKnn
from musicdesk.recommenders.neural_cf import NeuralCf
from musicdesk.recommenders.popularity import Popularity
from musicdesk.recommenders.wmf import Wmf
from musicdesk.recommenders.wmf_regression import WmfRegression

DEFAULT = "blend"
USES_CROWD = ("blend", "artist", "genre_cf")  # models that learn from a crowd where there is one, and do without


def models() -> Registry[Recommender]:
    """Every model with its default settings."""
    registry: Registry[Recommender] = Registry("model")
    found: tuple[Recommender, ...] = (
        Blend(),
        Content(),
        Artist(),
        Popularity(),
        Wmf(),
        Ease(),
        ItemKnn(),
        CrowdBlend(),
        WmfRegression(),
        ContentUser(),
        ContentAware(),
        GenreCf(),
        Autoencoder(),
        NeuralCf(),
    )
    for model in found:
        registry.add(model.name, model)
    return registry


def about(model: Recommender) -> str:
    """What a model is and where it comes from: the first paragraph of its file."""
    text = sys.modules[type(model).__module__].__doc__ or ""
    return " ".join(text.split("\n\n")[0].split()).replace("`", "")


def configured(name: str, settings: dict[str, Any]) -> Recommender:
    """The model `name` with `settings` (values may be text, as typed). Raises NotFound or Unusable."""
    model: Any = models()[name]
    known = {f.name: f for f in fields(model)}
    values = {}
    for key, value in settings.items():
        if key not in known:
            raise NotFound(f"The model '{name}' has no setting '{key}'; it has {', '.join(sorted(known))}.")
        if choices := known[key].metadata.get("choices"):
            values[key] = _choice(name, key, value, choices)
        else:
            values[key] = _number(name, key, value, type(getattr(model, key)))
    result: Recommender = replace(model, **values)
    return result


def _number(name: str, key: str, value: Any, kind: Any) -> Any:
    try:
        if isinstance(value, bool):
            raise TypeError  # JSON's true is 1 to Python
        found = kind(value)
        if found != value and kind is int and isinstance(value, float):
            raise ValueError
    except (TypeError, ValueError, OverflowError) as error:
        what = "a whole number" if kind is int else "a number"
        hint = " Decimals are written with a point, 0.05." if "," in str(value) else ""
        said = f"'{str(value)[:30]}' is not {what}, as the setting '{key}' of '{name}' needs one.{hint}"
        raise Unusable(said) from error
    if not 0 <= found < float("inf"):
        raise Unusable(f"The setting '{key}' of '{name}' must be a number from 0 up.")
    return found


def _choice(name: str, key: str, value: Any, choices: tuple[str, ...]) -> str:
    if value not in choices:
        raise Unusable(f"The setting '{key}' of '{name}' is one of {', '.join(choices)}, not '{value}'.")
    return str(value)
