"""Vectors of an alternating least squares that is under way, on disk: after a kill it goes on from them."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import Any

from musicdesk.core.errors import NotFound, Unusable
from musicdesk.core.files import sweep_temps
from musicdesk.recommenders import store

log = logging.getLogger(__name__)

NAME = "als under way"
EVERY_S = 60.0  # between two writings; a short training writes none


class Kept:
    """folder: None keeps nothing; belongs: what must be equal for vectors to be taken up again, fit for JSON.

    The state of an ALS is its two tables: what goes on from them ends as if it had never stopped.
    """

    def __init__(self, folder: Path | None, belongs: dict[str, Any], every: float = EVERY_S) -> None:
        self._folder = folder / "als" if folder is not None else None
        self._belongs, self._every = belongs, every
        self._last = time.monotonic()

    def take_up(self, model: Any) -> int:
        """Gives `model` the vectors that were kept; returns after how many iterations that was, 0 for none."""
        if self._folder is None or not (self._folder / store.HEAD).is_file():
            return 0
        sweep_temps(self._folder)
        try:
            head, tables = store.read(self._folder, NAME)
        except (NotFound, Unusable) as error:
            log.info("the learning begins anew: %s", error)
            return 0
        if head["belongs"] != self._belongs:
            return 0
        model.user_factors, model.item_factors = tables["listeners"], tables["songs"]
        return int(head["iterations"])

    def keep(self, model: Any, iterations: int) -> None:
        """Writes the vectors when the last writing is long enough ago."""
        if self._folder is None or time.monotonic() - self._last < self._every:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        tables = {"listeners": model.user_factors, "songs": model.item_factors}
        store.write(self._folder, NAME, {"belongs": self._belongs, "iterations": iterations}, tables)
        self._last = time.monotonic()
