"""Memory that runs out costs speed, never the job: half as much at once, and in the end the processor."""

from __future__ import annotations

from collections.abc import Callable

import torch

from musicdesk.core.errors import Unusable
from musicdesk.learning.device import Notice, to_log


class Pace:
    """How much of something is computed at once, and where.

    batch:    of these `what` (windows, songs) per step
    smallest: a device that cannot hold so many is given up for the processor
    moved:    called with the new device when that happens, to take networks and optimisers there
    """

    def __init__(
        self,
        device: torch.device,
        batch: int,
        smallest: int,
        what: str,
        moved: Callable[[torch.device], None],
        notice: Notice = to_log,
    ) -> None:
        self.device = device
        self.batch = batch
        self._smallest = smallest
        self._what = what
        self._moved = moved
        self._notice = notice

    def over(self, total: int, step: Callable[[int, int], None]) -> None:
        """`step(start, end)` for all of 0..total, a batch at a time; what runs out of memory is done again, smaller.

        Raises Unusable when the processor cannot hold a single one. Other errors pass.
        """
        done = 0
        while done < total:
            end = min(total, done + self.batch)
            try:
                step(done, end)
            except (RuntimeError, MemoryError) as error:
                if not out_of_memory(error):
                    raise
                self._shrink()
                continue
            done = end

    def _shrink(self) -> None:
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
        smallest = 1 if self.device.type == "cpu" else self._smallest
        if self.batch > smallest:
            self.batch = max(smallest, self.batch // 2)
            self._notice(f"Memory ran out; going on with {self.batch} {self._what} at a time.")
        elif self.device.type != "cpu":
            self._notice(f"The {self.device.type} device has too little memory; the processor goes on.")
            self.device = torch.device("cpu")
            self._moved(self.device)
        else:
            raise Unusable(f"There is too little memory for even one of the {self._what}.")


def out_of_memory(error: BaseException) -> bool:
    """CUDA has its own class; MPS and the processor's allocator only have a text."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    text = str(error).lower()
    return "out of memory" in text or "can't allocate memory" in text or "not enough memory" in text
