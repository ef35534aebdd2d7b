"""Trains the autoencoder on whole pictures and normalises its latents."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from .fused_norm import build_kernel
from .layers import use_kernel
from .loop import Loop, Plan
from .parallel import rank, wait_for_all
from .state import load_if_there, save_atomically
from .vae import LATENT_CHANNELS, SCALING_FACTOR, AutoencoderKL

PEAK_RATE = 2e-3
WARMUP_STEPS = 60
BATCH = 3  # per process
KL_WEIGHT = 2e-5
FIRST_LOG_VARIANCE = -6.0  # little noise at first, else the latents collapse
OUTER_LAYERS = ("encoder.conv_in", "encoder.conv_out", "decoder.conv_in", "decoder.conv_out", "quant", "post_quant")


def to_tensor(pictures: NDArray[np.uint8]) -> torch.Tensor:
    """uint8 (B, H, W, 3) to float (B, 3, H, W) in -1..1, channels last in memory."""
    return torch.from_numpy(np.array(pictures)).permute(0, 3, 1, 2).float() / 127.5 - 1.0


def _batch(pictures: NDArray[np.uint8], step: int) -> torch.Tensor:
    rng = np.random.default_rng((2, step, rank()))
    chosen = pictures[np.sort(rng.integers(0, len(pictures), BATCH))]
    return to_tensor(chosen[:, :, ::-1] if rng.random() < 0.5 else chosen)


def reconstruction_loss(drawn: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """L1 of the pixels plus L1 of their horizontal and vertical differences."""
    error = drawn.float() - wanted
    edges = (error[..., 1:] - error[..., :-1]).abs().mean() + (error[..., 1:, :] - error[..., :-1, :]).abs().mean()
    return error.abs().mean() + 0.5 * edges


def train_vae(folder: Path, pictures: NDArray[np.uint8], budget_s: float) -> AutoencoderKL:
    """Trains within `budget_s` seconds of training time, resuming from `folder`; returns the normalised autoencoder."""
    torch.manual_seed(1)
    model, finished = AutoencoderKL(), folder / "vae.pt"
    saved = load_if_there(finished)
    if saved is not None:
        model.load_state_dict(saved["model"])
        return model.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]
    model.start_precise(FIRST_LOG_VARIANCE)
    model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    use_kernel(model, build_kernel(folder))

    def loss_of(step: int, share: float) -> torch.Tensor:
        pixels = _batch(pictures, step)
        with torch.autocast("cpu", torch.bfloat16):
            mean, log_variance = (part.float() for part in model.encode(pixels))
            drawn = model.decode(mean + torch.randn_like(mean) * (0.5 * log_variance).exp())
        divergence = 0.5 * (mean.square() + log_variance.exp() - 1.0 - log_variance).mean()
        return reconstruction_loss(drawn, pixels) + KL_WEIGHT * divergence

    plan = Plan("vae", folder / "vae-training.pt", budget_s, PEAK_RATE, WARMUP_STEPS, OUTER_LAYERS)
    Loop(plan, list(model.named_parameters())).run(loss_of)
    use_kernel(model, None)
    normalise_latents(model, pictures)
    if rank() == 0:
        save_atomically({"model": model.state_dict()}, finished)
    wait_for_all()
    return model  # type: ignore[no-any-return]


@torch.no_grad()
def normalise_latents(model: AutoencoderKL, pictures: NDArray[np.uint8]) -> None:
    """Folds a per-channel affine into the quantising convolutions: 0.18215 x latents get mean 0 and deviation 1."""
    means = [model.encode(to_tensor(pictures[start : start + 32]))[0] for start in range(0, min(1024, len(pictures)), 32)]
    latents = torch.cat(means)  # (1024, 4, 16, 16)
    shift = latents.mean(dim=(0, 2, 3))
    factor = 1.0 / (SCALING_FACTOR * latents.std(dim=(0, 2, 3)))
    quant, after = model.quant_conv, model.post_quant_conv
    assert quant.bias is not None and after.bias is not None
    after.bias += after.weight[:, :, 0, 0] @ shift
    after.weight /= factor.view(1, -1, 1, 1)
    quant.bias[:LATENT_CHANNELS] = (quant.bias[:LATENT_CHANNELS] - shift) * factor
    quant.weight[:LATENT_CHANNELS] *= factor.view(-1, 1, 1, 1)
    quant.bias[LATENT_CHANNELS:] += 2 * factor.log()
