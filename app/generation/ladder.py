"""Does work in smaller and smaller portions until the memory is enough: asked before, and caught when it was not."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from app.contracts import LoadedModel
from app.memory import available_bytes, gib, give_back, is_out_of_memory
from app.weights.offloading import TOLD

logger = logging.getLogger(__name__)
T = TypeVar("T")
SPARE_BYTES = 256 << 20
"""Left over for everything else."""
LONGEST_REASON = 200


@dataclass(frozen=True)
class Rung(Generic[T]):
    """One way to do the work: ``needed_bytes`` are an estimate; ``told`` says what was done, "" for the plain way."""

    work: Callable[[], T]
    needed_bytes: int
    told: str = ""


def climb_down(rungs: Sequence[Rung[T]], device: str, comment: Callable[[str], None]) -> tuple[int, T]:
    """The index of the first rung that the memory is enough for, and what it returned; the last one is tried whatever is free.

    Raises the error of the last rung.
    """
    index = first_that_fits(rungs, device)
    if index:
        free = available_bytes(device) or 0
        logger.warning("About %s of memory are needed and %s are free.", gib(rungs[0].needed_bytes), gib(free))
    while True:
        try:
            result = rungs[index].work()
        except (RuntimeError, MemoryError) as error:
            if index + 1 == len(rungs) or not is_out_of_memory(error):
                raise
            logger.warning("Memory ran out: %s", str(error).partition("\n")[0][:LONGEST_REASON])
        else:
            if rungs[index].told:
                logger.warning("%s", rungs[index].told)
                comment(rungs[index].told)
            return index, result
        index += 1
        give_back(device)  # now that the exception and what its frames held are gone


def with_offload(work: Callable[[], T], model: LoadedModel, comment: Callable[[str], None]) -> T:
    """What ``work`` returns; where memory runs out, again with less and less of the model on its device. Raises its last error."""
    device = str(model.device)
    while True:
        try:
            return work()
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error) or not model.offload_more():
                raise
        logger.warning("%s", TOLD[model.offload])
        comment(TOLD[model.offload])
        give_back(device)


def first_that_fits(rungs: Sequence[Rung[T]], device: str) -> int:
    """The first rung whose estimate is within what is available now; the last if there is none."""
    if not _fits(rungs[0], device):
        give_back(device)
    return next((index for index, rung in enumerate(rungs) if _fits(rung, device)), len(rungs) - 1)


def _fits(rung: Rung[T], device: str) -> bool:
    if not rung.needed_bytes:
        return True
    free = available_bytes(device)
    return free is None or rung.needed_bytes + SPARE_BYTES <= free
