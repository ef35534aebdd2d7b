"""Trains the demo checkpoint's decoder to draw stronger colours, and writes it as a VAE file of its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

from tools.demo_model.dataset import sample_scene
from tools.demo_model.loop import Loop, Plan
from tools.demo_model.renderer import render
from tools.demo_model.train_vae import reconstruction_loss, to_tensor
from tools.demo_model.vae import AutoencoderKL

from .data import FIRST_SEED
from .looks import vivid

BATCH = 4
SCENES = 100_000
PEAK_RATE, WARMUP_STEPS = 6e-4, 20
ROUGHNESS = 0.15
"""Extra noise in latents whose deviation is 5.5: what the U-Net draws is never quite right."""


def train_vae(folder: Path, vae: AutoencoderKL, budget_s: float) -> AutoencoderKL:
    """Train ``vae.decoder`` in place within ``budget_s`` seconds, resuming from ``folder``."""
    torch.manual_seed(24)
    vae.requires_grad_(False)
    vae.decoder.requires_grad_(True)

    def loss_of(step: int, share: float) -> torch.Tensor:
        seeds = np.random.default_rng((15, step)).integers(FIRST_SEED, FIRST_SEED + SCENES, BATCH)
        pictures = np.stack([np.asarray(render(sample_scene(int(seed)))) for seed in seeds])
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            mean, log_variance = (part.float() for part in vae.encode(to_tensor(pictures)))
            deviation = (0.5 * log_variance).exp() + ROUGHNESS * torch.rand(BATCH, 1, 1, 1)
            latents = vae.post_quant_conv(mean + deviation * torch.randn_like(mean))
        with torch.autocast("cpu", torch.bfloat16):
            drawn = vae.decoder(latents)
        return reconstruction_loss(drawn, to_tensor(np.stack([vivid(picture) for picture in pictures])))

    plan = Plan("vae", folder / "vae.pt", budget_s, PEAK_RATE, WARMUP_STEPS, ("conv_in", "conv_out"))
    Loop(plan, list(vae.decoder.named_parameters())).run(loss_of)
    return vae


def write_vae(path: Path, vae: AutoencoderKL) -> None:
    """Write the file in half precision, in the original layout without a prefix."""
    save_file({name: tensor.detach().half().contiguous() for name, tensor in vae.state_dict().items()}, path, {"format": "pt"})
