"""A fitted model on disk: `model.safetensors` and `model.json`, which carries a hash of both."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from musicdesk.core.errors import NotFound, Unusable
from musicdesk.core.files import replacing, write_text

FORMAT = 1
TENSORS = "model.safetensors"
HEAD = "model.json"


def write(folder: Path, model: str, head: dict[str, Any], tensors: dict[str, np.ndarray]) -> None:
    """Keeps a model in the existing `folder`. `head` must fit into JSON."""
    from safetensors.numpy import save

    body = save({name: np.ascontiguousarray(array) for name, array in tensors.items()})
    with replacing(folder / TENSORS) as stream:
        stream.write(body)
    whole = {**head, "model": model, "format": FORMAT}
    whole["sha256"] = _hash(whole, body)
    write_text(folder / HEAD, json.dumps(whole, indent=2, sort_keys=True, allow_nan=False) + "\n")


def read(folder: Path, model: str) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """(head, tensors) of a `model` that `write` kept. Raises NotFound or Unusable."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        head = json.loads((folder / HEAD).read_text("utf-8"))
        body = (folder / TENSORS).read_bytes()
    except FileNotFoundError as error:
        raise NotFound(f"The trained model in {folder} is gone; train it again.") from error
    except (OSError, ValueError) as error:
        raise _damaged(folder) from error
    if not isinstance(head, dict) or head.pop("sha256", None) != _hash(head, body):
        raise _damaged(folder)
    if head.get("model") != model or head.get("format") != FORMAT:
        raise Unusable(f"{folder} holds a model of another kind ({head.get('model')}), not '{model}'.")
    try:
        return head, load(body)
    except SafetensorError as error:
        raise _damaged(folder) from error


def _hash(head: dict[str, Any], body: bytes) -> str:
    return hashlib.sha256(json.dumps(head, sort_keys=True).encode() + body).hexdigest()


def _damaged(folder: Path) -> Unusable:
    return Unusable(f"The trained model in {folder} is damaged; train it again.")
