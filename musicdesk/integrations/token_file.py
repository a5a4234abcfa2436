"""The connection's token, in a file of the profile that only its owner can read (0600)."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from musicdesk.core.files import write_text

NAME = "spotify.json"


@dataclass(frozen=True)
class Token:
    client: str = field(repr=False)  # the client id that it was given to
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_at: int  # epoch seconds
    scope: str
    since: int  # when the person consented

    def granted(self, scope: str) -> bool:
        return scope in self.scope.split()


class TokenFile:
    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME

    def load(self) -> Token | None:
        """The token; None when there is none, or none that can be read."""
        try:
            found: Any = json.loads(self.path.read_text("utf-8"))
            token = Token(**found)
        except (OSError, ValueError, TypeError):
            return None
        texts = (token.client, token.access, token.refresh, token.scope)
        good = all(isinstance(text, str) for text in texts) and token.client and token.refresh
        return token if good and type(token.expires_at) is int and type(token.since) is int else None

    def save(self, token: Token) -> None:
        write_text(self.path, json.dumps(asdict(token)) + "\n")

    def renew(self, old: Token, new: Token) -> None:
        """Puts `new` in the place of `old`, unless the connection was ended or made anew meanwhile."""
        found = self.load()
        if found is not None and found.refresh == old.refresh:
            self.save(new)

    def forget(self, token: Token | None = None) -> bool:
        """Removes the token (with `token`: only that one); whether there was one."""
        if token is not None:
            found = self.load()
            if found is None or found.refresh != token.refresh:
                return False
        there = self.path.exists()
        self.path.unlink(missing_ok=True)
        return there
