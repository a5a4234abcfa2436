"""Layers of the map: what each point's colour and size can mean. No Qt; the window, `map --png` and HTML share it.

    layers(desk)                       -> Registry[Layer]: names, titles, and whether it is a number (then also a size)
    paint(desk, "genre", ids, dark)    -> Painted(colours uint8 (n, 4), codes int64 (n,), legend)
    measure(desk, "plays", ids)        -> Sized(sizes float32 (n,), title, steps)

`codes` are rows of `legend.entries`, which part the points, so that a filter is `np.isin(codes, chosen)`. A legend of
numbers also has a `ramp` from `low` to `high`; `legend.note` says why nothing is known where that is so.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from musicdesk.core.errors import NotFound, Unusable
from musicdesk.core.genres import same_spelling
from musicdesk.core.registry import Registry
from musicdesk.core.rows import spread
from musicdesk.core.types import Vectors
from musicdesk.space import palette
from musicdesk.space.layers import UNKNOWN, Painted, Scale, Sized, by_category, by_choice, by_number, sizes
from musicdesk.workflows.axes import LAYER, layer_values
from musicdesk.workflows.desk import at_one_moment
from musicdesk.workflows.sounds_like import strongest_genres, tag_names, voices

if TYPE_CHECKING:
    from musicdesk.catalog.axes import Axis
    from musicdesk.workflows.desk import Desk

DAY_S = 86_400.0
BY_QUARTERS = (25.0, 50.0, 75.0)  # per cent
PLAIN = "none"  # a size for those who want none
AUTO = "auto"  # a colour: the layer that tells most of this library
SCORE_OF = "score-"  # how the layer of a model's scores is called
FEW = 12  # points of which any layer tells all
ALIKE = 0.8  # share of the points that may have one hue, or another layer tells more
TELLS = 0.4  # share of the points that must have a hue of their own, or another layer tells more


@dataclass(frozen=True)
class Layer:
    """read:    values of points `ids` int64 (n,): float64 (n,), nan unknown, where there is a `scale`, else labels
    choices: labels that are known beforehand, with their colours; unknown: what any other is called
    note:    what is said when nothing is known of any point
    """

    name: str
    title: str
    read: Callable[[Desk, np.ndarray], np.ndarray | list[str]]
    scale: Scale | None = None
    choices: tuple[tuple[str, palette.Rgb], ...] = ()
    unknown: str = UNKNOWN
    note: str = ""

    @property
    def is_number(self) -> bool:
        return self.scale is not None


def paint(desk: Desk, name: str, ids: np.ndarray, dark: bool = True, trust: np.ndarray | None = None) -> Painted:
    """Colours of the points `ids`, int64 (n,), by a layer; with 'auto' by the one that tells most. Raises NotFound for
    an unknown one.

    trust: float (n,) in 0..1, of the points on a map that is not the one shown
    """
    layer = layers(desk)[telling(desk, ids) if name == AUTO else name]
    name = layer.name
    values = layer.read(desk, ids) if trust is None or name != "trust" else 100.0 * trust
    if layer.scale is not None:
        painted = by_number(np.asarray(values, np.float64), layer.scale, layer.title, dark)
        nothing = not painted.legend.continuous
    else:
        labels = [str(value) for value in values]
        if layer.choices:
            painted = by_choice(labels, layer.choices, layer.title, dark, layer.unknown)
        else:
            painted = by_category(labels, layer.title, dark)
        nothing = not any(labels)
    note = layer.note if nothing and len(ids) else ""
    return replace(painted, legend=replace(painted.legend, note=note))


def measure(desk: Desk, name: str, ids: np.ndarray) -> Sized:
    """Sizes of the points `ids` by a layer of numbers, or all usual by 'none'. Raises NotFound for any other."""
    if name == PLAIN:
        return Sized(np.ones(len(ids), np.float32), "", ())
    layer = layers(desk)[name]
    if layer.scale is None:
        known = ", ".join(other for other, entry in layers(desk).items() if entry.is_number)
        raise NotFound(f"'{name}' is no number, so it has no size; numbers are {known}.")
    return sizes(np.asarray(layer.read(desk, ids), np.float64), layer.scale, layer.title)


def telling(desk: Desk, ids: np.ndarray) -> str:
    """The layer to begin with: genres, else artists, where the frequent ones name enough of the points `ids`; else
    tempo, which every analysed track has. A map of one colour, or a grey one, says nothing."""
    for name in ("genre", "artist"):
        counts = Counter(label for label in _tag(name, desk, ids) if label)
        named = sum(count for _label, count in counts.most_common(len(palette.HUES)))
        most = max(counts.values(), default=0)
        if named >= TELLS * max(len(ids), 1) and (most <= ALIKE * len(ids) or len(ids) < FEW):
            return name
    return "tempo"


def layers(desk: Desk) -> Registry[Layer]:
    """All layers, in the order they are offered; more where the encoder in use tells tags, for the score of every
    trained model, and for every axis that was named."""
    from musicdesk.recommenders.registry import models

    found: Registry[Layer] = Registry("layer")
    for layer in LAYERS:
        found.add(layer.name, layer)
    kinds = {kind for _name, kind in tag_names(desk)}
    for kind, layer in _TOLD.items():
        if kind in kinds:
            found.add(layer.name, layer)
    for model in dict.fromkeys(run.model for run in desk.catalog.runs.all()):
        title = f"Score: {models()[model].title}" if model in models() else f"Score of {model}"
        score = replace(_SCORE, name=f"{SCORE_OF}{model}", title=title, read=partial(_score_of, model), note=_NO_SCORE)
        found.add(score.name, score)
    for axis in desk.catalog.axes.all():
        found.add(f"{LAYER}{axis.id}", _of_axis(axis))
    return found


def check(desk: Desk, name: str) -> None:
    """Raises NotFound for an unknown layer, Unusable for the score of a run that cannot be used any more."""
    from musicdesk.workflows.taste import lost_run, lost_words

    if name in (AUTO, PLAIN):
        return
    layers(desk)[name]
    model = name.removeprefix(SCORE_OF)
    if model != name and (run := lost_run(desk, model)):
        raise Unusable(lost_words(run))


def _of_axis(axis: Axis) -> Layer:
    quarters = (f"most {axis.low}", f"rather {axis.low}", f"rather {axis.high}", f"most {axis.high}")

    def end(value: float) -> str:
        return axis.low if value < 50.0 else axis.high

    scale = Scale(BY_QUARTERS, quarters, span=(0.0, 100.0), tell=end)
    return Layer(f"{LAYER}{axis.id}", axis.title, partial(layer_values, axis.id), scale)


def _tag(column: str, desk: Desk, ids: np.ndarray) -> list[str]:
    return same_spelling([value or "" for value in desk.catalog.browse.column(column, ids)])


def _year(desk: Desk, ids: np.ndarray) -> np.ndarray:
    return np.array([year or np.nan for year in desk.catalog.browse.column("year", ids)], np.float64)


def _rating(desk: Desk, ids: np.ndarray) -> list[str]:
    return [_VERDICTS.get(verdict or "", "") for verdict in desk.catalog.browse.column("verdict", ids)]


def _plays(desk: Desk, ids: np.ndarray) -> np.ndarray:
    return desk.catalog.measures.plays(ids)


def _last_heard(desk: Desk, ids: np.ndarray) -> np.ndarray:
    """Days since, as a negative number: more is more recent."""
    return -np.maximum(0.0, time.time() - desk.catalog.measures.last_heard(ids)) / DAY_S


def _sound(column: str, desk: Desk, ids: np.ndarray) -> np.ndarray:
    return desk.catalog.measures.sound(ids)[column]


def _key(desk: Desk, ids: np.ndarray) -> list[str]:
    """A major key and its relative minor have the same notes and are one."""
    return [_KEYS.get(key, "") for key in desk.catalog.measures.sound(ids)["key"].tolist()]


def _encoder(desk: Desk, ids: np.ndarray) -> list[str]:
    return desk.catalog.measures.encoders(ids)


def _trust(desk: Desk, ids: np.ndarray) -> np.ndarray:
    layout = desk.catalog.layouts.active()
    if layout is None:
        return np.full(len(ids), np.nan)
    return spread(layout.ids, layout.trust, ids)


@at_one_moment
def _score(desk: Desk, ids: np.ndarray) -> np.ndarray:
    """Share of the library that the model in use puts behind the track, in per cent."""
    from musicdesk.workflows.taste import standing_ranks

    return _behind(desk.vectors(), standing_ranks(desk), ids)


def _score_of(model: str, desk: Desk, ids: np.ndarray) -> np.ndarray:
    return _score_by(desk, model, ids)


@at_one_moment
def _score_by(desk: Desk, model: str, ids: np.ndarray) -> np.ndarray:
    from musicdesk.workflows.taste import lost_run, standing

    vectors, listener = desk.vectors(), desk.catalog.feedback.listener()
    if not len(vectors) or not (listener.liked or listener.disliked or listener.plays):
        return np.full(len(ids), np.nan)
    if lost_run(desk, model):  # what stands for it would be shown under its name
        return np.full(len(ids), np.nan)
    order = np.argsort(-standing(desk, model).fitted.score(listener, vectors.ids), kind="stable")
    ranks = np.empty(len(order), np.int64)
    ranks[order] = np.arange(len(order))
    return _behind(vectors, ranks, ids)


def _behind(vectors: Vectors, ranks: np.ndarray, ids: np.ndarray) -> np.ndarray:
    if not len(ranks):
        return np.full(len(ids), np.nan)
    return spread(vectors.ids, 100.0 * (1.0 - (ranks + 0.5) / len(ranks)), ids)


# The circle of fifths: neighbours share all notes but one.
_FIFTHS = (("C", "A"), ("G", "E"), ("D", "B"), ("A", "F#"), ("E", "C#"), ("B", "G#"))
_FLATS = (("F#", "D#"), ("C#", "A#"), ("G#", "F"), ("D#", "C"), ("A#", "G"), ("F", "D"))
_KEYS = {
    f"{name} {mode}": f"{major} major · {minor} minor"
    for major, minor in _FIFTHS + _FLATS
    for name, mode in ((major, "major"), (minor, "minor"))
}
_VERDICTS = {"like": "Liked", "dislike": "Disliked", "never": "Never play"}
_RATED = (("Liked", palette.HUES[2]), ("Disliked", palette.HUES[5]), ("Never play", palette.HUES[8]))
_SCORE = Layer(
    "score",
    "Fits your taste",
    _score,
    Scale(
        (50, 75, 90), ("Lower half", "Upper half", "Top quarter", "Top tenth"), span=(0, 100), tell="{:.0f} %".format
    ),
    note="Nothing is liked or played yet, so no taste is known.",
)
_NO_SCORE = "Nothing is liked or played yet, or the run cannot be used any more and has to be trained again."


def _days(value: float) -> str:
    days = round(-value)
    return "today" if days < 1 else "1 day ago" if days == 1 else f"{days:,} days ago"


def _sung(value: float) -> str:
    return "instrumental" if value < 50 else "sung"


_VOICES = ("Likely instrumental", "Maybe instrumental", "Maybe sung", "Likely sung")
_SUNG = Scale(BY_QUARTERS, _VOICES, span=(0, 100), tell=_sung)
_WHEN = ("Over a year ago", "Within a year", "Within a month", "Within a week")
_SHARES = ("Under 20 %", "20 to 40 %", "40 to 60 %", "60 to 80 %", "80 % and more")
_TEMPI = ("Under 80 BPM", "80 to 99", "100 to 119", "120 to 139", "140 to 159", "160 BPM and more")
_LOUD = ("Under -24 LUFS", "-24 to -18", "-18 to -14", "-14 to -11", "-11 to -8", "Over -8 LUFS")

LAYERS = (
    Layer("genre", "Genre", partial(_tag, "genre"), note="No track has a genre."),
    Layer("artist", "Artist", partial(_tag, "artist"), note="No track has an artist."),
    Layer(
        "year", "Year", _year, Scale(step=10, tell="{:.0f}".format, named="{:.0f}s".format), note="No track has a year."
    ),
    Layer(
        "plays",
        "Plays",
        _plays,
        Scale((1, 5, 20), ("Never played", "1 to 4 plays", "5 to 19 plays", "20 plays or more"), log=True),
    ),
    Layer(
        "last-heard",
        "Last heard",
        _last_heard,
        Scale((-365, -30, -7), _WHEN, log=True, tell=_days, unknown="Never heard"),
        note="Nothing has been played yet.",
    ),
    Layer("rating", "Rating", _rating, choices=_RATED, unknown="Not rated", note="Nothing is rated yet."),
    _SCORE,
    Layer(
        "trust",
        "Trust",
        lambda desk, ids: 100.0 * _trust(desk, ids),
        Scale((20, 40, 60, 80), _SHARES, span=(0, 100), tell="{:.0f} %".format),
        note="Draw the map anew to see how far each place can be trusted.",
    ),
    Layer(
        "tempo", "Tempo", partial(_sound, "tempo"), Scale((80, 100, 120, 140, 160), _TEMPI, tell="{:.0f} BPM".format)
    ),
    Layer(
        "loudness",
        "Loudness",
        partial(_sound, "loudness_lufs"),
        Scale((-24, -18, -14, -11, -8), _LOUD, tell="{:.0f} LUFS".format),
    ),
    Layer(
        "key",
        "Key",
        _key,
        choices=tuple(
            (f"{major} major · {minor} minor", hue)
            for (major, minor), hue in zip(_FIFTHS + _FLATS, palette.HUES, strict=True)
        ),
    ),
    Layer("encoder", "Heard by", _encoder),
)
# What the encoder in use tells by ear, by the kind of tags that it takes.
_TOLD = {
    "genre": Layer("sounds-like", "Sounds like", strongest_genres, note="No track sounds clearly like one genre."),
    "voice": Layer("voice", "Voice", voices, _SUNG),
}
