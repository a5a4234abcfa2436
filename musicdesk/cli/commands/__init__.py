"""The commands, a file per subject. Each file lists its own; heavy imports wait until a command runs."""

from __future__ import annotations

from musicdesk.cli.command import Command
from musicdesk.cli.commands import (
    axis,
    care,
    demo,
    duel,
    encoders,
    evaluate,
    feedback_report,
    golden,
    gui,
    history,
    library,
    models,
    playlist,
    rate,
    recommend,
    spotify,
    status,
    studies,
    tags,
    why,
)
from musicdesk.cli.commands import (
    map as mapping,
)


def commands() -> list[Command]:
    rooms = (
        gui,
        demo,
        library,
        history,
        spotify,
        recommend,
        why,
        tags,
        rate,
        mapping,
        playlist,
        models,
        encoders,
        evaluate,
        duel,
        feedback_report,
        axis,
        golden,
        studies,
        status,
        care,
    )
    return [command for room in rooms for command in room.COMMANDS]
