"""What is said after something went wrong that nobody foresaw. No Qt."""

from __future__ import annotations

from musicdesk.core.crashes import Report

SAFE = (
    "Ratings, plays and playlists are written the moment they are made, so nothing of that is lost. "
    "Your music files are never changed."
)
PRIVATE = "The report names no music, no folders and no person. It is sent nowhere; copy it to tell about it."
_SIGNALS = {
    4: "it used an instruction this processor does not have",
    6: "a part of it gave up",
    7: "a file under it went away or the disk failed",
    8: "it divided by zero",
    9: "it was ended from outside, which is what systems do when memory runs out",
    11: "it touched memory that is not its own",
    15: "it was asked to end from outside",
}


def happened(report: Report) -> str:
    """One sentence for the head of the page."""
    if report.process == "worker":
        return "A job in the background ended by a mistake of musicdesk. The window is not affected."
    if "The process crashed." in report.text:
        return "musicdesk ended by a crash the last time it ran."
    return "musicdesk made a mistake. The window may not show everything until it is restarted."


def ended(code: int, crashed: bool) -> str:
    """Why a worker process is gone, in words: 'signal 9: it was ended from outside, ...'."""
    if crashed:
        why = _SIGNALS.get(code)
        return f"signal {code}: {why}" if why else f"signal {code}"
    return f"exit code {code}"
