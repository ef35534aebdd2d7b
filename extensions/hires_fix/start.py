"""The beginning of the second pass: the result of the first, enlarged as latents or as pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from PIL import Image

from app.api import PassContext, Run, decode_pictures, encode_pictures, upscale_to
from extensions.hires_fix.params import HiresParams
from extensions.hires_fix.plan import decided_size
from extensions.hires_fix.size import LATENT_PX

if TYPE_CHECKING:
    from torch import Tensor


class Enlarged:
    """A PassStarter: latent upscalers work on the latents, all others on the decoded pictures."""

    def __init__(self, params: HiresParams, run: Run) -> None:
        self._upscaler = run.host.upscalers.find(params.upscaler)
        self._run = run

    def leave(self, latents: Tensor, context: PassContext) -> Tensor | Sequence[Image.Image]:
        """Decode for an upscaler of pictures, with the model that drew them."""
        return latents if self._upscaler.latent is not None else decode_pictures(latents, context, self._run)

    def enter(self, carried: Tensor | Sequence[Image.Image] | None, context: PassContext) -> Tensor:
        """Enlarge, encode where it is pictures, and cut off what is too much."""
        if carried is None:
            raise RuntimeError("the second pass has nothing to start from")
        size = decided_size(context.plan)
        width, height = size.enlarged
        if self._upscaler.latent is not None:
            latents: Tensor = self._upscaler.latent()(cast("Tensor", carried), (height // LATENT_PX, width // LATENT_PX))
        else:
            self._run.tell(f"Upscaling with {self._upscaler.name}")
            pictures = [
                upscale_to(picture, (width, height), self._upscaler, self._run) for picture in cast("Sequence[Image.Image]", carried)
            ]
            latents = encode_pictures(pictures, context)
        rows, columns = size.kept
        return latents[:, :, rows, columns]
