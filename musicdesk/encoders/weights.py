"""Weights on disk: `NAME.safetensors`, and its card `NAME.toml` (for programs) and `NAME.md` (for people).

The card tells the hash of the weights; weights that do not match are refused. Nothing here unpickles,
and nothing imports torch before weights are really read, so that asking for an encoder's id is cheap.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import tomllib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from musicdesk.core.errors import NotFound, Unusable
from musicdesk.core.files import replacing, write_text
from musicdesk.core.registry import Registry
from musicdesk.core.types import MelSpec

if TYPE_CHECKING:
    from torch import Tensor

    from musicdesk.encoders.networks import Network

log = logging.getLogger(__name__)

LARGEST = 1 << 30  # bytes; a bigger file is not one of ours
KINDS = ("tower", "ear", "ear2d", "ears")  # of networks: see `musicdesk.encoders.networks`
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


@dataclass(frozen=True)
class Card:
    """What a program must know of an encoder before it reads the weights."""

    name: str
    dim: int  # length of its vectors
    sha256: str  # of the .safetensors file, 64 hex digits
    licence: str
    data: str  # what it learned from, in a sentence
    kind: str = "tower"
    width: int = 256  # of the feature layer
    hidden: int = 0  # an ear's: see `musicdesk.learning.ear`
    filters: int = 0
    mel: MelSpec = field(default_factory=MelSpec)
    window_frames: int = 130
    training: dict[str, Any] = field(default_factory=dict)  # the configuration that made it
    measured: dict[str, float] = field(default_factory=dict)

    @property
    def encoder_id(self) -> str:
        """Name, weights and mel settings in one word: vectors with unlike ids must not be compared."""
        spec = json.dumps([asdict(self.mel), self.window_frames], sort_keys=True)
        return f"{self.name}-{self.sha256[:10]}-{hashlib.sha256(spec.encode()).hexdigest()[:6]}"


@dataclass(frozen=True, eq=False)
class Encoder:
    """A network with its weights, ready to hear. `network` is in evaluation mode on the processor."""

    card: Card
    network: Network

    @property
    def id(self) -> str:
        return self.card.encoder_id

    @property
    def dim(self) -> int:
        return self.card.dim


def available(folders: Iterable[Path]) -> Registry[Path]:
    """Encoders by name, each with its folder; the first folder that has a name wins.

    A folder that does not exist is passed over, and so is a card that cannot be read (it is logged).
    """
    found: Registry[Path] = Registry("encoder")
    for folder in folders:
        for path in sorted(folder.glob("*.toml")):
            try:
                name = read_card(folder, path.stem).name
            except Unusable as error:
                log.warning("%s", error)
                continue
            if name not in found:
                found.add(name, folder)
    return found


def read_card(folder: Path, name: str) -> Card:
    """The card of `name`. Raises NotFound, or Unusable when the file is not a card of an encoder."""
    path = folder / f"{name}.toml"
    try:
        values = tomllib.loads(path.read_text("utf-8"))
        values["mel"] = MelSpec(**values["mel"])
        card = Card(**values)
    except FileNotFoundError:
        raise NotFound(f"There is no encoder '{name}' in {folder}.") from None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise Unusable(f"The card {path} cannot be read ({error}).") from error
    if card.name != name or not NAME.fullmatch(name) or not re.fullmatch(r"[0-9a-f]{64}", card.sha256):
        raise Unusable(f"The card {path} does not fit its file's name or tells no valid hash.")
    if card.kind not in KINDS:
        raise Unusable(f"The encoder '{name}' is of the kind '{card.kind}', which this version does not know.")
    return card


def load(folder: Path, name: str) -> Encoder:
    """The encoder `name` from `folder`, its hash checked.

    raises: NotFound when there is none, Unusable when the weights are damaged or do not fit the card
    """
    return load_weights(folder / f"{name}.safetensors", read_card(folder, name))


def load_weights(path: Path, card: Card) -> Encoder:
    """The encoder whose weights lie in `path`. Raises Unusable when they are damaged or do not fit the card."""
    blob = _checked_bytes(path, card)

    import safetensors
    import safetensors.torch

    from musicdesk.encoders.networks import of_card

    network = of_card(card)
    try:
        network.load_state_dict(safetensors.torch.load(blob), strict=True)
    except (safetensors.SafetensorError, RuntimeError, ValueError) as error:
        raise Unusable(f"The weights {path} do not fit the network that their card describes.") from error
    if not all(bool(values.isfinite().all()) for values in network.state_dict().values()):
        raise Unusable(f"The weights {path} hold numbers that are not finite.")
    return Encoder(card, network.eval().requires_grad_(False))


def halved(network: Network) -> Network:
    """A copy of `network` whose matrices have half the digits (float16), as it is when they were saved so."""
    from musicdesk.encoders.networks import like

    copy = like(network).eval().requires_grad_(False)
    copy.load_state_dict(_state(network, half=True))
    return copy


def _state(network: Network, half: bool) -> dict[str, Tensor]:
    """What is saved. The single numbers per channel stay whole: their range may be more than float16 has."""
    state = {key: value.detach().cpu().contiguous() for key, value in network.state_dict().items()}
    return {key: value.half() if half and value.ndim > 1 else value for key, value in state.items()}


def save(
    folder: Path, network: Network, note: str, mel: MelSpec | None = None, half: bool = False, **facts: Any
) -> Card:
    """Writes weights and both cards; `facts` are the fields of Card that the network does not tell.

    half: the matrices with half their digits; the network that comes back is then `halved` of this one
    note: the human card in Markdown, without its heading and facts; whatever is written first is
    useless without the `.toml`, which comes last, so a reader never sees a card without its weights.
    """
    import safetensors.torch

    from musicdesk.encoders.networks import facts as told_by

    blob = safetensors.torch.save(_state(network, half))
    shape = network.shape
    card = Card(
        dim=shape.out,
        width=shape.dim,
        window_frames=shape.frames,
        mel=mel or MelSpec(bands=shape.bands),
        sha256=hashlib.sha256(blob).hexdigest(),
        **told_by(network),
        **facts,
    )
    if not NAME.fullmatch(card.name):
        raise Unusable(f"'{card.name}' cannot be an encoder's name; use letters, digits, dot, dash, underscore.")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{card.name}.toml").unlink(missing_ok=True)
    with replacing(folder / f"{card.name}.safetensors", mode=0o644) as stream:
        stream.write(blob)
    write_text(folder / f"{card.name}.md", for_people(card, note), mode=0o644)
    write_text(folder / f"{card.name}.toml", to_toml(asdict(card)), mode=0o644)
    return card


def for_people(card: Card, note: str) -> str:
    mel = card.mel
    return (
        f"# {card.name}\n\n{card.data}\n\n"
        f"- Vectors: {card.dim} numbers, length 1. Encoder id: `{card.encoder_id}`.\n"
        f"- Hears: log10(1 + 10 mel), {mel.bands} bands, window {mel.window}, hop {mel.hop}, "
        f"{mel.rate_hz} Hz, {card.window_frames} frames at a time.\n"
        f"- Licence of the weights: {card.licence}\n"
        f"- SHA-256: `{card.sha256}`\n\n{note.strip()}\n"
    )


def to_toml(values: dict[str, Any]) -> str:
    """TOML for strings, numbers, booleans, lists of them, and tables one inside the other."""
    plain = {key: value for key, value in values.items() if not isinstance(value, dict)}
    lines = [f"{key} = {_scalar(value)}" for key, value in plain.items()]
    return "\n".join(lines + _tables(values, "")) + "\n"


def _tables(values: dict[str, Any], prefix: str) -> list[str]:
    lines: list[str] = []
    for key, table in values.items():
        if isinstance(table, dict):
            lines += ["", f"[{prefix}{key}]"]
            lines += [f"{k} = {_scalar(v)}" for k, v in table.items() if not isinstance(v, dict)]
            lines += _tables(table, f"{prefix}{key}.")
    return lines


def _scalar(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(_scalar(item) for item in value)}]"
    return json.dumps(value, ensure_ascii=False)  # JSON's strings, numbers, true and false are TOML's too


def _checked_bytes(path: Path, card: Card) -> bytes:
    try:
        if path.stat().st_size > LARGEST:
            raise Unusable(f"The weights {path} are larger than any encoder of ours.")
        blob = path.read_bytes()
    except OSError as error:
        raise Unusable(f"The weights {path} cannot be read ({error.strerror}).") from error
    if hashlib.sha256(blob).hexdigest() != card.sha256:
        raise Unusable(f"The weights {path} are damaged: their hash is not the one on their card.")
    return blob
