"""Enlarges a picture by a network from a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch.nn import functional

from app.api import PixelUpscale, Run, UserError
from extensions.upscaler_files.files import refused
from extensions.upscaler_files.keep import LAST
from extensions.upscaler_files.loaded import Network
from extensions.upscaler_files.tiles import Enlarge, Pixels, enlarge_tiled

LANCZOS = Image.Resampling.LANCZOS
FASTER = "cuda"
"""Where networks compute in half precision, and anew in float32 where that gives numbers that are none."""
GREY = 1
MOST_PIXELS = 512 * 1024 * 1024
"""Of a result, before it is brought to the wanted size."""


def upscale_function(path: str) -> PixelUpscale:
    """The function of a file; the network is loaded when it is called."""

    def enlarge(image: Image.Image, factor: float, run: Run) -> Image.Image:
        network = run.host.stash[LAST].get(path, run.device)
        if image.mode in ("RGBA", "LA", "PA"):
            return _with_alpha(image.convert("RGBA"), network, path, run)
        return enlarged(image, network, path, run)

    return enlarge


def enlarged(image: Image.Image, network: Network, path: str, run: Run) -> Image.Image:
    """The picture, RGB, ``network.scale`` times as large."""
    if image.width * image.height * network.scale**2 > MOST_PIXELS:
        size, name = f"{image.width}x{image.height}", Path(path).name
        what = f"{size} is too large to be enlarged {network.scale} times by {name}."
        raise UserError(what, hint="Choose another upscaler or a smaller picture.", field="upscaler")
    tile, overlap = (_number(run, key) for key in ("ESRGAN_tile", "ESRGAN_tile_overlap"))
    source = np.asarray(image.convert("L" if network.channels == GREY else "RGB"))
    source = source[:, :, None] if source.ndim == 2 else source

    def on_tile(number: int, count: int) -> None:
        run.control.check()
        if count > 1:
            run.tell(f"Upscaling tile {number + 1}/{count}", number / count)

    made = enlarge_tiled(source, network.scale, tile, overlap, part_function(network, path, run), on_tile)
    picture = Image.fromarray(made[:, :, 0] if network.channels == GREY else made)
    return picture.convert("RGB")


def part_function(network: Network, path: str, run: Run) -> Enlarge:
    """What enlarges one tile."""

    def enlarge(part: Pixels) -> NDArray[np.float32]:
        pixels = torch.from_numpy(part).permute(2, 0, 1)[None].to(run.device)
        with torch.inference_mode():
            if run.device.startswith(FASTER):
                with torch.autocast(FASTER, torch.float16):
                    made = _padded(network, pixels).float()
                if torch.isfinite(made).all():
                    return _array(made)
            made = _padded(network, pixels)
        if not torch.isfinite(made).all():
            raise refused(path, "it gave numbers that are none (NaN) for this picture")
        return _array(made)

    return enlarge


def _padded(network: Network, pixels: torch.Tensor) -> torch.Tensor:
    """The network's result; sides that are no multiples of what it needs are lengthened by their last pixels, and cut again."""
    height, width = pixels.shape[-2:]
    bottom, right = -height % network.multiple, -width % network.multiple
    if bottom or right:
        pixels = functional.pad(pixels, (0, right, 0, bottom), mode="replicate")
    made: torch.Tensor = network.module(pixels)
    return made[..., : height * network.scale, : width * network.scale]


def _array(made: torch.Tensor) -> NDArray[np.float32]:
    found: NDArray[np.float32] = made[0].permute(1, 2, 0).clamp(0, 1).cpu().numpy()
    return found


def _with_alpha(image: Image.Image, network: Network, path: str, run: Run) -> Image.Image:
    """Colours by the network, transparency by Lanczos."""
    made = enlarged(image.convert("RGB"), network, path, run)
    made.putalpha(image.getchannel("A").resize(made.size, LANCZOS))
    return made


def _number(run: Run, key: str) -> int:
    value = run.settings.get(key)
    return value if isinstance(value, int) else 0
