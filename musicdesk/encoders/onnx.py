"""ONNX models, run by onnxruntime. Only killable children come here: a stranger's model is a stranger's program."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from musicdesk.core.errors import Unusable

BATCH = 16  # windows per step
ALIKE = 1e-4  # two unlike sounds must differ by more, the same sound twice by less
TWO_FILES = (
    "The encoder's model cannot be loaded: it keeps numbers in a second file, which has no hash and is not read. "
    "Write it as one file (torch.onnx.export: external_data=False)."
)
Run = Callable[[np.ndarray], np.ndarray]


def track_vector(path: Path, sha256: str, dim: int, windows: np.ndarray) -> np.ndarray:
    """float32 (dim,) of norm 1: the mean of what the model in `path` makes of the windows.

    windows: float32 (n >= 1, samples) or (n, frames, bands)
    raises:  Unusable when the model cannot be loaded, does not take such windows or gives no such vectors
    """
    run = _session(str(path), sha256)
    parts = [_checked(run(windows[at : at + BATCH]), dim) for at in range(0, len(windows), BATCH)]
    mean = np.concatenate(parts).astype(np.float64).mean(axis=0)
    length = np.linalg.norm(mean)
    if not length > 1e-9:
        raise Unusable("The encoder gave nothing but zeros.")
    unit: np.ndarray = (mean / length).astype(np.float32)
    return unit


def try_out(path: Path, sha256: str, dim: int, window: tuple[int, ...]) -> None:
    """Asks the model about two made-up windows. Raises Unusable with what speaks against it."""
    chance = np.random.default_rng(0)
    pictures = len(window) == 2
    ramp = np.linspace(0, 40 * np.pi, int(np.prod(window))).reshape(window)
    one = np.abs(np.sin(ramp)) if pictures else 0.5 * np.sin(ramp)
    other = np.abs(chance.standard_normal(window)) if pictures else 0.3 * chance.standard_normal(window)
    first, second, again = (
        track_vector(path, sha256, dim, given[None].astype(np.float32)) for given in (one, other, one)
    )
    if np.abs(first - again).max() > ALIKE:
        raise Unusable("The encoder hears the same sound differently each time.")
    if np.abs(first - second).max() < ALIKE:
        raise Unusable("The encoder hears no difference between a tone and noise.")


def _checked(vectors: Any, dim: int) -> np.ndarray:
    if not isinstance(vectors, np.ndarray) or vectors.ndim != 2 or vectors.shape[1] != dim:
        shape = getattr(vectors, "shape", "none")
        raise Unusable(f"The encoder gave an array of {shape} where its card promises {dim} numbers a window.")
    if not np.isfinite(vectors).all():
        raise Unusable("The encoder gave numbers that are not finite.")
    return vectors


@lru_cache(maxsize=1)
def _session(path: str, sha256: str) -> Run:
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # else it keeps a database and reports to its maker when it is imported
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    onnxruntime.set_default_logger_severity(4)
    blob = Path(path).read_bytes()
    if hashlib.sha256(blob).hexdigest() != sha256:
        raise Unusable("The encoder's file has changed since it was first used; give it a folder and name of its own.")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    # Data that a model keeps in other files has no hash: it is looked for where nothing can be.
    options.add_session_config_entry("session.model_external_initializers_file_folder_path", str(Path(path) / "none"))
    try:
        session = onnxruntime.InferenceSession(blob, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the library's errors have no common base
        if "external data" in str(error).lower():
            raise Unusable(TWO_FILES) from error
        raise Unusable(f"The encoder's model cannot be loaded ({_first_line(error)}).") from error
    if len(session.get_inputs()) != 1:
        raise Unusable(f"The encoder's model has {len(session.get_inputs())} inputs where one is given.")
    given, wanted = session.get_inputs()[0], [session.get_outputs()[0].name]

    def run(windows: np.ndarray) -> np.ndarray:
        try:
            found: np.ndarray = session.run(wanted, {given.name: windows})[0]
            return found
        except Exception as error:
            raise Unusable(f"The encoder cannot hear windows of {windows.shape[1:]} ({_first_line(error)}).") from error

    return run


def _first_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
