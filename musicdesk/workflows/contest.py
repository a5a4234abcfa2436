"""A list of two models in a duel, before its levers: as `Prepared`, from both sides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from musicdesk.catalog.duels import Duel
from musicdesk.core.types import Playlist
from musicdesk.playlists.assemble import Assembled
from musicdesk.workflows.duel_lists import Interleaved, interleaved
from musicdesk.workflows.prepared import Prepared
from musicdesk.workflows.request import Request

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk


class Contest:
    """`prepare` scores the library by one model; each side is asked once for all that the levers do."""

    def __init__(self, desk: Desk, subject: Request, duel: Duel, prepare: Callable[[Desk, Request], Prepared]) -> None:
        self.subject = subject
        self._desk = desk
        self._duel = duel
        self._prepare = prepare
        self._sides: dict[str, Prepared] = {}
        self._made: Interleaved | None = None

    @property
    def year(self) -> float | None:
        return next(iter(self._sides.values())).year if self._sides else None

    @property
    def has_levers(self) -> bool:
        return True

    @property
    def tries(self) -> bool:
        """A duel compares what its models pick; nothing is drawn for them."""
        return False

    def compose(self, request: Request) -> tuple[Playlist, Assembled]:
        self._made = interleaved(self._desk, request, self._duel, self._draft)
        return self._made.playlist, self._made.assembled

    def _draft(self, desk: Desk, request: Request) -> tuple[Playlist, Assembled]:
        if request.model not in self._sides:
            self._sides[request.model] = self._prepare(desk, request)
        return self._sides[request.model].compose(replace(request, surprise=0.0))

    def keep(self, playlist: Playlist, request: Request) -> Playlist:
        """The list with its number, and for each pick whose it is."""
        made = self._made
        if made is None or made.playlist is not playlist:
            made = interleaved(self._desk, request, self._duel, self._draft)
        return replace(made, playlist=playlist).keep(self._desk, request.kept())
