"""What extensions use that contribute face restorers."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.api import Run

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["FaceRestorer", "RestoreFaces"]

RestoreFaces = Callable[["Image.Image", float, Run], "Image.Image"]
"""A picture (RGB), a weight 0..1 (0: the strongest) and the run -> the picture of the same size with its faces restored."""


@dataclass(frozen=True)
class FaceRestorer:
    """A face restorer as listed to users; ``load`` imports its function. ``folder``: of its weights, a fact for lists.

    ``has_weight``: it heeds the weight. Lower ``order`` comes first in the Extras tab, where A1111 has GFPGAN at 2000 and CodeFormer at
    3000.
    """

    name: str
    load: Callable[[], RestoreFaces]
    folder: str | None = None
    has_weight: bool = False
    order: int = 2000

    @property
    def id(self) -> str:
        """Its name in ids and requests: "codeformer"."""
        return re.sub(r"\W+", "_", self.name.casefold())
