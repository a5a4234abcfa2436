"""What the person has chosen. A small JSON file; unknown keys are kept, bad values fall back."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from musicdesk.core.files import write_text

DEVICES = ("auto", "cpu", "cuda", "mps")
THEMES = ("system", "dark", "light")
MOST = 2**31 - 1  # of any number: what a field of the window can hold. JSON has NaN and Infinity as well


@dataclass(frozen=True)
class Settings:
    device: str = "auto"
    theme: str = "system"
    reduced_motion: bool = False
    watch_folders: bool = True
    processes: int = 0  # decoder processes; 0 = one per core
    windows_mb: int = 2_000  # room for windows of sound that models learn from
    volume: float = 0.8
    exclude_words: tuple[str, ...] = ("audiobook", "podcast", "hörbuch", "christmas", "xmas", "weihnacht")
    exclude_shorter_s: float = 45.0
    exclude_longer_s: float = 900.0
    map_method: str = "neighbours"
    window_geometry: str = ""
    library_columns: tuple[str, ...] = ()  # those the person chose; none = all
    queue_open: bool = True
    stars: bool = False  # figures give stars instead of the four verbs
    offline: bool = False  # no connection is made, whatever is asked for
    spotify_client_id: str = ""  # the person's own
    spotify_accounts: str = "https://accounts.spotify.com"
    spotify_api: str = "https://api.spotify.com/v1"
    unknown: dict[str, Any] = field(default_factory=dict)


def load(path: Path) -> Settings:
    """Settings from `path`; a missing or broken file gives the defaults."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return Settings()
    return merged(Settings(), found) if isinstance(found, dict) else Settings()


def merged(settings: Settings, values: dict[str, Any]) -> Settings:
    """`settings` with those of `values` that are known and of the right kind."""
    defaults = Settings()
    good: dict[str, Any] = {}
    unknown = dict(settings.unknown)
    names = {f.name for f in fields(Settings)} - {"unknown"}
    for name, value in values.items():
        if name not in names:
            unknown[name] = value
        elif _fits(name, value, getattr(defaults, name)):
            good[name] = tuple(value) if isinstance(value, list) else value
    return replace(settings, unknown=unknown, **good)


def _fits(name: str, value: Any, like: Any) -> bool:
    if name == "device":
        return value in DEVICES
    if name == "theme":
        return value in THEMES
    if isinstance(like, bool):
        return isinstance(value, bool)
    if isinstance(like, tuple):
        return isinstance(value, list | tuple) and all(isinstance(v, str) for v in value)
    if isinstance(like, int | float):
        return isinstance(value, int | type(like)) and not isinstance(value, bool) and 0 <= value <= MOST
    return type(value) is type(like)


def save(settings: Settings, path: Path) -> None:
    values = asdict(settings)
    unknown = values.pop("unknown")
    write_text(path, json.dumps({**unknown, **values}, indent=2, sort_keys=True, ensure_ascii=False) + "\n")
