"""Every encoder there is: those that come with the program, those that it has taught, those that a person brought."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from musicdesk.core.errors import MusicdeskError, Unusable
from musicdesk.core.registry import Registry
from musicdesk.encoders.brought import CARD, BroughtCard, InputSpec, pinned, read_brought
from musicdesk.encoders.weights import Card, read_card

AnyCard = Card | BroughtCard
NO_ONNX = "It needs onnxruntime, which is not installed: pip install 'musicdesk[onnx]'."
MOST = 200  # folders that are looked at


@dataclass(frozen=True)
class Entry:
    """One encoder. `card` and `weights` are None where `trouble` says why it cannot be used."""

    name: str
    folder: Path
    own: bool  # in the profile: may be removed
    card: AnyCard | None = None
    weights: Path | None = None
    trouble: str = ""

    @property
    def encoder_id(self) -> str:
        """'' for one that was never used: its weights have no hash yet."""
        return self.card.encoder_id if self.card and self.card.sha256 else ""

    @property
    def is_onnx(self) -> bool:
        return isinstance(self.card, BroughtCard)

    def ready(self) -> tuple[AnyCard, Path]:
        """Card and weights, the hash known. Reads the file at the first use. Raises Unusable with what is wrong."""
        if self.card is None or self.weights is None or self.trouble:
            raise Unusable(self.trouble)
        return (self.card, self.weights) if self.card.sha256 else pinned(self.folder)


def known(own: Path, shipped: Path) -> Registry[Entry]:
    """Encoders by name: ours in `shipped`, then each folder in `own`. What is wrong with one is its `trouble`.

    Nothing is loaded, and no weights are read.
    """
    found: Registry[Entry] = Registry("encoder")
    for path in sorted(shipped.glob("*.toml")):
        found.add(path.stem, _ours(shipped, path.stem, own=False))
    folders = sorted(path for path in own.iterdir() if path.is_dir() and path.name[:1] != ".") if own.is_dir() else []
    for folder in folders[:MOST]:
        if folder.name not in found:
            found.add(
                folder.name, _brought(folder) if (folder / CARD).exists() else _ours(folder, folder.name, own=True)
            )
    return found


def input_of(card: AnyCard) -> InputSpec:
    """What an encoder hears at a time."""
    return card.input if isinstance(card, BroughtCard) else InputSpec.of_mel(card.mel, card.window_frames)


def _ours(folder: Path, name: str, own: bool) -> Entry:
    try:
        return Entry(name, folder, own, read_card(folder, name), folder / f"{name}.safetensors")
    except MusicdeskError as error:
        return Entry(name, folder, own, trouble=str(error))


def _brought(folder: Path) -> Entry:
    try:
        card, weights = read_brought(folder)
    except MusicdeskError as error:
        return Entry(folder.name, folder, own=True, trouble=str(error))
    missing = NO_ONNX if isinstance(card, BroughtCard) and find_spec("onnxruntime") is None else ""
    return Entry(folder.name, folder, True, card, weights, missing)
