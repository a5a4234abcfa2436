"""Encoders that a person brings: a folder with a card and a file of weights, neither of which is trusted.

    NAME/card.toml                   NAME/card.toml
    NAME/model.onnx                  NAME/weights.safetensors

    name = "NAME"                    name = "NAME"
    kind = "onnx"                    kind = "safetensors"      # the numbers of a network that musicdesk has itself
    file = "model.onnx"              file = "weights.safetensors"
    dim = 64                         dim = 128
    licence = "MIT"                  licence = "CC0-1.0"
    source = "who made it, of what"  source = "..."
    [input]                          [input]
    form = "samples"                 form = "mel"              # either kind may take either form
    rate_hz = 16000                  rate_hz = 22050
    seconds = 5.0                    window = 1024
                                     hop = 512
                                     bands = 128
                                     frames = 130

An ONNX model takes one float32 array, (n, samples) in [-1, 1] or (n, frames, bands) as log10(1 + 10 mel), and gives
(n, dim). A hash in the card (`sha256`) must be that of the file; without one, the hash is kept at the first use.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from musicdesk.core.errors import Unusable
from musicdesk.core.files import write_text
from musicdesk.core.types import MelSpec
from musicdesk.encoders.weights import LARGEST, NAME, Card

CARD, PIN = "card.toml", "pinned.sha256"
LONGEST_CARD = 65_536  # bytes
_SHA = re.compile(r"[0-9a-f]{64}")
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_. -]{0,127}")
_KEYS = {"name", "kind", "file", "dim", "licence", "source", "sha256", "width", "input"}
_RANGES: dict[str, tuple[float, float]] = {
    "dim": (2, 8_192),
    "width": (2, 8_192),
    "rate_hz": (4_000, 192_000),
    "seconds": (0.1, 60.0),
    "window": (16, 65_536),
    "hop": (1, 65_536),
    "bands": (4, 1_024),
    "frames": (1, 100_000),
}
_FORMS = {"samples": ("rate_hz", "seconds"), "mel": ("rate_hz", "window", "hop", "bands", "frames")}


@dataclass(frozen=True, slots=True)
class InputSpec:
    """What an encoder hears at a time. `mel` is None for one that takes samples."""

    rate_hz: int
    samples: int  # of mono sound, per window
    mel: MelSpec | None = None
    frames: int = 0

    @classmethod
    def of_mel(cls, mel: MelSpec, frames: int) -> InputSpec:
        return cls(mel.rate_hz, (frames - 1) * mel.hop + mel.window, mel, frames)


@dataclass(frozen=True)
class BroughtCard:
    """An ONNX encoder of the person's own. `sha256` is '' until it has been used once."""

    name: str
    dim: int
    sha256: str
    licence: str
    data: str  # where it is from, in the person's words
    input: InputSpec
    kind: str = "onnx"

    @property
    def encoder_id(self) -> str:
        """Name, weights and input in one word; '' while the weights have no hash."""
        if not self.sha256:
            return ""
        spec = json.dumps(asdict(self.input), sort_keys=True)
        return f"{self.name}-{self.sha256[:10]}-{hashlib.sha256(spec.encode()).hexdigest()[:6]}"


def read_brought(folder: Path) -> tuple[Card | BroughtCard, Path]:
    """The card in `folder`, and the file of its weights. Raises Unusable with a sentence on what is wrong with it."""
    path = folder / CARD
    try:
        if path.stat().st_size > LONGEST_CARD:
            raise Unusable(f"The card {path} is larger than a card can be.")
        values = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise Unusable(f"The card {path} cannot be read ({error}).") from error
    return _Reader(path, values).card()


class _Reader:
    """Values of a card, each checked; the first that is wrong is told."""

    def __init__(self, path: Path, values: dict[str, Any]) -> None:
        self._path, self._values = path, values

    def card(self) -> tuple[Card | BroughtCard, Path]:
        folder, values = self._path.parent, self._values
        if unknown := sorted(set(values) - _KEYS):
            raise self._wrong(f"it has '{unknown[0]}', which is no key of a card")
        name = self._text(values, "name")
        if name != folder.name or not NAME.fullmatch(name):
            raise self._wrong(f"its name must be that of its folder, '{folder.name}', in letters, digits, . _ -")
        kind = self._text(values, "kind")
        if kind not in ("onnx", "safetensors"):
            raise self._wrong(f"its kind is '{kind}'; 'onnx' and 'safetensors' are known")
        file, licence, source = (self._text(values, key) for key in ("file", "licence", "source"))
        self._check_file(folder, file, "." + kind)
        sha256, heard, dim = self._hash(folder), self._input(), int(self._number(values, "dim"))
        if kind == "onnx":
            return BroughtCard(name, dim, sha256, licence, source, heard), folder / file
        if heard.mel is None:
            raise self._wrong("networks of musicdesk's own hear mel pictures, not samples")
        width = int(self._number({"width": 256, **values}, "width"))
        card = Card(name, dim, sha256, licence, source, width=width, mel=heard.mel, window_frames=heard.frames)
        return card, folder / file

    def _input(self) -> InputSpec:
        table = self._values.get("input")
        form = table.get("form") if isinstance(table, dict) else None
        if not isinstance(table, dict) or form not in _FORMS:
            raise self._wrong('its [input] must say form = "samples" or form = "mel"')
        if unknown := sorted(set(table) - {"form", *_FORMS[form]}):
            raise self._wrong(f"its [input] has '{unknown[0]}', which says nothing for {form}")
        found = {key: self._number(table, key) for key in _FORMS[form]}
        rate = int(found["rate_hz"])
        if form == "samples":
            return InputSpec(rate, round(rate * found["seconds"]))
        spec = InputSpec.of_mel(
            MelSpec(rate, *(int(found[key]) for key in ("window", "hop", "bands"))), int(found["frames"])
        )
        if spec.samples > 60 * rate:
            raise self._wrong("one window of its input is longer than a minute")
        return spec

    def _check_file(self, folder: Path, file: str, ending: str) -> None:
        """A plain file of the folder itself: a card must not point anywhere else."""
        path = folder / file
        if not _FILE.fullmatch(file) or not file.endswith(ending):
            raise self._wrong(
                f"its file must be the plain name of a {ending} file in the same folder, not '{file[:80]}'"
            )
        if path.is_symlink() or not path.is_file():
            raise self._wrong(f"there is no file {file} beside it" + (" but a link" if path.is_symlink() else ""))
        if path.stat().st_size > LARGEST:
            raise self._wrong(f"{file} is larger than {LARGEST >> 30} GB, the most that is taken")

    def _hash(self, folder: Path) -> str:
        told = self._values.get("sha256")
        if told is None:
            try:
                told = (folder / PIN).read_text("ascii").strip()
            except (OSError, ValueError):
                return ""
        if not isinstance(told, str) or not _SHA.fullmatch(told):
            raise self._wrong("its sha256 is not a hash of 64 hexadecimal digits")
        return told

    def _text(self, values: dict[str, Any], key: str) -> str:
        value = values.get(key)
        if not isinstance(value, str) or not value.strip() or len(value) > 500 or not value.isprintable():
            raise self._wrong(f"it does not say '{key}' in a line of text")
        return value.strip()

    def _number(self, values: dict[str, Any], key: str) -> float:
        value, (least, most) = values.get(key), _RANGES[key]
        whole = key == "seconds" or isinstance(value, int)
        if isinstance(value, bool) or not isinstance(value, int | float) or not whole or not least <= value <= most:
            raise self._wrong(f"its '{key}' must be a number from {least:g} to {most:g}")
        return value

    def _wrong(self, what: str) -> Unusable:
        return Unusable(f"The encoder in {self._path.parent} cannot be used: {what}.")


def pinned(folder: Path) -> tuple[Card | BroughtCard, Path]:
    """As `read_brought`, with the hash of the file, which is kept from now on. Reads the whole file."""
    card, path = read_brought(folder)
    if card.sha256:
        return card, path
    try:
        with path.open("rb") as stream:
            write_text(folder / PIN, hashlib.file_digest(stream, "sha256").hexdigest() + "\n")
    except OSError as error:
        raise Unusable(f"The file {path} cannot be read ({error.strerror}).") from error
    return read_brought(folder)
