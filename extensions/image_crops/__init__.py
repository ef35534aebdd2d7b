"""Ways to cut finished pictures in the Extras tab."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.api import hookimpl
from extensions.extras.api import ImageOperation
from extensions.image_crops.params import FocalParams, SizeParams, SplitParams

if TYPE_CHECKING:
    from app.api import Host

CUTS_TO_SIZE = 'The size to cut to is that of "Upscale", "Scale to".'
NO_FACES = (
    'The size to cut to is that of "Upscale", "Scale to". The face weight has no effect here: faces are found only where the Python'
    " package OpenCV (version 4) is installed."
)


@hookimpl
def register_image_operations(host: Host) -> Iterable[ImageOperation]:
    """In A1111's places."""
    from extensions.image_crops.faces import cascade_file
    from extensions.image_crops.focal import cut_around_focus
    from extensions.image_crops.sized import check_sizes, cut_to_best_size
    from extensions.image_crops.split import split

    about_focus = CUTS_TO_SIZE if cascade_file() else NO_FACES
    return [
        ImageOperation(SplitParams, "Split oversized images", 4000, split, "extras_split_oversized", note=CUTS_TO_SIZE),
        ImageOperation(FocalParams, "Auto focal point crop", 4010, cut_around_focus, "extras_focal_crop", note=about_focus),
        ImageOperation(SizeParams, "Auto-sized crop", 4020, cut_to_best_size, "extras_multicrop", check=check_sizes),
    ]


@hookimpl
def register_texts(host: Host) -> Iterable[str]:
    """The note of the machines that find faces, and that of the others."""
    return [CUTS_TO_SIZE, NO_FACES]
