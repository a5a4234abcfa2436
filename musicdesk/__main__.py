"""The one entry: dispatches children and workers before anything heavy is imported."""

from __future__ import annotations

import os
import sys


def stand_in() -> None:
    """Puts nothing in the place of a stream that was closed before we began, as `2>&-` does: the next file that is
    opened would get its number, and with it what a library or a child says on stderr."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            number = os.open(os.devnull, os.O_RDWR)  # the lowest that is free, so the three in their order
            os.set_inheritable(number, True)
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8"))


def main() -> int:
    os.umask(0o077)  # what libraries write is as private as what we do
    stand_in()
    arguments = sys.argv[1:]
    if arguments[:1] == ["--child"]:
        from musicdesk.core.killable import serve

        serve(arguments[1], int(arguments[2]))
        return 0
    if arguments[:1] == ["--worker"]:
        from musicdesk.worker.process import main as work

        return work(arguments[1:])
    from musicdesk.cli.main import main as command_line

    return command_line(arguments)


if __name__ == "__main__":
    sys.exit(main())
