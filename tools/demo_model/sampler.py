"""Draws pictures with the demo checkpoint by itself: DPM++ 2M on Karras sigmas with classifier-free guidance."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file

from .export import PREFIXES
from .text_encoder import TextModel
from .train_unet import alphas_cumulative
from .unet import UNet
from .vae import SCALING_FACTOR, AutoencoderKL

RHO = 7.0


class Checkpoint:
    """The three parts of an exported file, in float32; drawing may compute in bfloat16, which is faster."""

    def __init__(self, path: Path, bfloat16: bool = False) -> None:
        self._bfloat16 = bfloat16
        tensors = {name: tensor.float() for name, tensor in load_file(path).items()}
        self.unet, self.text, self.vae = UNet(), TextModel(), AutoencoderKL()
        for part, model in (("unet", self.unet), ("text", self.text), ("vae", self.vae)):
            prefix = PREFIXES[part]
            model.load_state_dict({k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)})
            model.eval().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        cumulative = alphas_cumulative()
        self.sigmas = ((1 - cumulative) / cumulative).sqrt()

    @torch.no_grad()
    def context(self, ids: NDArray[np.int64], weights: NDArray[np.float32] | None = None, skip: int = 0) -> torch.Tensor:
        """(B, 77) ids to (B, 77, 128); `weights` (B, 77) emphasise tokens as A1111 does, keeping the mean."""
        context = self.text(torch.from_numpy(ids), skip)
        if weights is None:
            return context  # type: ignore[no-any-return]
        before = context.mean(dim=(1, 2), keepdim=True)
        context = context * torch.from_numpy(weights)[..., None]
        return context * (before / context.mean(dim=(1, 2), keepdim=True))  # type: ignore[no-any-return]

    @torch.no_grad()
    def draw(
        self, wanted: torch.Tensor, unwanted: torch.Tensor, seed: int, steps: int = 20, scale: float = 6.0
    ) -> NDArray[np.uint8]:
        """Pictures (B, 128, 128, 3) for contexts (B, 77, 128)."""
        sigmas = _karras(float(self.sigmas[0]), float(self.sigmas[-1]), steps)
        noise = torch.randn(len(wanted), 4, 16, 16, generator=torch.Generator().manual_seed(seed))
        x, context, previous = noise * sigmas[0], torch.cat([unwanted, wanted]), None
        for index in range(steps):
            clean = self._clean(x, float(sigmas[index]), context, scale)
            now, then = sigmas[index], sigmas[index + 1]
            if previous is None or then == 0:
                direction = clean
            else:
                ratio = (now.log() - sigmas[index - 1].log()) / (then.log() - now.log())
                direction = clean + (clean - previous) / (2 * ratio)
            x = direction if then == 0 else then / now * x + (1 - then / now) * direction
            previous = clean
        with torch.autocast("cpu", torch.bfloat16, enabled=self._bfloat16):
            pixels = self.vae.decode((x / SCALING_FACTOR).contiguous(memory_format=torch.channels_last)).float()
        return ((pixels.clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).numpy()

    def _clean(self, x: torch.Tensor, sigma: float, context: torch.Tensor, scale: float) -> torch.Tensor:
        step = np.interp(np.log(sigma), self.sigmas.log().numpy(), np.arange(len(self.sigmas)))
        scaled = (x / (sigma**2 + 1) ** 0.5).repeat(2, 1, 1, 1).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16, enabled=self._bfloat16):
            found = self.unet(scaled, torch.full((len(scaled),), float(step)), context).float()
        without, with_prompt = found.chunk(2)
        return x - sigma * (without + scale * (with_prompt - without))  # type: ignore[no-any-return]


def _karras(smallest: float, largest: float, steps: int) -> torch.Tensor:
    ramp = torch.linspace(0, 1, steps, dtype=torch.float64)
    sigmas = (largest ** (1 / RHO) + ramp * (smallest ** (1 / RHO) - largest ** (1 / RHO))) ** RHO
    return torch.cat([sigmas, torch.zeros(1, dtype=torch.float64)]).float()
