"""Genres of the library: what tags say, what the genre model hears, and lists under each of them."""

from __future__ import annotations

import difflib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from musicdesk.core.errors import NotFound, NotReady
from musicdesk.core.genres import cleaned, spelling
from musicdesk.core.types import Listener, TrackId
from musicdesk.recommenders.base import Fitted
from musicdesk.recommenders.confidence import LIKE_PLAYS
from musicdesk.recommenders.genre_cf import NAME, GenreFitted, Genres
from musicdesk.recommenders.under_genre import LEAST_SURE, UnderGenre
from musicdesk.workflows.desk import at_one_moment
from musicdesk.workflows.taste import Standing, asked

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk

NO_GENRES = "No track has a genre in its tags, and no genre model has been trained: musicdesk train genre_cf."


@dataclass(frozen=True, eq=False)
class Known:
    """tags: the genres of each track that has some, cleaned; names: all of them by their spelling, the most
    frequent first; heard: what the genre model hears, None without one
    """

    tags: dict[TrackId, tuple[str, ...]]
    names: dict[str, str]
    heard: Genres | None


def known(desk: Desk, fitted: Fitted | None = None) -> Known:
    """fitted: a learned model, whose hearing is used when it is the genre model"""
    tags = _tags(desk)
    counts = Counter(name for own in tags.values() for name in own)
    names = {spelling(name): name for name in sorted(counts, key=lambda name: (-counts[name], name))}
    heard = fitted.genres if isinstance(fitted, GenreFitted) else None
    for name in heard.names if heard else ():
        names.setdefault(spelling(name), name)
    return Known(tags, names, heard)


def _tags(desk: Desk) -> dict[TrackId, tuple[str, ...]]:
    stamp = desk.catalog.browse.names_stamp()
    if desk.memo.get("genres key") != stamp:
        desk.memo["genres"], desk.memo["genres key"] = cleaned(desk.catalog.browse.genres()), stamp
    found: dict[TrackId, tuple[str, ...]] = desk.memo["genres"]
    return found


def stood(desk: Desk, model: str = "") -> Standing:
    """The model whose taste a genre's list goes by: the one named, else the genre model, else the one in use."""
    trained = any(run.model == NAME for run in desk.catalog.runs.all())
    return asked(desk, model or (NAME if trained else ""))


def named(genres: Known, genre: str) -> str:
    """The library's spelling of a genre. Raises NotFound."""
    if found := genres.names.get(spelling(genre)):
        return found
    near = difflib.get_close_matches(spelling(genre), list(genres.names), 1)
    hint = f"did you mean '{genres.names[near[0]]}'?" if near else _listed(genres)
    raise NotFound(f"No track of this library is of the genre '{genre}'; {hint}")


def _listed(genres: Known) -> str:
    return f"there are {', '.join(list(genres.names.values())[:12])}." if genres.names else "no track has a genre."


def shares(genres: Known, listener: Listener) -> dict[str, float]:
    """How much of the listener's likes and plays is of each genre, most first: tags where there are some, else what
    is heard. Empty when nothing is liked or played."""
    weights = {int(track): float(np.log1p(count)) for track, count in listener.plays.items() if count > 0}
    for track, weight in listener.liked.items():
        weights[int(track)] = weights.get(int(track), 0.0) + float(np.log1p(LIKE_PLAYS * max(weight, 0.0)))
    found: dict[str, float] = {}
    for number, weight in weights.items():
        own = genres.tags.get(TrackId(number), ())
        for name in own:
            found[name] = found.get(name, 0.0) + weight / len(own)
        if not own and genres.heard is not None and np.isin(number, genres.heard.ids):
            for name, sure in zip(genres.heard.names, genres.heard.of(np.array([number]))[0], strict=True):
                ours = genres.names[spelling(name)]
                found[ours] = found.get(ours, 0.0) + weight * float(sure)
    total = sum(found.values())
    most_first = sorted(found, key=lambda name: (-found[name], name))
    return {name: found[name] / total for name in most_first} if total else {}


def strongest(genres: Known, listener: Listener) -> str:
    """The genre that the listener likes and plays most; without any, the most frequent one. Raises NotReady."""
    mine = shares(genres, listener)
    if not genres.names:
        raise NotReady(NO_GENRES)
    return next(iter(mine), next(iter(genres.names.values())))


def under(desk: Desk, genres: Known, taste: Fitted, genre: str) -> tuple[UnderGenre, np.ndarray]:
    """The model for lists of `genre` (the library's spelling), and bool (n,): the tracks that are of another."""
    ids = desk.vectors().ids
    confidence, tagged, likeliest = confidences(genres, ids, genre)
    inner = taste.taste if isinstance(taste, GenreFitted) else taste
    return UnderGenre(inner, genre, ids, confidence, tagged), ~(tagged | (confidence >= LEAST_SURE) | likeliest)


def confidences(genres: Known, ids: np.ndarray, genre: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How sure it is that each track is of `genre`: (float32 (n,), bool (n,) by tag, bool (n,) likeliest by ear).

    1 where the tags say so; what is heard counts for tracks without a genre in their tags.
    """
    tags = [genres.tags.get(TrackId(int(track)), ()) for track in ids]
    tagged = np.array([genre in own for own in tags], bool)
    confidence = tagged.astype(np.float32)
    likeliest = np.zeros(len(ids), bool)
    places = [] if genres.heard is None else [n for n in genres.heard.names if spelling(n) == spelling(genre)]
    if genres.heard is not None and places and len(genres.heard.ids):
        at = genres.heard.names.index(places[0])
        open_ = np.array([not own for own in tags], bool) & np.isin(ids, genres.heard.ids)
        sure = genres.heard.of(ids[open_])
        confidence[open_] = sure[:, at]
        likeliest[open_] = sure.argmax(1) == at
    return confidence, tagged, likeliest


@at_one_moment
def per_genre(desk: Desk, n: int = 10, most: int = 8) -> dict[str, Any]:
    """The best `n` tracks under each of the listener's `most` strongest genres, with confidence; fit for JSON.

    returns: {model, quality (of the genre model, {} without one), genres: [{genre, share, tracks, items: [{track,
    title, artist, score, confidence, tagged}]}]}
    raises:  NotReady when no track was listened to or no genre is known
    """
    stands = stood(desk)
    genres, me = known(desk, stands.fitted), desk.catalog.feedback.listener()
    if not genres.names:
        raise NotReady(NO_GENRES)
    mine = shares(genres, me)
    names = list(dict.fromkeys([*mine, *genres.names.values()]))[:most]
    ids = desk.vectors().ids
    kept_out = np.isin(ids, np.concatenate([*desk.catalog.browse.kept_out().values()]))
    found = []
    for name in names:
        model, other = under(desk, genres, stands.fitted, name)
        scores = model.score(me, ids)
        open_ = np.flatnonzero(~other & ~kept_out)
        best = open_[np.lexsort((ids[open_], -scores[open_]))][:n]
        confidence, tagged, _ = confidences(genres, ids[best], name)
        rows = zip(desk.catalog.tracks.get_many([TrackId(int(i)) for i in ids[best]]), best, strict=True)
        items = [
            {
                "track": int(track.id),
                "title": track.tags.title,
                "artist": track.tags.artist,
                "score": round(float(scores[row]), 4),
                "confidence": round(float(sure), 4),
                "tagged": bool(by_tag),
            }
            for (track, row), sure, by_tag in zip(rows, confidence, tagged, strict=True)
        ]
        found.append(
            {"genre": name, "share": round(mine.get(name, 0.0), 4), "tracks": int((~other).sum()), "items": items}
        )
    quality = stands.fitted.figures()["genre"] if isinstance(stands.fitted, GenreFitted) else {}
    return {"model": stands.model, "quality": quality, "genres": found}
