"""Which device the networks run on, and how exact it computes."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cache

import torch

from musicdesk.core.errors import Unusable

log = logging.getLogger(__name__)

Notice = Callable[[str], None]  # takes a whole sentence for the person


def to_log(sentence: str) -> None:
    """The notice of those who pass none."""
    log.warning("%s", sentence)


@cache
def once_to_log(sentence: str) -> None:
    """The same of what stays as it is while the process runs."""
    to_log(sentence)


def choose(device: str = "auto", notice: Notice = once_to_log) -> torch.device:
    """The device for a wish of `auto`, `cpu`, `cuda` or `mps`.

    A wish that this machine cannot fulfil becomes the processor, with a notice: work is never refused
    for want of a graphics card. Raises Unusable for any other word.
    """
    if device not in ("auto", "cpu", "cuda", "mps"):
        raise Unusable(f"'{device}' is not a device; choose auto, cpu, cuda or mps.")
    if device in ("auto", "cuda") and has_cuda():
        return torch.device("cuda")
    if device in ("auto", "mps") and torch.backends.mps.is_available():
        return torch.device("mps")
    if device in ("cuda", "mps"):
        notice(f"There is no {device} device that works here; the processor computes instead.")
    return torch.device("cpu")


def has_cuda() -> bool:
    """True when a CUDA device is there and its driver is new enough to allocate on it."""
    if not torch.cuda.is_available():
        return False
    try:
        torch.zeros(1, device="cuda")
    except RuntimeError as error:  # a driver too old, or the card is taken by another process
        once_to_log(f"cuda is listed but does not answer: {error}")
        return False
    return True


def precision(device: torch.device) -> torch.dtype:
    """bfloat16 where the hardware has it, else float32.

    The processor stays at float32: there the network is not the slow part, and vectors of two runs agree.
    """
    if device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False):
        return torch.bfloat16
    return torch.float32


def describe(device: torch.device) -> str:
    """One line for `doctor`: name, memory, precision."""
    kind = str(precision(device)).removeprefix("torch.")
    if device.type == "cuda":
        facts = torch.cuda.get_device_properties(device)
        return f"{facts.name}, {facts.total_memory / 2**30:.0f} GB, {kind} (cuda)"
    if device.type == "mps":
        return f"Apple GPU, {torch.mps.recommended_max_memory() / 2**30:.0f} GB, {kind} (mps)"
    return f"processor, {torch.get_num_threads()} threads, {kind} (cpu)"
