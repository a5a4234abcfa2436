"""What may be wrong with a connection, each in a sentence; none holds an address, a token or a name."""

from __future__ import annotations

from musicdesk.core.errors import MusicdeskError, NotReady


class Unreachable(MusicdeskError):
    """No answer, or one that cannot be read."""


class Broken(Unreachable):
    """There was an answer, and it is of no use; other questions may get better ones."""


class Unsupported(MusicdeskError):
    """The service does not give this any more, or not to this client id."""

    def __init__(self, what: str, status: int) -> None:
        super().__init__(f"Spotify does not give {what} to this client id (answer {status}).")
        self.status = status


class Crowded(MusicdeskError):
    """The service asks for a longer pause than anybody would wait for."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"Spotify asks to be left alone for {_span(seconds)}; what came before is kept. Try again after that."
        )
        self.seconds = seconds


class NotConnected(NotReady):
    def __init__(self) -> None:
        super().__init__(
            "musicdesk is not connected with Spotify; 'musicdesk spotify connect' or the History page does that."
        )


class Revoked(NotReady):
    def __init__(self) -> None:
        super().__init__("Spotify no longer accepts this connection, so it was forgotten here. Connect again.")


class Denied(NotReady):
    """Consent was not given, or the answer was no answer to our question."""


class HttpFault(Exception):
    """An answer that is no good, before anybody has said what it means. Internal to this room.

    `code` is the short word of an OAuth answer, such as `invalid_grant`.
    """

    def __init__(self, status: int, retry_after: float | None = None, code: str = "") -> None:
        super().__init__(f"status {status}")
        self.status = status
        self.retry_after = retry_after
        self.code = code


def _span(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    minutes = round(seconds / 60)
    return f"{minutes} minutes" if minutes < 90 else f"{round(minutes / 60):,} hours"
