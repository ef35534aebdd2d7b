"""Trains the decoder further on cached latents, the encoder left as it is, so that the U-Net's latents stay valid."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from .fused_norm import build_kernel
from .layers import use_kernel
from .loop import Loop, Plan
from .parallel import rank
from .train_vae import reconstruction_loss, to_tensor
from .vae import AutoencoderKL

PEAK_RATE = 1.2e-3
WARMUP_STEPS = 40
BATCH = 4  # per process
ROUGHNESS = 0.15  # extra noise, in latents whose deviation is 5.5: what the U-Net draws is never quite right
OUTER_LAYERS = ("conv_in", "conv_out")


def train_decoder(
    folder: Path, vae: AutoencoderKL, latents: NDArray[np.float16], pictures: NDArray[np.uint8], budget_s: float
) -> None:
    """Improves `vae.decoder` in place within `budget_s` seconds of training time, resuming from `folder`."""
    use_kernel(vae, build_kernel(folder))

    def loss_of(step: int, share: float) -> torch.Tensor:
        chosen = np.sort(np.random.default_rng((7, step, rank())).integers(0, len(latents), BATCH))
        mean, deviation = torch.from_numpy(latents[chosen]).float().unbind(1)
        rough = mean + (deviation + ROUGHNESS * torch.rand(BATCH, 1, 1, 1)) * torch.randn_like(mean)
        with torch.autocast("cpu", torch.bfloat16):
            drawn = vae.decoder(vae.post_quant_conv(rough).detach())
        return reconstruction_loss(drawn, to_tensor(pictures[chosen]))

    plan = Plan("decoder", folder / "decoder.pt", budget_s, PEAK_RATE, WARMUP_STEPS, OUTER_LAYERS)
    Loop(plan, list(vae.decoder.named_parameters())).run(loss_of)
    use_kernel(vae, None)
