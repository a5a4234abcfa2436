"""What a report says of genres: lists under each with confidence, and how far the genre model can be believed."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from musicdesk.core.errors import MusicdeskError
from musicdesk.reports.plots import lines, matrix
from musicdesk.reports.report import Cell, Origin, Part, Table
from musicdesk.workflows.genres import per_genre

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk

log = logging.getLogger(__name__)

ROWS, GENRES = 5, 6  # of a genre's list, and genres, in a report
MOST_IN_MATRIX = 12  # genres whose confusions can be read


def genre_parts(desk: Desk, origin: Origin) -> list[Part]:
    """Parts for a report; none where the library knows no genre, or nothing was listened to."""
    try:
        found = per_genre(desk, ROWS, GENRES)
    except MusicdeskError as error:
        log.info("no lists under genres: %s", error)
        return []
    parts: list[Part] = [_lists(found, origin)]
    if found["quality"]:
        parts += _quality(found["quality"], origin)
    return parts


def _lists(found: Mapping[str, Any], origin: Origin) -> Table:
    rows = tuple(
        (
            genre["genre"] if place == 0 else "",
            f"{item['title']} – {item['artist']}" if item["artist"] else item["title"],
            Cell(item["confidence"], origin, digits=2),
            "tagged" if item["tagged"] else "heard",
        )
        for genre in found["genres"]
        for place, item in enumerate(genre["items"])
    )
    note = f"The best {ROWS} by taste ({found['model']}) under your strongest genres; 1 where the tags say so."
    return Table("Lists under genres", ("genre", "track", "confidence", "by"), rows, note)


def _quality(quality: Mapping[str, Any], origin: Origin) -> list[Part]:
    low, high = quality["accuracy_interval"]
    rows = (
        ("accuracy", Cell(quality["accuracy"], origin, low, high)),
        ("the most frequent genre alone", Cell(quality["majority"], origin)),
        ("calibration error (ECE)", Cell(quality["ece"], origin)),
        ("ECE of a perfect model with so few tracks, on average", Cell(quality["ece_chance"][0], origin)),
        ("ECE before calibration", Cell(quality["ece_before"], origin)),
    )
    note = "Tracks by artists that it had not heard while it learned."
    curve = quality["reliability"]
    told = [(c, a) for c, a in zip(curve["confidence"], curve["accuracy"], strict=True) if c is not None]
    parts: list[Part] = [Table("The genre model", ("", "on held-out artists"), rows, note)]
    if told:
        series = {"genre model": ([c for c, _ in told], [a for _, a in told])}
        caption = "Reliability: how often it is right, by how sure it is"
        parts.append(lines("reliability", caption, series, "confidence", "share right", diagonal=True))
    names = [str(name) for name in quality["genres"]]
    if 2 <= len(names) <= MOST_IN_MATRIX:
        caption = "Confusions between genres: rows are the tags, columns what it hears"
        parts.append(matrix("confusion", caption, {"held-out artists": np.array(quality["confusion"])}, names))
    return parts
