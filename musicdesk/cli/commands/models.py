"""`train`, `models`, `use`: learning, what was learned, and which of it is in use."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from musicdesk.cli import show
from musicdesk.cli.command import Command, Context, Result, job, minutes, named, number, seed, setting
from musicdesk.core.errors import Unusable
from musicdesk.core.types import RunId

ENCODER = "encoder"  # what is no model of taste, but trained by the same command


def _train_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("model", nargs="?", metavar="MODEL")
    parser.add_argument("--list", action="store_true", help="the models, and why one can't run yet")
    parser.add_argument("--set", action="append", default=[], type=setting, metavar="key=value")
    parser.add_argument("--crowd", type=named, metavar="NAME", help="the crowd to learn from; else the biggest")
    parser.add_argument("--seed", type=seed, metavar="N")
    own = parser.add_argument_group("for 'train encoder', which learns to hear from your library")
    own.add_argument("--adapt", action="store_true", help="begin from the encoder in use; kept only if it hears better")
    own.add_argument(
        "--minutes", type=minutes, metavar="M", help="of learning, at most (with --adapt: 10; 0: no limit)"
    )
    own.add_argument("--config", type=Path, metavar="FILE", help="a training configuration (TOML) of your own")
    own.add_argument("--name", metavar="NAME", help="what the new encoder is called")


def _train(context: Context, given: Namespace) -> Result:
    if given.list:
        from musicdesk.workflows.train import offered

        with context.desk() as desk:
            found = offered(desk)
        return {"models": found.models, "ladder": found.ladder, "encoder": found.encoder}
    if given.model is None:
        raise Unusable("Name a model to train; 'musicdesk train --list' shows them.")
    if given.model == ENCODER:
        return _train_encoder(context, given)
    if given.adapt or given.config or given.name or given.minutes is not None:
        raise Unusable("--adapt, --config, --name and --minutes are for 'musicdesk train encoder'.")
    request = {"model": given.model, "set": dict(given.set), "seed": given.seed or 0, "crowd": given.crowd}
    return job(context, "train", request)


def _train_encoder(context: Context, given: Namespace) -> Result:
    if given.crowd:
        raise Unusable("An encoder is taught by the sound of your library, not by a crowd.")
    config = str(given.config.absolute()) if given.config else ""
    request = {"adapt": given.adapt, "config": config, "set": dict(given.set), "seed": given.seed}
    return job(context, "teach", {**request, "minutes": given.minutes, "name": given.name})


def _show_train(result: Result) -> str:
    if "models" in result:
        told = "\n".join(
            f"{model['model']}: {model['title']}\n    {model['why_not'] or 'ready to learn'}"
            for model in result["models"]
        )
        hearing = "encoder: what hears your music, taught by it (--adapt)"
        ready = result["encoder"]["why_not"] or "ready to learn"
        return f"{told}\n{hearing}\n    {ready}\n\n{show.ladder(result['ladder'])}"
    if result["model"] == ENCODER:
        return str(result["sentence"])
    state = "in use" if result["active"] else f"'musicdesk use {result['run']}' puts it to use"
    told = f"Run {result['run']}: {result['model']}, {result['seconds']:.1f} s, {state}\n{_metrics(result['metrics'])}"
    return f"{told}\n{result['note']}" if result["note"] else told


def _metrics(metrics: Result) -> str:
    """The figures beside those of the controls, which saw exactly the same."""
    if metrics["note"]:
        return str(metrics["note"])
    controls, crowd = metrics["controls"], "listeners" in metrics
    names = [name for name in metrics if f"{name}_interval" in metrics]
    rows = [
        (name, *(_figure(found[name]) for found in (metrics, controls["popularity"], controls["random"])))
        for name in names
    ]
    told = show.table(rows, ("", "model", "what all play" if crowd else "artist's other plays", "chance"))
    over = "hidden plays" if crowd else "hidden likes and plays"
    if metrics.get("split") == "time":
        over = "tracks played for the first time, later on"
    return f"{told}\nover {metrics['held_out']:,} {over}"


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _models(context: Context, given: Namespace) -> Result:
    from musicdesk.workflows.runs import delete
    from musicdesk.workflows.taste import lost_run

    with context.desk() as desk:
        for run in given.delete:
            delete(desk, RunId(run))
        runs, lost = desk.catalog.runs.all(), lost_run(desk)
    return {
        "runs": [
            {
                "run": int(run.id),
                "model": run.model,
                "crowd": run.crowd,
                "seed": run.seed,
                "parameters": run.parameters,
                "metrics": run.metrics,
                "seconds": run.seconds,
                "active": run.active,
                "usable": lost is None if run.active else None,  # of the others nobody knows before they are asked
            }
            for run in runs
        ]
    }


def _show_models(result: Result) -> str:
    lines = [(run["run"], run["model"], _state(run), run["seconds"]) for run in result["runs"]]
    if not lines:
        return (
            "No model has been trained yet: 'musicdesk train --list' tells which can learn, and what the others need."
        )
    return show.table(lines, ("run", "model", "", "seconds"))


def _state(run: Result) -> str:
    if not run["active"]:
        return ""
    return "in use" if run["usable"] else "cannot be used any more"


def _use(context: Context, given: Namespace) -> Result:
    from musicdesk.workflows.runs import roll_back, use

    if (given.run is None) != given.back:
        raise Unusable("Name the run to use, or say --back for the one from before; 'musicdesk models' lists them.")
    with context.desk() as desk:
        used = roll_back(desk) if given.back else use(desk, RunId(given.run))
    return {"run": used.run, "model": used.model, "before": used.before, "active": True}


COMMANDS = [
    Command("train", "Train a model.", _train, _show_train, _train_arguments),
    Command("models", "Trained models with their metrics.", _models, _show_models, lambda parser: _add_delete(parser)),
    Command(
        "use",
        "Choose the trained model that recommends.",
        _use,
        lambda result: f"Run {result['run']} ({result['model']}) is in use.",
        lambda parser: _add_run(parser),
    ),
]


def _add_run(parser: ArgumentParser) -> None:
    parser.add_argument("run", type=number, nargs="?", metavar="RUN")
    parser.add_argument("--back", action="store_true", help="the run that was in use before")


def _add_delete(parser: ArgumentParser) -> None:
    parser.add_argument("--delete", type=number, action="append", default=[], metavar="RUN", help="let a run go")
