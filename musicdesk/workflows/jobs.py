"""The jobs: what a worker, the window and the command line can all start, by name."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from musicdesk.core.changes import Changes
from musicdesk.core.errors import Busy, Cancelled, CatalogDamaged, LibraryDamaged, MusicdeskError
from musicdesk.core.locks import FileLock
from musicdesk.core.progress import Monitor
from musicdesk.core.registry import Registry
from musicdesk.core.types import PlaylistId, TrackId
from musicdesk.workflows.mend_history import mend_history

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk

log = logging.getLogger(__name__)

Run = Callable[["Desk", dict[str, Any], Monitor], Any]


@dataclass(frozen=True)
class Job:
    name: str
    title: str  # for the job strip
    run: Run  # returns a dataclass with a field `changes`
    alone: bool = True  # false for small ones that may run beside another


@dataclass(frozen=True)
class JobResult:
    result: dict[str, Any] = field(default_factory=dict)
    changes: Changes = Changes.NOTHING


def as_json(result: Any) -> dict[str, Any]:
    """A result's fields, without `changes`."""
    values = asdict(result)
    values.pop("changes", None)
    return values


def run_job(desk: Desk, name: str, request: dict[str, Any], monitor: Monitor) -> JobResult:
    """Runs a job to its end, with its row in the job table.

    One job at a time writes to a profile: raises Busy when another process is at it.
    """
    job = JOBS[name]
    lock = FileLock(desk.profile.folder / "job.lock")
    if job.alone and not lock.take():
        raise Busy("Another musicdesk is already working on this library; wait for it, or cancel it there.")
    try:
        if job.alone:
            desk.catalog.jobs.mark_lost()
        number = desk.catalog.jobs.begin(name, request)
        try:
            mended = mend_history(desk, monitor) if job.alone else Changes.NOTHING
            result = job.run(desk, request, monitor)
        except Cancelled as stop:
            desk.catalog.jobs.end(number, "cancelled", str(stop))
            raise
        except Exception as error:
            desk.catalog.jobs.end(number, "failed", str(error))
            raise
        desk.catalog.jobs.end(number, "finished")
        if job.alone and result.changes:
            _back_up(desk)
        return JobResult(as_json(result), result.changes | mended)
    finally:
        lock.release()


def _back_up(desk: Desk) -> None:
    """The day's backup, after the first job that changed something. Its failure is no failure of the job."""
    from musicdesk.workflows.backups import rotate

    try:
        rotate(desk)
    except CatalogDamaged as error:  # this must not go unnoticed until the last good backup is gone
        raise LibraryDamaged(str(error)) from error
    except (MusicdeskError, OSError) as error:
        log.warning("no backup today: %s", error)


def _look_through(desk: Desk, _request: dict[str, Any], monitor: Monitor) -> Any:
    from musicdesk.workflows.recovery import look_through

    return look_through(desk, monitor)


def _scan(desk: Desk, request: dict[str, Any], monitor: Monitor) -> Any:
    from musicdesk.workflows.scan import scan

    return scan(desk, roots(request), monitor)


def roots(request: dict[str, Any]) -> list[bytes]:
    """The folders a request names (text, undecodable bytes as surrogates)."""
    return [os.fsencode(root) for root in request.get("roots", [])]


def _analyze(desk: Desk, request: dict[str, Any], monitor: Monitor) -> Any:
    from musicdesk.workflows.analyze import analyze

    return analyze(desk, monitor, request.get("limit"), request.get("encoder"), request.get("edges", False))


def _project(desk: Desk, request: dict[str, Any], monitor: Monitor) -> Any:
    from musicdesk.workflows.project import project

    return project(desk, request.get("method") or desk.settings.map_method, monitor)


def _around(desk: Desk, request: dict[str, Any], monitor: Monitor) -> Any:
    from musicdesk.workflows.around import COUNT, around

    return around(desk, TrackId(request["track"]), request.get("count") or COUNT, monitor)


def _compare_maps(desk: Desk, request: dict[str, Any], monitor: Monitor) -> Any:
    from musicdesk.workflows.compare_maps import compare_maps

    return compare_maps(desk, monitor, request.get("methods") or ())


def _train(desk: Desk, request: dict[str, Any], monitor: Monitor) -> Any:
    from musicdesk.recommenders.registry import DEFAULT
    from musicdesk.workflows.train import train

    name, settings, seed = request.get("model", DEFAULT), request.get("set", {}), request.get("seed", 0)
    return train(desk, name, settings, seed, monitor, request.get("crowd") or "")


def _encoder(desk: Desk, request: dict[str, Any], monitor: Monitor) -> Any:
    from musicdesk.workflows.switch import switch

    return switch(desk, request.get("name") or "", monitor)


def _remove_encoder(desk: Desk, request: dict[str, Any], _monitor: Monitor) -> Any:
    from musicdesk.workflows.encoders import remove

    return remove(desk, request["name"])


def _teach(desk: Desk, request: dict[str, Any], monitor: Monitor) -> Any:
    from musicdesk.workflows.teach import Wish, teach

    config = Path(request["config"]) if request.get("config") else None
    wish = Wish(
        bool(request.get("adapt", True)),
        config,
        request.get("set", {}),
        request.get("seed"),
        request.get("minutes"),
        request.get("name") or "",
    )
    return teach(desk, wish, monitor)


def _offers(desk: Desk, _request: dict[str, Any], _monitor: Monitor) -> Any:
    from musicdesk.workflows.train import offered

    return offered(desk)


def _hear_why(desk: Desk, request: dict[str, Any], monitor: Monitor) -> Any:
    from musicdesk.workflows.hear_why import hear_why

    return hear_why(desk, TrackId(request["track"]), TrackId(request["other"]), monitor)


def _lanes(desk: Desk, _request: dict[str, Any], _monitor: Monitor) -> Any:
    from musicdesk.workflows.lanes import lanes

    return lanes(desk)


def _lessons(desk: Desk, request: dict[str, Any], monitor: Monitor) -> Any:
    from musicdesk.workflows.lessons import LESSONS, lessons

    return lessons(desk, monitor, int(request.get("n") or LESSONS), int(request.get("seed") or 0))


def _waveform(desk: Desk, request: dict[str, Any], monitor: Monitor) -> Any:
    from musicdesk.workflows.waveform import sharpen

    return sharpen(desk, TrackId(request["track"]), monitor)


def _settle(desk: Desk, request: dict[str, Any], monitor: Monitor) -> Any:
    from musicdesk.workflows.settle import settle

    return settle(desk, roots(request), monitor)


def _demo(desk: Desk, request: dict[str, Any], monitor: Monitor) -> Any:
    from musicdesk.workflows.demo import demo

    return demo(desk, request.get("tracks", 96), monitor)


def _import(desk: Desk, request: dict[str, Any], monitor: Monitor) -> Any:
    from musicdesk.workflows.import_history import ME, import_history

    paths = [Path(path) for path in request.get("paths", [])]
    listener = request.get("listener") or ME
    return import_history(desk, paths, monitor, request.get("format") or "", listener, request.get("crowd") or "")


def _forget(desk: Desk, request: dict[str, Any], monitor: Monitor) -> Any:
    from musicdesk.workflows.forget import forget, forget_all, forget_crowd

    if "sources" in request:
        return forget_all(desk, [(first, last) for first, last in request["sources"]], monitor)
    return forget(desk, request["source"], monitor) if "source" in request else forget_crowd(desk, request["crowd"])


def _match(desk: Desk, _request: dict[str, Any], monitor: Monitor) -> Any:
    from musicdesk.workflows.match import match

    return match(desk, monitor)


def _recommend_crowd(desk: Desk, request: dict[str, Any], monitor: Monitor) -> Any:
    from musicdesk.workflows.recommend_crowd import EVERYBODY, recommend_crowd

    listeners, n = request.get("listeners", EVERYBODY), request.get("n", 100)
    model, out, seed = request.get("model") or "", Path(request["out"]), request.get("seed")
    return recommend_crowd(desk, request["crowd"], listeners, n, model, out, seed, monitor)


def _evaluate(desk: Desk, request: dict[str, Any], monitor: Monitor) -> Any:
    from musicdesk.workflows.evaluate import evaluate

    out = Path(request["out"]) if request.get("out") else None
    runs, crowd = request.get("runs") or (), request.get("crowd") or ""
    split, days = request.get("split") or "", float(request.get("days") or 0.0)
    return evaluate(desk, monitor, runs, crowd, split, request.get("seed", 0), out, days)


def _reproduce(desk: Desk, request: dict[str, Any], monitor: Monitor) -> Any:
    from musicdesk.workflows.reproduce import reproduce

    data, out = (Path(request[key]) if request.get(key) else None for key in ("data", "out"))
    return reproduce(
        desk,
        request["study"],
        monitor,
        data,
        out,
        request.get("seed", 0),
        request.get("set", {}),
        bool(request.get("made_up")),
    )


def _spotify_connect(desk: Desk, request: dict[str, Any], monitor: Monitor) -> Any:
    from musicdesk.workflows.spotify import connect

    return connect(desk, monitor, int(request.get("port") or 0))


def _spotify_fetch(desk: Desk, request: dict[str, Any], monitor: Monitor) -> Any:
    from musicdesk.workflows.spotify import fetch

    return fetch(desk, monitor, request.get("listener") or "me")


def _feedback_report(desk: Desk, request: dict[str, Any], monitor: Monitor) -> Any:
    from musicdesk.workflows.feedback_report import feedback_report

    return feedback_report(desk, Path(request["out"]) if request.get("out") else None, monitor)


def _golden(desk: Desk, _request: dict[str, Any], monitor: Monitor) -> Any:
    from musicdesk.workflows.golden import check

    return check(desk, monitor)


def _spotify_playlist(desk: Desk, request: dict[str, Any], monitor: Monitor) -> Any:
    from musicdesk.workflows.spotify_playlist import send

    return send(desk, PlaylistId(request["playlist"]), monitor, request.get("name") or "")


def _jobs() -> Registry[Job]:
    jobs: Registry[Job] = Registry("job")
    for job in (
        Job("scan", "Looking for music", _scan),
        Job("analyze", "Listening to your music", _analyze),
        Job("project", "Drawing the map", _project),
        Job("around", "Drawing the map around a song", _around, alone=False),
        Job("compare-maps", "Comparing ways to draw the map", _compare_maps, alone=False),
        Job("train", "Learning your taste", _train),
        Job("encoder", "Listening anew", _encoder),
        Job("teach", "Teaching the encoder your library", _teach),
        Job("remove-encoder", "Removing an encoder", _remove_encoder),
        Job("import", "Reading your history", _import),
        Job("forget", "Taking an import back", _forget),
        Job("match", "Matching your history", _match),
        Job("recommend-crowd", "Making lists for a crowd", _recommend_crowd),
        Job("evaluate", "Measuring the models", _evaluate),
        Job("feedback-report", "Counting what you said", _feedback_report, alone=False),
        Job("golden", "Asking what you expect of every model", _golden, alone=False),
        Job("reproduce", "Reproducing a study", _reproduce),
        Job("offers", "Looking at what can be learned", _offers, alone=False),
        Job("hear-why", "Listening to what is alike", _hear_why, alone=False),
        Job("lanes", "Sorting what Discover offers", _lanes, alone=False),
        Job("lessons", "Working out what to ask", _lessons, alone=False),
        Job("spotify-connect", "Connecting with Spotify", _spotify_connect, alone=False),
        Job("spotify-fetch", "Asking Spotify", _spotify_fetch),
        Job("spotify-playlist", "Making a playlist at Spotify", _spotify_playlist, alone=False),
        Job("look-through", "Looking through the library file", _look_through, alone=False),
        Job("waveform", "Drawing the waveform", _waveform, alone=False),
        Job("settle", "Getting to know your music", _settle),
        Job("demo", "Making the demo library", _demo),
    ):
        jobs.add(job.name, job)
    return jobs


JOBS = _jobs()
