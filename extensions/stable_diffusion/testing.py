"""Writes tiny random checkpoints in the layout of the real ones, for tests: a few megabytes, most of it the token table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

Shapes = dict[str, tuple[int, ...]]
VOCABULARY = 49408
POSITIONS = 77
SIZES_WIDTH = {"sdxl": 6 * 256, "sdxl-refiner": 5 * 256}
Family = Literal["sd1", "sd2", "sdxl", "sdxl-refiner"]


@dataclass(frozen=True)
class TinyCheckpoint:
    """What to write; the defaults are the smallest that every part of the layout occurs in. Channels are multiples of 32."""

    family: Family = "sd1"
    unet_channels: tuple[int, ...] = (32, 64)
    attention_levels: tuple[int, ...] = (1,)
    blocks: int = 1
    vae_channels: tuple[int, ...] = (32, 32, 32, 32)
    text_width: int = 32
    text_layers: int = 4
    in_channels: int = 4
    native_size_px: int = 64
    seed: int = 0

    @property
    def context_width(self) -> int:
        """Width of the conditioning."""
        return self.text_width * (2 if self.family == "sdxl" else 1)


def write_checkpoint(path: Path, spec: TinyCheckpoint | None = None, metadata: Mapping[str, str] | None = None) -> Path:
    """Write a checkpoint of random weights (float16) with ``modelspec.*`` metadata; returns ``path``."""
    from safetensors.numpy import save_file

    spec = spec or TinyCheckpoint()
    shapes = checkpoint_shapes(spec)
    random = np.random.default_rng(spec.seed)
    tensors = {name: _values(name, shape, random) for name, shape in shapes.items()}
    described = {"modelspec.resolution": f"{spec.native_size_px}x{spec.native_size_px}", "modelspec.title": path.stem}
    save_file(tensors, str(path), {**described, **(metadata or {})})
    return path


def vae_tensors(spec: TinyCheckpoint | None = None) -> dict[str, np.ndarray[Any, Any]]:
    """Random weights of a VAE alone, by LDM's names; another ``seed`` gives another VAE."""
    spec = spec or TinyCheckpoint()
    random = np.random.default_rng([spec.seed, 1])
    return {name: _values(name, shape, random) for name, shape in _vae(spec).items()}


def write_vae(path: Path, spec: TinyCheckpoint | None = None, metadata: Mapping[str, str] | None = None) -> Path:
    """Write a VAE alone (float16, LDM's layout) as safetensors; returns ``path``."""
    from safetensors.numpy import save_file

    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(vae_tensors(spec), str(path), dict(metadata or {}))
    return path


def checkpoint_shapes(spec: TinyCheckpoint) -> Shapes:
    """Names and shapes of every tensor."""
    shapes = _prefixed("model.diffusion_model.", _unet(spec)) | _prefixed("first_stage_model.", _vae(spec))
    if spec.family == "sd1":
        return shapes | _prefixed("cond_stage_model.transformer.text_model.", _clip(spec))
    if spec.family == "sd2":
        return shapes | _prefixed("cond_stage_model.model.", _openclip(spec))
    if spec.family == "sdxl-refiner":
        return shapes | _prefixed("conditioner.embedders.0.model.", _openclip(spec))
    shapes |= _prefixed("conditioner.embedders.0.transformer.text_model.", _clip(spec))
    return shapes | _prefixed("conditioner.embedders.1.model.", _openclip(spec))


def _values(name: str, shape: tuple[int, ...], random: np.random.Generator) -> np.ndarray[Any, Any]:
    """Norms near one, biases near zero, weights that keep the variance."""
    values = random.standard_normal(shape, dtype=np.float32)
    if len(shape) < 2:
        norm = name.endswith("weight")
        return (values * 0.05 + (1.0 if norm else 0.0)).astype(np.float16)
    fan_in = int(np.prod(shape[1:])) if "embedding" not in name else 4
    scaled: np.ndarray[Any, Any] = values / fan_in**0.5
    return scaled.astype(np.float16)


def _prefixed(prefix: str, shapes: Shapes) -> Shapes:
    return {prefix + name: shape for name, shape in shapes.items()}


def _layer(name: str, *shape: int, bias: bool = True) -> Shapes:
    """Weight and bias of a linear layer (two axes), a convolution (four) or a norm (one)."""
    return {f"{name}.weight": shape} | ({f"{name}.bias": shape[:1]} if bias else {})


def _unet(spec: TinyCheckpoint) -> Shapes:
    channels = spec.unet_channels
    time = 4 * channels[0]
    shapes = _layer("time_embed.0", time, channels[0]) | _layer("time_embed.2", time, time)
    if spec.family in SIZES_WIDTH:
        shapes |= _layer("label_emb.0.0", time, spec.text_width + SIZES_WIDTH[spec.family]) | _layer("label_emb.0.2", time, time)
    shapes |= _layer("input_blocks.0.0", channels[0], spec.in_channels, 3, 3)
    skips, index, width = [channels[0]], 0, channels[0]
    for level, wide in enumerate(channels):
        for _ in range(spec.blocks):
            index += 1
            shapes |= _unet_block(f"input_blocks.{index}", width, wide, level, spec)
            width = wide
            skips.append(width)
        if level < len(channels) - 1:
            index += 1
            shapes |= _layer(f"input_blocks.{index}.0.op", width, width, 3, 3)
            skips.append(width)
    shapes |= _residual("middle_block.0", width, width, time) | _transformer("middle_block.1", width, spec)
    shapes |= _residual("middle_block.2", width, width, time)
    for index, (level, last) in enumerate(_output_blocks(spec)):
        block = f"output_blocks.{index}"
        shapes |= _unet_block(block, width + skips.pop(), channels[level], level, spec)
        width = channels[level]
        if last and level:
            shapes |= _layer(f"{block}.{2 if level in spec.attention_levels else 1}.conv", width, width, 3, 3)
    return shapes | _layer("out.0", width) | _layer("out.2", 4, width, 3, 3)


def _output_blocks(spec: TinyCheckpoint) -> Iterator[tuple[int, bool]]:
    """(level, last of its level) of each block on the way up."""
    for level in reversed(range(len(spec.unet_channels))):
        for number in range(spec.blocks + 1):
            yield level, number == spec.blocks


def _unet_block(name: str, inputs: int, outputs: int, level: int, spec: TinyCheckpoint) -> Shapes:
    shapes = _residual(f"{name}.0", inputs, outputs, 4 * spec.unet_channels[0])
    return shapes | (_transformer(f"{name}.1", outputs, spec) if level in spec.attention_levels else {})


def _residual(name: str, inputs: int, outputs: int, time: int) -> Shapes:
    shapes = _layer(f"{name}.in_layers.0", inputs) | _layer(f"{name}.in_layers.2", outputs, inputs, 3, 3)
    shapes |= _layer(f"{name}.emb_layers.1", outputs, time)
    shapes |= _layer(f"{name}.out_layers.0", outputs) | _layer(f"{name}.out_layers.3", outputs, outputs, 3, 3)
    return shapes | (_layer(f"{name}.skip_connection", outputs, inputs, 1, 1) if inputs != outputs else {})


def _transformer(name: str, width: int, spec: TinyCheckpoint) -> Shapes:
    linear = (1, 1) if spec.family == "sd1" else ()
    shapes = _layer(f"{name}.norm", width) | _layer(f"{name}.proj_in", width, width, *linear)
    block = f"{name}.transformer_blocks.0"
    for attention, context in (("attn1", width), ("attn2", spec.context_width)):
        shapes |= _layer(f"{block}.{attention}.to_q", width, width, bias=False)
        shapes |= _layer(f"{block}.{attention}.to_k", width, context, bias=False)
        shapes |= _layer(f"{block}.{attention}.to_v", width, context, bias=False)
        shapes |= _layer(f"{block}.{attention}.to_out.0", width, width)
    shapes |= _layer(f"{block}.ff.net.0.proj", 8 * width, width) | _layer(f"{block}.ff.net.2", width, 4 * width)
    for norm in ("norm1", "norm2", "norm3"):
        shapes |= _layer(f"{block}.{norm}", width)
    return shapes | _layer(f"{name}.proj_out", width, width, *linear)


def _vae(spec: TinyCheckpoint) -> Shapes:
    channels = spec.vae_channels
    shapes = _layer("encoder.conv_in", channels[0], 3, 3, 3) | _layer("decoder.conv_in", channels[-1], 4, 3, 3)
    width = channels[0]
    for level, wide in enumerate(channels):
        shapes |= _vae_residual(f"encoder.down.{level}.block.0", width, wide)
        width = wide
        if level < len(channels) - 1:
            shapes |= _layer(f"encoder.down.{level}.downsample.conv", width, width, 3, 3)
    for level in reversed(range(len(channels))):
        for number in range(2):
            shapes |= _vae_residual(f"decoder.up.{level}.block.{number}", width, channels[level])
            width = channels[level]
        if level:
            shapes |= _layer(f"decoder.up.{level}.upsample.conv", width, width, 3, 3)
    for side in ("encoder", "decoder"):
        shapes |= _vae_middle(f"{side}.mid", channels[-1])
    shapes |= _layer("encoder.norm_out", channels[-1]) | _layer("encoder.conv_out", 8, channels[-1], 3, 3)
    shapes |= _layer("decoder.norm_out", channels[0]) | _layer("decoder.conv_out", 3, channels[0], 3, 3)
    return shapes | _layer("quant_conv", 8, 8, 1, 1) | _layer("post_quant_conv", 4, 4, 1, 1)


def _vae_residual(name: str, inputs: int, outputs: int) -> Shapes:
    shapes = _layer(f"{name}.norm1", inputs) | _layer(f"{name}.conv1", outputs, inputs, 3, 3)
    shapes |= _layer(f"{name}.norm2", outputs) | _layer(f"{name}.conv2", outputs, outputs, 3, 3)
    return shapes | (_layer(f"{name}.nin_shortcut", outputs, inputs, 1, 1) if inputs != outputs else {})


def _vae_middle(name: str, width: int) -> Shapes:
    shapes = _vae_residual(f"{name}.block_1", width, width) | _vae_residual(f"{name}.block_2", width, width)
    shapes |= _layer(f"{name}.attn_1.norm", width)
    for part in ("q", "k", "v", "proj_out"):
        shapes |= _layer(f"{name}.attn_1.{part}", width, width, 1, 1)
    return shapes


def _clip(spec: TinyCheckpoint) -> Shapes:
    width = spec.text_width
    shapes: Shapes = {
        "embeddings.token_embedding.weight": (VOCABULARY, width),
        "embeddings.position_embedding.weight": (POSITIONS, width),
    }
    for layer in range(spec.text_layers):
        name = f"encoder.layers.{layer}"
        for part in ("q_proj", "k_proj", "v_proj", "out_proj"):
            shapes |= _layer(f"{name}.self_attn.{part}", width, width)
        shapes |= _layer(f"{name}.mlp.fc1", 4 * width, width) | _layer(f"{name}.mlp.fc2", width, 4 * width)
        shapes |= _layer(f"{name}.layer_norm1", width) | _layer(f"{name}.layer_norm2", width)
    return shapes | _layer("final_layer_norm", width)


def _openclip(spec: TinyCheckpoint) -> Shapes:
    width = spec.text_width
    shapes: Shapes = {
        "token_embedding.weight": (VOCABULARY, width),
        "positional_embedding": (POSITIONS, width),
        "text_projection": (width, width),
        "logit_scale": (1,),
    }
    for layer in range(spec.text_layers):
        name = f"transformer.resblocks.{layer}"
        shapes |= {f"{name}.attn.in_proj_weight": (3 * width, width), f"{name}.attn.in_proj_bias": (3 * width,)}
        shapes |= _layer(f"{name}.attn.out_proj", width, width)
        shapes |= _layer(f"{name}.mlp.c_fc", 4 * width, width) | _layer(f"{name}.mlp.c_proj", width, 4 * width)
        shapes |= _layer(f"{name}.ln_1", width) | _layer(f"{name}.ln_2", width)
    return shapes | _layer("ln_final", width)
