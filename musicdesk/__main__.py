"""The one entry: dispatches children and workers before anything heavy is imported."""

from __future__ import annotations

import os
import sys


def main() -> int:
    os.umask(0o077)  # what libraries write is as private as what we do
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
