"""The demo checkpoint's U-Net, with the parameter names of LDM's `model.diffusion_model`."""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn import functional

from .layers import normalisation

MODEL_CHANNELS = 96
CHANNELS = (96, 128, 128)
ATTENTION_LEVELS = (1, 2)
HEADS = 8
CONTEXT_WIDTH = 128
TIME_WIDTH = 4 * MODEL_CHANNELS


def timestep_embedding(timesteps: torch.Tensor, width: int) -> torch.Tensor:
    """LDM's sinusoidal embedding, cosines first: (B,) to (B, width)."""
    half = width // 2
    frequencies = torch.exp(-math.log(10_000) * torch.arange(half, dtype=torch.float32) / half)
    angles = timesteps.float()[:, None] * frequencies[None]
    return torch.cat([angles.cos(), angles.sin()], dim=-1)


class ResBlock(nn.Module):
    """Residual block with the time embedding added between its convolutions."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.in_layers = nn.Sequential(normalisation(inputs, 1e-5), nn.SiLU(), nn.Conv2d(inputs, outputs, 3, padding=1))
        self.emb_layers = nn.Sequential(nn.SiLU(), nn.Linear(TIME_WIDTH, outputs))
        self.out_layers = nn.Sequential(
            normalisation(outputs, 1e-5), nn.SiLU(), nn.Dropout(0.0), nn.Conv2d(outputs, outputs, 3, padding=1)
        )
        self.skip_connection = nn.Identity() if inputs == outputs else nn.Conv2d(inputs, outputs, 1)
        nn.init.zeros_(self.out_layers[3].weight)

    def forward(self, x: torch.Tensor, time: torch.Tensor, context: torch.Tensor) -> torch.Tensor:
        hidden = self.in_layers[2](self.in_layers[0](x, silu=True)) + self.emb_layers(time)[:, :, None, None]
        return self.skip_connection(x) + self.out_layers[3](self.out_layers[0](hidden, silu=True))  # type: ignore[no-any-return]


class CrossAttention(nn.Module):
    """Eight-head attention of (B, N, C) queries over (B, M, context width) keys and values."""

    def __init__(self, width: int, context_width: int) -> None:
        super().__init__()
        self.to_q = nn.Linear(width, width, bias=False)
        self.to_k = nn.Linear(context_width, width, bias=False)
        self.to_v = nn.Linear(context_width, width, bias=False)
        self.to_out = nn.Sequential(nn.Linear(width, width), nn.Dropout(0.0))

    def forward(self, x: torch.Tensor, context: torch.Tensor) -> torch.Tensor:
        def heads(tensor: torch.Tensor) -> torch.Tensor:
            # (B, N, C) -> (B * heads, N, C / heads)
            batch, tokens, width = tensor.shape
            return tensor.view(batch, tokens, HEADS, width // HEADS).transpose(1, 2).reshape(batch * HEADS, tokens, -1)

        query, key, value = heads(self.to_q(x)), heads(self.to_k(context)), heads(self.to_v(context))
        scores = torch.bmm(query * query.shape[-1] ** -0.5, key.transpose(1, 2))
        mixed = torch.bmm(scores.softmax(dim=-1), value)
        mixed = mixed.view(x.shape[0], HEADS, x.shape[1], -1).transpose(1, 2).reshape(x.shape)
        return self.to_out(mixed)  # type: ignore[no-any-return]


class GatedLinear(nn.Module):
    """GEGLU."""

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.proj = nn.Linear(width, 2 * inner)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        value, gate = self.proj(x).chunk(2, dim=-1)
        return value * functional.gelu(gate)  # type: ignore[no-any-return]


class FeedForward(nn.Module):
    """The transformer's two-layer perceptron, four times as wide inside."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.net = nn.Sequential(GatedLinear(width, 4 * width), nn.Dropout(0.0), nn.Linear(4 * width, width))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.net(x)  # type: ignore[no-any-return]


class BasicTransformerBlock(nn.Module):
    """Self-attention, cross-attention and feed-forward, each pre-normalised and residual."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.attn1 = CrossAttention(width, width)
        self.ff = FeedForward(width)
        self.attn2 = CrossAttention(width, CONTEXT_WIDTH)
        self.norm1, self.norm2, self.norm3 = nn.LayerNorm(width), nn.LayerNorm(width), nn.LayerNorm(width)

    def forward(self, x: torch.Tensor, context: torch.Tensor) -> torch.Tensor:
        normed = self.norm1(x)
        x = self.attn1(normed, normed) + x
        x = self.attn2(self.norm2(x), context) + x
        return self.ff(self.norm3(x)) + x  # type: ignore[no-any-return]


class SpatialTransformer(nn.Module):
    """One transformer block over the positions of a feature map."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = normalisation(channels, 1e-6)
        self.proj_in = nn.Conv2d(channels, channels, 1)
        self.transformer_blocks = nn.ModuleList([BasicTransformerBlock(channels)])
        self.proj_out = nn.Conv2d(channels, channels, 1)
        nn.init.zeros_(self.proj_out.weight)

    def forward(self, x: torch.Tensor, time: torch.Tensor, context: torch.Tensor) -> torch.Tensor:
        hidden = self.proj_in(self.norm(x))
        batch, channels, height, width = hidden.shape
        tokens = hidden.permute(0, 2, 3, 1).reshape(batch, height * width, channels)
        tokens = self.transformer_blocks[0](tokens, context)
        hidden = tokens.view(batch, height, width, channels).permute(0, 3, 1, 2)
        return x + self.proj_out(hidden)  # type: ignore[no-any-return]


class Downsample(nn.Module):
    """Halves height and width."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.op = nn.Conv2d(channels, channels, 3, stride=2, padding=1)

    def forward(self, x: torch.Tensor, time: torch.Tensor, context: torch.Tensor) -> torch.Tensor:
        return self.op(x)  # type: ignore[no-any-return]


class Upsample(nn.Module):
    """Doubles height and width."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: torch.Tensor, time: torch.Tensor, context: torch.Tensor) -> torch.Tensor:
        return self.conv(functional.interpolate(x, scale_factor=2.0, mode="nearest"))  # type: ignore[no-any-return]


class InputConvolution(nn.Conv2d):
    """The first convolution, called like every other part of a block."""

    def forward(self, x: torch.Tensor, time: torch.Tensor, context: torch.Tensor) -> torch.Tensor:  # type: ignore[override]
        return super().forward(x)


class UNet(nn.Module):
    """Predicts the noise in latents: (B, 4, h, w), (B,) timesteps, (B, 77, 128) context to (B, 4, h, w)."""

    def __init__(self) -> None:
        super().__init__()
        self.time_embed = nn.Sequential(nn.Linear(MODEL_CHANNELS, TIME_WIDTH), nn.SiLU(), nn.Linear(TIME_WIDTH, TIME_WIDTH))
        self.input_blocks = nn.ModuleList([nn.ModuleList([InputConvolution(4, MODEL_CHANNELS, 3, padding=1)])])
        widths, current = [MODEL_CHANNELS], MODEL_CHANNELS
        for level, channels in enumerate(CHANNELS):
            self.input_blocks.append(nn.ModuleList(_level_parts(level, current, channels)))
            current = channels
            widths.append(current)
            if level < len(CHANNELS) - 1:
                self.input_blocks.append(nn.ModuleList([Downsample(current)]))
                widths.append(current)
        self.middle_block = nn.ModuleList([ResBlock(current, current), SpatialTransformer(current), ResBlock(current, current)])
        self.output_blocks = nn.ModuleList()
        for level in reversed(range(len(CHANNELS))):
            for index in range(2):
                parts = _level_parts(level, current + widths.pop(), CHANNELS[level])
                current = CHANNELS[level]
                if level > 0 and index == 1:
                    parts.append(Upsample(current))
                self.output_blocks.append(nn.ModuleList(parts))
        self.out = nn.Sequential(normalisation(current, 1e-5), nn.SiLU(), nn.Conv2d(current, 4, 3, padding=1))
        nn.init.zeros_(self.out[2].weight)

    def forward(self, latents: torch.Tensor, timesteps: torch.Tensor, context: torch.Tensor) -> torch.Tensor:
        time = self.time_embed(timestep_embedding(timesteps, MODEL_CHANNELS))
        x, skips = latents, []
        for block in self.input_blocks:
            for part in block:
                x = part(x, time, context)
            skips.append(x)
        for part in self.middle_block:
            x = part(x, time, context)
        for block in self.output_blocks:
            x = torch.cat([x, skips.pop()], dim=1)
            for part in block:
                x = part(x, time, context)
        return self.out[2](self.out[0](x, silu=True))  # type: ignore[no-any-return]


def _level_parts(level: int, inputs: int, outputs: int) -> list[nn.Module]:
    parts: list[nn.Module] = [ResBlock(inputs, outputs)]
    if level in ATTENTION_LEVELS:
        parts.append(SpatialTransformer(outputs))
    return parts
