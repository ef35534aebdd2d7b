"""Mirrored copies of pictures in the Extras tab."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from app.api import Params, hookimpl
from extensions.extras.api import ImageOperation

if TYPE_CHECKING:
    from app.api import Host


class FlipParams(Params):
    """Which copies are made."""

    feature: ClassVar[str] = "flipped_copies"

    horizontal: bool = Field(True, title="Horizontal")
    vertical: bool = Field(False, title="Vertical")
    both: bool = Field(False, title="Both")


@hookimpl
def register_image_operations(host: Host) -> Iterable[ImageOperation]:
    """In A1111's place."""
    from extensions.flipped_copies.flip import with_copies

    return [ImageOperation(FlipParams, "Create flipped copies", 4030, with_copies, "extras_flip")]
