"""What other extensions may use of live previews: further methods of making them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.api import PassContext, Run

if TYPE_CHECKING:
    from torch import Tensor

ToPixels = Callable[["Tensor"], "Tensor"]
"""Latents (B, C, h, w) in sampling scale -> (B, 3, H, W) in 0..1, of any size."""


@dataclass(frozen=True)
class PreviewMethod:
    """A choice of the setting ``show_progress_type``; ``make`` raises UserError where it cannot work, and the rough colours take over."""

    title: str
    make: Callable[[PassContext, Run], ToPixels]
