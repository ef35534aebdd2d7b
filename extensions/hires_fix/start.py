"""The beginning of the second pass: the result of the first, enlarged as latents or as pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from PIL import Image

from app.api import PassContext, Run, RunImage, decode_pictures, encode_pictures, save_beside, upscale_to
from extensions.hires_fix.channels import ENLARGED, sees_the_picture
from extensions.hires_fix.params import HiresParams
from extensions.hires_fix.plan import decided_size
from extensions.hires_fix.size import LATENT_PX

if TYPE_CHECKING:
    from torch import Tensor

BEFORE = "-before-highres-fix"
"""A1111's ending of file names."""
SAVE_BEFORE = "save_images_before_highres_fix"


class Enlarged:
    """A PassStarter: latent upscalers work on the latents, all others on the decoded pictures.

    ``first``: the picture that stands for the first pass, or None.
    """

    def __init__(self, params: HiresParams, first: Image.Image | None, run: Run) -> None:
        self._upscaler = run.host.upscalers.find(params.upscaler)
        self._first = first
        self._run = run

    @property
    def needs_earlier(self) -> bool:
        """Whether the first pass has to be drawn."""
        return self._first is None

    def leave(self, latents: Tensor, context: PassContext) -> Tensor | Sequence[Image.Image]:
        """Decode for an upscaler of pictures, with the model that drew them; saved as they are now where the settings say so."""
        in_latents, saves = self._upscaler.latent is not None, bool(self._run.settings.get(SAVE_BEFORE, False))
        if in_latents and not saves:
            return latents
        pictures = decode_pictures(latents, context, self._run)
        self._save(pictures, context)
        return latents if in_latents else pictures

    def enter(self, carried: Tensor | Sequence[Image.Image] | None, context: PassContext) -> Tensor:
        """Enlarge, encode where it is pictures, and cut off what is too much."""
        if carried is None and self._first is not None:
            carried = [self._first]
            self._save(carried, context)
        if carried is None:
            raise RuntimeError("the second pass has nothing to start from")
        size = decided_size(context.plan)
        width, height = size.enlarged
        if self._upscaler.latent is not None:
            latents: Tensor = self._upscaler.latent()(cast("Tensor", carried), (height // LATENT_PX, width // LATENT_PX))
            if sees_the_picture(context, self._run):
                self._run.stash[ENLARGED] = decode_pictures(latents, context, self._run)
        else:
            self._run.tell(f"Upscaling with {self._upscaler.name}")
            small = cast("Sequence[Image.Image]", carried)
            pictures = [upscale_to(picture, (width, height), self._upscaler, self._run) for picture in small]
            self._run.stash[ENLARGED] = pictures
            latents = encode_pictures(pictures, context, self._run)
        rows, columns = size.kept
        return latents[:, :, rows, columns]

    def _save(self, pictures: Sequence[Image.Image], context: PassContext) -> None:
        """Keep what the second pass begins with, where the settings say so."""
        if self._run.settings.get(SAVE_BEFORE, False):
            pairs = zip(context.images, pictures, strict=True)
            beside = [RunImage(image.index, picture, ending=BEFORE, shown=False) for image, picture in pairs]
            save_beside(beside, context.plan, self._run)
