"""Playlists and likenesses: scores of the standing model, the playlist room's rules, reasons for every row."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from musicdesk.core.errors import NotFound, NotReady
from musicdesk.core.paths import absolute
from musicdesk.core.types import Listener, Pick, Playlist, Reason, TrackId
from musicdesk.playlists.assemble import Assembled
from musicdesk.playlists.kinds import Kind, kinds
from musicdesk.recommenders.base import SEEDS
from musicdesk.workflows import genres
from musicdesk.workflows.as_of import Afterwards, choices_at, listener_at, model_at
from musicdesk.workflows.choices import choices
from musicdesk.workflows.contest import Contest
from musicdesk.workflows.desk import at_one_moment
from musicdesk.workflows.duel_lists import duel_of
from musicdesk.workflows.prepared import Prepared
from musicdesk.workflows.request import AS_OF, Request, check, said_of
from musicdesk.workflows.sound_lists import by_sound
from musicdesk.workflows.taste import Standing, asked, lost_run, lost_words

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk

__all__ = ["Request", "draft", "prepare", "recommend", "similar"]

ARTIST_SEEDS = 12  # an artist's tracks that a radio starts from, most played first


def recommend(desk: Desk, request: Request) -> Playlist:
    """Makes the playlist and keeps it. Raises NotFound, NotReady or Unusable with one sentence."""
    prepared = prepare(desk, request)
    return prepared.keep(prepared.compose(request)[0], request)


def draft(desk: Desk, request: Request) -> tuple[Playlist, Assembled]:
    """The playlist without keeping it, and the account of how it came about."""
    return prepare(desk, request).compose(request)


@at_one_moment
def prepare(desk: Desk, request: Request) -> Prepared | Contest:
    """The library scored for what the request is about; its levers may then move. Raises as `recommend` does.

    While a duel goes on, *For you* is made by both of its models.
    """
    duel = duel_of(desk, request)
    return _prepare(desk, request) if duel is None else Contest(desk, request.subject(), duel, _prepare)


def _prepare(desk: Desk, request: Request) -> Prepared:
    """By one model."""
    kind = kinds()[request.kind]
    check(request)
    if kind.by_sound:
        return by_sound(desk, kind, request)
    stood = _stood(desk, request)
    me = listener_at(desk, request.as_of) if request.as_of else desk.catalog.feedback.listener()
    blocked: dict[str, np.ndarray] = {}
    listener, start = me, tuple[TrackId, ...]()
    if kind.needs == "genre":
        stood, name, blocked = _of_genre(desk, request, stood, me)
    else:
        listener, name, start = _start(desk, kind, request, me)
    ids = desk.vectors().ids
    fitted = stood.fitted
    if request.as_of:
        fitted = model_at(fitted)
        name = f"{name}{AS_OF}{said_of(request.as_of)}"
    library = choices(desk, me, fitted.score(listener, ids), request, kind.only, blocked, name)
    return Prepared(
        desk,
        kind,
        request.subject(),
        name,
        stood.model,
        stood.run,
        choices_at(library, me) if request.as_of else library,
        lambda row: fitted.explain(listener, TrackId(int(ids[row]))),
        listener,
        () if kind.seeds_stay else start,
        afterwards=Afterwards.of(desk, request.as_of, me) if request.as_of else None,
        notices=_lost(desk, request.model or kind.model, stood),
    )


def _lost(desk: Desk, model: str, stood: Standing) -> tuple[str, ...]:
    """That another model stands for the one that was meant."""
    run = lost_run(desk, model) if stood.run is None else None
    return () if run is None else (f"{lost_words(run)} {stood.model}, learned on the spot, stands for it.",)


def _stood(desk: Desk, request: Request) -> Standing:
    kind = kinds()[request.kind]
    return genres.stood(desk, request.model) if kind.needs == "genre" else asked(desk, request.model or kind.model)


def _of_genre(
    desk: Desk, request: Request, stood: Standing, me: Listener
) -> tuple[Standing, str, dict[str, np.ndarray]]:
    """The model under one genre, the list's name, and the tracks that are of another."""
    known = genres.known(desk, stood.fitted)
    genre = genres.named(known, request.genre) if request.genre else genres.strongest(known, me)
    model, other = genres.under(desk, known, stood.fitted, genre)
    return replace(stood, fitted=model), f"{kinds()[request.kind].title}: {genre}", {"genre": other}


def _start(desk: Desk, kind: Kind, request: Request, me: Listener) -> tuple[Listener, str, tuple[TrackId, ...]]:
    """Whose taste is asked, what the list is called, and the tracks it starts from."""
    if not kind.needs:
        if not (me.liked or me.plays):
            raise NotReady("Nothing is liked or played yet; like three tracks and there is something to go by.")
        return me, kind.title, ()
    if kind.needs == "taste":
        return *_mix(desk, request, me), ()
    start = request.seed_tracks
    if kind.needs == "artist" and not start:
        start = _tracks_of(desk, request.artist)
    heard = [TrackId(int(i)) for i in desk.vectors().ids[desk.vectors().rows_of(list(start))]]
    if not start:
        raise NotReady(kind.ask)
    if not heard:
        raise NotReady("What this list would start from has not been listened to yet; run 'musicdesk analyze' first.")
    first = desk.catalog.tracks.get(heard[0]).tags
    named = request.title or ((first.artist or first.title) if kind.needs == "artist" else first.title)
    return Listener(SEEDS, dict.fromkeys(heard, 1.0), me.disliked), f"{kind.title}: {named}", tuple(start)


def _mix(desk: Desk, request: Request, me: Listener) -> tuple[Listener, str]:
    """A mix that has a name starts from its own tracks; of one that is only numbered, what there is now."""
    from musicdesk.workflows.artists import mix_request, seeds_of

    named = request if request.title and request.seed_tracks else mix_request(desk, request)
    listener = seeds_of(named.seed_tracks, me)
    if not len(desk.vectors().rows_of(list(listener.liked))):
        raise NotReady("Nothing that this mix starts from is in the library and liked any more; choose another one.")
    return listener, named.title


def _tracks_of(desk: Desk, artist: str) -> tuple[TrackId, ...]:
    """The artist's tracks, most played first; without a name, of the artist played most (or the first one)."""
    name = artist or desk.catalog.browse.favourite_artist()
    found = desk.catalog.browse.by_artist(name, ARTIST_SEEDS) if name else []
    if artist and not found:
        raise NotFound(f"There is no artist '{artist}' in this library.")
    return tuple(found)


@at_one_moment
def similar(desk: Desk, named: str, n: int = 10) -> list[Pick]:
    """The tracks nearest in sound to a track, or to any music file; scores are cosines.

    Nothing is left out but the track itself: this is a question, not a playlist.
    raises: NotFound, NotReady without embeddings, SoundError when the file cannot be heard
    """
    from musicdesk.space.index import neighbours

    vectors = desk.vectors()
    if not len(vectors):
        raise NotReady("No track has been listened to yet; run 'musicdesk analyze' first.")
    query, own = _vector_of(desk, named)
    ids, likeness = neighbours(vectors, desk.profile.cache).near(query, n, own)
    return [
        Pick(TrackId(int(track)), float(value), (Reason(f"{value:.0%} alike in sound"),))
        for track, value in zip(ids, likeness, strict=True)
    ]


def _vector_of(desk: Desk, named: str) -> tuple[np.ndarray, list[TrackId]]:
    """The unit vector of a track or file, and the ids to leave out."""
    vectors = desk.vectors()
    try:
        track = desk.catalog.tracks.resolve(named)
    except NotFound:
        path = Path(os.fsdecode(absolute(named)))
        if not path.is_file():
            raise NotFound(f"'{named}' is neither a track's number nor a music file.") from None
        from musicdesk.workflows.listen import listen_to

        return listen_to(desk, os.fsencode(path)), []
    row = vectors.rows_of([track])
    if not len(row):
        from musicdesk.workflows.listen import listen_to

        return listen_to(desk, desk.catalog.tracks.get(track).path), [track]
    vector: np.ndarray = vectors.matrix[row[0]]
    return vector, [track]
