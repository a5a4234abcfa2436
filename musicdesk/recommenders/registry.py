"""The models there are, by name, filled explicitly."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from musicdesk.core.errors import NotFound, Unusable
from musicdesk.core.registry import Registry
from musicdesk.recommenders.base import Recommender
from musicdesk.recommenders.content import Content
from musicdesk.recommenders.popularity import Popularity
from musicdesk.recommenders.wmf import Wmf

DEFAULT = "content"


def models() -> Registry[Recommender]:
    """Every model with its default settings."""
    registry: Registry[Recommender] = Registry("model")
    for model in (Content(), Popularity(), Wmf()):
        registry.add(model.name, model)
    return registry


def configured(name: str, settings: dict[str, Any]) -> Recommender:
    """The model `name` with `settings` (values may be text, as typed). Raises NotFound or Unusable."""
    model: Any = models()[name]
    known = {f.name: getattr(model, f.name) for f in fields(model)}
    values = {}
    for key, value in settings.items():
        if key not in known:
            raise NotFound(f"The model '{name}' has no setting '{key}'; it has {', '.join(sorted(known))}.")
        try:
            values[key] = type(known[key])(value)
        except (TypeError, ValueError) as error:
            raise Unusable(f"'{value}' is not a number, as the setting '{key}' of '{name}' needs one.") from error
        if not 0 <= values[key] < float("inf"):
            raise Unusable(f"The setting '{key}' of '{name}' must be a number from 0 up.")
    result: Recommender = replace(model, **values)
    return result
