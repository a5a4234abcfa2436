"""What tracks sound like, in words: the tags that the encoder in use tells from the vectors it has made.

    tags_of(desk, track)               -> tags of one track, the likeliest first; () where none are told
    spoken(tags)                       -> 'piano, maybe classical, no voice'
    library(desk)                      -> Sounding: every heard track's probabilities; None where none are told
    sounding(desk, ids, ["piano"])     -> those of the tracks that do, the likeliest first

Voice is told once, whatever an encoder has learned of it: its tags of singing and of none become 'voice' and
'no voice', which are each other's rest, so that no track has both.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from musicdesk.core.errors import NotFound
from musicdesk.core.rows import spread
from musicdesk.core.types import TrackId
from musicdesk.encoders.tags import KINDS, TagHead, beside, read_tags
from musicdesk.workflows.desk import at_one_moment

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk

NONE_TOLD = "What hears your music now does not tell tags."
VOICE, NO_VOICE = "voice", "no voice"
LEANS, VOICE_LEANS = 0.4, 0.6  # probability from which a tag is told; of two that share one doubt, the likelier alone
SURE, SURE_AGREEMENT = 0.75, 0.85  # under either, it is "maybe"
SPOKEN = 3  # tags of a sentence, and the voice
_NONE_OF = re.compile(r"(no|non|not|without)\b|instrumental$", re.IGNORECASE)
_ANY_VOICE = frozenset(("voice", "voices", "vocal", "vocals", "singing", "sung"))


@dataclass(frozen=True, slots=True)
class Tag:
    """agreement: how well the encoder orders tracks by it, 0..1 (AUC on music that taught nothing)"""

    name: str
    kind: str
    probability: float
    agreement: float

    @property
    def leans(self) -> bool:
        return self.probability >= least(self.kind)

    @property
    def words(self) -> str:
        """Never more certain than it is: 'piano' or 'maybe piano'."""
        sure = self.probability >= SURE and self.agreement >= SURE_AGREEMENT
        return self.name if sure else f"maybe {self.name}"


@dataclass(frozen=True, eq=False)
class Sounding:
    """ids: int64 (n,) ascending; names, kinds, agreement: of the tags; table: float32 (n, tags), probabilities"""

    ids: np.ndarray
    names: tuple[str, ...]
    kinds: tuple[str, ...]
    agreement: tuple[float, ...]
    table: np.ndarray

    def leaning(self) -> np.ndarray:
        """bool (n, tags): which tracks each tag is told of."""
        told: np.ndarray = self.table >= np.array([least(kind) for kind in self.kinds], np.float32)
        return told


def columns(names: Sequence[str], word: str) -> list[int]:
    """The places of the tags that a typed word means: the one that is called so, else those that begin so, else those
    of which a word begins so."""
    wanted, plain = _plain(word), [_plain(name) for name in names]
    if not wanted:
        return []
    if wanted in plain:
        return [plain.index(wanted)]
    begins = [at for at, name in enumerate(plain) if name.startswith(wanted)]
    return begins or [at for at, name in enumerate(plain) if f" {wanted}" in name]


def least(kind: str) -> float:
    """The probability from which a tag of this kind is told."""
    return VOICE_LEANS if kind == "voice" else LEANS


def head(desk: Desk) -> TagHead | None:
    """How the encoder in use tells tags; None where it does not, or has gone."""
    encoder = desk.encoder
    if desk.memo.get("tag head", (None,))[0] != encoder:
        entry = desk.entry()
        fits = entry.encoder_id == encoder and entry.card is not None
        card = entry.card if fits else None
        found = read_tags(beside(entry.folder, entry.name), card.sha256, card.dim) if card else None
        desk.memo["tag head"] = (encoder, found)
    kept: TagHead | None = desk.memo["tag head"][1]
    return kept


def tag_names(desk: Desk) -> list[tuple[str, str]]:
    """(name, kind) of what the encoder in use can tell, by kind and name; [] where it tells none."""
    teller = head(desk)
    if teller is None:
        return []
    told = _told(teller, np.empty(0, np.int64), np.empty((0, teller.dim), np.float32))
    return sorted(zip(told.names, told.kinds, strict=True), key=lambda each: (KINDS.index(each[1]), each[0]))


def tags_of(desk: Desk, track: TrackId) -> tuple[Tag, ...]:
    """The tags of one track, the likeliest first. Reads its vector alone."""
    teller = head(desk)
    vector = desk.catalog.sound.vector(track, desk.encoder) if teller is not None else None
    if teller is None or vector is None or len(vector) != teller.dim:
        return ()
    told = _told(teller, np.array([track], np.int64), vector[None, :])
    every = zip(told.names, told.kinds, told.table[0].tolist(), told.agreement, strict=True)
    return tuple(sorted((Tag(*each) for each in every), key=lambda tag: -tag.probability))


def spoken(tags: Sequence[Tag]) -> str:
    """'piano, maybe classical, no voice'; '' where nothing is likely enough to be told."""
    found = [tag for tag in tags if tag.leans and tag.kind != "voice"][:SPOKEN]
    voices = [tag for tag in tags if tag.leans and tag.kind == "voice"]
    # 'female voice' says more than 'voice', but only where the voice itself is likely
    finer = [tag for tag in voices if tag.name not in (VOICE, NO_VOICE)] if NO_VOICE not in _names(voices) else []
    return ", ".join(tag.words for tag in [*found, *(finer or voices)[:1]])


@at_one_moment
def library(desk: Desk) -> Sounding | None:
    """Every heard track, in one product; kept until the vectors change."""
    teller = head(desk)
    if teller is None:
        return None
    key = (desk.catalog.sound.stamp(), desk.encoder)
    if desk.memo.get("sounding", (None,))[0] != key:
        vectors = desk.vectors()
        matrix = vectors.matrix if len(vectors) else np.empty((0, teller.dim), np.float32)
        desk.memo["sounding"] = (key, _told(teller, vectors.ids, matrix))
    found: Sounding = desk.memo["sounding"][1]
    return found


def matching(desk: Desk, words: Sequence[str]) -> None:
    """Raises NotFound for the first word that means no tag of the encoder in use, with those that there are."""
    names = [name for name, _kind in tag_names(desk)]
    for word in words:
        if names and not columns(names, word):
            raise NotFound(f"No tag begins with '{word}'; there are {', '.join(names)}.")


def sounding(desk: Desk, ids: np.ndarray, words: Sequence[str], ranked: bool = True) -> np.ndarray:
    """Those of the tracks `ids`, int64 (n,), that sound like all of the words; the likeliest first, or as they came.
    Without words all of them.

    Where a word means several tags, the likeliest of them counts; where there are several words, the least likely.
    """
    if not words:
        return ids
    told = library(desk)
    wanted = [columns(told.names, word) for word in words] if told is not None else []
    if told is None or not len(told.ids) or not all(wanted):
        return ids[:0]
    likely = np.min([told.table[:, each].max(axis=1) for each in wanted], axis=0)
    leans = np.all([told.leaning()[:, each].any(axis=1) for each in wanted], axis=0)
    values = spread(told.ids, np.where(leans, likely, np.nan), ids)
    kept = np.flatnonzero(np.isfinite(values))
    return ids[kept[np.argsort(-values[kept], kind="stable")] if ranked else kept]


def voices(desk: Desk, ids: np.ndarray) -> np.ndarray:
    """float64 (ids,): how likely each is sung, in per cent; nan where that is not told."""
    told = library(desk)
    if told is None or VOICE not in told.names:
        return np.full(len(ids), np.nan)
    return 100.0 * spread(told.ids, told.table[:, told.names.index(VOICE)], ids)


def strongest_genres(desk: Desk, ids: np.ndarray) -> list[str]:
    """The likeliest genre of each, '' where none is likely enough to be told."""
    told = library(desk)
    genres = [at for at, kind in enumerate(told.kinds) if kind == "genre"] if told is not None else []
    if told is None or not genres or not len(told.ids):
        return [""] * len(ids)
    table = told.table[:, genres]
    best = np.where(table.max(axis=1) >= LEANS, table.argmax(axis=1), len(genres))
    rows = spread(told.ids, best, ids)
    names = [*(told.names[at] for at in genres), ""]
    return [names[len(genres) if np.isnan(row) else int(row)] for row in rows]


def _told(teller: TagHead, ids: np.ndarray, vectors: np.ndarray) -> Sounding:
    """The tags as they are shown: what is said of voice in general becomes 'voice' and 'no voice'."""
    if vectors.shape[1] != teller.dim:  # an encoder that has been exchanged behind our back
        ids, vectors = ids[:0], np.empty((0, teller.dim), np.float32)
    table = teller.probabilities(vectors)
    voice = [at for at, kind in enumerate(teller.kinds) if kind == "voice"]
    none = [at for at in voice if _NONE_OF.match(teller.names[at])]
    some = [at for at in voice if at not in none]
    general = [*none, *(at for at in some if teller.names[at].casefold() in _ANY_VOICE)]
    kept = [at for at in range(len(teller.names)) if at not in general]
    names = [teller.names[at] for at in kept]
    kinds = [teller.kinds[at] for at in kept]
    agreement = [teller.agreement[at] for at in kept]
    columns = [table[:, kept]]
    if voice:
        signs = [table[:, some].max(axis=1)] if some else []
        signs += [1.0 - table[:, none].max(axis=1)] if none else []
        sung = np.stack(signs).mean(axis=0, dtype=np.float32)
        columns += [sung[:, None], 1.0 - sung[:, None]]
        names += [VOICE, NO_VOICE]
        kinds += ["voice"] * 2
        agreement += [float(np.mean([teller.agreement[at] for at in voice]))] * 2
    return Sounding(ids, tuple(names), tuple(kinds), tuple(agreement), np.concatenate(columns, axis=1))


def _names(tags: Sequence[Tag]) -> list[str]:
    return [tag.name for tag in tags]


def _plain(word: str) -> str:
    return " ".join(re.split(r"[\s_-]+", word.casefold())).strip()
