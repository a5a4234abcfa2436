"""The two protocols of every model: what you configure (`Recommender`) and what learning gives (`Fitted`)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeAlias, runtime_checkable

import numpy as np

from musicdesk.core.errors import Unusable
from musicdesk.core.progress import Monitor
from musicdesk.core.types import Listener, Reason, TrackId, Vectors
from musicdesk.learning.windows import MelWindows
from musicdesk.recommenders.crowd import CrowdPlays

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

ItemIds: TypeAlias = np.ndarray  # int64 (items,), track ids

ME = "me"  # name of the person at this desk: only to that listener belong plays made elsewhere
SEEDS = "seeds"  # name of a listener made of one request's seed tracks: reasons then do not say "which you like"


@dataclass(frozen=True, eq=False)
class Timeline:
    """The plays that count, one by one, in order of time: tracks int64 (n,), moments float64 (n,) in epoch seconds."""

    tracks: np.ndarray
    moments: np.ndarray


@dataclass(frozen=True, eq=False)
class TrainingData:
    """What a model learns from.

    vectors:  the library's embeddings, ids ascending
    listener: likes, dislikes and plays of the person
    artists:  artist of each track that has one, as tagged
    titles:   title of each track, for reasons; a lazy mapping will do
    genres:   genre of each track that has one, as tagged
    crowd:    what many people played, where there is such a thing
    timeline: the listener's plays with their times, for what is learned from the order of things; None: not asked for
    windows:  log-mel windows of tracks, for models that hear; see `Hears`
    scratch:  a folder of the caller's for checkpoints of a long training; it goes on from what lies there
    device:   what networks train on: auto, cpu, cuda, mps
    """

    vectors: Vectors
    listener: Listener = field(default_factory=Listener)
    artists: Mapping[TrackId, str] = field(default_factory=dict)
    titles: Mapping[TrackId, str] = field(default_factory=dict)
    genres: Mapping[TrackId, str] = field(default_factory=dict)
    crowd: CrowdPlays | None = None
    timeline: Timeline | None = None
    windows: MelWindows | None = None
    scratch: Path | None = None
    device: str = "cpu"

    def digest(self) -> str:
        """sha256 of everything that can change what is learned (titles and the device do not)."""
        total = hashlib.sha256(self.vectors.encoder.encode())
        total.update(np.ascontiguousarray(self.vectors.ids).tobytes())
        total.update(np.ascontiguousarray(self.vectors.matrix).data)
        mine = self.listener
        for part in (mine.liked, mine.disliked, mine.plays, mine.weights, self.artists, self.genres):
            total.update(repr(sorted((int(key), value) for key, value in part.items())).encode())
        if self.crowd:
            total.update(self.crowd.digest.encode())
            links = self.crowd.links
            known = (links.tracks, links.codes, links.mine) if links is not None else ()
            for array in (self.crowd.tracks, self.crowd.artists, self.crowd.mine, *known):
                total.update(np.ascontiguousarray(array).tobytes())
        if self.timeline is not None:
            total.update(self.timeline.tracks.tobytes() + self.timeline.moments.tobytes())
        if self.windows is not None:
            total.update(self.windows.digest.encode())
        return total.hexdigest()


class Recommender(Protocol):
    """A model's configuration."""

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str:
        """A few words for people."""
        ...

    @property
    def needs_crowd(self) -> bool:
        """Whether it learns from what many people played."""
        ...

    def why_not(self, data: TrainingData) -> str | None:
        """A sentence that says why it cannot learn from `data`, before any work; None when it can."""
        ...

    def fit(self, data: TrainingData, seed: int, monitor: Monitor) -> Fitted:
        """Learns. Raises NotReady when there is no vector at all, and Cancelled."""
        ...

    def load(self, folder: Path, data: TrainingData) -> Fitted:
        """What `Fitted.save` wrote, over the library as it is now.

        Raises NotFound, or Unusable when the files are damaged or belong to another encoder or model.
        """
        ...

    def parameters(self) -> dict[str, Any]:
        """The settings, as kept with a run."""
        ...


# The most that a setting may be: beyond it memory runs out, or years go by, and no model gets better. A name means
# the same in every model; what is not named is a weight.
MOST = {
    "factors": 8_192,
    "dim": 2_048,
    "width": 4_096,
    "hidden": 4_096,
    "words": 8_192,
    "iterations": 1_000,
    "epochs": 10_000,
    "patience": 10_000,
    "starts": 100,
    "batch": 1_000_000,
    "negatives": 1_000,
    "neighbours": 10_000,
    "groups": 1_000,
    "least": 1_000_000,
    "exact": 50_000,
    "most": 1_000_000,
    "listeners": 10_000_000,
    "heavy": 10,
    "played": 10,
    "target": 10,
    "artist": 1,
    "leak": 1,
    "weight": 1,
}
MOST_WEIGHT = 1_000_000
LEAST_REAL = 1e-6  # of what is to be above 0: numbers of single precision are divided by it


@dataclass(frozen=True)
class Model:
    """What configurations of all models have alike: fields are the settings, the words belong to the class.

    Raises Unusable for settings that nothing could be learned with.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    needs_crowd: ClassVar[bool] = False
    above_0: ClassVar[tuple[str, ...]] = ()  # settings that cannot be 0; none is ever below
    below_1: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        for name in self.above_0:
            if getattr(self, name) <= 0:
                raise Unusable(f"The setting '{name}' of '{self.name}' must be above 0.")
            if getattr(self, name) < LEAST_REAL:
                raise Unusable(f"The setting '{name}' of '{self.name}' must be at least {LEAST_REAL:f}.")
        for name in self.below_1:
            if getattr(self, name) >= 1:
                raise Unusable(f"The setting '{name}' of '{self.name}' must be below 1.")
        for name, value in asdict(self).items():
            most = MOST.get(name, MOST_WEIGHT)
            if not isinstance(value, str) and not value <= most:
                raise Unusable(f"The setting '{name}' of '{self.name}' can be {most:,} at most.")

    def parameters(self) -> dict[str, Any]:
        return asdict(self)


class Fitted(Protocol):
    """A learned model."""

    def score(self, listener: Listener, items: ItemIds) -> np.ndarray:
        """float32 (items,), finite, higher is better; only the order means something across models."""
        ...

    def explain(self, listener: Listener, item: TrackId) -> list[Reason]:
        """Why `item` scores as it does: computed from the score's own parts, shares >= 0 that sum to 1."""
        ...

    def save(self, folder: Path) -> None:
        """Writes safetensors and JSON into the existing `folder`; never pickle."""
        ...


@runtime_checkable
class CrowdFitted(Protocol):
    """A learned model that can also speak to the listeners of a crowd."""

    def score_crowd(self, plays: csr_matrix, members: np.ndarray | None = None) -> np.ndarray:
        """float32 (rows, songs), finite, higher is better: every song of the crowd for each row's listener.

        plays:   CSR (rows, songs), what each of them has played; taken in by fold-in, without training
        members: int64 (rows,), their rows in the crowd that was learned from, for models that keep a vector
                 for each listener; None, or -1, for listeners who were not there
        """
        ...


@runtime_checkable
class Figured(Protocol):
    """A learned model that measured a part of itself while it learned, on tracks that it kept apart."""

    def figures(self) -> dict[str, Any]:
        """Kept with the run's metrics; fit for JSON."""
        ...


@runtime_checkable
class Hears(Protocol):
    """A model's configuration that learns from windows of sound: `TrainingData.windows` is filled for it."""

    def listens_to(self, data: TrainingData) -> ItemIds:
        """int64 (k,): the tracks whose windows it learns from, the most needed first; others' are a bonus."""
        ...


NO_CROWD = "It learns from what many people play; import a crowd first: musicdesk import --crowd NAME PATH."


UNHEARD = "No track has been listened to yet; run 'musicdesk analyze' first."


def one_of(*choices: str) -> Any:
    """A setting that is one of these words; the first is the default."""
    return field(default=choices[0], metadata={"choices": choices})


def title_of(titles: Mapping[TrackId, str], track: TrackId) -> str:
    return titles.get(track) or f"track {track}"
