"""Where things live: the profile folder, shipped resources, shipped weights."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import musicdesk
from musicdesk.core.errors import Unusable

PROFILE_VARIABLE = "MUSICDESK_PROFILE"
_SEPARATOR = os.fsencode(os.sep)

LOCK = "catalog.lock"  # the owner's
DEMO_REPORT = "report"  # folder of what the demo writes; files of a person's own may lie there as well
DEMO_FILES = ("report.html", "report.md", "report.json", "map.png", "dark/map.png")
# All else that lies in a profile, the library last: a deletion that is cut off can be finished.
OWN = (
    "crashes",
    "settings.json",
    "spotify.json",
    "queue.json",
    "cache",
    "models",
    "reports",
    "crowds",
    "backups",
    "logs",
    "demo",
    "job.lock",
    ".musicdesk-tmp-*",
    "catalog-*.sqlite*",
    "catalog.open",
    "catalog.turn",
    "catalog.sqlite-*",
    "catalog.sqlite",
)


@dataclass(frozen=True)
class Profile:
    """One person's folder: catalog, caches, backups, logs. Folders 0700, files 0600."""

    folder: Path

    @property
    def catalog(self) -> Path:
        return self.folder / "catalog.sqlite"

    @property
    def settings(self) -> Path:
        return self.folder / "settings.json"

    @property
    def queue(self) -> Path:
        """What the window had queued when it was closed."""
        return self.folder / "queue.json"

    @property
    def cache(self) -> Path:
        return self.folder / "cache"

    @property
    def covers(self) -> Path:
        return self.cache / "covers"

    @property
    def models(self) -> Path:
        return self.folder / "models"

    @property
    def backups(self) -> Path:
        return self.folder / "backups"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def crashes(self) -> Path:
        """Reports of what went wrong."""
        return self.folder / "crashes"

    def make(self) -> Profile:
        """Creates the folders. Raises Unusable when the place cannot be written."""
        try:
            for folder in (self.folder, self.cache, self.covers, self.models, self.backups, self.logs):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise Unusable(
                f"The profile folder {self.folder} cannot be made or written ({error.strerror}). "
                "Choose another with --profile DIR."
            ) from error
        return self

    def spare(self, target: Path) -> None:
        """Raises Unusable where a file that a person has named would take the place of one of the profile's own."""
        if any(fnmatchcase(name.lower(), own) for name in self._names(target) for own in (*OWN, LOCK)):
            raise Unusable(f"{target} is where musicdesk keeps its own files; name another place.")

    def _names(self, path: Path) -> Iterator[str]:
        """What a path is called within the profile, by whichever way it leads there."""
        for whole in (path, path.resolve()):
            for folder in whole.parents:
                if _same(folder, self.folder):
                    yield whole.relative_to(folder).parts[0]


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def keep_in(profile: Profile) -> None:
    """What libraries keep for themselves lies in the profile as well, not in the home of whoever runs this."""
    os.environ.setdefault("MPLCONFIGDIR", os.fspath(profile.cache / "matplotlib"))


def default_profile() -> Profile:
    """The profile from the environment, or the system's place for application data. Raises Unusable where a person
    has no home, as in some containers."""
    named = os.environ.get(PROFILE_VARIABLE)
    if named:
        return Profile(placed(Path(named)))
    import platformdirs

    try:
        return Profile(platformdirs.user_data_path("musicdesk", appauthor=False).expanduser())
    except RuntimeError as error:
        raise Unusable("There is no home folder for the profile; name another place with --profile DIR.") from error


def _shipped(name: str) -> Path:
    """A data folder: inside the package in a wheel, beside it in a checkout."""
    package = Path(musicdesk.__file__).parent
    inside = package / f"_{name}"
    return inside if inside.is_dir() else package.parent / name


def resources() -> Path:
    return _shipped("resources")


def shipped_models() -> Path:
    return _shipped("models")


def placed(path: Path) -> Path:
    """A path as a person has typed it, absolute. Raises Unusable where its `~` leads nowhere."""
    try:
        return path.expanduser().absolute()
    except RuntimeError as error:
        raise Unusable(f"There is no home folder for '{path.parts[0]}'; name the whole path.") from error


def absolute(path: str | bytes | os.PathLike[str]) -> bytes:
    """A path as the catalog keeps it: bytes, absolute, not resolved through links."""
    return os.fsencode(os.path.abspath(os.path.expanduser(os.fsdecode(path))))


def under(path: bytes, folder: bytes) -> bool:
    """Whether `path` lies in `folder`, or is it."""
    return path == folder or path.startswith(folder.rstrip(_SEPARATOR) + _SEPARATOR)


def shown(path: bytes) -> str:
    """A path as a person may read it; undecodable bytes become the replacement sign."""
    return os.fsdecode(path).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
