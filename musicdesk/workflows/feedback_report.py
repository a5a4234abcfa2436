"""What you said of the lists: likes, skips and plays to the end by model, over time, and the duels."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from musicdesk.catalog.duels import Contestant
from musicdesk.core.changes import Changes
from musicdesk.core.errors import NotReady
from musicdesk.core.progress import Monitor
from musicdesk.core.types import Verdict
from musicdesk.evaluation import feedback
from musicdesk.evaluation.feedback import Like, Picks, Said, Tried
from musicdesk.evaluation.interleaving import COMPLETED
from musicdesk.evaluation.intervals import Interval
from musicdesk.reports.write import write_report
from musicdesk.workflows.duel import duels
from musicdesk.workflows.feedback_pages import pages
from musicdesk.workflows.listening_test import MADE_BY, Test, tests
from musicdesk.workflows.reports import folder_of

if TYPE_CHECKING:
    from musicdesk.catalog.fates import Shown
    from musicdesk.workflows.desk import Desk

NAME = "feedback"  # of the report
BY_SOUND = "sound alone"  # lists that no model made
NOTHING = "Nothing of your lists has been played or rated yet; play one, and there will be something to tell."


@dataclass(frozen=True)
class FeedbackReport:
    """models: per model lists, shown, met, begun, put_off, like_rate, skip_rate, completion_rate (value, low, high),
    distance, new, again, tried (see `_tried`); over_time: the same shares by period; sign_test: of the newest duel that
    came to its end, or None; listening_tests: see `listening_test`, the newest first"""

    lists: int
    shown: int
    met: int
    models: list[dict[str, Any]]
    over_time: list[dict[str, Any]]
    duels: list[dict[str, Any]]
    sign_test: dict[str, Any] | None
    listening_tests: list[dict[str, Any]]
    report: str
    files: list[str]
    changes: Changes = field(default=Changes.REPORTS)


def feedback_report(desk: Desk, out: Path | None, monitor: Monitor) -> FeedbackReport:
    """Counts, and writes the report into `out`, by default the profile's `reports/feedback`.

    raises: NotReady while nothing was played or rated of any list
    """
    monitor.report(0, 2, "Counting what became of your lists")
    shown = [pick for pick in desk.catalog.fates.all() if pick.model != MADE_BY]
    names, picks = columns(shown)
    judged = tests(desk)
    if not (picks.met | picks.put_off).any() and not any(test.judged for test in judged):
        raise NotReady(NOTHING)
    models = by_model(desk, names, picks)
    over_time = [
        {"period": period, "model": name, **_rates(found)}
        for code, name in enumerate(names)
        for period, found in feedback.over_time(picks, (picks.met | picks.put_off) & (picks.model == code))
    ]
    told = [duel.as_json() for duel in duels(desk)]
    over = next((duel for duel in told if duel["state"] == "finished"), None)
    sign_test = over and {name: over[name] for name in ("a", "b", "wins_a", "wins_b", "ties", "p", "winner")}
    monitor.report(1, 2, "Writing the report")
    files = write_report(pages(desk, models, over_time, told, judged), out or folder_of(desk, NAME))
    written = [str(path) for path in (files.html, files.markdown, *files.plots)]
    counts = (len(np.unique(picks.list)), len(picks), int(picks.met.sum()))
    return FeedbackReport(
        *counts, models, over_time, told, sign_test, [_test(test) for test in judged], str(files.html), written
    )


def _test(test: Test) -> dict[str, Any]:
    shares = {
        who: {"tracks": share.tracks, "liked": _share(share.liked), "played": _share(share.played)}
        for who, share in test.shares.items()
    }
    told = {"playlist": int(test.playlist), "name": test.name, "days": test.days, "sentence": test.sentence}
    return {**told, "tracks": test.tracks, "judged": test.judged, "shares": shares}


def columns(shown: list[Shown]) -> tuple[list[str], Picks]:
    """Names of the models, and the picks as columns with the models by their place in it."""
    labels = [str(Contestant(pick.model, pick.run)) if pick.model else BY_SOUND for pick in shown]
    names = sorted(set(labels))
    codes = {name: code for code, name in enumerate(names)}

    def column(values: list[Any], kind: type) -> np.ndarray:
        return np.array(values, dtype=kind)

    return names, Picks(
        model=column([codes[label] for label in labels], np.int64),
        list=column([pick.list for pick in shown], np.int64),
        made_at=column([pick.made_at for pick in shown], np.float64),
        track=column([pick.track for pick in shown], np.int64),
        liked=column([pick.verdict is Verdict.LIKE for pick in shown], bool),
        disliked=column([pick.verdict in (Verdict.DISLIKE, Verdict.NEVER) for pick in shown], bool),
        begun=column([pick.heard is not None for pick in shown], bool),
        skipped=column([pick.skipped and (pick.heard or 0) < COMPLETED for pick in shown], bool),
        propensity=column([np.nan if pick.propensity is None else pick.propensity for pick in shown], np.float64),
        put_off=column([pick.put_off for pick in shown], bool),
        completed=column([(pick.heard or 0) >= COMPLETED for pick in shown], bool),
    )


def by_model(desk: Desk, names: list[str], picks: Picks) -> list[dict[str, Any]]:
    """Of each model whose picks were met, the most met first."""
    new = feedback.never_played(picks, *desk.catalog.listens.timed())
    again = feedback.shown_again(picks)
    vectors = _vectors(desk, picks.track)
    found = []
    for code, name in enumerate(names):
        rows = picks.model == code
        what = feedback.said(picks, rows)
        if what.met or what.put_off:
            alike = feedback.like(picks, rows, new, again, vectors)
            tried = _tried(feedback.tried(picks, rows))
            found.append({"model": name, **_rates(what), **_plain(alike), "tried": tried})
    return sorted(found, key=lambda row: (-row["met"], row["model"]))


def _vectors(desk: Desk, tracks: np.ndarray) -> np.ndarray:
    """float32 (tracks, dim): the embeddings, rows of zeros where there is none."""
    known = desk.vectors()
    found = np.zeros((len(tracks), known.matrix.shape[1]), np.float32)
    at = known.places.of(tracks)
    found[at >= 0] = known.matrix[at[at >= 0]]
    return found


def _rates(what: Said) -> dict[str, Any]:
    counts = {name: getattr(what, name) for name in ("lists", "shown", "met", "begun", "put_off")}
    shares = {"like_rate": what.like, "skip_rate": what.skip, "completion_rate": what.complete}
    return {**counts, **{name: _share(share) for name, share in shares.items()}}


def _tried(what: Tried) -> dict[str, Any]:
    """shown, met, like_rate as it came, and like_rate_by_propensity: of all that could have been tried out."""
    shares = {"like_rate": _share(what.like), "like_rate_by_propensity": _share(what.unbiased)}
    return {"shown": what.shown, "met": what.met, **shares}


def _share(share: Interval) -> dict[str, float] | None:
    return None if np.isnan(share.mean) else {"value": share.mean, "low": share.low, "high": share.high}


def _plain(what: Like) -> dict[str, float | None]:
    return {name: None if np.isnan(value) else value for name, value in asdict(what).items()}
