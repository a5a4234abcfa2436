"""Where a training stands, on disk: tensors as safetensors, the rest as JSON with their hash.

The JSON names the tensors' file and is replaced last, so that a kill at any moment leaves the checkpoint
of this epoch or of the one before.
"""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch

from musicdesk.core.files import replacing, sweep_temps, write_text

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Checkpoint:
    tensors: dict[str, torch.Tensor]
    losses: list[float]  # one per finished epoch


class Checkpoints:
    """The checkpoints of one training in `folder`. `belongs` must be equal for one to be taken up again."""

    def __init__(self, folder: Path, belongs: dict[str, Any]) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        sweep_temps(folder)
        self._belongs = json.loads(json.dumps(belongs))
        self._head = folder / "checkpoint.json"

    def newest(self) -> Checkpoint | None:
        """The state to go on from; None to begin anew (no checkpoint, another training's, a damaged one)."""
        try:
            head = json.loads(self._head.read_text("utf-8"))
            if head["belongs"] != self._belongs:
                log.info("the checkpoint belongs to other data or settings; training begins anew")
                return None
            blob = (self.folder / f"epoch-{len(head['losses'])}.safetensors").read_bytes()
            if hashlib.sha256(blob).hexdigest() != head["sha256"]:
                raise ValueError("its hash is wrong")
            return Checkpoint(safetensors.torch.load(blob), [float(loss) for loss in head["losses"]])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, safetensors.SafetensorError) as error:
            log.warning("the checkpoint cannot be used (%s); training begins anew", error)
            return None

    def write(self, checkpoint: Checkpoint) -> None:
        name = f"epoch-{len(checkpoint.losses)}.safetensors"
        blob = safetensors.torch.save(
            {key: value.detach().cpu().contiguous() for key, value in checkpoint.tensors.items()}
        )
        with replacing(self.folder / name) as stream:
            stream.write(blob)
        digest = hashlib.sha256(blob).hexdigest()
        head = {"belongs": self._belongs, "losses": checkpoint.losses, "sha256": digest}
        write_text(self._head, json.dumps(head, indent=1))
        for old in self.folder.glob("epoch-*.safetensors"):
            if old.name != name:
                old.unlink()
