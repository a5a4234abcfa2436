"""A list before its levers: the library scored for one request, so that a slider that moves only weighs it anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from musicdesk.core.errors import Emptied
from musicdesk.core.types import Edges, Listener, Pick, Playlist, Reason, RunId, TrackId
from musicdesk.playlists.assemble import Assembled, assemble
from musicdesk.playlists.explain import reasons, speaks_for
from musicdesk.playlists.kinds import Kind
from musicdesk.playlists.rules import Candidates
from musicdesk.playlists.transitions import Manner, costs, place_of
from musicdesk.playlists.wish import Wish
from musicdesk.recommenders.base import SEEDS
from musicdesk.workflows.axes import places_on
from musicdesk.workflows.pins import pin_notices
from musicdesk.workflows.request import Request, check

if TYPE_CHECKING:
    from musicdesk.recommenders.base import Fitted
    from musicdesk.workflows.as_of import Afterwards
    from musicdesk.workflows.desk import Desk

Explain = Callable[[int], Sequence[Reason]]  # row -> why it scores as it does
MOST_LIKES = 256
AT_ONCE = 500  # tracks asked about in one question
UNKNOWN = (float("nan"), 0.0, "", 0.0, float("nan"))  # of a track's tempo, key and loudness
AXIS_GONE = "The axis that this list leans along was removed; it leans nowhere now."
SOUND_MODEL = "content"  # whose scores are likeness by sound alone


@dataclass(frozen=True, eq=False)
class Prepared:
    """made_by: what stands for the model in the list
    listener:   whose likes, or the seeds, likeness in sound is told by; None where the scores are sound already
    leave_out:  what the list starts from, where that is not to be in it
    path:       a list that is already in order
    afterwards: of a list of a day in the past, what came of it
    notices:    what is to be said of the list, whatever its levers are
    """

    desk: Desk
    kind: Kind
    subject: Request
    name: str
    made_by: str
    run: RunId | None
    candidates: Candidates
    explain: Explain
    listener: Listener | None = None
    leave_out: tuple[TrackId, ...] = ()
    path: Assembled | None = None
    afterwards: Afterwards | None = None
    notices: tuple[str, ...] = ()
    _manners: dict[TrackId, tuple[float, float, str, float, float]] = field(default_factory=dict)
    _edges: dict[TrackId, Edges] = field(default_factory=dict)
    _told: dict[tuple[str, int], Sequence[Reason]] = field(default_factory=dict)

    @cached_property
    def sound(self) -> np.ndarray | None:
        """float32 (n,): likeness in sound alone to what the list starts from, or to what the person likes."""
        if self.listener is None or self.kind.model == SOUND_MODEL:
            return None
        return self._by_sound.score(self.listener, self.candidates.ids)

    @cached_property
    def _by_sound(self) -> Fitted:
        """The model of sound alone: the blend in use has one already."""
        from musicdesk.recommenders.blend_fitted import BlendFitted
        from musicdesk.workflows.taste import standing

        fitted = standing(self.desk).fitted
        own = fitted.parts.get(SOUND_MODEL) if isinstance(fitted, BlendFitted) else None
        return own if own is not None else standing(self.desk, SOUND_MODEL).fitted

    @cached_property
    def year(self) -> float | None:
        """The middle of the years of what the list starts from, else of what the person likes and plays."""
        chosen = list(self.subject.seed_tracks)
        if not chosen and self.listener is not None:
            chosen = [*(self.listener.liked or self.listener.plays)]
        years = self.candidates.years[np.isin(self.candidates.ids, chosen)]
        years = years[np.isfinite(years)]
        return float(np.median(years)) if len(years) else None

    @property
    def has_levers(self) -> bool:
        """Whether sound and taste can be weighed against each other."""
        return self.kind.ordered and self.listener is not None

    def wish(self, request: Request) -> Wish:
        wish = request.wish(self.leave_out, self.kind.ordered, self.year)
        surprise = wish.surprise if self.tries else 0.0
        return replace(wish, best_first=self.kind.best_first, surprise=surprise)

    @property
    def tries(self) -> bool:
        """Whether some of its rows may be tried out."""
        return self.kind.tries and self.afterwards is None

    def weighed(self, request: Request) -> Candidates:
        """The candidates with what the request's levers need. An axis that was removed is none."""
        found = self.candidates
        if request.sound_taste < 1.0 and self.has_levers:
            found = replace(found, sound=self.sound)
        if self._leans(request) and not self._gone(request):
            found = replace(found, axis=places_on(self.desk, request.axis))
        return found

    def _leans(self, request: Request) -> bool:
        return bool(request.axis and request.lean and self.kind.ordered)

    def _gone(self, request: Request) -> bool:
        return request.axis not in {axis.id for axis in self.desk.catalog.axes.all()}

    def compose(self, request: Request) -> tuple[Playlist, Assembled]:
        """The list for these levers. Raises Emptied with the rule that emptied it, Unusable."""
        check(request)
        made = self.path
        if made is None:
            made = assemble(self.weighed(request), self.wish(request), request.seed, self.steps)
        if made.empty:
            raise Emptied(made.empty, made.emptied_by)
        propensity = made.propensity or (None,) * len(made.rows)
        picks = tuple(
            Pick(
                TrackId(int(self.candidates.ids[row])),
                float(score),
                self._reasons(int(row), parts, request),
                None,
                drawn,
            )
            for row, score, parts, drawn in zip(made.rows, made.scores, made.parts, propensity, strict=True)
        )
        gone = (AXIS_GONE,) if self._leans(request) and self._gone(request) else ()
        made = replace(made, notices=(*self.notices, *made.notices, *gone))
        if request.pinned:
            tracks, sequenced = [pick.track for pick in picks], self.path is None and self.kind.ordered
            wish = self.wish(request)
            told = pin_notices(self.desk, request.pinned, tracks, self.candidates, wish, sequenced)
            made = replace(made, notices=(*made.notices, *told))
        if self.afterwards is not None:
            account = self.afterwards.account([pick.track for pick in picks])
            made = replace(made, notices=(*made.notices, account))
        return Playlist(None, self.name, self.kind.name, picks, request.seed, self.made_by), made

    def steps(self, rows: np.ndarray) -> np.ndarray:
        """float64 (k, k): how roughly each of these candidates is followed by each, see `playlists.transitions`."""
        tracks = [TrackId(int(track)) for track in self.candidates.ids[rows]]
        missing = [track for track in tracks if track not in self._manners]
        for start in range(0, len(missing), AT_ONCE):
            self._manners.update(self.desk.catalog.sound.manners(missing[start : start + AT_ONCE]))
        told = [self._manners.get(track, UNKNOWN) for track in tracks]
        columns = list(zip(*told, strict=True))
        numbers = [np.array(columns[at], np.float64) for at in (0, 1, 3, 4)]
        keys = np.array([place_of(str(key)) for key in columns[2]])
        edges = self._edges_of(tracks, rows)
        begins, ends = (np.array([getattr(edge, name) for edge in edges]) for name in ("opening_db", "ending_db"))
        manner = Manner(numbers[0], numbers[1], keys, numbers[2], numbers[3] + begins, numbers[3] + ends)
        return costs(np.stack([edge.ending for edge in edges]), np.stack([edge.opening for edge in edges]), manner)

    def _edges_of(self, tracks: Sequence[TrackId], rows: np.ndarray) -> list[Edges]:
        """How each begins and ends; by its whole sound where it is not known."""
        missing = [track for track in tracks if track not in self._edges]
        if missing:
            vectors = self.desk.vectors()
            self._edges.update(self.desk.catalog.edges.of(missing, vectors.encoder, vectors.matrix.shape[1]))
        whole = self.candidates.vectors[rows]
        return [self._edges.get(track) or Edges(own, own) for track, own in zip(tracks, whole, strict=True)]

    def keep(self, playlist: Playlist, request: Request) -> Playlist:
        """The list with its number, in the catalog."""
        return self.desk.catalog.playlists.save(playlist, request.kept(), self.run)

    def _reasons(self, row: int, parts: dict[str, float], request: Request) -> tuple[Reason, ...]:
        since = self.afterwards.reasons(TrackId(int(self.candidates.ids[row]))) if self.afterwards is not None else ()
        told = reasons(
            self._voices(row, parts, request), parts, still=f"it fits better than {self._above(row):.0%} of the rest"
        )
        if any(speaks_for(reason) for reason in told):
            return (*since, *told)
        own = next((reason for reason in self._said("quality", row) if speaks_for(reason)), None)
        lead = self._nearest(row) if own is None else replace(own, share=0.0, points=0.0)
        return (*since, *told) if lead is None else (*since, lead, *told)

    def _above(self, row: int) -> float:
        """The share of the library that scores lower."""
        return float(np.searchsorted(self._sorted, self.candidates.scores[row])) / max(len(self._sorted) - 1, 1)

    @cached_property
    def _sorted(self) -> np.ndarray:
        return np.sort(self.candidates.scores)

    @cached_property
    def _likes(self) -> np.ndarray:
        """Rows of what the person likes, or plays most, or of the seeds."""
        me = self.listener or Listener()
        heavy = sorted(me.heard, key=lambda track: (-me.heard[track], track))[:MOST_LIKES]
        rows = np.flatnonzero(np.isin(self.candidates.ids, list(me.liked or heavy)))
        return rows[:MOST_LIKES]

    def _nearest(self, row: int) -> Reason | None:
        """What it is nearest to, for a row of which nothing else can be said; it adds no points."""
        rows = self._likes[self._likes != row]
        vectors = self.candidates.vectors
        if not len(rows) or not vectors.shape[1]:
            return None
        track = TrackId(int(self.candidates.ids[rows[int(np.argmax(vectors[rows] @ vectors[row]))]]))
        return Reason(f"nearest of {self._whose()}: '{self.desk.catalog.tracks.get(track).tags.title}'", 0.0, track)

    def _whose(self) -> str:
        me = self.listener or Listener()
        return "what the list starts from" if me.name == SEEDS else "your likes" if me.liked else "what you play"

    def _voices(self, row: int, parts: dict[str, float], request: Request) -> dict[str, Sequence[Reason]]:
        """What the parts of a row consist of; told once, however often its list is drawn."""
        found: dict[str, Sequence[Reason]] = {"quality": self._said("quality", row)}
        if "sound" in parts:
            found["sound"] = self._said("sound", row)
        if parts.get("era"):
            found["era"] = (Reason(f"from {self.candidates.years[row]:.0f}"),)
        if parts.get("axis"):
            axis = self.desk.catalog.axes.get(request.axis)
            place = float(places_on(self.desk, request.axis)[row])
            end, share = (axis.high, place) if request.lean > 0 else (axis.low, 1.0 - place)
            found["axis"] = (Reason(f"more {end} than {share:.0%} of your music"),)
        return found

    def _said(self, name: str, row: int) -> Sequence[Reason]:
        if (name, row) not in self._told:
            self._told[name, row] = self.explain(row) if name == "quality" else self._of_sound(row)
        return self._told[name, row]

    def _of_sound(self, row: int) -> Sequence[Reason]:
        assert self.listener is not None
        told = self._by_sound.explain(self.listener, TrackId(int(self.candidates.ids[row])))
        return [replace(reason, text=_said_by_sound(reason.text)) for reason in told]


def _said_by_sound(text: str) -> str:
    """A reason of the sound model beside one of another model that may say the same."""
    return text if text.startswith(("and ", "held back")) else f"{text}, by sound"
