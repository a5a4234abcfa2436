"""Whether a file can be opened at all, and what a person is told when it cannot."""

from __future__ import annotations

GONE = "The file is not there any more."
DENIED = "musicdesk is not allowed to read the file."
UNREAD = "The file could not be read: "
CLOSED = (GONE, DENIED, UNREAD)  # how reasons begin that say nothing of what is in a file


def why_closed(path: bytes) -> str:
    """Why a file cannot be opened now; '' when it can."""
    try:
        with open(path, "rb"):
            return ""
    except FileNotFoundError:
        return GONE
    except PermissionError:
        return DENIED
    except OSError as error:
        return f"{UNREAD}{error.strerror or error}."
