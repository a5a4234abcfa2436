"""Errors a person is meant to read.

`str(error)` is a whole sentence for the user; data for programs sits in attributes. Anything that is
not a `MusicdeskError` is a bug and keeps its trace.
"""

from __future__ import annotations


class MusicdeskError(Exception):
    """Base of all explained errors; the faces catch this one and print its sentence."""


class Cancelled(MusicdeskError):
    """The person stopped the job; what was committed before stays."""

    def __init__(self) -> None:
        super().__init__("Stopped. What was finished so far is kept.")


class NotFound(MusicdeskError):
    """Something named by the user does not exist."""


class Unusable(MusicdeskError):
    """Input that cannot be used, with the reason in the sentence."""


class NotReady(MusicdeskError):
    """An earlier step is missing; the sentence names the step."""


class Emptied(NotReady):
    """A list in which a rule has left nothing; `rule` is its name."""

    def __init__(self, text: str, rule: str) -> None:
        super().__init__(text)
        self.rule = rule


class CatalogTooNew(MusicdeskError):
    """The catalog was written by a newer program; it is left untouched."""

    def __init__(self, found: int, known: int) -> None:
        super().__init__(
            f"This library was written by a newer musicdesk (schema {found}, this one knows {known}). "
            "Nothing was changed; please update musicdesk."
        )
        self.found = found
        self.known = known


class CatalogDamaged(MusicdeskError):
    """The catalog file is not a healthy SQLite database of ours."""


class LibraryDamaged(CatalogDamaged):
    """The library file itself is damaged; it can be repaired from what is readable and a backup."""


class Offline(MusicdeskError):
    """The person has switched connections off; none is made."""

    def __init__(self) -> None:
        super().__init__("musicdesk is offline by your choice (Settings, Privacy), so no connection is made.")


class Busy(MusicdeskError):
    """Another musicdesk process holds what this one needs."""


class SoundError(MusicdeskError):
    """A file could not be turned into sound; `stage` says where, the text says why."""

    def __init__(self, reason: str, stage: str = "decode") -> None:
        super().__init__(reason)
        self.stage = stage


class SilentAudio(SoundError):
    """There is sound data, but its peak is under the audible floor."""

    def __init__(self) -> None:
        super().__init__("The file holds only silence.", stage="sound")
