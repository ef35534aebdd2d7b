"""What one job from pictures keeps from its plan to its last picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from app.api import PlanInfo, Stash, StashKey
from extensions.img2img.api import BLENDER
from extensions.img2img.masks import Box
from extensions.img2img.params import Img2ImgParams, Img2ImgPaths, Img2ImgSettings
from extensions.img2img.resizing import Enlarge, Size

if TYPE_CHECKING:
    from PIL import Image
    from torch import Tensor


@dataclass(frozen=True)
class StartPicture:
    """A picture to start from ("RGB"): ``whole`` at the size of the result, ``shown`` as the VAE sees it.

    ``kept``: what is laid over the result ("RGBA"), or None. ``md5``: checksum of the pixels that were given.
    """

    whole: Image.Image
    shown: Image.Image
    kept: Image.Image | None
    md5: str


@dataclass(frozen=True)
class StartMask:
    """The mask ("L", white = drawn): ``drawn`` at the size of the drawing, ``pixels`` at the size of the whole picture.

    ``area``: the part of the whole picture that is drawn, or None for all of it.
    """

    drawn: Image.Image
    pixels: Image.Image
    area: Box | None


@dataclass
class Img2ImgJob:
    """The state of the job.

    ``enlarge`` brings pictures to a size by the upscaler of the settings. ``latents`` and ``channels`` (see ``channels``) are kept by
    the number of the start picture.

    ``original`` (B, C, h, w) and ``latent_mask`` (1, 1, h, w) are those of the running batch. ``crop_to``: the size that the result is
    cut to, because it was drawn with a few pixels more. ``variant``: what the checkpoint takes in beside noise ("inpaint", "pix2pix").
    ``own_items``: what infotexts say under labels of our own.
    """

    params: Img2ImgParams
    settings: Img2ImgSettings
    paths: Img2ImgPaths
    pictures: tuple[StartPicture, ...]
    mask: StartMask | None
    batch_size: int
    enlarge: Enlarge
    crop_to: Size | None = None
    latents: dict[int, Tensor] = field(default_factory=dict)
    original: Tensor | None = None
    latent_mask: Tensor | None = None
    channels: dict[tuple[str, int], Tensor] = field(default_factory=dict)
    variant: str = ""
    own_items: PlanInfo = field(default_factory=dict)

    def number_of(self, image_index: int) -> int:
        """Which start picture the picture ``image_index`` of the job begins with."""
        return image_index % self.batch_size if len(self.pictures) > 1 else 0


JOB = StashKey[Img2ImgJob]("img2img job")
GIVEN_FILES = StashKey[Mapping[str, Path]]("img2img files")
"""Pictures of this job that lie elsewhere than in ``host.inputs``, by the names that stand in its requests."""


def forget_job(stash: Stash) -> None:
    """Take out what an earlier request of the same job has left."""
    if JOB in stash:
        del stash[JOB]
    if BLENDER in stash:
        del stash[BLENDER]
