"""Ways to compute attention, and what was measured of a device; no torch at import time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

AttentionFunction = Callable[["Tensor", "Tensor", "Tensor", "Tensor | None"], "Tensor"]
"""softmax(q k' / sqrt(D) + mask) v: q (B, H, N, D), k (B, H, M, D), v (B, H, M, E), mask or None -> (B, H, N, E) in q's format.

The mask can be broadcast to (B, H, N, M): True, or a number that is added to the score, shows a key; each row shows at least one.
"""


@dataclass(frozen=True)
class Attention:
    """A way to compute attention as listed to users; ``load`` imports its function (that is where torch comes in).

    ``supports`` says whether it runs on a device ("cpu", "cuda:0"). ``flags`` are the command-line flags, without dashes, that prefer
    it over the automatic choice.
    """

    name: str
    title: str
    load: Callable[[], AttentionFunction]
    supports: Callable[[str], bool] = lambda device: True
    aliases: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    order: int = 0


@dataclass(frozen=True)
class DeviceFacts:
    """What was measured on a device: whether products in bfloat16 are faster than in float32, whether convolutions are with channels
    last, and the name of the fastest attention in half precision ("": not measured)."""

    fast_bfloat16: bool
    channels_last: bool
    attention: str = ""
