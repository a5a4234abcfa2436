"""The desk: everything a use case needs, wired once and passed on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from musicdesk.catalog.catalog import Catalog
from musicdesk.catalog.connection import Moment, reading_beside
from musicdesk.core import settings as preferences
from musicdesk.core.changes import Changes
from musicdesk.core.errors import NotFound
from musicdesk.core.paths import Profile, default_profile, placed, shipped_models
from musicdesk.core.registry import Registry
from musicdesk.core.settings import Settings
from musicdesk.core.types import Vectors
from musicdesk.encoders.registry import AnyCard, Entry, known

DEFAULT_ENCODER = "ear4"
P = ParamSpec("P")
R = TypeVar("R")


class Desk:
    """One profile, opened. Close it when done; use it from the thread that opened it."""

    def __init__(self, profile: Profile, settings: Settings, catalog: Catalog) -> None:
        self.profile = profile
        self.settings = settings
        self.catalog = catalog
        self._vectors: tuple[int, str, Vectors] | None = None
        self._default_id = ""
        self.memo: dict[str, Any] = {}  # what use cases keep between calls

    @property
    def device(self) -> str:
        return self.settings.device

    @property
    def default_encoder(self) -> str:
        """The name of the encoder that comes with the program."""
        return DEFAULT_ENCODER

    def encoders(self) -> Registry[Entry]:
        """Every encoder: ours, and those in folders of the profile."""
        return known(self.profile.models / "encoders", shipped_models())

    def card(self, name: str | None = None) -> AnyCard:
        """The card of an encoder: the one in use unless named, ours when that has gone. Raises NotFound, Unusable."""
        return self.entry(name).ready()[0]

    def entry(self, name: str | None = None) -> Entry:
        """As `card`, with where the encoder lies."""
        encoders, now = self.encoders(), self.catalog.encoders.in_use()
        if name is None:
            here = now is not None and now.name in encoders and encoders[now.name].encoder_id == now.encoder
            name = now.name if now is not None and here else self.default_encoder
        return encoders[name]

    @property
    def encoder(self) -> str:
        """Id of the encoder in use: its name, its weights' hash and its mel settings'."""
        if (now := self.catalog.encoders.in_use()) is not None:
            return now.encoder
        if not self._default_id:
            self._default_id = self.encoders()[self.default_encoder].ready()[0].encoder_id
        return self._default_id

    def vectors(self) -> Vectors:
        """Embeddings of the encoder in use; read again only after they have changed."""
        key = (self.catalog.sound.stamp(), self.encoder)
        if self._vectors is None or self._vectors[:2] != key:
            self._vectors = (*key, self.catalog.sound.vectors(key[1]))
        return self._vectors[2]

    @property
    def has_vectors(self) -> bool:
        """Whether `vectors` answers at once."""
        return self._vectors is not None and self._vectors[:2] == (self.catalog.sound.stamp(), self.encoder)

    @contextmanager
    def beside(self) -> Iterator[Desk]:
        """The same profile as it is now, for reading in another thread; `adopt` takes over what it has read."""
        with reading_beside(self.profile.catalog) as store:
            made = Desk(self.profile, self.settings, Catalog(store))
            made._vectors = self._vectors  # nobody changes them, and their stamp tells whether they still hold
            yield made

    def adopt(self, other: Desk, since: Moment | None = None) -> None:
        """Takes over what a desk beside this one has read, once it is closed. What was made with the other one, such as
        a model that asks for titles, goes on with this one. `since`: this catalog's moment before that; what holds only
        until something is written is taken over, too, if it is still the same."""
        as_it_is = self.catalog.store.moment() == since
        self._vectors = other._vectors or self._vectors
        self.catalog.feedback.adopt(other.catalog.feedback, as_it_is)
        if as_it_is:
            self.catalog.browse.adopt(other.catalog.browse)
        self.memo.update(other.memo)
        other.catalog, other.memo = self.catalog, self.memo

    def save_settings(self, settings: Settings) -> Changes:
        preferences.save(settings, self.profile.settings)
        self.settings = settings
        return Changes.SETTINGS

    def close(self) -> None:
        self.catalog.close()

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def at_one_moment(work: Callable[Concatenate[Desk, P], R]) -> Callable[Concatenate[Desk, P], R]:
    """For use cases that only read, and read the vectors more than once: a library that is being listened to grows in
    between, and rows of the one reading are no rows of the other."""

    @wraps(work)
    def reading(desk: Desk, /, *args: P.args, **more: P.kwargs) -> R:
        with desk.catalog.store.still():
            return work(desk, *args, **more)

    return reading


def profile_at(folder: Path | None) -> Profile:
    """The profile in `folder`, or the default one. Raises Unusable."""
    return Profile(placed(folder)) if folder else default_profile()


def open_desk(folder: Path | None = None, device: str | None = None) -> Desk:
    """Opens (and at first makes) the profile in `folder`, or the default one.

    `device` overrides the settings for this desk alone. Raises Unusable, CatalogTooNew, CatalogDamaged.
    """
    profile = profile_at(folder).make()
    settings = preferences.load(profile.settings)
    if device:
        if device not in preferences.DEVICES:
            raise NotFound(f"There is no device '{device}'; known are {', '.join(preferences.DEVICES)}.")
        settings = replace(settings, device=device)
    return Desk(profile, settings, Catalog.open(profile.catalog))
