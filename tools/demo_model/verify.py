"""Checks an exported checkpoint against diffusers and transformers: same names, same outputs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from diffusers.loaders.single_file_utils import (
    convert_ldm_clip_checkpoint,
    convert_ldm_unet_checkpoint,
    convert_ldm_vae_checkpoint,
)
from safetensors.torch import load_file
from transformers import CLIPTextConfig, CLIPTextModel

from . import text_encoder, unet, vae
from .sampler import Checkpoint

TOLERANCE = 1e-3


def diffusers_config() -> dict[str, Any]:
    """How diffusers builds the U-Net."""
    attention = [level in unet.ATTENTION_LEVELS for level in range(len(unet.CHANNELS))]
    return {
        "block_out_channels": unet.CHANNELS,
        "layers_per_block": 1,
        "down_block_types": tuple("CrossAttnDownBlock2D" if a else "DownBlock2D" for a in attention),
        "up_block_types": tuple("CrossAttnUpBlock2D" if a else "UpBlock2D" for a in reversed(attention)),
        "cross_attention_dim": unet.CONTEXT_WIDTH,
        "attention_head_dim": unet.HEADS,
    }


def diffusers_unet(tensors: dict[str, torch.Tensor]) -> UNet2DConditionModel:
    """The U-Net as diffusers builds it."""
    model = UNet2DConditionModel(**diffusers_config())
    converted = convert_ldm_unet_checkpoint(tensors, dict(model.config))
    model.load_state_dict(converted, strict=True)
    return model.eval()


def diffusers_vae(tensors: dict[str, torch.Tensor]) -> AutoencoderKL:
    """The autoencoder as diffusers builds it."""
    levels = len(vae.CHANNELS)
    model = AutoencoderKL(
        block_out_channels=vae.CHANNELS, layers_per_block=vae.BLOCKS, latent_channels=vae.LATENT_CHANNELS,
        down_block_types=("DownEncoderBlock2D",) * levels, up_block_types=("UpDecoderBlock2D",) * levels,
    )
    model.load_state_dict(convert_ldm_vae_checkpoint(tensors, dict(model.config)), strict=True)
    return model.eval()


def transformers_text(tensors: dict[str, torch.Tensor]) -> CLIPTextModel:
    """The text encoder as transformers builds it."""
    config = CLIPTextConfig(
        hidden_size=text_encoder.WIDTH, intermediate_size=4 * text_encoder.WIDTH, num_hidden_layers=text_encoder.LAYERS,
        num_attention_heads=text_encoder.HEADS, hidden_act="quick_gelu",
    )
    model = CLIPTextModel(config)
    names = convert_ldm_clip_checkpoint(tensors)
    expected = set(model.state_dict())
    if "embeddings.token_embedding.weight" in expected:
        names = {name.removeprefix("text_model."): tensor for name, tensor in names.items()}
    model.load_state_dict(names, strict=True)
    return model.eval()


@torch.no_grad()
def differences(path: Path) -> dict[str, float]:
    """The largest difference of each part's output from diffusers' or transformers', on random inputs."""
    tensors = {name: tensor.float() for name, tensor in load_file(path).items()}
    ours = Checkpoint(path)
    torch.manual_seed(0)
    latents, steps = torch.randn(2, 4, 16, 16), torch.tensor([10, 700])
    ids = torch.full((2, 77), 49407)
    ids[:, :4] = torch.tensor([49406, 930, 267, 2895])
    pixels = torch.rand(2, 3, 128, 128) * 2 - 1
    context = ours.text(ids)
    other_vae = diffusers_vae(tensors)
    return {
        "text": _largest(context, transformers_text(tensors)(ids).last_hidden_state),
        "unet": _largest(ours.unet(latents, steps, context), diffusers_unet(tensors)(latents, steps, context).sample),
        "encoder": _largest(ours.vae.encode(pixels)[0], other_vae.encode(pixels).latent_dist.mean),
        "decoder": _largest(ours.vae.decode(latents), other_vae.decode(latents).sample),
    }


def _largest(ours: torch.Tensor, theirs: torch.Tensor) -> float:
    return float((ours - theirs).abs().max() / theirs.abs().max())


def main() -> None:
    """Prints the differences; exit status 1 if one is too large."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    found = differences(parser.parse_args().checkpoint)
    for part, difference in found.items():
        sys.stdout.write(f"{part:8} relative difference {difference:.2e}\n")
    sys.exit(max(found.values()) > TOLERANCE)


if __name__ == "__main__":
    main()
