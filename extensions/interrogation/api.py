"""What extensions use that contribute programs that describe pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from app.api import Run

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["Describe", "Interrogator", "Shown"]


@dataclass(frozen=True)
class Shown:
    """What is to be described: the picture (RGB), and the infotext of its file ("" where it has none)."""

    image: Image.Image
    infotext: str = ""


Describe = Callable[[Shown, Run], str]
"""A picture -> its caption, or its tags with commas between them; "" where nothing can be said. Raises UserError."""


@dataclass(frozen=True)
class Interrogator:
    """A program that describes pictures; ``load`` imports its function.

    ``role``: which of A1111's two it stands for, "clip" (a sentence) or "deepdanbooru" (tags); "" for others.
    """

    name: str
    load: Callable[[], Describe]
    role: Literal["", "clip", "deepdanbooru"] = ""
    order: int = 0
